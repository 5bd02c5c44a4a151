/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /run/nsloom: a folder for each lab, with its lock, its record and the mount
 * point of its namespaces; ".host" is the lock of what labs share on the host.
 * On tmpfs: a reboot clears it just as it clears the namespaces. The last
 * `down` leaves nothing of it, so that taking a lock means: open, flock, and see
 * whether the file is still the one of that name.
 */
#ifndef ENGINE_RUNDIR_H
#define ENGINE_RUNDIR_H

#include <stdbool.h>

#include "error.h"

#define RUN_LABS "/run/nsloom"
#define RUN_NAMES "/run/netns"

struct rundir {
	char root[128];             /* "/run/nsloom" */
	char names[128];            /* "/run/netns" */
	bool nowhere;               /* see rundir_nowhere() */
	const volatile int *cancel; /* not 0: stop waiting for a lock. May be NULL */
};

void rundir_init(struct rundir *rd);
/* Where an ordinary user has no stand-in host (standin.h): no lab is there, nothing can be made. */
void rundir_nowhere(struct rundir *rd);
/* As it is seen through another root, by who only reads: "/proc/PID/root". */
void rundir_below(struct rundir *rd, const char *root);

/* A lock held. fd < 0: none. */
struct lock {
	int dir; /* the folder it lies in */
	int file;
};
#define LOCK_NONE ((struct lock){-1, -1})

enum lock_wait { LOCK_WAIT, LOCK_NO_WAIT };

/* Makes the lab's folder if need be. NSL_E_BUSY with LOCK_NO_WAIT, NSL_E_CANCELLED. */
int rundir_lock_lab(const struct rundir *rd, const char *lab, enum lock_wait wait, struct lock *out,
                    struct nsl_error **err);
/* For what labs share: host devices and their groups, the forwarding switch, /run/netns. Taken after the lab's lock. */
int rundir_lock_host(const struct rundir *rd, struct lock *out, struct nsl_error **err);
void lock_release(struct lock *l);

/* Removes all files of a lab's folder and the folder; then, if nothing is left of any lab, /run/nsloom itself and what else
 * nsloom made (/run/netns). Both locks are held. */
int rundir_remove_lab(const struct rundir *rd, const char *lab, struct lock *lab_lock, struct nsl_error **err);
void rundir_tidy(const struct rundir *rd, struct lock *host_lock);

/* Whether some process holds the lab's lock. */
bool rundir_is_locked(const struct rundir *rd, const char *lab);
/* Whether the lab has a folder. */
bool rundir_has_lab(const struct rundir *rd, const char *lab);

/* Opens a file of a lab's, or (file NULL) its folder, beneath what all labs lie in, which must be its owner's alone to change. >= 0
 * or -errno. */
int rundir_open(const struct rundir *rd, const char *lab, const char *file, int flags);

/* "/run/nsloom/LAB" and so on. */
void rundir_path(const struct rundir *rd, const char *lab, const char *file, char *buf, unsigned long size);

/* Calls fn for each lab, in no order; a value != 0 ends it and is returned. -errno where it cannot be read; no folder is no lab. */
typedef int rundir_lab_fn(const char *lab, void *data);
int rundir_each(const struct rundir *rd, rundir_lab_fn *fn, void *data);

#define _cleanup_lock_ __attribute__((cleanup(lock_release)))

#endif
