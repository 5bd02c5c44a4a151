/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a lab needs of kernel and host, in numbers, and whether they have it: a
 * table of checks. `up` makes those that its plan is about before it changes
 * anything; `nsloom doctor` (src/scope) makes all of them.
 *
 * A check says no only where the work is certain to fail: what cannot be told
 * is left to the operation itself, which has its own way back.
 */
#ifndef KERNEL_PREFLIGHT_H
#define KERNEL_PREFLIGHT_H

#include "kernel.h"
#include "needs.h"

enum finding_level { FINDING_OK, FINDING_INFO, FINDING_WARNING, FINDING_FAILURE, FINDING_LEVELS };

struct finding {
	enum finding_level level;
	char text[320];
	char mend[160];     /* a command, or ""  */
	struct nsl_pos pos; /* of what needs it; line 0: nothing in particular */
};
void find(struct finding *f, enum finding_level level, const char *fmt, ...) PRINTF(3, 4);
void find_mend(struct finding *f, const char *fmt, ...) PRINTF(2, 3);

struct check {
	const char *id;
	const char *subject;
	unsigned does; /* made where the plan does one of these */
	/* The thread is on the host, and is there again afterwards. */
	void (*check)(const struct lab_needs *needs, struct finding *f);
};
extern const struct check checks[]; /* ends with an id NULL */

/* Network namespaces that can be seen in use: at least so many are. */
size_t netns_in_use(void);

/* Tries capabilities in a namespace made for it; the thread is where it was. 0 or -errno. */
int try_elsewhere(uint32_t wanted, uint32_t *have);

/* Fails (NSL_E_MISSING, all that is missing at once) where applying the plan would fail midway. Changes nothing. */
int kernel_preflight(struct kernel *k, const struct plan *p, struct nsl_error **err);

#endif
