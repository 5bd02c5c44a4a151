/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables: how they line up, and what gives way where the room is short. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "table.h"

static int setup(void **state)
{
	*state = arena_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void assert_prints(struct table *t, unsigned width, bool color, const char *expected)
{
	struct out o = {.fd = -1, .width = width, .color = color};

	table_print(t, &o);
	assert_string_equal(o.text.s, expected);
	out_done(&o);
}

static void test_lines_up(void **state)
{
	static const struct column columns[] = {{"NAME", 0}, {"N", COLUMN_RIGHT}, {"LAST", 0}};
	struct table *t = table_new(*state, columns, 3);

	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "one");
	table_put(t, 1, STYLE_PLAIN, "7");
	table_put(t, 2, STYLE_PLAIN, "x");
	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "three and four");
	table_put(t, 1, STYLE_PLAIN, "1000");
	table_row(t);
	table_put(t, 2, STYLE_PLAIN, "y");
	assert_prints(t, 0, false,
	              "NAME               N  LAST\n"
	              "one                7  x\n"
	              "three and four  1000\n"
	              "                      y\n");
	assert_int_equal(table_width(t), 26);
}

static void test_empty_column_vanishes(void **state)
{
	static const struct column columns[] = {{"A", 0}, {"MTU", COLUMN_RIGHT}, {"B", 0}};
	struct table *t = table_new(*state, columns, 3);

	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "a");
	table_put(t, 2, STYLE_PLAIN, "b");
	assert_prints(t, 0, false, "A  B\na  b\n");
}

static void test_lines_below_each_other(void **state)
{
	static const struct column columns[] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
	struct table *t = table_new(*state, columns, 3);

	table_heading(t, STYLE_PLAIN, "a heading that is wider than the table");
	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "eth0");
	table_put(t, 1, STYLE_PLAIN, "10.0.0.1/24");
	table_put(t, 1, STYLE_PLAIN, "fd00::1/64");
	table_put(t, 2, STYLE_PLAIN, "lan");
	assert_prints(t, 0, false,
	              "a heading that is wider than the table\n"
	              "eth0  10.0.0.1/24  lan\n"
	              "      fd00::1/64\n");
}

static void test_width_is_cells(void **state)
{
	static const struct column columns[] = {{NULL, 0}, {NULL, 0}};
	struct table *t = table_new(*state, columns, 2);

	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "網路");
	table_put(t, 1, STYLE_PLAIN, "|");
	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "grün");
	table_put(t, 1, STYLE_PLAIN, "|");
	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "\033");
	table_put(t, 1, STYLE_PLAIN, "|");
	assert_prints(t, 0, false, "網路  |\ngrün  |\n\\x1b  |\n");
}

static void test_cut(void **state)
{
	static const struct column columns[] = {{NULL, COLUMN_CUT}, {NULL, 0}, {NULL, COLUMN_CUT_START}};
	struct table *t = table_new(*state, columns, 3);

	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "0123456789abcdef");
	table_put(t, 1, STYLE_PLAIN, "fixed");
	table_put(t, 2, STYLE_PLAIN, "/a/rather/long/path.yaml");
	assert_prints(t, 45, false, "0123456789abcdef  fixed  …ther/long/path.yaml\n");
	assert_prints(t, 30, false, "012345678…  fixed  …/path.yaml\n");
	/* No less than eight cells: then the line is longer than the terminal. */
	assert_prints(t, 10, false, "0123456…  fixed  …th.yaml\n");
}

static void test_cut_wide(void **state)
{
	static const struct column columns[] = {{NULL, COLUMN_CUT}, {NULL, 0}};
	struct table *t = table_new(*state, columns, 2);

	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "網路網路網路");
	table_put(t, 1, STYLE_PLAIN, "|");
	/* Ten cells: four characters of two, the mark, and one cell that no character fits. */
	assert_prints(t, 13, false, "網路網路…   |\n");
}

static void test_drop(void **state)
{
	static const struct column columns[] = {{"A", COLUMN_CUT}, {"MAC", COLUMN_DROP}, {"B", 0}};
	struct table *t = table_new(*state, columns, 3);

	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "0123456789");
	table_put(t, 1, STYLE_PLAIN, "02:00:00:00:00:01");
	table_put(t, 2, STYLE_PLAIN, "b");
	assert_prints(t, 32, false, "A           MAC                B\n0123456789  02:00:00:00:00:01  b\n");
	assert_prints(t, 31, false, "A           B\n0123456789  b\n");
}

static void test_wrap(void **state)
{
	static const struct column columns[] = {{NULL, 0}, {NULL, 0}};
	struct table *t = table_new(*state, columns, 2);

	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "first");
	table_put_wrapped(t, 1, STYLE_PLAIN, "a sentence that is %s", "too long");
	table_put(t, 1, STYLE_PLAIN, "a command that stays whole");
	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "second");
	table_put_wrapped(t, 1, STYLE_PLAIN, "short");
	assert_prints(t, 0, false,
	              "first   a sentence that is too long\n"
	              "        a command that stays whole\n"
	              "second  short\n");
	assert_prints(t, 26, false,
	              "first   a sentence that is\n"
	              "        too long\n"
	              "        a command that stays whole\n"
	              "second  short\n");
}

/* A word is never broken, however narrow it is; and the room is never less than eight cells. */
static void test_wrap_narrow(void **state)
{
	static const struct column columns[] = {{NULL, 0}, {NULL, 0}};
	struct table *t = table_new(*state, columns, 2);

	table_row(t);
	table_put(t, 0, STYLE_PLAIN, "x");
	table_put_wrapped(t, 1, STYLE_PLAIN, "go to incomprehensibilities ok");
	assert_prints(t, 5, false, "x  go to\n   incomprehensibilities\n   ok\n");
}

static void test_color(void **state)
{
	static const struct column columns[] = {{"A", 0}, {"B", 0}};
	struct table *t = table_new(*state, columns, 2);

	table_row(t);
	table_put(t, 0, STYLE_GOOD, "up");
	table_put(t, 1, STYLE_PLAIN, "b");
	assert_prints(t, 0, true, "\033[1mA\033[0m   \033[1mB\033[0m\n\033[32mup\033[0m  b\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty_column_vanishes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines_below_each_other, setup, teardown),
		cmocka_unit_test_setup_teardown(test_width_is_cells, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_wide, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drop, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrap_narrow, setup, teardown),
		cmocka_unit_test_setup_teardown(test_color, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
