/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether bytes are text. libfyaml stops silently at a NUL byte and is vague
 * about bad UTF-8, so nothing reaches it that was not looked at here.
 */
#include <string.h>

#include "utf8.h"
#include "value.h"

static const char utf16[] = "UTF-16 text";

/* Known beginnings of files that people take for text or give by mistake. */
static const struct {
	const char *bytes;
	size_t len;
	const char *what;
} formats[] = {
	{"\xff\xfe", 2, utf16},
	{"\xfe\xff", 2, utf16},
	{"\x1f\x8b", 2, "a gzip archive"},
	{"\x28\xb5\x2f\xfd", 4, "a zstd archive"},
	{"\xfd\x37\x7a\x58\x5a", 5, "an xz archive"},
	{"PK\x03\x04", 4, "a zip archive"},
	{"\x7f"
         "ELF",
         4, "a program"},
};

enum {
	SAMPLE = 1024, /* bytes that tell a binary file from a text with a slip */
	PERCENT_MAX =
		256 /* "%" without white space between them: libfyaml takes quadratic time for the escapes of a tag */
};

static bool is_text(uint32_t c)
{
	if (c < ' ')
		return c == '\t' || c == '\n' || c == '\r';
	return c != 0x7f && c != UTF8_INVALID && c != 0xfffe && c != 0xffff;
}

static const char *format_of(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (len >= formats[i].len && !memcmp(text, formats[i].bytes, formats[i].len))
			return formats[i].what;
	}
	return NULL;
}

/* More than one byte in sixteen of the beginning is no text. */
static bool is_binary(const char *text, size_t len)
{
	size_t sample = len < SAMPLE ? len : SAMPLE, bad = 0;
	uint32_t c;

	for (size_t at = 0; at < sample;) {
		at += utf8_decode(text + at, len - at, &c);
		bad += !is_text(c);
	}
	return bad > sample / 16;
}

static void complain(struct faults *faults, struct nsl_pos pos, uint32_t c, unsigned char byte)
{
	if (c == 0)
		fault(faults, pos, "NUL byte");
	else if (c == UTF8_INVALID)
		fault(faults, pos, "byte 0x%02x is not UTF-8", byte);
	else
		fault(faults, pos, "control character U+%04X", c);
	fault_hint(faults, c == UTF8_INVALID ? "save the file as UTF-8" : "take it out");
}

bool text_check(const char *text, size_t len, const char *file, struct faults *faults)
{
	struct nsl_pos pos = {.file = file, .line = 1, .column = 1};
	const char *what = format_of(text, len);
	unsigned percent = 0;
	uint32_t c;

	for (size_t at = 0; at < len; pos.column++) {
		size_t n = utf8_decode(text + at, len - at, &c);

		if (!is_text(c)) {
			struct nsl_pos whole = {.file = file};

			if (what || is_binary(text, len))
				fault(faults, whole, "this is not a topology but %s", what ? what : "a binary file");
			if (what == utf16)
				fault_hint(faults, "save the file as UTF-8");
			else
				complain(faults, pos, c, (unsigned char)text[at]);
			return false;
		}
		at += n;
		percent = c <= ' ' ? 0 : percent + (c == '%');
		if (percent > PERCENT_MAX) {
			fault(faults, pos, "more than %d \"%%\" in one word", (int)PERCENT_MAX);
			return false;
		}
		if (c == '\n') {
			pos.line++;
			pos.column = 0;
		}
	}
	return true;
}
