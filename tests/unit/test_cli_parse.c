/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: options in any place and spelling, and what is refused. And the tables that all of it is read from. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "out.h"
#include "parse.h"
#include "text.h"
#include "utf8.h"

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

#define PARSE(p, ...) parse(*state, (char **)(const char *[]){__VA_ARGS__ __VA_OPT__(, ) NULL}, p, NULL)

static void test_options_anywhere(void **state)
{
	static const char *const lines[][8] = {
		{"--file=a.yaml", "plan", "--json", "x", NULL},      {"--json", "plan", "-fa.yaml", "x", NULL},
		{"plan", "-f", "a.yaml", "x", "--json", NULL},       {"plan", "x", "--file", "a.yaml", "--json", NULL},
		{"--json", "-f", "a.yaml", "plan", "--", "x", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct parsed p;

		assert_int_equal(parse(*state, (char **)lines[i], &p, NULL), 0);
		assert_string_equal(p.command->name, "plan");
		assert_string_equal(p.globals.file, "a.yaml");
		assert_true(p.globals.json);
		assert_int_equal(p.operands.n, 1);
		assert_string_equal(p.operands.items[0], "x");
	}
}

static void test_rest_is_anothers(void **state)
{
	struct parsed p;

	assert_int_equal(PARSE(&p, "-l", "lab", "exec", "one", "ping", "-c1", "--json", "two"), 0);
	assert_string_equal(p.globals.lab, "lab");
	assert_false(p.globals.json);
	assert_string_equal(p.rest[0], "ping");
	assert_string_equal(p.rest[2], "--json");
	assert_int_equal(PARSE(&p, "exec", "one", "--", "ping", "--"), 0);
	assert_string_equal(p.rest[0], "ping");
	assert_string_equal(p.rest[1], "--");
	assert_int_equal(PARSE(&p, "exec", "--", "one", "ping"), 0);
	assert_string_equal(p.rest[0], "ping");
	assert_int_equal(PARSE(&p, "exec", "one"), 0);
	assert_null(p.rest[0]);
}

static void test_subcommands(void **state)
{
	struct nsl_error *err = NULL;
	struct parsed p;

	assert_int_equal(PARSE(&p, "--json", "ns", "-l", "lab", "ls", "--devices"), 0);
	assert_string_equal(p.command->name, "ns ls");
	assert_string_equal(p.globals.lab, "lab");
	assert_true(p.globals.json);
	assert_int_equal(p.operands.n, 0);
	assert_int_equal(PARSE(&p, "ns", "--devices", "ls"), -EINVAL); /* an option of a command comes after it */
	assert_int_equal(PARSE(&p, "ns"), 0);
	assert_int_equal(parse_complete(&p, &err), -EINVAL);
	nsl_error_free(err);
	err = NULL;
	assert_int_equal(parse(*state, (char **)(const char *[]){"ns", "lss", "--json", NULL}, &p, &err), -EINVAL);
	assert_string_equal(err->hint, "did you mean \"ns ls\"?");
	nsl_error_free(err);
}

static void test_stdin_is_an_operand(void **state)
{
	struct parsed p;

	assert_int_equal(PARSE(&p, "check", "-"), 0);
	assert_string_equal(p.operands.items[0], "-");
}

static void test_short_options_together(void **state)
{
	struct parsed p;

	assert_int_equal(PARSE(&p, "down", "-akl", "lab"), 0);
	assert_string_equal(p.globals.lab, "lab");
	assert_int_equal(PARSE(&p, "down", "-akllab"), 0);
	assert_string_equal(p.globals.lab, "lab");
}

static void test_last_wins(void **state)
{
	struct parsed p;

	assert_int_equal(PARSE(&p, "ls", "--color=never", "--color", "always"), 0);
	assert_int_equal(p.globals.color, COLOR_ALWAYS);
}

static void test_nothing(void **state)
{
	struct parsed p;

	assert_int_equal(PARSE(&p, NULL), 0);
	assert_null(p.command);
}

static void assert_refused(struct arena *a, char **words, const char *message, const char *hint)
{
	struct parsed p;
	struct nsl_error *err = NULL;

	assert_true(parse(a, words, &p, &err) < 0);
	assert_non_null(err);
	assert_int_equal(err->code, NSL_E_USAGE);
	assert_string_equal(err->message, message);
	if (hint)
		assert_string_equal(err->hint, hint);
	nsl_error_free(err);
}

#define REFUSED(message, hint, ...) assert_refused(*state, (char **)(const char *[]){__VA_ARGS__, NULL}, message, hint)

static void test_refused(void **state)
{
	REFUSED("unknown command \"shwo\"", "did you mean \"show\"?", "shwo", "--nothing");
	REFUSED("unknown option \"--jsno\"", "did you mean \"--json\"?", "ls", "--jsno");
	REFUSED("unknown option \"--exit\"", "did you mean \"--exit-code\"?", "plan", "--exit");
	REFUSED("unknown option \"-z\"", NULL, "down", "-kz");
	REFUSED("--file needs a value: FILE", NULL, "ls", "--file");
	REFUSED("-f needs a value: FILE", NULL, "ls", "-f");
	REFUSED("--file takes FILE, not nothing", NULL, "ls", "--file=");
	REFUSED("--kill takes no value", NULL, "down", "--kill=yes");
	REFUSED("--count takes a number from 1 to 10000, not \"-1\"", NULL, "ping", "--count", "-1");
	REFUSED("--color takes auto, always or never, not \"\"", NULL, "ls", "--color=");
	REFUSED("\"c\" is one argument too many", "see: nsloom help ping", "ping", "a", "b", "c");
	/* The first fault counts, and what follows is read nevertheless. */
	REFUSED("unknown option \"--first\"", NULL, "ls", "--first", "--second", "x");
}

static void test_seconds(void **state)
{
	static const struct {
		const char *text;
		unsigned ms; /* 0: refused */
	} rows[] = {
		{"1", 1000}, {"0.5", 500},  {".25", 250},       {"2.0049", 2004}, {"3600", 3600000}, {"3600.001", 0},
		{"0", 0},    {"0.0009", 0}, {"1.", 0},          {".", 0},         {"", 0},           {"-1", 0},
		{"1e3", 0},  {"1s", 0},     {"99999999999", 0}, {"1.2.3", 0},     {" 1", 0},         {"0x10", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct parsed p;
		int r = PARSE(&p, "ping", "--timeout", rows[i].text);

		assert_int_equal(r == 0, rows[i].ms != 0);
		if (r < 0)
			continue;
		for (const struct option *o = p.command->options; o->name; o++) {
			if (streq(o->name, "timeout"))
				assert_int_equal(*(unsigned *)((char *)p.args + o->offset), rows[i].ms);
		}
	}
}

static void test_complete(void **state)
{
	struct parsed p;

	assert_int_equal(PARSE(&p, "exec"), 0);
	assert_true(parse_complete(&p, NULL) < 0);
	assert_int_equal(PARSE(&p, "--json", "shell", "one"), 0);
	assert_true(parse_complete(&p, NULL) < 0);
	assert_int_equal(PARSE(&p, "ping"), 0);
	assert_int_equal(parse_complete(&p, NULL), 0);
}

static void assert_row_is_sound(const struct command *c, const struct option *o)
{
	assert_non_null(o->help);
	assert_int_equal(o->type == OPTION_FLAG, o->value == NULL);
	assert_int_equal(o->type == OPTION_CHOICE, o->choices != NULL);
	assert_int_equal(o->type == OPTION_NUMBER || o->type == OPTION_SECONDS, o->max != 0);
	for (const struct option *p = o + 1; p->name; p++) {
		assert_string_not_equal(o->name, p->name);
		assert_true(!o->letter || o->letter != p->letter);
	}
	for (const struct option *p = c ? global_options : NULL; p && p->name; p++) {
		assert_string_not_equal(o->name, p->name);
		assert_true(!o->letter || o->letter != p->letter);
	}
}

/* What all that is printed from the tables relies upon: that names are unique, and lines fit 80 cells. */
static void assert_sound(const struct command *const *list)
{
	for (size_t i = 0; list[i]; i++) {
		const struct command *c = list[i];

		assert_ptr_equal(command_find(list, command_word(c)), c);
		assert_true(!c->subcommands == !!c->run);
		if (c->subcommands)
			assert_sound(c->subcommands);
		assert_true(utf8_cells(c->help, strlen(c->help)) <= 60);
		for (const char *line = c->details; line && *line; line += strcspn(line, "\n"), line += *line == '\n')
			assert_true(utf8_cells(line, strcspn(line, "\n")) < 80);
		for (const struct option *o = c->options; o && o->name; o++)
			assert_row_is_sound(c, o);
	}
}

static void test_tables(void **state)
{
	(void)state;
	for (const struct option *o = global_options; o->name; o++)
		assert_row_is_sound(NULL, o);
	assert_sound(commands);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_options_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rest_is_anothers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_subcommands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stdin_is_an_operand, setup, teardown),
		cmocka_unit_test_setup_teardown(test_short_options_together, setup, teardown),
		cmocka_unit_test_setup_teardown(test_last_wins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_seconds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_complete, setup, teardown),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
