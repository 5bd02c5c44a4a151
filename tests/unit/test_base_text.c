/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text and UTF-8. */
#include "unit.h"

#include <limits.h>
#include <string.h>

#include "text.h"
#include "utf8.h"

static const char *const keys[] = {"address", "addresses", "mac", "mtu", "networks", "routes", "router", "sysctl"};

static const char *nearest(const char *word)
{
	return nearest_word(word, keys, sizeof(keys) / sizeof(keys[0]));
}

static void nearest_of_many(void **state)
{
	assert_string_equal(nearest("adress"), "address");
	assert_string_equal(nearest("addreses"), "address"); /* as near as "addresses", and first */
	assert_string_equal(nearest("addresss"), "address");
	assert_string_equal(nearest("netwroks"), "networks"); /* two neighbours changed over are one fault */
	assert_string_equal(nearest("network"), "networks");
	assert_string_equal(nearest("mut"), "mtu");
	assert_string_equal(nearest("mca"), "mac");
	assert_string_equal(nearest("routre"), "router");
	assert_string_equal(nearest("sysctl"), "sysctl");
}

static void nothing_near(void **state)
{
	char longest[5000];

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(nearest("gateway"));
	assert_null(nearest("xyz"));
	assert_null(nearest(""));
	assert_null(nearest(longest));
	assert_null(nearest_word("mtu", NULL, 0));
	assert_null(nearest_word("mtu", (const char *const[]){longest}, 1));
}

static void distance_is_bounded_by_a_third(void **state)
{
	const char *const one[] = {"abcdefghi"};

	assert_string_equal(nearest_word("abcdefxyz", one, 1), "abcdefghi"); /* 3 of 9 */
	assert_null(nearest_word("abcdewxyz", one, 1));                      /* 4 of 9 */
	assert_string_equal(nearest_word("ab", (const char *const[]){"abc"}, 1), "abc");
	assert_null(nearest_word("ab", (const char *const[]){"abcd"}, 1));
	assert_null(nearest_word("a", (const char *const[]){"b"}, 1)); /* nothing of it is left */
	assert_string_equal(nearest_word("a", (const char *const[]){"ab"}, 1), "ab");
}

static void longest_words_fit(void **state)
{
	char a[97], b[97];

	memset(a, 'a', 96);
	memset(b, 'a', 96);
	a[96] = b[96] = '\0';
	b[0] = 'b';
	b[95] = 'b';
	assert_ptr_equal(nearest_word(a, (const char *const[]){b}, 1), b);
}

static void prefixes_and_suffixes(void **state)
{
	assert_true(has_prefix("nsloom.yaml", "nsloom"));
	assert_true(has_prefix("x", ""));
	assert_false(has_prefix("ns", "nsloom"));
	assert_true(has_suffix("nsloom.yaml", ".yaml"));
	assert_true(has_suffix("x", ""));
	assert_false(has_suffix("yaml", ".yaml"));
	assert_true(streq("", ""));
	assert_false(streq("a", "b"));
}

static void numbers(void **state)
{
	unsigned long long v = 99;

	assert_true(parse_u64("0", 10, &v) && v == 0);
	assert_true(parse_u64("10", 10, &v) && v == 10);
	assert_true(parse_u64("007", 10, &v) && v == 7);
	assert_true(parse_u64("18446744073709551615", ULLONG_MAX, &v) && v == ULLONG_MAX);
	v = 99;
	for (const char **s = (const char *[]){"", "-1", "+1", " 1", "1 ", "0x1", "1e3", "11", "18446744073709551616",
	                                       "99999999999999999999999", "\xb2", NULL};
	     *s; s++)
		assert_false(parse_u64(*s, 10, &v));
	assert_false(parse_u64("18446744073709551616", ULLONG_MAX, &v));
	assert_int_equal(v, 99);
}

static void check_decode(const char *s, size_t len, size_t want_len, uint32_t want)
{
	uint32_t c = 0;

	assert_int_equal(utf8_decode(s, len, &c), want_len);
	assert_int_equal(c, want);
}

static void utf8_decodes(void **state)
{
	check_decode("a", 1, 1, 'a');
	check_decode("\0", 1, 1, 0);
	check_decode("ü", 2, 2, 0xfc);
	check_decode("→", 3, 3, 0x2192);
	check_decode("\xf0\x9f\x98\x80", 4, 4, 0x1f600);
	check_decode("\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff);
}

static void utf8_refuses(void **state)
{
	check_decode("\x80", 1, 1, UTF8_INVALID);             /* no beginning */
	check_decode("ü", 1, 1, UTF8_INVALID);                /* cut off */
	check_decode("\xc3(", 2, 1, UTF8_INVALID);            /* no continuation */
	check_decode("\xc0\xaf", 2, 1, UTF8_INVALID);         /* overlong */
	check_decode("\xe0\x80\xaf", 3, 1, UTF8_INVALID);     /* overlong */
	check_decode("\xed\xa0\x80", 3, 1, UTF8_INVALID);     /* surrogate */
	check_decode("\xf4\x90\x80\x80", 4, 1, UTF8_INVALID); /* beyond Unicode */
	check_decode("\xff", 1, 1, UTF8_INVALID);
}

static void cells(void **state)
{
	assert_int_equal(utf8_cells("abc", 3), 3);
	assert_int_equal(utf8_cells("ü→", 5), 2);
	assert_int_equal(utf8_cells("e\xcc\x81", 3), 1); /* e and a combining accent */
	assert_int_equal(utf8_cells("網路", 6), 4);
	assert_int_equal(utf8_cells("\x1b[m", 3), 6);        /* \x1b[m */
	assert_int_equal(utf8_cells("\xe2\x80\xae", 3), 12); /* right-to-left override */
	assert_int_equal(utf8_cells("\xff", 1), 4);
	assert_false(utf8_printable('\n'));
	assert_false(utf8_printable(0x9b)); /* CSI */
	assert_false(utf8_printable(UTF8_INVALID));
	assert_true(utf8_printable(' '));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nearest_of_many),
		cmocka_unit_test(nothing_near),
		cmocka_unit_test(distance_is_bounded_by_a_third),
		cmocka_unit_test(longest_words_fit),
		cmocka_unit_test(prefixes_and_suffixes),
		cmocka_unit_test(numbers),
		cmocka_unit_test(utf8_decodes),
		cmocka_unit_test(utf8_refuses),
		cmocka_unit_test(cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
