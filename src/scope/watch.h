/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hearing that something has changed in the machine's namespaces: rtnetlink's
 * notifications of the caller's own and of all that it has a number for
 * (NETLINK_LISTEN_ALL_NSID), which a cable between two gives both; names that
 * come and go below /run/netns; and mounts, for a name is made first and the
 * namespace mounted on it later (polling mountinfo, proc(5)). Nothing tells of a namespace that
 * is connected to nothing and has no name, of a process that enters one, of
 * rules: who listens must look again now and then.
 */
#ifndef SCOPE_WATCH_H
#define SCOPE_WATCH_H

#include <stdbool.h>

#include "error.h"

struct watch {
	int link;           /* rtnetlink */
	int names;          /* inotify */
	int mounts;         /* /proc/self/mountinfo */
	const char *folder; /* "/run/netns" */
	bool in_folder;     /* it is there and watched; else the one above is */
};

enum { WATCH_QUIET, WATCH_HEARD };

/* 0 or -errno with *err set. folder must outlive it. */
int watch_open(struct watch *w, const char *folder, struct nsl_error **err);
void watch_close(struct watch *w);
/* Waits at most `ms`; what was heard since the last call counts. A signal ends it (WATCH_QUIET). WATCH_HEARD: something changed, and
 * has settled for a moment. */
int watch_wait(struct watch *w, int ms);

#endif
