/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a lab needs of kernel and host, in numbers. Pure: whether they have it is asked elsewhere (limit.h, src/kernel/preflight.h). */
#ifndef PLAN_NEEDS_H
#define PLAN_NEEDS_H

#include "plan.h"

/* What a plan does, for which a check is worth its time. */
enum { DOES_SPACES = 1 << 0, DOES_DEVICES = 1 << 1, DOES_RULES = 1 << 2 };

struct lab_needs {
	const struct state *want; /* NULL: no lab is asked about, all numbers are 0 */
	unsigned does;
	size_t new_spaces; /* namespaces to be made */
	size_t sockets;    /* open at once: one for each space */
	struct demand demand;
	bool tried;    /* what the kernel can has been tried before: */
	uint32_t have; /* the capabilities found (capability.h) */
};

/* Of a lab that shall stand, all of it still to be made unless `standing`. want NULL: of none. */
void needs_of_state(const struct state *want, bool standing, struct lab_needs *out);
/* Of what a plan makes. */
void needs_of_plan(const struct plan *p, struct lab_needs *out);

#endif
