/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors: the contract of their makers, and their text to the byte. */
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

/* Frees the error. */
static void check_text(struct nsl_error *e, const char *want)
{
	char *text = nsl_error_text(e);

	assert_string_equal(text, want);
	free(text);
	nsl_error_free(e);
}

/* A fault at line 7 of x.yaml, with that line. */
static struct nsl_error *fault(unsigned column, const char *line, const char *message)
{
	struct nsl_error *e = NULL;

	error_at(&e, NSL_E_FILE, EINVAL, (struct nsl_pos){"x.yaml", 7, column}, "%s", message);
	e->excerpt = strdup(line);
	return e;
}

static void makers_return_errnum(void **state)
{
	struct nsl_error *e = NULL;

	assert_int_equal(error_set(&e, NSL_E_BUSY, EBUSY, "lab \"%s\" is busy", "x"), -EBUSY);
	assert_int_equal(e->code, NSL_E_BUSY);
	assert_int_equal(e->errnum, EBUSY);
	assert_string_equal(e->message, "lab \"x\" is busy");
	nsl_error_free(e);
	e = NULL;
	assert_int_equal(error_set(&e, NSL_E_FAILED, 0, "x"), -EINVAL);
	assert_int_equal(e->errnum, EINVAL);
	nsl_error_free(e);
	assert_int_equal(error_set(NULL, NSL_E_BUSY, EBUSY, "x"), -EBUSY);
	assert_int_equal(error_at(NULL, NSL_E_FILE, EINVAL, (struct nsl_pos){0}, "x"), -EINVAL);
	assert_int_equal(error_errno(NULL, EPERM, "x"), -EPERM);
	assert_int_equal(error_oom(NULL), -ENOMEM);
	error_hint(NULL, "x");
	error_kernel(NULL, "x");
	error_append(NULL, NULL);
	nsl_error_free(NULL);
}

static void errno_tells_the_code(void **state)
{
	static const struct {
		int errnum;
		enum nsl_error_code code;
		const char *text;
	} rows[] = {
		{EPERM, NSL_E_PERMISSION, "open: Operation not permitted"},
		{EACCES, NSL_E_PERMISSION, "open: Permission denied"},
		{ENOMEM, NSL_E_MEMORY, "open: Cannot allocate memory"},
		{ENOENT, NSL_E_FAILED, "open: No such file or directory"},
		{99999, NSL_E_FAILED, "open: unknown error"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nsl_error *e = NULL;

		assert_int_equal(error_errno(&e, rows[i].errnum, "%s", "open"), -rows[i].errnum);
		assert_int_equal(e->code, rows[i].code);
		assert_string_equal(e->message, rows[i].text);
		nsl_error_free(e);
	}
}

static void words_of_codes(void **state)
{
	for (unsigned i = 0; i < NSL_E_COUNT; i++)
		assert_non_null(nsl_error_word((enum nsl_error_code)i));
	assert_string_equal(nsl_error_word(NSL_E_NOT_FOUND), "not-found");
	assert_string_equal(nsl_error_word(NSL_E_COUNT), "failed");
}

static void owns_its_file_name(void **state)
{
	char name[] = "x.yaml";
	struct nsl_error *e = NULL;

	error_set(&e, NSL_E_KERNEL, EEXIST, "no");
	error_place(&e, (struct nsl_pos){name, 3, 0});
	name[0] = '!';
	error_place(&e, (struct nsl_pos){"other", 9, 9}); /* it has one */
	check_text(e, "x.yaml:3: error: no\n");
}

static void plain_text(void **state)
{
	struct nsl_error *e = NULL;

	check_text(NULL, "");
	error_set(&e, NSL_E_FAILED, EIO, "it broke");
	check_text(e, "error: it broke\n");
}

static void caret_under_the_fault(void **state)
{
	struct nsl_error *e = fault(9, "  one: {adress: 10.0.0.1}", "unknown key \"adress\"");

	error_hint(&e, "did you mean \"%s\"?", "address");
	check_text(e, "x.yaml:7:9: error: unknown key \"adress\"\n"
	              "    7 |   one: {adress: 10.0.0.1}\n"
	              "      |         ^\n"
	              "      = hint: did you mean \"address\"?\n");
}

static void caret_at_the_ends(void **state)
{
	check_text(fault(1, "a", "m"), "x.yaml:7:1: error: m\n    7 | a\n      | ^\n");
	check_text(fault(2, "a", "m"),
	           "x.yaml:7:2: error: m\n    7 | a\n      |  ^\n"); /* something is missing there */
	check_text(fault(99, "a", "m"), "x.yaml:7:99: error: m\n    7 | a\n      |  ^\n");
	check_text(fault(1, "", "m"), "x.yaml:7:1: error: m\n    7 | \n      | ^\n");
	check_text(fault(0, "a", "m"), "x.yaml:7: error: m\n    7 | a\n");
	check_text(fault(2, "ab\r\nnext", "m"), "x.yaml:7:2: error: m\n    7 | ab\n      |  ^\n");
}

static void caret_behind_tabs(void **state)
{
	check_text(fault(3, "\ta\tb", "m"), "x.yaml:7:3: error: m\n"
	                                    "    7 |         a       b\n"
	                                    "      |          ^\n");
	check_text(fault(4, "\ta\tb", "m"), "x.yaml:7:4: error: m\n"
	                                    "    7 |         a       b\n"
	                                    "      |                 ^\n");
}

static void caret_behind_utf8(void **state)
{
	check_text(fault(5, "größe: 1", "m"), "x.yaml:7:5: error: m\n"
	                                      "    7 | größe: 1\n"
	                                      "      |     ^\n");
	check_text(fault(3, "網路x", "m"), "x.yaml:7:3: error: m\n"
	                                   "    7 | 網路x\n"
	                                   "      |     ^\n");
	check_text(fault(3, "e\xcc\x81x", "m"), "x.yaml:7:3: error: m\n"
	                                        "    7 | e\xcc\x81x\n"
	                                        "      |  ^\n");
}

static void nothing_writes_on_the_terminal(void **state)
{
	check_text(fault(4, "a\x1b[x", "bad \"\x1b[2J\n\""), "x.yaml:7:4: error: bad \"\\x1b[2J\\x0a\"\n"
	                                                     "    7 | a\\x1b[x\n"
	                                                     "      |       ^\n");
	check_text(fault(3, "\xff\xfex", "m"), "x.yaml:7:3: error: m\n"
	                                       "    7 | \\xff\\xfex\n"
	                                       "      |         ^\n");
}

/* 1000 characters, the k-th of which is (k - 1) % 10, and an error at one of them. */
static struct nsl_error *long_line(unsigned column)
{
	char line[1001];

	for (unsigned i = 0; i < 1000; i++)
		line[i] = (char)('0' + i % 10);
	line[1000] = '\0';
	return fault(column, line, "m");
}

/* The lines of an error of one long line: the excerpt and the caret's, both without the 8 cells before them. */
static void long_line_shows(unsigned column, const char *begins, char under_caret, bool ends)
{
	struct nsl_error *e = long_line(column);
	char *text = nsl_error_text(e), *excerpt = strchr(text, '\n') + 1, *end = strchr(excerpt, '\n');
	char *caret = end + 1;
	size_t at = strcspn(caret, "^");

	*end = '\0';
	assert_memory_equal(excerpt + 8, begins, strlen(begins));
	if (strncmp(excerpt + 8, "…", 3) == 0)
		at += 2; /* three bytes, one cell */
	assert_int_equal(excerpt[at], under_caret);
	assert_int_equal(strcmp(end - 3, "…") == 0, ends);
	assert_in_range(strlen(excerpt), 50, 8 + 100 + 6);
	free(text);
	nsl_error_free(e);
}

static void long_lines_are_cut(void **state)
{
	long_line_shows(1, "0123", '0', true);
	long_line_shows(78, "0123", '7', true);
	long_line_shows(500, "…", '9', true);
	long_line_shows(1000, "…", '9', false);
}

static void whole_story(void **state)
{
	struct nsl_error *e = NULL;

	error_set(&e, NSL_E_KERNEL, EINVAL, "the kernel refused the MTU");
	error_kernel(&e, "mtu greater than device maximum");
	assert_int_equal(error_wrap(&e, "cannot make interface \"%s\"", "eth0"), -EINVAL);
	assert_int_equal(e->code, NSL_E_KERNEL);
	error_place(&e, (struct nsl_pos){"x.yaml", 3, 5});
	error_hint(&e, "lower it");
	check_text(e, "x.yaml:3:5: error: cannot make interface \"eth0\"\n"
	              "      = because: the kernel refused the MTU\n"
	              "      = kernel: mtu greater than device maximum\n"
	              "      = hint: lower it\n");
}

static void one_after_the_other(void **state)
{
	struct nsl_error *list = NULL;

	error_append(&list, fault(1, "ab", "first"));
	error_append(&list, fault(2, "ab", "second"));
	error_append(&list, NULL);
	error_wrap(&list, "no good");
	error_append(&list, fault(0, "c", "third"));
	check_text(list, "error: no good\n"
	                 "      = because: x.yaml:7:1: first\n"
	                 "    7 | ab\n"
	                 "      | ^\n"
	                 "      = because: x.yaml:7:2: second\n"
	                 "    7 | ab\n"
	                 "      |  ^\n"
	                 "x.yaml:7: error: third\n"
	                 "    7 | c\n");
}

static void memory_error_is_untouchable(void **state)
{
	struct nsl_error *e = NULL;

	assert_int_equal(error_oom(&e), -ENOMEM);
	error_hint(&e, "x");
	error_kernel(&e, "x");
	error_place(&e, (struct nsl_pos){"x", 1, 1});
	error_append(&e, fault(1, "a", "lost"));
	assert_null(e->next);
	assert_int_equal(error_wrap(&e, "reading"), -ENOMEM);
	error_append(&e, fault(1, "a", "kept"));
	assert_int_equal(e->code, NSL_E_MEMORY);
	check_text(e,
	           "error: reading\n      = because: out of memory\nx.yaml:7:1: error: kept\n    7 | a\n      | ^\n");
}

/* Whatever allocation is the first to fail: an error and a status come out, and nothing leaks. */
static void always_an_error(void **state)
{
	for (unsigned long n = 1; n < 8; n++) {
		struct nsl_error *e = NULL, *copy = NULL;
		int rc, wrapped;

		memory_fail_after(n);
		rc = error_at(&e, NSL_E_FILE, EINVAL, (struct nsl_pos){"x.yaml", 1, 1}, "message");
		error_hint(&e, "hint");
		error_kernel(&e, "kernel");
		wrapped = error_wrap(&e, "wrapped");
		error_errno(&copy, EIO, "x");
		memory_fail_after(0);
		assert_int_equal(rc, -EINVAL);
		assert_non_null(e);
		assert_non_null(e->message);
		assert_int_equal(wrapped, -e->errnum);
		assert_non_null(copy);
		nsl_error_free(e);
		nsl_error_free(copy);
	}
}

static void text_without_memory(void **state)
{
	struct nsl_error *e = fault(1, "a", "m");
	char *text;

	memory_fail_after(1);
	text = nsl_error_text(e);
	memory_fail_after(0);
	assert_null(text);
	nsl_error_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makers_return_errnum), cmocka_unit_test(errno_tells_the_code),
		cmocka_unit_test(words_of_codes),       cmocka_unit_test(owns_its_file_name),
		cmocka_unit_test(plain_text),           cmocka_unit_test(caret_under_the_fault),
		cmocka_unit_test(caret_at_the_ends),    cmocka_unit_test(caret_behind_tabs),
		cmocka_unit_test(caret_behind_utf8),    cmocka_unit_test(nothing_writes_on_the_terminal),
		cmocka_unit_test(long_lines_are_cut),   cmocka_unit_test(whole_story),
		cmocka_unit_test(one_after_the_other),  cmocka_unit_test(memory_error_is_untouchable),
		cmocka_unit_test(always_an_error),      cmocka_unit_test(text_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
