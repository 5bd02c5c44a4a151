/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kill -9: from every crash the next up completes the lab, and down alone restores the host. */
#include "sweep.h"

/* False: there is no such step. */
static bool killed(struct sweep *s, enum trial_act act, const struct lab *lab, const struct inject *in)
{
	const struct trial_result *res = trial(act, SWEEP_LAB, lab->model, in);

	if (!res->inject.hit)
		return false;
	s->cases++;
	if (res->signal != 9)
		wrong(s, in, res, "the process was not killed");
	return true;
}

static bool kill_up(struct sweep *s, const struct lab *lab, const struct inject *in)
{
	if (!killed(s, TRIAL_UP, lab, in))
		return false;
	if (weave(s, lab, in, "with an up after the crash"))
		stands_up(s, lab, in, "with an up after the crash");
	unravel(s, in, "with up and down after the crash");
	killed(s, TRIAL_UP, lab, in);
	unravel(s, in, "with a down after the crash");
	return true;
}

static void kill_ups(struct sweep *s, const char *what, enum inject_sort sort, uint64_t step)
{
	for (size_t i = 0; i < s->n; i++) {
		struct inject in = {.sort = sort, .how = INJECT_KILL, .split = sort == INJECT_REQUEST};

		check_begin(s, "kill -9 before %s of %s", what, s->labs[i].name);
		for (in.at = 1; kill_up(s, &s->labs[i], &in);)
			in.at += step;
		unravel(s, &in, "at the end");
		check_end(s);
	}
}

void sweep_kills(struct sweep *s)
{
	kill_ups(s, "requests", INJECT_REQUEST, s->full || !s->cascaded ? 1 : 4);
}

void sweep_kill_calls(struct sweep *s)
{
	kill_ups(s, "calls", INJECT_CALL, s->full ? 1 : 11);
}

static bool kill_down(struct sweep *s, const struct lab *lab, const struct inject *in)
{
	if (!weave(s, lab, in, "before") || !killed(s, TRIAL_DOWN, lab, in))
		return false;
	unravel(s, in, "with a second down after the crash");
	if (!weave(s, lab, in, "before") || !killed(s, TRIAL_DOWN, lab, in))
		return false;
	if (weave(s, lab, in, "with an up after a crashed down"))
		stands_up(s, lab, in, "with an up after a crashed down");
	unravel(s, in, "with up and down after a crashed down");
	return true;
}

void sweep_kill_down(struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct inject in = {.sort = INJECT_CALL, .how = INJECT_KILL, .split = true};

		check_begin(s, "kill -9 in a down of %s", s->labs[i].name);
		for (in.at = 1 + i; kill_down(s, &s->labs[i], &in);)
			in.at += s->full ? 1 : 7;
		unravel(s, &in, "at the end");
		check_end(s);
	}
}

static bool kill_update(struct sweep *s, const struct lab *from, const struct lab *to, const struct inject *in)
{
	if (!weave(s, from, in, "before") || !killed(s, TRIAL_UP, to, in))
		return false;
	switch (s->full ? 3 : in->at % 3) {
	case 3:
	case 0:
		if (weave(s, to, in, "forward after the crash"))
			stands_up(s, to, in, "forward after the crash");
		if (!s->full)
			break;
		unravel(s, in, "and down");
		weave(s, from, in, "before");
		killed(s, TRIAL_UP, to, in);
		__attribute__((fallthrough));
	case 1:
		if (weave(s, from, in, "back after the crash"))
			stands_up(s, from, in, "back after the crash");
		if (!s->full)
			break;
		unravel(s, in, "and down");
		weave(s, from, in, "before");
		killed(s, TRIAL_UP, to, in);
		break;
	default:
		break;
	}
	unravel(s, in, "with a down after the crash");
	return true;
}

void sweep_kill_updates(struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->n; k++) {
			struct inject in = {.sort = INJECT_REQUEST, .how = INJECT_KILL, .split = true};

			if (i == k)
				continue;
			check_begin(s, "kill -9 in the update from %s to %s", s->labs[i].name, s->labs[k].name);
			for (in.at = s->full ? 1 : 1 + (i + k) % 13; kill_update(s, &s->labs[i], &s->labs[k], &in);)
				in.at += s->full ? 1 : 13;
			unravel(s, &in, "at the end");
			check_end(s);
		}
}
