/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing string on the heap. A failed allocation sticks: every later call
 * is a no-op and strbuf_steal() returns NULL, so only the end need be checked.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *s; /* NUL-terminated once anything was added; may be NULL */
	size_t len, cap;
	bool failed;
};

void strbuf_add(struct strbuf *b, const char *s, size_t len);
void strbuf_adds(struct strbuf *b, const char *s);
void strbuf_addc(struct strbuf *b, char c);
void strbuf_printf(struct strbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vprintf(struct strbuf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Adds text for a terminal: control characters and invalid UTF-8 become \xNN. */
void strbuf_addsafe(struct strbuf *b, const char *s, size_t len);
/* The string, malloc'd (caller frees), or NULL if memory ran out; b is empty after. */
char *strbuf_steal(struct strbuf *b);
void strbuf_done(struct strbuf *b);

#define _cleanup_strbuf_ __attribute__((cleanup(strbuf_done)))

#endif
