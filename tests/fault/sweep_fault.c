/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failures: one request, call or allocation at a time; the lab ends as it was. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "sweep.h"

static bool begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* "cannot create interface eth0 (…) in one: File exists", and the line of the file where the file asks for it. */
static void check_words(struct sweep *s, const struct inject *in, const struct trial_result *res)
{
	bool removal = begins(res->message, "cannot remove ");

	if (res->errnum != res->inject.errnum)
		wrong(s, in, res, "the error has errno %d, not %d", res->errnum, res->inject.errnum);
	else if (!strstr(res->message, strerror(res->inject.errnum)))
		wrong(s, in, res, "the error does not say \"%s\"", strerror(res->inject.errnum));
	else if (!removal && !begins(res->message, "cannot create ") && !begins(res->message, "cannot change "))
		wrong(s, in, res, "the error does not name the operation");
	else if (!strstr(res->message, " in "))
		wrong(s, in, res, "the error does not name the place");
	else if (!removal && !res->line)
		wrong(s, in, res, "the error does not name the line of the file");
	else if (res->errors != 1)
		wrong(s, in, res, "%u errors for one failure", res->errors);
}

/* One up with one failure. `before` is what stood, and must stand after. */
static bool fail_once(struct sweep *s, const struct lab *lab, const struct snapshot *before, struct inject *in)
{
	const struct trial_result *res = trial(TRIAL_UP, SWEEP_LAB, lab->model, in);

	if (res->inject.no_variant || !res->inject.hit)
		return false;
	s->cases++;
	sane(s, in, res);
	if (res->r == 0)
		wrong(s, in, res, "up succeeds");
	else if (in->sort == INJECT_REQUEST)
		check_words(s, in, res);
	stands(s, before, in, "after the failure was taken back");
	return true;
}

void sweep_faults(struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct lab *lab = &s->labs[i];
		struct inject in = {.sort = INJECT_REQUEST, .split = true};

		check_begin(s, "requests of %s fail", lab->name);
		for (in.at = 1; in.at <= lab->requests; in.at++)
			for (in.variant = 0;
			     in.variant < (s->full || !s->cascaded ? 6 : 1) && fail_once(s, lab, &s->empty, &in);)
				in.variant++;
		check_end(s);
		in = (struct inject){.sort = INJECT_REQUEST};
		check_begin(s, "requests of %s fail, in batches", lab->name);
		for (in.at = 1; in.at <= lab->requests; in.at += s->full ? 1 : 3)
			fail_once(s, lab, &s->empty, &in);
		check_end(s);
	}
}

/* ---- updates --------------------------------------------------------------------------------------- */

static void fail_update(struct sweep *s, const struct lab *from, const struct lab *to, uint64_t first, uint64_t step)
{
	struct snapshot before;
	struct inject in = {.sort = INJECT_REQUEST, .split = true};

	check_begin(s, "requests of the update from %s to %s fail", from->name, to->name);
	if (weave(s, from, NULL, "before the update")) {
		snapshot_settled(&before);
		for (in.at = first;; in.at += step) {
			uint64_t faults = s->faults;

			in.variant = (unsigned)(in.at % 2);
			if (!fail_once(s, to, &before, &in))
				break;
			if (s->faults == faults)
				nothing_to_do(s, from, &in, "after the failure was taken back");
			if (s->faults != faults && !weave(s, from, NULL, "again"))
				break;
		}
		snapshot_done(&before);
	}
	unravel(s, NULL, "after the last");
	check_end(s);
}

/* From A to B is as B woven afresh; and back. */
static void update(struct sweep *s, const struct lab *from, const struct lab *to)
{
	check_begin(s, "%s becomes %s", from->name, to->name);
	s->cases = 1;
	if (weave(s, from, NULL, "before") && weave(s, to, NULL, "after the update"))
		stands_up(s, to, NULL, "compared with the same lab woven afresh");
	unravel(s, NULL, "at the end");
	check_end(s);
}

void sweep_updates(struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->n; k++) {
			if (i == k)
				continue;
			update(s, &s->labs[i], &s->labs[k]);
			fail_update(s, &s->labs[i], &s->labs[k], s->full ? 1 : 1 + (i + k) % 11, s->full ? 1 : 11);
		}
}

/* ---- what is taken back fails too ------------------------------------------------------------------ */

static bool fail_twice(struct sweep *s, const struct lab *lab, const struct snapshot *before, const struct inject *in)
{
	const struct trial_result *res = trial(TRIAL_UP, SWEEP_LAB, lab->model, in);

	if (!res->inject.hit || res->inject.steps[INJECT_REQUEST] < in->at + in->again)
		return false; /* taking back needs no more requests */
	s->cases++;
	sane(s, in, res);
	if (res->r == 0)
		wrong(s, in, res, "up succeeds");
	else if (res->errors < 2 || !strstr(res->text, "taking back what was done failed too"))
		wrong(s, in, res, "the second failure is not told");
	return true;
}

void sweep_second_faults(struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct lab *lab = &s->labs[i];
		struct inject in = {.sort = INJECT_REQUEST, .split = true};

		check_begin(s, "taking %s back fails too", lab->name);
		for (in.at = 1; in.at <= lab->requests; in.at += s->full ? 1 : 5)
			for (in.again = 1; fail_twice(s, lab, &s->empty, &in); in.again += s->full ? 1 : 7)
				unravel(s, &in, "after a down");
		check_end(s);
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct lab *from = &s->labs[i], *to = &s->labs[(i + 1) % s->n];
		struct inject in = {.sort = INJECT_REQUEST, .split = true};

		check_begin(s, "taking the update from %s to %s back fails too", from->name, to->name);
		for (in.at = 2; in.at <= to->requests; in.at += s->full ? 1 : 17)
			for (in.again = 1; weave(s, from, &in, "before") && fail_twice(s, to, &from->up, &in);
			     in.again += s->full ? 1 : 7)
				unravel(s, &in, "after a down");
		unravel(s, NULL, "at the end");
		check_end(s);
	}
}

/* ---- cancelling ------------------------------------------------------------------------------------ */

/* Requests that an operation may make before it is asked again whether to stop. */
enum { LAST_WORDS = 4 };

/* False: the up came to its end. */
static bool cancel_once(struct sweep *s, const struct lab *lab, const struct snapshot *before, const struct inject *in)
{
	const struct trial_result *res = trial(TRIAL_UP, SWEEP_LAB, lab->model, in);

	if (!res->inject.hit)
		return false;
	s->cases++;
	sane(s, in, res);
	if (res->r == 0) { /* too late */
		if (before == &s->empty && in->at + LAST_WORDS < lab->requests)
			wrong(s, in, res, "up goes on");
		nothing_to_do(s, lab, in, "after an up that was over");
		return false;
	}
	if (res->code != NSL_E_CANCELLED)
		wrong(s, in, res, "the error is not that it was cancelled");
	stands(s, before, in, "after it was cancelled");
	return true;
}

/* In an update: what was woven before stands. */
static void cancel_update(struct sweep *s, const struct lab *from, const struct lab *to)
{
	struct inject in = {.sort = INJECT_REQUEST, .how = INJECT_CANCEL, .split = true};
	struct snapshot before;

	check_begin(s, "the update from %s to %s is cancelled", from->name, to->name);
	if (weave(s, from, NULL, "before the update")) {
		snapshot_settled(&before);
		for (in.at = 1;
		     cancel_once(s, to, &before, &in) && nothing_to_do(s, from, &in, "after it was cancelled");)
			in.at += s->full ? 1 : 7;
		snapshot_done(&before);
	}
	unravel(s, &in, "at the end");
	check_end(s);
}

/* A down that has begun ends as one that nobody disturbed. */
static void cancel_down(struct sweep *s, const struct lab *lab)
{
	struct inject in = {.sort = INJECT_REQUEST, .how = INJECT_CANCEL, .split = true};
	const struct trial_result *res;

	check_begin(s, "a down of %s is cancelled", lab->name);
	for (in.at = 1; weave(s, lab, &in, "before"); in.at++) {
		res = trial(TRIAL_DOWN, SWEEP_LAB, lab->model, &in);
		if (!res->inject.hit)
			break;
		s->cases++;
		sane(s, &in, res);
		if (res->r < 0)
			wrong(s, &in, res, "down fails");
		stands(s, &s->empty, &in, "after it was cancelled");
	}
	unravel(s, &in, "at the end");
	check_end(s);
}

void sweep_cancel(struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct lab *lab = &s->labs[i];
		struct inject in = {.sort = INJECT_REQUEST, .how = INJECT_CANCEL, .split = true};

		check_begin(s, "%s is cancelled", lab->name);
		for (in.at = 1; cancel_once(s, lab, &s->empty, &in);)
			in.at += s->full ? 1 : 5;
		unravel(s, &in, "at the end");
		check_end(s);
		cancel_update(s, lab, &s->labs[(i + 1) % s->n]);
		cancel_down(s, lab);
	}
}

/* ---- calls and allocations ------------------------------------------------------------------------- */

/* Some calls and allocations can be done without: then the up is whole. */
static void fail_any(struct sweep *s, const struct lab *lab, const struct inject *in)
{
	const struct trial_result *res = trial(TRIAL_UP, SWEEP_LAB, lab->model, in);

	if (res->inject.no_variant || !res->inject.hit) {
		unravel(s, in, "after an up without failure");
		return;
	}
	s->cases++;
	sane(s, in, res);
	if (res->r < 0 && in->for_ever) {
		unravel(s, in, "after a down");
	} else if (res->r < 0) {
		if (in->sort == INJECT_MEMORY && res->code != NSL_E_MEMORY)
			wrong(s, in, res, "the error is not that memory is out");
		stands(s, &s->empty, in, "after the failure was taken back");
	} else {
		nothing_to_do(s, lab, in, "after an up that succeeded all the same");
		unravel(s, in, "after a down");
	}
}

static uint64_t count(struct sweep *s, const struct lab *lab, enum inject_sort sort)
{
	uint64_t n = trial(TRIAL_UP, SWEEP_LAB, lab->model, NULL)->inject.steps[sort];

	unravel(s, NULL, "after counting");
	return n;
}

static void fail_each(struct sweep *s, const char *what, enum inject_sort sort, bool for_ever, uint64_t step)
{
	for (size_t i = 0; i < s->n; i++) {
		struct inject in = {.sort = sort, .for_ever = for_ever};
		uint64_t n = count(s, &s->labs[i], sort);

		check_begin(s, "%s of %s", what, s->labs[i].name);
		for (in.at = 1; in.at <= n; in.at += step)
			for (in.variant = 0; in.variant < (s->full && sort == INJECT_CALL ? 3U : 1U); in.variant++)
				fail_any(s, &s->labs[i], &in);
		check_end(s);
	}
}

void sweep_calls(struct sweep *s)
{
	fail_each(s, "calls fail", INJECT_CALL, false, s->full ? 1 : 2);
	if (s->full)
		fail_each(s, "all calls from one on fail", INJECT_CALL, true, 1);
}

void sweep_memory(struct sweep *s)
{
	fail_each(s, "single allocations fail", INJECT_MEMORY, false, 1);
	fail_each(s, "all allocations from one on fail", INJECT_MEMORY, true, s->full ? 1 : 7);
}
