/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a lab needs in numbers, and what the checks make of it: with labs and kernels that are made up. */
#include "unit.h"

#include <string.h>

#include "capability.h"
#include "doctor.h"
#include "lab_spec.h"

struct lab {
	struct model *model;
	struct arena *arena;
	struct lab_needs needs;
};

static void lab_make(struct lab *l, const char *lines, bool standing)
{
	struct nsl_error *err = NULL;

	assert_int_equal(model_build(lab_spec(lines), &l->model, &err), 0);
	l->arena = arena_new();
	assert_non_null(l->arena);
	assert_false(arena_exhausted(l->arena));
	needs_of_state(state_of_model(l->arena, l->model, NULL, NULL), standing, &l->needs);
	arena_settle(l->arena);
}

static void lab_free(struct lab *l)
{
	model_free(l->model);
	arena_free(l->arena);
}

static struct finding checked(const char *id, const struct lab_needs *needs)
{
	struct finding f = {0};

	for (const struct check *c = checks; c->id; c++)
		if (strcmp(c->id, id) == 0)
			c->check(needs, &f);
	return f;
}

static void assert_found(const char *id, const struct lab_needs *needs, enum finding_level level, const char *text)
{
	struct finding f = checked(id, needs);

	if (f.level != level || !strstr(f.text, text))
		fail_msg("%s: level %d: %s", id, (int)f.level, f.text);
}

#define STAR                                     \
	"network lan 10.0.0.0/24 gw nat\n"       \
	"network back 10.1.0.0/24 fd00:1::/64\n" \
	"node a lan back\n"                      \
	"node b lan back\n"                      \
	"node c lan\n"                           \
	"link a b 10.2.0.0/30\n"

static void counts(void **state)
{
	struct lab l;

	lab_make(&l, STAR, false);
	assert_int_equal(l.needs.new_spaces, 4); /* three nodes and the fabric */
	assert_int_equal(l.needs.sockets, 5);    /* and the host */
	assert_int_equal(l.needs.demand.ports, 3);
	assert_string_equal(l.needs.demand.largest->name, "lan");
	assert_int_equal(l.needs.demand.largest->pos.line, 1);
	assert_int_equal(l.needs.demand.neighbours[IP4], 4 * 3 + 2 * 1 + 2); /* with the gateway; back; the link */
	assert_true(l.needs.demand.family[IP6]);
	assert_int_equal(l.needs.demand.pos.line, 3);
	lab_free(&l);
}

static void nothing_new_where_it_stands(void **state)
{
	struct lab l;

	lab_make(&l, STAR, true);
	assert_int_equal(l.needs.new_spaces, 0);
	assert_int_equal(l.needs.sockets, 5);
	lab_free(&l);
}

static void no_lab(void **state)
{
	struct lab_needs needs;

	needs_of_state(NULL, false, &needs);
	assert_null(needs.want);
	assert_int_equal(needs.new_spaces, 0);
	assert_null(needs.demand.largest);
	assert_string_equal(checked("ports", &needs).text, "");
	assert_found("memory", &needs, FINDING_OK, "enough for some");
}

static void kernels_that_lack(void **state)
{
	struct lab l;
	struct finding f;

	lab_make(&l, STAR, false);
	l.needs.tried = true;
	l.needs.have = CAN_ALL;
	assert_found("devices", &l.needs, FINDING_OK, "veth, bridge");
	assert_found("nf_tables", &l.needs, FINDING_OK, "masquerade");
	l.needs.have = CAN_ALL & ~CAN(CAN_BRIDGE) & ~CAN(CAN_MASQUERADE) & ~CAN(CAN_REJECT);
	assert_found("devices", &l.needs, FINDING_FAILURE, "no bridge (device kind)");
	assert_found("nf_tables", &l.needs, FINDING_FAILURE, "no reject, masquerade (nf_tables, family inet)");
	f = checked("nf_tables", &l.needs);
	assert_string_equal(f.mend, "modprobe -a nft_reject_inet nft_masq");
	assert_int_equal(f.pos.line, 1);
	f = checked("devices", &l.needs);
	assert_string_equal(f.mend, "modprobe -a bridge");
	lab_free(&l);
}

/* A lab of links alone needs neither bridges nor rules. */
static void only_what_is_needed(void **state)
{
	struct lab l;

	lab_make(&l, "node a\nnode b\nlink a b\n", false);
	l.needs.tried = true;
	l.needs.have = CAN(CAN_VETH);
	assert_found("devices", &l.needs, FINDING_OK, "veth");
	assert_string_equal(checked("nf_tables", &l.needs).text, "");
	assert_string_equal(checked("ports", &l.needs).text, "");
	lab_free(&l);
}

/* Without a lab, a kernel without rules is no failure: labs without a network on the host get by. */
static void a_host_without_rules(void **state)
{
	struct lab_needs needs;

	needs_of_state(NULL, false, &needs);
	needs.tried = true;
	assert_found("nf_tables", &needs, FINDING_WARNING, "no nf_tables");
	assert_found("devices", &needs, FINDING_FAILURE, "no veth, bridge");
}

static void limits(void **state)
{
	const struct device bridge = {.name = "lan", .pos = {.line = 7}};
	struct lab_needs needs = {.demand = {.largest = &bridge, .ports = 1023}};
	struct lab l;

	assert_found("ports", &needs, FINDING_OK, "1023 of at most 1023");
	needs.demand.ports++;
	assert_found("ports", &needs, FINDING_FAILURE, "\"lan\" would have 1024 ports");
	assert_int_equal(checked("ports", &needs).pos.line, 7);
	lab_make(&l, STAR, false);
	l.needs.sockets = (size_t)1 << 40;
	assert_found("descriptors", &l.needs, FINDING_FAILURE, "are needed, the limit is");
	l.needs.new_spaces = (size_t)1 << 40;
	assert_found("memory", &l.needs, FINDING_FAILURE, "MB are available");
	assert_found("namespaces", &l.needs, FINDING_FAILURE, "1099511627776 more are needed");
	lab_free(&l);
}

/* Each row has its name and, but for the last, its module; names are unique. */
static void capabilities_have_names(void **state)
{
	for (unsigned i = 0; i < CAPABILITY_COUNT; i++) {
		assert_non_null(capability_name(i));
		assert_true(capability_group(i) < CAPABILITY_GROUPS);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(capability_name(i), capability_name(k));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(nothing_new_where_it_stands),
		cmocka_unit_test(no_lab),
		cmocka_unit_test(kernels_that_lack),
		cmocka_unit_test(only_what_is_needed),
		cmocka_unit_test(a_host_without_rules),
		cmocka_unit_test(limits),
		cmocka_unit_test(capabilities_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
