/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small questions about text. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

static inline bool streq(const char *a, const char *b)
{
	return __builtin_strcmp(a, b) == 0;
}
bool has_prefix(const char *s, const char *prefix);
bool has_suffix(const char *s, const char *suffix);

/* The candidate nearest to `word` (Damerau-Levenshtein, at most a third of its length off, at least 1), or NULL. */
const char *nearest_word(const char *word, const char *const *candidates, size_t n);

/* Decimal, no sign, no white space, at most max. */
bool parse_u64(const char *s, unsigned long long max, unsigned long long *out);

#endif
