/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "escape.h"

#include <stdint.h>
#include <string.h>

#include "utf8.h"

/* What stands for a character; NULL: itself. */
typedef const char *escape_fn(uint32_t c);

static void put(struct strbuf *b, const char *text, escape_fn *escape)
{
	size_t len = strlen(text);

	while (len) {
		uint32_t c;
		size_t n = utf8_decode(text, len, &c);
		const char *other = c < 0x80 ? escape(c) : NULL;

		if (!utf8_printable(c))
			for (size_t i = 0; i < n; i++)
				strbuf_printf(b, "%sx%02x", escape('\\') ? escape('\\') : "\\", (unsigned char)text[i]);
		else if (other)
			strbuf_adds(b, other);
		else
			strbuf_add(b, text, n);
		text += n;
		len -= n;
	}
}

static const char *xml(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static const char *dot_string(uint32_t c)
{
	return c == '"' ? "\\\"" : c == '\\' ? "\\\\" : NULL;
}

/* Its labels are HTML and Markdown at once; "#35;" is its own way to write a character by number. */
static const char *mermaid(uint32_t c)
{
	static const char special[] = "&<>\"'#`*_~[](){}|\\;%@";
	static const char *const codes[] = {"#38;",  "#60;",  "#62;",  "#34;", "#39;", "#35;", "#96;",
	                                    "#42;",  "#95;",  "#126;", "#91;", "#93;", "#40;", "#41;",
	                                    "#123;", "#125;", "#124;", "#92;", "#59;", "#37;", "#64;"};
	const char *found = c ? strchr(special, (int)c) : NULL;

	_Static_assert(sizeof(special) - 1 == sizeof(codes) / sizeof(codes[0]), "every special character has its code");
	return found ? codes[found - special] : NULL;
}

void put_xml(struct strbuf *b, const char *text)
{
	put(b, text, xml);
}

void put_dot_string(struct strbuf *b, const char *text)
{
	put(b, text, dot_string);
}

void put_mermaid(struct strbuf *b, const char *text)
{
	put(b, text, mermaid);
}
