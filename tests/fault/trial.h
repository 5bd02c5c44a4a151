/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call of the engine in a process of its own: it may crash, be killed, leave its thread in a wrong namespace, lose memory. */
#ifndef FAULT_TRIAL_H
#define FAULT_TRIAL_H

#include "inject.h"
#include "model.h"
#include "state.h"

enum trial_act { TRIAL_UP, TRIAL_DOWN, TRIAL_PLAN };

struct trial_result {
	int signal; /* that ended the process; 0: none */
	int r;      /* what the engine returned */
	int code, errnum;
	unsigned line, errors; /* of the first error; how many hang together */
	char message[512];     /* of the first error */
	char kernel[128];
	char text[4096];    /* all of it, for a person */
	size_t ops, shown;  /* of the plan */
	char first[256];    /* operation of it, in words */
	bool strayed;       /* the thread is not in the host's namespace after */
	int leaked;         /* descriptors */
	volatile bool over; /* of the other in trial_meet() */
	struct inject_report inject;
};

/* The engine's. Limits are counted from the first one on (box.h); bridges take as many ports as ever. */
extern struct thresholds trial_thresholds;

/* The same, while at the step that `in` names another process does `other` to the lab. *met: what came of that. */
const struct trial_result *trial_meet(enum trial_act act, enum trial_act other, const char *lab, const struct model *m,
                                      const struct inject *in, const struct trial_result **met);
/* `m`: for TRIAL_UP and TRIAL_PLAN. The result stays valid until the next trial. in NULL: nothing goes wrong. */
const struct trial_result *trial(enum trial_act act, const char *lab, const struct model *m, const struct inject *in);

#endif
