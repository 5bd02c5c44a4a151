/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of the machine: what a lab needs of them, when they are raised, told, put back; in a kernel in memory (plan_world.h). */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "lab_spec.h"
#include "limit.h"
#include "plan_world.h"
#include "strbuf.h"

struct fixture {
	struct arena *arena;
	struct world *w;
	struct model *m;
};

/* So many nodes on one network, which the host is on and forwards for. */
static struct model *star(size_t nodes)
{
	_cleanup_strbuf_ struct strbuf b = {0};
	struct nsl_error *err = NULL;
	struct model *m = NULL;

	strbuf_adds(&b, "lab lab\nnetwork lan 10.0.0.0/16 fd00::/64 gw nat\n");
	for (size_t i = 0; i < nodes; i++)
		strbuf_printf(&b, "node n%zu lan\n", i);
	if (model_build(lab_spec(b.s), &m, &err) < 0)
		fail_msg("%s", nsl_error_text(err));
	m->raise_limits = true;
	m->limits_pos.line = 1;
	return m;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->arena = arena_new();
	if (!f->arena || arena_exhausted(f->arena))
		abort();
	f->w = world_new(f->arena, "lab");
	f->m = star(200);
	for (int i = 0; i < LIMIT_COUNT; i++)
		f->w->limits[i] = (struct limit_found){.known = true, .writable = true, .value = UINT64_MAX};
	f->w->limits[LIMIT_NEIGHBOURS4].value = 1024;
	f->w->limits[LIMIT_BACKLOG].value = 1000;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_settle(f->arena);
	arena_free(f->arena);
	model_free(f->m);
	free(f);
	return 0;
}

/* The shown and the quiet operations that are about limits, a line each; they are done too. */
static void assert_steps(struct fixture *f, const struct model *m, const char *expected)
{
	struct plan *p = world_plan(f->w, m, NULL, NULL, NULL);
	char *text = plan_text(p, true), *at = text;
	_cleanup_strbuf_ struct strbuf found = {0};

	strbuf_adds(&found, "");
	for (char *end; (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		if (strstr(at, ": limit "))
			strbuf_printf(&found, "%s\n", at);
	}
	assert_string_equal(found.s, expected);
	free(text);
	if (!world_apply(f->w, p))
		fail_msg("%s", f->w->why);
}

static void assert_warned(struct fixture *f, const struct model *m, const char *expected)
{
	struct plan *p = world_plan(f->w, m, NULL, NULL, NULL);
	bool found = false;

	for (size_t i = 0; i < p->warnings.n; i++)
		found |= strstr(p->warnings.items[i], expected) != NULL;
	if (!found)
		fail_msg("no warning has \"%s\"; the first of %zu: %s", expected, p->warnings.n,
		         p->warnings.n ? p->warnings.items[0] : "");
}

static void test_needs(void **state)
{
	struct fixture *f = *state;
	struct state *s = state_of_model(f->arena, f->m, NULL, NULL);

	assert_int_equal(s->limits_needed[LIMIT_NEIGHBOURS4], 201 * 200); /* the gateway is one of them */
	assert_int_equal(s->limits_needed[LIMIT_NEIGHBOURS6_1], 201 * 200);
	assert_int_equal(s->limits_needed[LIMIT_INSTANCES], 200);
	assert_int_equal(s->limits_needed[LIMIT_FILES], 0); /* less than any machine has */
	assert_true(s->limits_needed[LIMIT_BACKLOG] >= 8 * 200);
	assert_true(s->limits_needed[LIMIT_CONNECTIONS] >= 256 * 200);
}

static void test_raised_and_put_back(void **state)
{
	struct fixture *f = *state;

	assert_steps(f, f->m,
	             "~ host: limit net.ipv4.neigh.default.gc_thresh3 (1024 -> 41224) :1\n"
	             "~ host: limit net.core.netdev_max_backlog (1000 -> 1600) :1\n");
	assert_steps(f, f->m, "");
	f->w->limits[LIMIT_BACKLOG].value = 1200; /* somebody else's idea */
	assert_steps(f, f->m, "~ host: limit net.core.netdev_max_backlog (1200 -> 1600) :1\n");
	f->m->raise_limits = false;
	assert_steps(f, f->m,
	             "- host: limit net.ipv4.neigh.default.gc_thresh3 (41224 -> 1024) :1\n"
	             "- host: limit net.core.netdev_max_backlog (1600 -> 1000) :1\n");
	assert_steps(f, f->m, "");
}

static void test_with_other_labs(void **state)
{
	struct fixture *f = *state;

	/* Another lab has raised both, and needs much of one. */
	f->w->limits[LIMIT_NEIGHBOURS4] = (struct limit_found){true, true, 9024, true, 1024, .others = 8000};
	f->w->limits[LIMIT_BACKLOG] = (struct limit_found){true, true, 20000, true, 1000, .others = 20000};
	assert_steps(f, f->m,
	             "~ host: limit net.ipv4.neigh.default.gc_thresh3 (9024 -> 49224) :1\n"
	             "  ~ host: limit net.core.netdev_max_backlog (20000 -> 20000) :1\n");
	assert_steps(f, f->m, "");
	/* When this one goes, what the other needs stays. */
	assert_steps(f, NULL,
	             "- host: limit net.ipv4.neigh.default.gc_thresh3 (49224 -> 9024)\n"
	             "  - host: limit net.core.netdev_max_backlog (20000 -> 20000)\n");
	assert_true(world_is_empty(f->w));
}

/* A lab that needs less gives back what labs raised, and nothing that somebody else did. */
static void test_lowered(void **state)
{
	struct fixture *f = *state;

	f->w->limits[LIMIT_NEIGHBOURS4] = (struct limit_found){true, true, 1024 + 50000, true, 1024, .claim = 50000};
	f->w->limits[LIMIT_BACKLOG] = (struct limit_found){true, true, 3000, true, 1000, .claim = 2000};
	assert_steps(f, f->m,
	             "~ host: limit net.ipv4.neigh.default.gc_thresh3 (51024 -> 41224) :1\n"
	             "  ~ host: limit net.core.netdev_max_backlog (3000 -> 3000) :1\n");
	assert_steps(f, f->m, "");
	assert_steps(f, NULL,
	             "- host: limit net.ipv4.neigh.default.gc_thresh3 (41224 -> 1024)\n"
	             "- host: limit net.core.netdev_max_backlog (3000 -> 1000)\n");
	assert_true(world_is_empty(f->w));
}

/* A crash between writing one note and taking the other away. */
static void test_stale_note(void **state)
{
	struct fixture *f = *state;

	assert_steps(f, f->m,
	             "~ host: limit net.ipv4.neigh.default.gc_thresh3 (1024 -> 41224) :1\n"
	             "~ host: limit net.core.netdev_max_backlog (1000 -> 1600) :1\n");
	f->w->limits[LIMIT_BACKLOG].stale = 1200;
	assert_steps(f, f->m, "  ~ host: limit net.core.netdev_max_backlog (1600 -> 1600) :1\n");
	assert_steps(f, f->m, "");
}

static void test_enough(void **state)
{
	struct fixture *f = *state;

	f->w->limits[LIMIT_NEIGHBOURS4].value = f->w->limits[LIMIT_BACKLOG].value = 1000000;
	assert_steps(f, f->m, "");
}

static void test_not_from_here(void **state)
{
	struct fixture *f = *state;

	f->w->limits[LIMIT_NEIGHBOURS4].writable = false;
	f->w->limits[LIMIT_BACKLOG] = (struct limit_found){0};
	assert_steps(f, f->m, "");
	assert_warned(f, f->m,
	              "line 1: net.ipv4.neigh.default.gc_thresh3 can be raised only by root in the machine's first "
	              "namespace: sysctl -w net.ipv4.neigh.default.gc_thresh3=41224");
	assert_warned(f, f->m, "line 1: net.core.netdev_max_backlog can be raised only");
}

static void test_told(void **state)
{
	struct fixture *f = *state;

	f->m->raise_limits = false;
	assert_steps(f, f->m, "");
	assert_warned(f, f->m,
	              "40200 IPv4 neighbours where all nodes talk to all, and net.ipv4.neigh.default.gc_thresh3 "
	              "allows 1024: sysctl -w net.ipv4.neigh.default.gc_thresh3=41224, or `limits: raise` in the file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_needs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_raised_and_put_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_with_other_labs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lowered, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stale_note, setup, teardown),
		cmocka_unit_test_setup_teardown(test_enough, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_from_here, setup, teardown),
		cmocka_unit_test_setup_teardown(test_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
