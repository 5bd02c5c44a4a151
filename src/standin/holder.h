/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The holder: the one process that keeps a stand-in host. It is made by
 * standin_open(), furnishes its namespaces, gives up every privilege (confine.h) and then only
 * waits: for who connects to its socket, and for its end. It has a PID namespace
 * of its own, whose first process it is: so what is started there, as the program that is the
 * way out, ends with it, whatever ends it.
 *
 * Who connects is greeted at once, and may then ask for one thing. A connection
 * answered is the proof that this is the holder, and that it lives.
 */
#ifndef STANDIN_HOLDER_H
#define STANDIN_HOLDER_H

#include <stdint.h>
#include <sys/types.h>

#include "error.h"

enum { HOLDER_PROTOCOL = 1 };
#define HOLDER_MAGIC "nsloom-h"

/* What it says first. With it come descriptors: a pidfd of the holder; then, if it has one, of the program that is the way out. */
struct holder_greeting {
	char magic[8];
	uint32_t protocol;
	uint32_t has_way_out;
};

/* What it may be asked for: one byte. */
enum holder_request {
	HOLDER_END = 'e', /* it ends, and all with it. No answer but the end of the connection */
	HOLDER_WAY_OUT =
		'w', /* a pidfd comes with it: this program is the way out from now on. Answer: the same byte */
};

/* What came of making one. */
struct holder_made {
	int errnum;        /* 0: it stands */
	char what[64];     /* what failed */
	uint32_t sys_told; /* errno of mounting /sys: then it shows the machine's devices */
};

/*
 * Makes a holder: `socket` listens and becomes its own. `name` is shown by ps(1). The process is
 * nobody's child when this returns. ids_why gets why only one id is known in it, or "". 0, or -errno and *made.
 */
int holder_make(int socket, const char *name, char *ids_why, size_t size, struct holder_made *made);

/* Makes the calling process's own namespaces, which end with it. 0, or -errno and *made. */
int holder_less(struct holder_made *made);

#endif
