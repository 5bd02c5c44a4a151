/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The folders of a user's stand-ins, on the machine: RUNTIME/nsloom/NAME/,
 * where RUNTIME is $XDG_RUNTIME_DIR, or /run/user/UID; where neither is there
 * (and the user's own), RUNTIME/nsloom is /tmp/nsloom-UID. Both levels must be folders that
 * belong to the user and that nobody else may enter, and never links.
 *
 * A stand-in's folder holds the holder's socket and a lock. It goes with the
 * stand-in: so taking the lock means to open it, to lock it, and to see whether the
 * file of that name is still the one that was locked.
 */
#ifndef STANDIN_FOLDER_H
#define STANDIN_FOLDER_H

#include <stdbool.h>

#include "error.h"

#define FOLDER_LOCK "lock"
#define FOLDER_SOCKET "socket"

/* RUNTIME/nsloom. >= 0, or -errno; -ENOENT without an error where there is none and `make` is false. */
int folder_top(bool make, struct nsl_error **err);

/* A stand-in's folder. >= 0 or -errno, as above. */
int folder_open(int top, const char *name, bool make, struct nsl_error **err);

enum folder_lock { FOLDER_SHARED, FOLDER_ALONE };
/*
 * Locks a stand-in's folder, which is made where `make` says so: shared by those who need the stand-in, alone by who makes or
 * ends it. *folder is the folder's descriptor. -ENOENT as above. The lock is held until *lock is closed.
 */
int folder_take(const char *name, enum folder_lock kind, bool make, int *folder, int *lock, struct nsl_error **err);
/* Tries to be alone with a lock that was taken: waits for others who are alone, who are quick, and not for those who share it.
 * False: it is shared, and given up. */
bool folder_alone(int lock);

/* Takes away what is in the folder, and the folder, and RUNTIME/nsloom if that was the last. The lock is held alone. */
void folder_remove(int folder);

#endif
