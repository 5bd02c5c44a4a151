/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two at once: while one does something to a lab, another begins; both succeed, and the lab is whole or gone. */
#include "sweep.h"

static const char *const words[] = {[TRIAL_UP] = "an up", [TRIAL_DOWN] = "a down"};

/* One after the other, whichever came first: what stands is what the second wanted. */
static void whole_or_gone(struct sweep *s, const struct lab *lab, const struct inject *in)
{
	const struct trial_result *res = trial(TRIAL_PLAN, SWEEP_LAB, lab->model, NULL);

	if (res->r == 0 && res->ops == 0) {
		stands(s, &lab->up, in, "after the two");
		unravel(s, in, "after a down");
	} else {
		stands(s, &s->empty, in, "after the two");
	}
}

static bool meet_once(struct sweep *s, enum trial_act act, enum trial_act other, const struct lab *lab,
                      const struct inject *in)
{
	const struct trial_result *met, *res;

	if (act == TRIAL_DOWN && !weave(s, lab, in, "before"))
		return false;
	res = trial_meet(act, other, SWEEP_LAB, lab->model, in, &met);
	if (!res->inject.hit) {
		unravel(s, in, "at the end");
		return false;
	}
	s->cases++;
	if (!sane(s, in, res) || res->r < 0)
		wrong(s, in, res, "the first fails");
	if (!sane(s, in, met) || met->r < 0)
		wrong(s, in, met, "the other fails");
	whole_or_gone(s, lab, in);
	return true;
}

/* Of the first lab, each call of a down: there are few, and folders and locks go in it. */
static void meet(struct sweep *s, enum trial_act act, enum trial_act other, const struct lab *lab)
{
	uint64_t step = act == TRIAL_UP ? 37 : lab == s->labs ? 1 : 9;
	struct inject in = {.sort = INJECT_CALL, .how = INJECT_MEET};

	check_begin(s, "%s of %s meets %s", words[act], lab->name, words[other]);
	for (in.at = 1; meet_once(s, act, other, lab, &in);)
		in.at += s->full ? 1 : step;
	check_end(s);
}

void sweep_meetings(struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++) {
		meet(s, TRIAL_UP, TRIAL_UP, &s->labs[i]);
		meet(s, TRIAL_UP, TRIAL_DOWN, &s->labs[i]);
		meet(s, TRIAL_DOWN, TRIAL_UP, &s->labs[i]);
		meet(s, TRIAL_DOWN, TRIAL_DOWN, &s->labs[i]);
	}
}
