/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named namespaces, as ip-netns(8) keeps them: a file below /run/netns with the
 * namespace mounted on it. What is made here `ip netns` sees, uses and removes,
 * and the other way round.
 *
 * A name that is a link into a lab's folder is that lab's node: it goes by `down` only.
 */
#ifndef ENGINE_NAMED_H
#define ENGINE_NAMED_H

#include "rundir.h"

/* Names a new namespace, or (pid > 0) that of a process. The thread stays where it is. */
int named_add(const struct rundir *rd, const char *name, int pid, struct nsl_error **err);
/* Takes the name away. The namespace lives on while something else keeps it. */
int named_delete(const struct rundir *rd, const char *name, struct nsl_error **err);

/* A descriptor of a namespace that needs no search: "NAME" below /run/netns, a path, "pid:N". >= 0 or -errno; -ENOENT: it is
 * none of these. */
int named_open(const struct rundir *rd, const char *what);

/*
 * Becomes argv in the namespace of a descriptor, as `ip netns exec` does: with a
 * /sys that shows its devices, and what lies in /etc/netns/NAME mounted over
 * /etc. Returns on failure only; errors as those of enter_exec().
 */
int named_exec(int ns, const char *name, char *const argv[], struct nsl_error **err);

/* Calls fn for each name that comes or goes, until it returns something else than 0 (which is returned) or *rd->cancel is set (0). */
typedef int named_watch_fn(void *data, bool added, const char *name);
int named_watch(const struct rundir *rd, named_watch_fn *fn, void *data, struct nsl_error **err);

#endif
