/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands on the machine, as text: an own dump of the kernel, which shares
 * no line with src/kernel, so that what nsloom does not look at is seen all the
 * same. One object a line, sorted. In it are
 *
 *   - of the host, of each namespace below /run/nsloom, and of those mounted below /run/netns: devices with all attributes, rules of routing, addresses,
 *     routes of all tables; on the host also nf_tables of all families;
 *   - sysctls: on the host all of net and fs.inotify that can be read, in namespaces those of the namespace as a whole (those of devices are
 *     among their attributes);
 *   - the tree of /run (records with their text) and what is mounted below it.
 *
 * Left out is what changes by itself or by the mere passing of time: ifindexes (names
 * stand for them), handles, counters, timers, carrier and operational state.
 */
#ifndef FAULT_SNAPSHOT_H
#define FAULT_SNAPSHOT_H

#include <stdbool.h>
#include <stdio.h>

struct snapshot {
	char *text;
	char **lines; /* into text, sorted */
	size_t n;
};

/* Exits the program where the kernel does not answer. */
void snapshot_take(struct snapshot *s);
/* The same when the kernel has come to rest: twice the same, some time apart. */
void snapshot_settled(struct snapshot *s);
void snapshot_done(struct snapshot *s);
/* Writes what only one of them has ("-": before, "+": after), at most 40 lines, if they differ. `out` may be NULL. */
bool snapshot_same(const struct snapshot *before, const struct snapshot *after, FILE *out);

#endif
