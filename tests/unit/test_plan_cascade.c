/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Large networks: which bridge a port is put on, and that none is moved; in a kernel
 * in memory (plan_world.h), with bridges of a few ports.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cascade.h"
#include "lab_spec.h"
#include "plan_world.h"
#include "strbuf.h"

enum { NEW = CASCADE_NEW, FABRIC = CASCADE_IN_FABRIC };

/* ---- placing --------------------------------------------------------------------------------------- */

static void assert_placed(bool on_host, const int32_t *before, size_t n, const char *expected)
{
	static const struct thresholds limits = {.host = 3, .bridge = 2};
	struct arena *a = arena_new();
	int32_t at[16];
	char text[64] = "";

	if (!a || arena_exhausted(a))
		fail_msg("out of memory");
	memcpy(at, before, n * sizeof(*at));
	cascade_place(a, &limits, on_host, at, n);
	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%d", i ? " " : "", at[i]);
	assert_string_equal(text, expected);
	arena_settle(a);
	arena_free(a);
}

#define PLACED(on_host, expected, ...)                         \
	assert_placed(on_host, (const int32_t[]){__VA_ARGS__}, \
	              sizeof((const int32_t[]){__VA_ARGS__}) / sizeof(int32_t), expected)

static void test_in_the_fabric(void **state)
{
	PLACED(false, "0 0", NEW, NEW);
	PLACED(false, "0 0 1 1 2", NEW, NEW, NEW, NEW, NEW);
	PLACED(false, "0 0 0", 0, 0, 0);            /* too many by hand: they stay */
	PLACED(false, "2 0 0 1", 2, NEW, NEW, NEW); /* lower ones first; what stands stays */
	PLACED(false, "0 0 1 1 2 2", NEW, NEW, 1, 1, NEW, NEW);
	PLACED(false, "1 0 0 1", FABRIC, 0, 0, NEW);
}

static void test_on_the_host(void **state)
{
	PLACED(true, "0 0 0", NEW, NEW, NEW);
	PLACED(true, "1 1 2 2", NEW, NEW, NEW, NEW);
	PLACED(true, "1 0 0 0", NEW, 0, 0, 0);          /* grown over the limit: what is there stays on the host */
	PLACED(true, "0 1 1", NEW, 1, 1);               /* shrunk below it */
	PLACED(true, "2 1 2 1 3", 2, NEW, 2, NEW, NEW); /* leaf 1 is made anew: the others hang on it */
	PLACED(true, "1 0", FABRIC, NEW);               /* it stands in the fabric, and so stays there */
}

/* ---- growing and shrinking ------------------------------------------------------------------------- */

struct fixture {
	struct arena *arena;
	struct world *w;
	struct model *models[64];
	size_t n;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->arena = arena_new();
	if (!f->arena || arena_exhausted(f->arena))
		abort();
	f->w = world_new(f->arena, "lab");
	f->w->thresholds = (struct thresholds){.host = 3, .bridge = 4};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_settle(f->arena);
	arena_free(f->arena);
	for (size_t i = 0; i < f->n; i++)
		model_free(f->models[i]);
	free(f);
	return 0;
}

/* The plan, applied. */
static struct plan *weave(struct fixture *f, const char *lab)
{
	struct nsl_error *err = NULL;
	struct model *m = NULL;
	struct plan *p;

	if (model_build(lab_spec(lab), &m, &err) < 0)
		fail_msg("%s", nsl_error_text(err));
	assert_true(f->n < sizeof(f->models) / sizeof(*f->models));
	f->models[f->n++] = m;
	p = world_plan(f->w, m, NULL, NULL, NULL);
	assert_non_null(p);
	if (!world_apply(f->w, p))
		fail_msg("%s", f->w->why);
	if (world_plan(f->w, m, NULL, NULL, NULL)->ops.n)
		fail_msg("something is left to do: %s", plan_text(world_plan(f->w, m, NULL, NULL, NULL), true));
	return p;
}

/* Nodes n-FIRST … n-LAST on network lan. Returns the plan, applied. */
static struct plan *nodes(struct fixture *f, const char *network, int first, int last)
{
	_cleanup_strbuf_ struct strbuf b = {0};

	strbuf_printf(&b, "lab lab\nnetwork lan 10.0.0.0/24 %s\n", network);
	for (int i = first; i <= last; i++)
		strbuf_printf(&b, "node n%d lan@10.0.0.%d\n", i, i + 1);
	return weave(f, b.s);
}

/* Networks in the fabric, each a letter, and as many nodes on it: "a2 b2 c1". The same. */
static struct plan *networks(struct fixture *f, const char *which)
{
	_cleanup_strbuf_ struct strbuf b = {0};

	strbuf_adds(&b, "lab lab\n");
	for (const char *c = which; *c; c += c[2] ? 3 : 2)
		strbuf_printf(&b, "network %c 10.0.%d.0/24\n", *c, *c);
	for (const char *c = which; *c; c += c[2] ? 3 : 2)
		for (int i = 1; i <= c[1] - '0'; i++)
			strbuf_printf(&b, "node n%c%d %c@10.0.%d.%d\n", *c, i, *c, *c, i);
	return weave(f, b.s);
}

/* "@fabric: a b, @fabric+1: c": the namespaces of the fabric, and the bridges in each. */
static void assert_parts(struct fixture *f, const char *expected)
{
	_cleanup_strbuf_ struct strbuf b = {0};

	strbuf_adds(&b, "");
	for (size_t i = FABRIC_SPACE; i < f->w->spaces.n; i++) {
		const struct world_space *sp = &f->w->spaces.items[i];

		if (sp->kind != SPACE_FABRIC || !sp->present)
			continue;
		strbuf_printf(&b, "%s%s:", b.len ? ", " : "", sp->name);
		for (size_t k = 0; k < f->w->devices.n; k++) {
			const struct world_device *d = &f->w->devices.items[k];

			if (!d->gone && d->space == (int)i && d->d.kind == DEVICE_BRIDGE)
				strbuf_printf(&b, " %s", d->d.name);
		}
	}
	assert_string_equal(b.s, expected);
}

/* "lan: 3, lan+1: 4 …", bridges of host and fabric with their ports, cables between bridges among them. */
static void assert_bridges(struct fixture *f, const char *expected)
{
	char text[256] = "";

	for (size_t i = 0; i < f->w->devices.n; i++) {
		const struct world_device *b = &f->w->devices.items[i];
		int ports = 0;

		if (b->gone || b->d.kind != DEVICE_BRIDGE)
			continue;
		for (size_t k = 0; k < f->w->devices.n; k++)
			ports += !f->w->devices.items[k].gone && f->w->devices.items[k].master == (int)i;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s: %d", *text ? ", " : "", b->d.name,
		         ports);
	}
	assert_string_equal(text, expected);
}

static void assert_only(enum action action, const struct plan *p)
{
	for (size_t i = 0; i < p->ops.n; i++)
		if (p->ops.items[i].action != action)
			fail_msg("something else is done:\n%s", plan_text(p, true));
}

static void test_growth_in_the_fabric(void **state)
{
	struct fixture *f = *state;

	nodes(f, "", 10, 13);
	assert_bridges(f, "lan: 4");
	assert_only(ACTION_CREATE, nodes(f, "", 5, 15));
	assert_bridges(f, "lan: 6, lan+1: 5, lan+2: 4");
	assert_parts(f, "@fabric: lan, @fabric+1: lan+1, @fabric+2: lan+2");
	assert_only(ACTION_CREATE, nodes(f, "", 4, 15)); /* lan+2 has room for it */
	assert_bridges(f, "lan: 6, lan+1: 5, lan+2: 5");
}

static void test_growth_on_the_host(void **state)
{
	struct fixture *f = *state;

	nodes(f, "gw", 10, 12);
	assert_bridges(f, "lan: 3");
	assert_only(ACTION_CREATE, nodes(f, "gw", 10, 13));
	assert_bridges(f, "lan: 4, lan+1: 2"); /* three ports and a trunk; a port and that trunk */
	assert_only(ACTION_CREATE, nodes(f, "gw", 1, 13));
	assert_bridges(f, "lan: 4, lan+1: 7, lan+2: 5, lan+3: 3");
	assert_string_equal(world_device(f->w, "host", "lab.lan+1")->d.alias, "nsloom:lab/lan+1");
}

static void test_shrinking(void **state)
{
	struct fixture *f = *state;

	nodes(f, "gw", 1, 12);
	assert_bridges(f, "lan+1: 7, lan+2: 5, lan+3: 5, lan: 1");
	nodes(f, "gw", 6, 9); /* leaf 1 has lost all its ports, and stays: the others hang on it */
	assert_bridges(f, "lan+1: 3, lan+2: 4, lan+3: 2, lan: 1");
	nodes(f, "gw", 6, 8);
	assert_bridges(f, "lan+1: 2, lan+2: 4, lan: 1");
	assert_only(ACTION_REMOVE, nodes(f, "gw", 6, 7)); /* few enough for the host; but they stand */
	nodes(f, "gw", 20, 20);
	assert_bridges(f, "lan: 1");
}

/* However often nodes are put in at the front of the file and taken out at its end, no bridge has more than its ports and trunks. */
static void test_insertions_at_the_front(void **state)
{
	struct fixture *f = *state;

	for (int at = 200; at > 160; at--) {
		nodes(f, "gw", at, at + 9 + at % 3);
		for (size_t i = 0; i < f->w->devices.n; i++) {
			int ports = 0;

			for (size_t k = 0; k < f->w->devices.n; k++) {
				const struct world_device *d = &f->w->devices.items[k];

				ports += !d->gone && d->master == (int)i && f->w->devices.items[d->peer].master < 0;
			}
			assert_true(ports <= 4);
		}
	}
}

/* A gateway comes, and goes: ports are called otherwise, and so are made anew; nothing is left over. */
static void test_gateway_comes(void **state)
{
	struct fixture *f = *state;

	nodes(f, "", 1, 8);
	assert_bridges(f, "lan: 5, lan+1: 5");
	nodes(f, "gw", 1, 8);
	assert_bridges(f, "lan+1: 6, lan+2: 5, lan: 1");
	nodes(f, "", 1, 8);
	assert_bridges(f, "lan+1: 5, lan: 5");
}

/* A namespace has bridges with four ports together; none moves. */
static void test_parts_of_the_fabric(void **state)
{
	struct fixture *f = *state;

	networks(f, "a2 b2 c1 d3 e1");
	assert_parts(f, "@fabric: a b, @fabric+1: c d, @fabric+2: e");
	assert_only(ACTION_CREATE, networks(f, "a4 b2 c1 d3 e1")); /* there, though that is too many now */
	assert_parts(f, "@fabric: a b, @fabric+1: c d, @fabric+2: e");
	assert_only(ACTION_REMOVE, networks(f, "a4 c1 d3 e1"));
	assert_only(ACTION_CREATE, networks(f, "f3 a4 c1 d3 e1"));
	assert_parts(f, "@fabric: a, @fabric+1: c d, @fabric+2: e f");
	assert_only(ACTION_REMOVE, networks(f, "f3 c1"));
	assert_parts(f, "@fabric+1: c, @fabric+2: f");
	assert_only(ACTION_CREATE, networks(f, "c1 g4 f3"));
	assert_parts(f, "@fabric: g, @fabric+1: c, @fabric+2: f");
}

/* A port that somebody took off its bridge goes back to one in the same namespace: nothing is made anew. */
static void test_ports_put_back(void **state)
{
	struct fixture *f = *state;
	int ports = 0;

	nodes(f, "", 1, 12);
	nodes(f, "", 2, 12); /* lan has room */
	for (size_t i = 0; i < f->w->devices.n; i++) {
		struct world_device *d = &f->w->devices.items[i];

		if (!d->gone && d->peer >= 0 && d->master >= 0 && f->w->devices.items[d->peer].master < 0 &&
		    ports++ % 3 == 0)
			d->master = -1;
	}
	assert_int_equal(ports, 11);
	assert_only(ACTION_CHANGE, nodes(f, "", 2, 12));
	assert_bridges(f, "lan: 5, lan+1: 5, lan+2: 5");
}

/* The words of a plan that cascades. */
static void test_words(void **state)
{
	struct fixture *f = *state;
	char *text = plan_text(nodes(f, "gw", 1, 5), false);

	assert_non_null(strstr(
		text, "+ fabric: bridge lan+1 :2\n+ fabric: bridge lan+2 :2\n+ host: bridge lan :2\n"
		      "+ host: rules nsloom-lab (isolation) :2\n+ fabric: trunk lan+1.up (to lan, port lab.lan+1) :2\n"
		      "+ fabric: trunk lan+2.up (to lan+1, port lan+2.down) :2\n"));
	assert_non_null(strstr(text, "+ n5: interface eth0 (to lan+2, port lab.n5.eth0) :7\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_the_fabric),
		cmocka_unit_test(test_on_the_host),
		cmocka_unit_test_setup_teardown(test_growth_in_the_fabric, setup, teardown),
		cmocka_unit_test_setup_teardown(test_growth_on_the_host, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shrinking, setup, teardown),
		cmocka_unit_test_setup_teardown(test_insertions_at_the_front, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gateway_comes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parts_of_the_fabric, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ports_put_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_words, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
