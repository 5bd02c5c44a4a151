/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounts of proc that nobody sees. To mount it takes to be root where the PID
 * namespace belongs: so who is root in a user namespace only may not. But he may have a
 * PID namespace of his own; the first process of one, a copy of this one, mounts for it then.
 */
#ifndef KERNEL_PROC_MOUNTS_H
#define KERNEL_PROC_MOUNTS_H

#include <sys/types.h>

struct proc_mounts {
	pid_t mounter; /* 0: none yet */
	int sock;      /* to it */
};
#define PROC_MOUNTS_NONE ((struct proc_mounts){.sock = -1})

/* A descriptor of the root of a new mount, or -errno: -EPERM where only a mounter might succeed. */
int proc_mount(void);
/* The same by a mounter, which is started if need be. */
int proc_mount_elsewhere(struct proc_mounts *p);
/* Ends the mounter. */
void proc_mounts_done(struct proc_mounts *p);

#endif
