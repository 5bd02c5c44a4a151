/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which users and groups are known in a user namespace. The user himself is its
 * root. Where the system has given him subordinate ids (subuid(5)) and the two programs
 * that may write them down (newuidmap(1)), those follow, from 1 on: then daemons can drop their
 * privileges in nodes. Else there is root alone.
 */
#ifndef STANDIN_IDS_H
#define STANDIN_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct id_range {
	unsigned long first, count;
};
enum { ID_RANGES = 64 };

/* The ranges that a file like /etc/subuid, as text, gives to a user, in its order; ranges that make no sense are left out. */
size_t ids_parse(const char *text, const char *user, unsigned long uid, struct id_range *out, size_t max);

/* Why a user has root alone, as far as files and programs tell; false, and "": it seems he has more. */
bool ids_lacking(uid_t uid, char *why, size_t size);

/* Whether the caller's own user is known where it is. If not, all who are unknown look alike to it. */
bool ids_known(void);

/* Writes the maps of a process's new user namespace. `why` gets the reason where it is one id only, else "". 0 or -errno. */
int ids_map(pid_t pid, char *why, size_t size);
/* The same from inside: one id, in the place of the caller's own. `uid` and `gid` are what they were before. */
int ids_map_self(uid_t uid, gid_t gid);

#endif
