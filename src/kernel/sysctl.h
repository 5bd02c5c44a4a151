/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sysctls of the namespace the thread is in: /proc/sys/net leads there. Paths are below /proc/sys ("net/ipv4/ip_forward"). */
#ifndef KERNEL_SYSCTL_H
#define KERNEL_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>

/* The value without the newline, NUL-terminated. 0 or -errno (-ENOENT: the kernel has no such sysctl). */
int sysctl_read(const char *path, char *buf, size_t size);
int sysctl_write(const char *path, const char *value);

/* It is there, and not "0". */
bool sysctl_is_on(const char *path);

#endif
