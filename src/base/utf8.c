/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UTF-8. The width table is coarse on purpose: whole blocks of Unicode, not
 * single characters. A caret or a column that is off by one cell next to a
 * rare sign costs less than 400 rows that must follow every new Unicode.
 */
#include "utf8.h"

size_t utf8_decode(const char *s, size_t len, uint32_t *c)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *u = (const unsigned char *)s;
	size_t n = u[0] < 0x80 ? 1 : u[0] >> 5 == 6 ? 2 : u[0] >> 4 == 14 ? 3 : u[0] >> 3 == 30 ? 4 : 0;
	uint32_t v;

	*c = UTF8_INVALID;
	if (n == 0 || n > len)
		return 1;
	v = n == 1 ? u[0] : u[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 1;
		v = v << 6 | (u[i] & 0x3f);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 1;
	*c = v;
	return n;
}

struct range {
	uint32_t first, last;
};

static bool in_range(uint32_t c, const struct range *r, size_t n)
{
	for (size_t i = 0; i < n && r[i].first <= c; i++)
		if (c <= r[i].last)
			return true;
	return false;
}
#define IN(c, table) in_range(c, table, sizeof(table) / sizeof((table)[0]))

bool utf8_printable(uint32_t c)
{
	static const struct range never[] = {
		{0x00, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c}, {0x200e, 0x200f},
		{0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}, {0x110000, UINT32_MAX},
	};

	return !IN(c, never);
}

unsigned utf8_width(uint32_t c)
{
	static const struct range zero[] = {
		{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f}, {0x1ab0, 0x1aff},
		{0x1dc0, 0x1dff}, {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
	};
	static const struct range wide[] = {
		{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97f}, {0xac00, 0xd7a3},
		{0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
		{0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd},
	};

	if (c < 0x300)
		return 1;
	return IN(c, zero) ? 0 : IN(c, wide) ? 2 : 1;
}

size_t utf8_cells(const char *s, size_t len)
{
	size_t cells = 0;

	while (len) {
		uint32_t c;
		size_t n = utf8_decode(s, len, &c);

		cells += utf8_printable(c) ? utf8_width(c) : 4 * n;
		s += n;
		len -= n;
	}
	return cells;
}
