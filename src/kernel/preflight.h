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

enum finding_level { FINDING_OK, FINDING_INFO, FINDING_WARNING, FINDING_FAILURE, FINDING_LEVELS };

struct finding {
	enum finding_level level;
	char text[320];
	char mend[160];     /* a command, or ""  */
	struct nsl_pos pos; /* of what needs it; line 0: nothing in particular */
};
void find(struct finding *f, enum finding_level level, const char *fmt, ...) PRINTF(3, 4);
void find_mend(struct finding *f, const char *fmt, ...) PRINTF(2, 3);

/* What a plan does, for which a check is worth its time. */
enum { DOES_SPACES = 1 << 0, DOES_DEVICES = 1 << 1, DOES_RULES = 1 << 2 };

struct lab_needs {
	const struct state *want; /* NULL: no lab is asked about, all numbers are 0 */
	unsigned does;
	size_t new_spaces;                /* namespaces to be made */
	size_t sockets;                   /* open at once: one for each space */
	size_t ports;                     /* of the largest bridge */
	const struct device *largest;     /* that bridge, or NULL */
	size_t broadcast;                 /* devices that a broadcast in the largest network comes to */
	uint64_t neighbours[IP_FAMILIES]; /* entries where all talk to all */
	bool family[IP_FAMILIES];         /* has addresses of it */
	struct nsl_pos pos, pos6;         /* of the first node, the first IPv6 address */
	struct nsl_pos pos_cable;         /* of the first cable */
	bool tried;                       /* what the kernel can has been tried before: */
	uint32_t have;                    /* the capabilities found (capability.h) */
};

/* Of a lab that shall stand, all of it still to be made unless `standing`. want NULL: of none. */
void needs_of_state(const struct state *want, bool standing, struct lab_needs *out);
/* Of what a plan makes. */
void needs_of_plan(const struct plan *p, struct lab_needs *out);

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

/* Fails (NSL_E_MISSING, all that is missing at once) where applying the plan would fail midway. Changes nothing. */
int kernel_preflight(struct kernel *k, const struct plan *p, struct nsl_error **err);

#endif
