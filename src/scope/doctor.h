/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The doctor: what this kernel and host can and cannot do, and whether it is
 * enough for a lab. A table of probes, each of which looks at one subject and
 * says what it found in one line; it changes nothing.
 */
#ifndef SCOPE_DOCTOR_H
#define SCOPE_DOCTOR_H

#include <sys/types.h>

#include "preflight.h"

struct diagnosis {
	const char *id, *subject; /* constants */
	enum finding_level level;
	const char *text, *mend; /* mend may be NULL. In the arena */
	unsigned line;           /* of the file: what needs it; 0: nothing in particular */
};

/* Where labs of who asks would stand. */
enum doctor_user {
	DOCTOR_ROOT,    /* on the host */
	DOCTOR_STANDIN, /* an ordinary user: on a stand-in host, where the process is */
	DOCTOR_OUTSIDE, /* an ordinary user: nowhere, for a stand-in host is not to be had */
};

struct doctor {
	struct arena *arena;      /* has a landing */
	const struct state *want; /* NULL: no lab is asked about */
	bool standing;            /* it is up already */
	enum doctor_user user;
	uid_t uid;           /* whose labs they would be */
	const char *refused; /* DOCTOR_OUTSIDE: what the kernel said, or NULL */
	struct lab_needs needs;
	int trial; /* 0, or the errno of trying what the kernel can */
	VEC(struct diagnosis) found;
};

/* Looks at everything. What stands before `needs` is the caller's to set; fills `found`. */
void doctor_run(struct doctor *d);

#endif
