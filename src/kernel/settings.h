/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what a space's sysctls are: by netlink where the kernel tells them so, else from files, which take ten times as long. */
#ifndef KERNEL_SETTINGS_H
#define KERNEL_SETTINGS_H

#include "state.h"
#include "sysctl.h"

/* Adds to sp->settings those that `names` (may be NULL) has and sp has not yet, as they are in the namespace that the thread is
 * in and `sock` (rtnetlink) was opened in. The arena has a landing. */
void settings_read(struct arena *a, struct sysctl_view *view, int sock, struct space *sp, const struct space *names);

#endif
