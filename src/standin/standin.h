/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stand-in host: where the labs of an ordinary user stand. It is a user
 * namespace with a network and a mount namespace of its own, in which the user is root:
 * whoever has entered it goes on as root does on the machine itself, by the
 * same paths and the same code. One small process keeps it, the holder (holder.h). Nothing
 * else does: when it ends, however it ends, the kernel frees all.
 *
 * Which one: a stand-in has a folder below the user's runtime folder
 * (folder.h), with the holder's socket in it. Who connects to the socket gets a pidfd of
 * the holder, and enters by it: no number of a process is ever written down.
 *
 * How long: it is made by the first command that needs it. Whoever may have made it empty
 * ends it, if no lab, no name and no process is left in it (standin_close()).
 *
 * An ordinary user's process moves in for good: a process that has entered a
 * user namespace cannot leave it. So it must have one thread.
 */
#ifndef STANDIN_STANDIN_H
#define STANDIN_STANDIN_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "error.h"
#include "outpost.h"

/* The user's one stand-in. Others are named after the lab that they were made for. */
#define STANDIN_SHARED "@host"
/* On a stand-in host: what the machine has in its /run. */
#define STANDIN_MACHINE "/run/.machine"

enum standin_mode {
	STANDIN_PEEK,  /* its files are to be read; the process stays where it is */
	STANDIN_ENTER, /* the process moves in */
	STANDIN_WORK,  /* the same, to change something: an outpost stays behind */
	STANDIN_MAKE,  /* as WORK; where there is none, one is made */
	STANDIN_TRY,   /* as WORK; where there is none, one without a holder, which ends with the process */
};

/* What is to be told about it. Sentences without a full stop, with the mend. */
enum standin_note {
	STANDIN_NOTE_LOST, /* the holder had been killed: its labs are gone */
	STANDIN_NOTE_IDS,  /* just made, and only one user and one group are known in it */
	STANDIN_NOTE_SYS,  /* just made, and /sys cannot show the devices of nodes */
	STANDIN_NOTES
};

struct standin {
	char name[NAME_MAX + 1]; /* STANDIN_SHARED, or the lab's */
	uid_t user;              /* whose it is, as the machine knows him */
	bool entered;            /* the process is in it */
	bool fleeting;           /* it ends with the process: no holder, no folder */
	int folder;              /* its folder; -1: none */
	int lock;                /* held while it must not be ended; -1 */
	int holder;              /* pidfd; -1: none */
	pid_t pid;               /* of the holder, as /proc has it */
	int proc;                /* /proc/PID of the holder, before anything was entered; -1 */
	char run[48];            /* what stands before "/run/…" for this process: "", or a way to the holder's root */
	struct outpost outpost;  /* what stayed on the machine */
	bool tidy;               /* it may have become empty by us */
	char note[STANDIN_NOTES][256]; /* "": there is nothing to be told */
};

/*
 * Finds the user's stand-in of this name and does with it what the mode says. 0; *out NULL where none stands (PEEK and
 * ENTER and WORK only). NSL_E_MISSING where user namespaces are not to be had: the hint says what mends it.
 */
int standin_open(const char *name, enum standin_mode mode, struct standin **out, struct nsl_error **err);
/* Ends the stand-in if it has become empty by what was done; frees. NULL is fine. */
void standin_close(struct standin *s);

/* Calls fn for the name of each of the user's stand-ins that has a folder; a value != 0 ends it and is returned. -errno. */
typedef int standin_fn(void *data, const char *name);
int standin_each(standin_fn *fn, void *data);

static inline void standin_closep(struct standin **s)
{
	standin_close(*s);
}
#define _cleanup_standin_ __attribute__((cleanup(standin_closep)))

#endif
