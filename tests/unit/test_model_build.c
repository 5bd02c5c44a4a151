/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_build(): what it decides, and what it refuses. Specs are written in a small language of lines; see lab_spec.h. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "lab_spec.h"
#include "model.h"
#include "text.h"

/* The model of a lab that must be sound. */
static struct model *sound(const char *lines)
{
	struct nsl_error *err = NULL;
	struct model *m = NULL;
	struct spec *spec = lab_spec(lines);

	if (model_build(spec, &m, &err) != 0) {
		char *text = nsl_error_text(err);

		fail_msg("not sound:\n%s", text);
	}
	return m;
}

/* Fails unless a lab is refused with exactly these faults: "LINE: MESSAGE", one a line. */
static void refused(const char *lines, const char *faults)
{
	struct nsl_error *err = NULL;
	struct model *m = NULL;
	struct spec *spec = lab_spec(lines);
	char got[8192] = "";

	assert_int_equal(model_build(spec, &m, &err), -EINVAL);
	for (const struct nsl_error *e = err; e; e = e->next) {
		size_t at = strlen(got);

		assert_int_equal(e->code, NSL_E_FILE);
		snprintf(got + at, sizeof(got) - at, "%u: %s\n", e->pos.line, e->message);
	}
	assert_string_equal(got, faults);
	nsl_error_free(err);
	arena_free(spec->arena);
}

static const struct iface *iface(const struct model *m, const char *node, unsigned i)
{
	const struct node *n = model_node(m, node);

	assert_non_null(n);
	assert_true(i < n->ifaces.n);
	return &n->ifaces.items[i];
}

static void assert_addresses(const struct model *m, const char *node, unsigned i, const char *expected)
{
	const struct iface *f = iface(m, node, i);
	char got[512] = "";

	for (size_t k = 0; k < f->addresses.n; k++) {
		char text[PREFIX_TEXT_MAX];

		strcat(got, k ? " " : "");
		strcat(got, prefix_text(&f->addresses.items[k], text));
	}
	assert_string_equal(got, expected);
}

static void test_lowest_free_address(void **state)
{
	struct model *m = sound("network lan 10.0.0.0/29 gw=10.0.0.2\n"
	                        "node a lan\n"
	                        "node b lan@10.0.0.1\n"
	                        "node c lan\n"
	                        "node d lan\n");

	(void)state;
	assert_addresses(m, "a", 0, "10.0.0.3/29");
	assert_addresses(m, "b", 0, "10.0.0.1/29");
	assert_addresses(m, "c", 0, "10.0.0.4/29");
	assert_addresses(m, "d", 0, "10.0.0.5/29");
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lowest_free_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
