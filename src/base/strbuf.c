/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The growing string. Capacity doubles; s[len] is NUL whenever s is not NULL,
 * so that the string can be read at any time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strbuf.h"
#include "utf8.h"

/* Room for `more` bytes and the NUL. False, for good, when memory is out. */
static bool reserve(struct strbuf *b, size_t more)
{
	size_t need, cap = b->cap ? b->cap : 32;
	char *s;

	if (b->failed)
		return false;
	if (__builtin_add_overflow(b->len, more, &need) || need > PTRDIFF_MAX - 1) {
		b->failed = true;
		return false;
	}
	if (b->s && need < b->cap)
		return true;
	while (cap <= need)
		cap *= 2;
	s = realloc(b->s, cap);
	if (!s) {
		b->failed = true;
		return false;
	}
	b->s = s;
	b->cap = cap;
	return true;
}

void strbuf_add(struct strbuf *b, const char *s, size_t len)
{
	if (!reserve(b, len))
		return;
	if (len)
		memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void strbuf_adds(struct strbuf *b, const char *s)
{
	strbuf_add(b, s, strlen(s));
}

void strbuf_addc(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

void strbuf_printf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(b, fmt, ap);
	va_end(ap);
}

void strbuf_vprintf(struct strbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0) {
		b->failed = true;
		return;
	}
	if (!reserve(b, (size_t)len))
		return;
	vsnprintf(b->s + b->len, (size_t)len + 1, fmt, ap);
	b->len += (size_t)len;
}

void strbuf_addsafe(struct strbuf *b, const char *s, size_t len)
{
	while (len) {
		uint32_t c;
		size_t n = utf8_decode(s, len, &c);

		if (utf8_printable(c))
			strbuf_add(b, s, n);
		else
			for (size_t i = 0; i < n; i++)
				strbuf_printf(b, "\\x%02x", (unsigned char)s[i]);
		s += n;
		len -= n;
	}
}

char *strbuf_steal(struct strbuf *b)
{
	char *s;

	strbuf_add(b, "", 0); /* nothing added is the empty string, not NULL */
	s = b->failed ? NULL : b->s;
	if (b->failed)
		free(b->s);
	*b = (struct strbuf){0};
	return s;
}

void strbuf_done(struct strbuf *b)
{
	free(b->s);
	*b = (struct strbuf){0};
}
