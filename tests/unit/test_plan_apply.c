/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans over thousands of random labs, done by a kernel in memory (plan_world.h):
 * every operation finds what it needs, and then nothing is left to do; the same input gives the
 * same plan; what somebody spoils is repaired; down leaves nothing.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab_spec.h"
#include "plan_world.h"
#include "strbuf.h"

enum { PAIRS = 1500, NODES = 6, NETWORKS = 4, LINKS = 5 };

static uint64_t next(uint64_t *s)
{
	uint64_t z = (*s += 0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* A number that is the same for a seed and an object, whatever else there is: so two labs of neighbouring seeds have much in common. */
static unsigned choice(uint64_t seed, unsigned object, unsigned what, unsigned n)
{
	uint64_t s = object * 1000 + what, edit = seed * 7919 + object * 31 + what;
	unsigned changed = next(&edit) % 12 == 0;

	s = s * 1000003 + seed / 4 + (changed ? seed : 0); /* four seeds in a row are edits of one lab */
	return (unsigned)(next(&s) % n);
}

static void networks(struct strbuf *b, uint64_t seed)
{
	static const char *const ways[] = {"", "gw", "nat", ""};
	static const char *const mtus[] = {"", "", "mtu=1400", "mtu=9000"};

	for (unsigned i = 0; i < NETWORKS; i++) {
		unsigned families = 1 + choice(seed, i, 0, 3);

		strbuf_printf(b, "network net%u", i);
		if (families & 1)
			strbuf_printf(b, " 10.20.%u.0/24", i);
		if (families & 2)
			strbuf_printf(b, " fd00:20:%u::/64", i);
		strbuf_printf(b, " %s %s\n", ways[choice(seed, i, 1, 4)], mtus[choice(seed, i, 2, 4)]);
	}
}

static void nodes(struct strbuf *b, uint64_t seed)
{
	for (unsigned i = 0; i < NODES; i++) {
		if (i && choice(seed, 10 + i, 0, 5) == 0)
			continue;
		strbuf_printf(b, "node n%u%s", i, choice(seed, 10 + i, 1, 3) ? "" : " router");
		for (unsigned k = 0; k < NETWORKS; k++) {
			unsigned how = choice(seed, 10 + i, 2 + k, 5);

			if (how == 0)
				strbuf_printf(b, " net%u", k);
			if (how == 1)
				strbuf_printf(b, " net%u%%lan%u!02:00:00:00:%02x:%02x", k, k, i, k);
		}
		if (choice(seed, 10 + i, 8, 4) == 0)
			strbuf_printf(b, " sysctl=net.ipv4.conf.all.rp_filter,%u", choice(seed, 10 + i, 9, 3));
		strbuf_addc(b, '\n');
	}
}

static void links(struct strbuf *b, uint64_t seed)
{
	for (unsigned i = 0; i < LINKS; i++) {
		unsigned from = choice(seed, 20 + i, 0, NODES), to = choice(seed, 20 + i, 1, NODES);
		unsigned way = choice(seed, 20 + i, 2, 4);

		if (from == to || (from && choice(seed, 10 + from, 0, 5) == 0) ||
		    (to && choice(seed, 10 + to, 0, 5) == 0) || choice(seed, 20 + i, 3, 4) == 0)
			continue;
		strbuf_printf(b, "link n%u%%wire%u n%u%%wire%u", from, i, to, i);
		if (way == 0)
			strbuf_adds(b, " ll");
		if (way >= 2)
			strbuf_printf(b, " 10.30.%u.0/30", i);
		if (way == 3)
			strbuf_printf(b, " fd00:30:%u::/127", i);
		strbuf_addc(b, '\n');
	}
}

static char *lab_lines(uint64_t seed)
{
	struct strbuf b = {0};

	strbuf_printf(&b, "lab lab%s\n", choice(seed, 99, 0, 12) ? "" : " norouting");
	networks(&b, seed);
	nodes(&b, seed);
	links(&b, seed);
	return strbuf_steal(&b);
}

static struct model *lab(uint64_t seed, char **lines)
{
	struct nsl_error *err = NULL;
	struct model *m = NULL;

	*lines = lab_lines(seed);
	if (model_build(lab_spec(*lines), &m, &err) < 0) {
		char *text = nsl_error_text(err);

		fail_msg("seed %llu is no lab:\n%s\n%s", (unsigned long long)seed, *lines, text);
	}
	return m;
}

/* Plans, does it, and finds nothing left to do. */
static void become(struct world *w, const struct model *m, const struct model *before, uint64_t seed, const char *what,
                   const char *lines)
{
	struct nsl_error *err = NULL;
	struct plan *p = world_plan(w, m, before, NULL, &err);

	if (!p) {
		char *text = nsl_error_text(err);

		fail_msg("seed %llu, %s: obstacles: %s", (unsigned long long)seed, what, text);
	}
	if (!world_apply(w, p)) {
		char *text = plan_text(p, true);

		fail_msg("seed %llu, %s: %s\n%s\n%s", (unsigned long long)seed, what, w->why, lines, text);
	}
	p = world_plan(w, m, m, NULL, &err);
	if (p->ops.n) {
		char *text = plan_text(p, true);

		fail_msg("seed %llu, %s: left to do:\n%s\n%s", (unsigned long long)seed, what, text, lines);
	}
}

/* Somebody meddles. */
static void spoil(struct world *w, uint64_t *s)
{
	struct world_device *dev = &w->devices.items[next(s) % w->devices.n];

	if (dev->gone || dev->d.kind == DEVICE_LO)
		return;
	switch (next(s) % 9) {
	case 0:
		world_drop_device(w, dev);
		break;
	case 1:
		dev->d.up = false;
		break;
	case 2:
		dev->d.mtu = 1234;
		break;
	case 3:
		dev->d.addresses.n = 0;
		for (size_t i = 0; i < w->routes.n; i++) /* as the kernel does */
			for (size_t h = 0; h < w->routes.items[i].hops.n; h++)
				w->routes.items[i].gone |=
					w->routes.items[i].hops.items[h].device == dev - w->devices.items;
		break;
	case 4:
		dev->master = -1;
		break;
	case 5:
		if (w->routes.n)
			w->routes.items[next(s) % w->routes.n].gone = true;
		break;
	case 6: /* a crash did, before what was to go went */
		dev->d.leaving = true;
		break;
	case 7:
		w->spaces.items[dev->space].settings.n = 0;
		break;
	default:
		w->rules_spoilt = true;
	}
}

static void assert_pure(struct world *w, const struct model *m, uint64_t seed)
{
	struct plan *p = world_plan(w, m, NULL, NULL, NULL), *q = world_plan(w, m, NULL, NULL, NULL);
	char *once = p ? plan_text(p, true) : NULL, *twice = q ? plan_text(q, true) : NULL;

	if (!once || !twice || strcmp(once, twice) != 0)
		fail_msg("seed %llu: two plans of the same", (unsigned long long)seed);
	free(once);
	free(twice);
}

static void pair(uint64_t seed, const struct thresholds *thresholds)
{
	struct arena *arena = arena_new();
	char *lines_a, *lines_b;
	struct model *a = lab(seed, &lines_a), *b = lab(seed + 1, &lines_b);
	struct world *w;
	uint64_t s = seed;

	assert_non_null(arena);
	if (arena_exhausted(arena))
		fail_msg("out of memory");
	w = world_new(arena, "lab");
	w->thresholds = *thresholds;
	become(w, a, NULL, seed, "A", lines_a);
	assert_pure(w, b, seed);
	become(w, b, a, seed, "B after A", lines_b);
	for (int i = 0; i < 3; i++)
		spoil(w, &s);
	become(w, b, b, seed, "B, spoilt", lines_b);
	if (!world_apply(w, world_plan(w, NULL, b, NULL, NULL)) || !world_is_empty(w))
		fail_msg("seed %llu: down leaves something: %s", (unsigned long long)seed, w->why);
	arena_settle(arena);
	arena_free(arena);
	model_free(a);
	model_free(b);
	free(lines_a);
	free(lines_b);
}

static void test_random_labs(void **state)
{
	for (uint64_t seed = 1; seed <= PAIRS; seed++)
		pair(seed, &(struct thresholds){0});
}

/* Bridges of two or three ports: networks are cascaded, and grow and shrink over their limits. */
static void test_random_cascades(void **state)
{
	for (uint64_t seed = 1; seed <= PAIRS; seed++)
		pair(seed, &(struct thresholds){.host = 1 + (uint32_t)seed % 3, .bridge = 1 + (uint32_t)seed % 4});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_labs),
		cmocka_unit_test(test_random_cascades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
