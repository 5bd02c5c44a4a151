/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The growing string. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "strbuf.h"

static void adds_and_grows(void **state)
{
	struct strbuf b = {0};
	char *s;

	for (int i = 0; i < 1000; i++) {
		strbuf_addc(&b, 'a');
		strbuf_adds(&b, "bc");
		strbuf_printf(&b, "%03d", i);
		assert_int_equal(b.len, (size_t)(i + 1) * 6);
		assert_int_equal(strlen(b.s), b.len);
	}
	strbuf_add(&b, "\0x", 2);
	s = strbuf_steal(&b);
	assert_memory_equal(s + 5994, "abc999\0x", 9);
	assert_null(b.s);
	assert_int_equal(b.len, 0);
	free(s);
}

static void nothing_is_the_empty_string(void **state)
{
	struct strbuf b = {0};
	char *s = strbuf_steal(&b);

	assert_string_equal(s, "");
	free(s);
	strbuf_add(&b, NULL, 0);
	assert_int_equal(b.len, 0);
	strbuf_done(&b);
	strbuf_done(&b);
}

static void failure_sticks(void **state)
{
	_cleanup_strbuf_ struct strbuf b = {0};

	strbuf_adds(&b, "abc");
	strbuf_add(&b, "x", SIZE_MAX - 1); /* more than there is: nothing is read */
	assert_true(b.failed);
	assert_string_equal(b.s, "abc");
	strbuf_adds(&b, "def");
	strbuf_printf(&b, "%d", 1);
	assert_string_equal(b.s, "abc");
	assert_null(strbuf_steal(&b));
	strbuf_adds(&b, "fresh"); /* empty after, and well again */
	assert_string_equal(b.s, "fresh");
}

static void out_of_memory(void **state)
{
	struct strbuf b = {0};
	char *s;

	memory_fail_after(1);
	strbuf_adds(&b, "abc");
	s = strbuf_steal(&b);
	memory_fail_after(0);
	assert_null(s);
}

static void check_safe(const char *in, size_t len, const char *want)
{
	_cleanup_strbuf_ struct strbuf b = {0};

	strbuf_addsafe(&b, in, len);
	assert_string_equal(b.s ? b.s : "", want);
}

static void safe_for_a_terminal(void **state)
{
	check_safe("", 0, "");
	check_safe("plain ü → 網", 16, "plain ü → 網");
	check_safe("\x1b[31mred\n", 9, "\\x1b[31mred\\x0a");
	check_safe("a\0b", 3, "a\\x00b");
	check_safe("\t\x7f", 2, "\\x09\\x7f");
	check_safe("\xc2\x9b", 2, "\\xc2\\x9b");          /* C1: CSI */
	check_safe("\xe2\x80\xae", 3, "\\xe2\\x80\\xae"); /* right-to-left override */
	check_safe("\xff\xc3", 2, "\\xff\\xc3");
	check_safe("ü", 1, "\\xc3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_and_grows),      cmocka_unit_test(nothing_is_the_empty_string),
		cmocka_unit_test(failure_sticks),      cmocka_unit_test(out_of_memory),
		cmocka_unit_test(safe_for_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
