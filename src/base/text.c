/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small questions about text. Pure, and without memory: words longer than WORD_MAX have no neighbours. */
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* A node's longest name, a colon and an interface's fit. */
#define WORD_MAX 96

bool has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool has_suffix(const char *s, const char *suffix)
{
	size_t ls = strlen(s), lx = strlen(suffix);

	return ls >= lx && memcmp(s + ls - lx, suffix, lx) == 0;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/*
 * Damerau-Levenshtein: characters left out, put in, replaced, or two
 * neighbours changed over (each pair once). Both words fit WORD_MAX.
 */
static unsigned distance(const char *a, size_t la, const char *b, size_t lb)
{
	unsigned rows[3][WORD_MAX + 1];

	for (size_t j = 0; j <= lb; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		const unsigned *before = rows[(i + 1) % 3], *above = rows[(i - 1) % 3]; /* rows i-2 and i-1 */
		unsigned *row = rows[i % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    row[j] > before[j - 2] + 1)
				row[j] = before[j - 2] + 1;
		}
	}
	return rows[la % 3][lb];
}

const char *nearest_word(const char *word, const char *const *candidates, size_t n)
{
	size_t len = strnlen(word, WORD_MAX + 1);
	unsigned best = len < 6 ? 2 : (unsigned)(len / 3) + 1; /* one beyond what is near enough */
	const char *nearest = NULL;

	if (len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t lc = strnlen(candidates[i], WORD_MAX + 1);
		size_t apart = lc > len ? lc - len : len - lc;
		unsigned d;

		if (lc > WORD_MAX || apart >= best)
			continue;
		d = distance(word, len, candidates[i], lc);
		if (d < best && d < (lc > len ? lc : len)) { /* something must be left of the word */
			best = d;
			nearest = candidates[i];
		}
	}
	return nearest;
}

bool parse_u64(const char *s, unsigned long long max, unsigned long long *out)
{
	unsigned long long v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s - '0', &v) || v > max)
			return false;
	}
	*out = v;
	return true;
}
