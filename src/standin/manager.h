/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user's service manager (systemd). What belongs to a login session may be
 * ended with it; so the holder becomes a unit of the manager's own, which lives as long as the
 * manager: until the last logout, or where lingering is on, until the machine stops.
 */
#ifndef STANDIN_MANAGER_H
#define STANDIN_MANAGER_H

#include <sys/types.h>

/* Gives a process to the manager, as the unit nsloom-NAME.scope. 0; -errno: it stays where it is. */
int manager_adopt(const char *name, pid_t pid);

#endif
