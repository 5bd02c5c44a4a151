/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sysctls of the namespace the thread is in: /proc/sys/net leads there. Paths are below /proc/sys ("net/ipv4/ip_forward"). */
#ifndef KERNEL_SYSCTL_H
#define KERNEL_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>

#include "proc_mounts.h"

/* The value without the newline, NUL-terminated. 0 or -errno (-ENOENT: the kernel has no such sysctl). */
int sysctl_read(const char *path, char *buf, size_t size);
int sysctl_write(const char *path, const char *value);

/* Whether it could be written, by us and here. */
bool sysctl_is_writable(const char *path);
/* It is there, and not "0". */
bool sysctl_is_on(const char *path);

/*
 * The same for namespace after namespace. In one mount of proc all of them share the folder /proc/sys/net: each that was
 * looked into leaves an entry of every name there, and a look-up has to pass those of all others, which at 4,000
 * namespaces takes 2.5 ms. So a view is a mount of proc of its own that nobody else sees, and is made anew before it gets
 * long; 15 us a look-up, however many there are. Where proc cannot be mounted it is /proc. A view is one thread's.
 */
struct sysctl_view {
	int proc; /* -1: to be mounted */
	unsigned looks,
		uses; /* in all; of `path`, the first: what is asked for of one namespace is asked for of the next */
	char path[96];
	bool plain;     /* cannot be mounted */
	bool elsewhere; /* not by this process */
	struct proc_mounts mounts;
};
#define SYSCTL_VIEW_NONE ((struct sysctl_view){.proc = -1, .mounts = PROC_MOUNTS_NONE})

int sysctl_view_read(struct sysctl_view *v, const char *path, char *buf, size_t size);
int sysctl_view_write(struct sysctl_view *v, const char *path, const char *value);
void sysctl_view_done(struct sysctl_view *v);

#endif
