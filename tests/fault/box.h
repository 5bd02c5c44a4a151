/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine of the test's own: fresh network, mount and UTS namespaces, an empty
 * /run, its own /sys; on it a host that has things which are none of nsloom's business: an
 * uplink with addresses, a default route and ears for router advertisements, a firewall.
 */
#ifndef FAULT_BOX_H
#define FAULT_BOX_H

/* Moves the process there; again for another one, which leaves all of the last behind. Says why not and exits (TAP: skipped) where that
 * cannot be done. */
void box_enter(void);

/* /run with other limits ("size=64k", "nr_inodes=9", "ro", "rw"). 0 or -errno. */
int box_limit_run(const char *options);

#endif
