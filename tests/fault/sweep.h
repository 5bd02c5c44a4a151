/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sweeps share. */
#ifndef FAULT_SWEEP_H
#define FAULT_SWEEP_H

#include "snapshot.h"
#include "trial.h"

enum { MAX_LABS = 32 };
#define SWEEP_LAB "lab" /* every example is given this name */

struct lab {
	const char *name; /* of the file */
	struct model *model;
	struct snapshot up; /* what stands when it alone is up, woven afresh */
	uint64_t requests;  /* of that, split */
};

struct sweep {
	struct lab labs[MAX_LABS];
	size_t n;
	bool full;             /* all, not the part that CI has time for */
	bool cascaded;         /* networks may have more than one bridge; no examples, and many requests */
	struct snapshot empty; /* the host without any lab */
	/* the check under way */
	char title[128];
	uint64_t cases, faults; /* tried; found wrong */
	uint64_t all_cases, all_faults, checks;
};

void check_begin(struct sweep *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* One line of TAP, and the count. */
void check_end(struct sweep *s);
/* A fault: said on standard output (the first ten of a check). */
void wrong(struct sweep *s, const struct inject *in, const struct trial_result *res, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Whether all is as in a snapshot. Complains if not, and makes the machine anew: then nothing is up. */
bool stands(struct sweep *s, const struct snapshot *as, const struct inject *in, const char *when);
/* Whether a lab stands, whatever stood before it: as when it was woven afresh, but for which bridges of its networks its ports hang
 * on (segments.h). */
bool stands_up(struct sweep *s, const struct lab *lab, const struct inject *in, const char *when);
/* The lab is woven and a second plan is empty; else complains, makes the machine anew and returns false. */
bool weave(struct sweep *s, const struct lab *lab, const struct inject *in, const char *when);
/* The plan for a lab that stands is empty. */
bool nothing_to_do(struct sweep *s, const struct lab *lab, const struct inject *in, const char *when);
/* Takes everything down; the host is as before. */
bool unravel(struct sweep *s, const struct inject *in, const char *when);
/* A trial that must neither crash nor lose its way. False after a complaint. */
bool sane(struct sweep *s, const struct inject *in, const struct trial_result *res);

/* In sweep_fault.c, sweep_kill.c, sweep_meet.c, sweep_run.c. */
void sweep_faults(struct sweep *s);
void sweep_updates(struct sweep *s);
void sweep_second_faults(struct sweep *s);
void sweep_cancel(struct sweep *s);
void sweep_meetings(struct sweep *s);
void sweep_calls(struct sweep *s);
void sweep_memory(struct sweep *s);
void sweep_kills(struct sweep *s);
void sweep_kill_calls(struct sweep *s);
void sweep_kill_down(struct sweep *s);
void sweep_kill_updates(struct sweep *s);
void sweep_records(struct sweep *s);
void sweep_full_run(struct sweep *s);

#endif
