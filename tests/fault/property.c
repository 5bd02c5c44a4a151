/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties over random labs. For a random lab A, and B, which is A after some
 * random edits:
 *
 *   - up A, and the plan is empty; up B, and the plan is empty;
 *   - what stands then is what stands when B is woven afresh;
 *   - after down the host is as before;
 *   - planning is pure: the same input gives the same bytes.
 *
 * With small bridges (plan/cascade.h) most networks have several; each is one segment then, and B afresh and B after A may
 * differ in which of its bridges a port hangs on.
 *
 * usage: property [LABS [SEED [HOST BRIDGE]]]
 *
 * Each pair has a seed of its own, printed when it fails; such a pair is made smaller
 * as long as it still fails, and printed.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "box.h"
#include "gen.h"
#include "segments.h"
#include "sweep.h"
#include "topology.h"

struct pair {
	struct gen_lab a, b;
};

static struct model *model_of(const struct gen_lab *g, bool loud)
{
	_cleanup_strbuf_ struct strbuf text = {0};
	struct nsl_error *err = NULL;
	struct model *m = NULL;

	gen_write(g, SWEEP_LAB, &text);
	if (topology_load_text(text.s, text.len, "lab.yaml", NULL, &m, &err) < 0 && loud) {
		char *why = nsl_error_text(err);

		printf("# the generator made what is no lab:\n%s%s", text.s, why);
		free(why);
	}
	nsl_error_free(err);
	return m;
}

/* ---- purity ---------------------------------------------------------------------------------------- */

/* Every operation of the plan from A (as wanted) to B in words. */
static char *plan_words(const struct model *a, const struct model *b)
{
	struct arena *arena = arena_new();
	struct strbuf out = {0};
	struct plan *p = NULL;
	struct state *have;

	if (!arena || arena_exhausted(arena))
		exit(99);
	have = state_of_model(arena, a, &trial_thresholds, NULL);
	if (plan_diff(arena, state_of_model(arena, b, &trial_thresholds, have), have, NULL, NULL, &p, NULL) == 0)
		for (size_t i = 0; i < p->ops.n; i++) {
			struct op_text t;

			op_describe(arena, p, &p->ops.items[i], &t);
			strbuf_printf(&out, "%d %u %s %s %s %s %s\n", p->ops.items[i].kind, p->ops.items[i].set,
			              t.place, t.kind, t.object, t.was ? t.was : "", t.now ? t.now : "");
		}
	arena_settle(arena);
	arena_free(arena);
	strbuf_addc(&out, '.');
	return strbuf_steal(&out);
}

static void check_pure(struct sweep *s, const struct pair *p)
{
	struct model *a = model_of(&p->a, false), *b = model_of(&p->b, false);
	char *once = plan_words(a, b), *twice = plan_words(a, b);

	if (!once || !twice || strcmp(once, twice) != 0)
		wrong(s, NULL, NULL, "the same input gives another plan");
	free(once);
	free(twice);
	model_free(a);
	model_free(b);
}

/* ---- one pair -------------------------------------------------------------------------------------- */

/* Whether all holds. */
static bool holds(struct sweep *s, const struct pair *p)
{
	struct lab a = {.name = "A", .model = model_of(&p->a, true)}, b = {.name = "B", .model = model_of(&p->b, true)};
	uint64_t before = s->faults;

	s->cascaded = trial_thresholds.bridge || (a.model && b.model && segments_change_place(a.model, b.model));
	if (!a.model || !b.model) {
		wrong(s, NULL, NULL, "the generator made what is no lab");
	} else if (weave(s, &b, NULL, "B afresh")) {
		snapshot_settled(&b.up);
		if (unravel(s, NULL, "after B afresh") && weave(s, &a, NULL, "A") && weave(s, &b, NULL, "B after A") &&
		    stands_up(s, &b, NULL, "B after A, compared with B afresh"))
			unravel(s, NULL, "after A and B");
		snapshot_done(&b.up);
		check_pure(s, p);
	}
	model_free(a.model);
	model_free(b.model);
	return s->faults == before;
}

static void print_lab(const struct gen_lab *lab, const char *name)
{
	_cleanup_strbuf_ struct strbuf text = {0};

	gen_write(lab, SWEEP_LAB, &text);
	printf("# %s:\n", name);
	for (char *line = text.s, *end; line && (end = strchr(line, '\n')); line = end + 1)
		printf("#   %.*s\n", (int)(end - line), line);
}

static bool still_fails(struct sweep *s, const struct pair *p)
{
	enum { TRIES = 150 };
	static unsigned tried;
	uint64_t faults = s->faults;
	bool fails;

	if (tried++ >= TRIES)
		return false;

	s->faults = 1000; /* says nothing */
	fails = !holds(s, p);
	s->faults = faults;
	return fails;
}

/* Makes both smaller alike, then B more like A, as long as the pair still fails. */
static void shrink(struct sweep *s, struct pair *p)
{
	bool smaller = true;

	for (int round = 0; smaller && round < 4; round++) {
		smaller = false;
		for (unsigned n = 0;; n++) {
			struct pair q = *p;

			if (!gen_shrink(&q.a, n) || !gen_shrink(&q.b, n))
				break;
			if (memcmp(&q, p, sizeof(q)) != 0 && still_fails(s, &q)) {
				*p = q;
				smaller = true;
			}
		}
		for (size_t i = 0; i < sizeof(p->a); i++) {
			struct pair q = *p;

			((uint8_t *)&q.b)[i] = ((uint8_t *)&q.a)[i];
			if (memcmp(&q, p, sizeof(q)) != 0 && still_fails(s, &q)) {
				*p = q;
				smaller = true;
			}
		}
	}
}

static void one_pair(struct sweep *s, uint64_t seed, unsigned *failed)
{
	uint64_t state = seed;
	struct pair p;
	uint64_t before = s->faults;

	gen_lab(&p.a, &state);
	p.b = p.a;
	for (uint64_t edits = 1 + gen_next(&state) % 8; edits; edits--)
		gen_edit(&p.b, &state);
	s->cases++;
	if (holds(s, &p) || ++*failed > 3)
		return;
	printf("# seed %llu fails; made smaller:\n", (unsigned long long)seed);
	shrink(s, &p);
	print_lab(&p.a, "A");
	print_lab(&p.b, "B");
	s->faults = 0;
	holds(s, &p);
	s->faults = before + 1;
}

int main(int argc, char *argv[])
{
	static struct sweep s;
	uint64_t labs = argc > 1 ? strtoull(argv[1], NULL, 0) : 250, seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	unsigned failed = 0;
	time_t start = time(NULL);

	if (argc > 4) {
		trial_thresholds.host = (uint32_t)atoi(argv[3]);
		trial_thresholds.bridge = (uint32_t)atoi(argv[4]);
	}
	box_enter();
	snapshot_take(&s.empty);
	check_begin(&s, "properties of %llu random pairs from seed %llu on", (unsigned long long)labs,
	            (unsigned long long)seed);
	for (uint64_t i = 0; i < labs; i++)
		one_pair(&s, seed + i, &failed);
	s.faults = failed;
	check_end(&s);
	printf("1..1\n# reliability: random labs from seed %llu: %llu tried, %u wrong, %lld s\n",
	       (unsigned long long)seed, (unsigned long long)labs, failed, (long long)(time(NULL) - start));
	snapshot_done(&s.empty);
	return failed > 0;
}
