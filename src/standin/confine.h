/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Giving up what a process that only waits does not need: capabilities, for good; new ones by programs
 * with the setuid bit; every file (Landlock); every system call but a few (seccomp). What the kernel
 * does not have is left out.
 */
#ifndef STANDIN_CONFINE_H
#define STANDIN_CONFINE_H

#include <stddef.h>

/* Everything but system calls. 0 or -errno; a kernel without Landlock is no failure. */
int confine_privileges(void);

/* From here on only these system calls: any other one ends the process. 0 or -errno; -ENOSYS where it is not to be had here. */
int confine_calls(const int *calls, size_t n);

#endif
