/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user's service manager (systemd). What belongs to a login session may be
 * ended with it; so the holder becomes a unit of the manager's own, with the program that is the way
 * out. That lives as long as the manager: until the last logout, or where
 * lingering is on, until the machine stops. Then all of it ends, as the runtime folder goes that it is found by.
 *
 * The manager is asked by its private socket, in D-Bus's words: one call, one answer, and no bus
 * daemon in between.
 */
#ifndef STANDIN_MANAGER_H
#define STANDIN_MANAGER_H

#include <sys/types.h>

/* The holder becomes the unit nsloom-NAME-PID.scope. `user` is who runs the manager, as the machine knows him. 0; -errno: it stays
 * where it is: -ENOENT where there is no manager, -EIO where it refused. */
int manager_adopt(const char *name, pid_t holder, uid_t user);
/* A program is put beside the holder. The same. */
int manager_adopt_beside(const char *name, pid_t holder, pid_t program, uid_t user);

#endif
