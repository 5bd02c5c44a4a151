/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Namespaces that outlive the process that made them: an nsfs file bound on a
 * file of the lab's own tmpfs, LAB_DIR/ns/NAME, and a symbolic link
 * NAMES_DIR/LAB.NAME to it, which ip-netns(8) follows. One detached umount of
 * the tmpfs drops them all. It is mounted shared: a private one would leave
 * copies in other mount namespaces that keep the namespaces alive.
 */
#ifndef KERNEL_NETNS_H
#define KERNEL_NETNS_H

#include "context.h"

/* Makes a namespace and moves the thread into it. */
int netns_create(struct kernel *k, struct kspace *s);
/*
 * The same in two parts. The first makes folders and the lab's mount ready. The second is for a thread of its own: it only
 * reads *k, does not say where it is, and asks no hook.
 */
int netns_prepare(struct kernel *k);
int netns_create_prepared(struct kernel *k, const struct kspace *s);
/* Takes away its name, its mount and its file. Absence of any is fine. */
int netns_remove(struct kernel *k, struct kspace *s);
/* The same for all of the lab at once. */
int netns_remove_all(struct kernel *k);

/* Names are for nodes only: the fabric is in no list. */
int netns_name(struct kernel *k, const char *node);

enum netns_name { NAME_NONE, NAME_OURS, NAME_TAKEN };
enum netns_name netns_name_state(struct kernel *k, const char *node);

/* Opens the lab's tmpfs, made and mounted if `make`. 0 or -errno (-ENOENT: there is none). */
int netns_open_dir(struct kernel *k, bool make);
/* True where an open file is a namespace, and not the empty file that a lost mount leaves. */
bool netns_is(int fd);

#endif
