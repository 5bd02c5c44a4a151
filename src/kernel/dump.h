/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading one namespace: its devices, their addresses, the lab's routes. */
#ifndef KERNEL_DUMP_H
#define KERNEL_DUMP_H

#include "context.h"

enum { NSID_UNKNOWN = -1 }; /* NETNSA_NSID_NOT_ASSIGNED */

/* How the kernel tells a veth's other end: its ifindex, in the namespace that this one calls nsid (NSID_UNKNOWN: here). */
struct raw_device {
	uint32_t link;
	int32_t nsid;
};

struct known_nsid {
	int32_t nsid, space;
};

struct by_index {
	uint32_t ifindex;
	int32_t device;
};

struct raw_space {
	VEC(struct raw_device) devices; /* beside the space's devices */
	struct by_index *index;         /* sorted */
	size_t n_index;
	VEC(struct known_nsid) nsids;
};

/* The device of an ifindex, -1: none. */
int32_t raw_by_index(const struct raw_space *raw, uint32_t ifindex);

struct dump {
	struct arena *a; /* has a landing */
	struct space *sp;
	struct raw_space *raw;
	const char *lab;
	const struct space *want, *before; /* the same space as wanted, as last applied; may be NULL */
	const struct state
		*around; /* of host and fabric: all that is wanted, for a port may stand in any of them; or NULL */
};

/* 0 or -errno. */
int dump_space(struct dump *d, int sock);

#endif
