/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a stand-in host is furnished with, by its first process: a /run of its own, in which nsloom may make its
 * folders; a /sys that shows its devices; lo, up.
 *
 * What the machine has in /run is seen through links: so a service that makes its folder anew is seen as well. Only
 * nsloom's own folder and the names of namespaces are the stand-in's own. The machine's /run is below STANDIN_MACHINE.
 */
#ifndef STANDIN_FURNISH_H
#define STANDIN_FURNISH_H

#include "holder.h"
#include "standin.h"

/* In new user, mount and network namespaces, with the maps of ids written. 0, or -errno with made->what. */
int furnish_host(struct holder_made *made);

/* In a mount namespace of one's own: a /sys that shows the devices of the network namespace, with cgroups where they were. 0 or
 * -errno: -EPERM where the machine hides a part of its own /sys, so that who is not its root may not mount a new one. */
int mount_sys(void);

#endif
