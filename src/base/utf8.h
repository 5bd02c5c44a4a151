/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8, character by character, and the room each takes on a terminal. No locale is asked. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What utf8_decode() makes of a byte that begins no valid character. */
#define UTF8_INVALID UINT32_MAX

/*
 * The first character of s (len bytes, at least 1) goes to *c; returns its
 * length, 1 to 4. Overlong forms, surrogates and cut-off sequences are
 * invalid: one byte long, *c = UTF8_INVALID.
 */
size_t utf8_decode(const char *s, size_t len, uint32_t *c);

/*
 * False for what must not reach a terminal as it is: control characters (C0,
 * DEL, C1), the marks that change the direction of the text around them, and
 * UTF8_INVALID.
 */
bool utf8_printable(uint32_t c);

/* Terminal cells of a printable character: 0 (combining), 1, or 2 (East Asian wide, emoji). */
unsigned utf8_width(uint32_t c);

/* Terminal cells of len bytes as strbuf_addsafe() writes them. */
size_t utf8_cells(const char *s, size_t len);

#endif
