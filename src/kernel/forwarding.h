/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's forwarding switches, which labs borrow.
 *
 * Before a switch is turned, its old value is written down where neither a
 * crash nor a lost record can take it: in the host's nf_tables, in a table
 * "inet nsloom", as the name of an empty chain "was-VALUE-PATH"; and once more in
 * a file (lent.h), for a flush takes all tables. Who needs a
 * switch is told by the comments of the labs' own tables (rules.h): the last
 * of them gives it back. The caller holds the host's lock and is on the host.
 *
 * Turning IPv6 forwarding on makes the kernel ignore router advertisements
 * where accept_ra is 1: it is raised to 2 on such devices, and written down alike.
 * So is what turning a switch on and off would change for good: devices that forward
 * by themselves, and net.ipv4.conf.all.accept_redirects.
 */
#ifndef KERNEL_FORWARDING_H
#define KERNEL_FORWARDING_H

#include "ip.h"
#include "netlink.h"
#include "script.h"

/* The path below /proc/sys. */
const char *forwarding_path(enum ip_family f);
bool forwarding_is_on(enum ip_family f);
/* The plan tells which devices are of a lab: they go with it, and what they listened to need not be kept.
 * `dir`: a descriptor of /run/nsloom, or -1; `sock`: see nft_commit(). */
int forwarding_borrow(enum ip_family f, int dir, const struct plan *p, int *sock, struct nl_refusal *refusal);
/* Gives it back unless a lab other than `lab` claims it. */
int forwarding_return(enum ip_family f, int dir, const char *lab, int *sock, struct nl_refusal *refusal);
/* What borrowing would write down; with `back`, what giving back would find written, or else that. Adds to the arena, which has a
 * landing. */
int forwarding_notes(struct arena *a, enum ip_family f, int dir, const struct plan *p, bool back,
                     struct script_switch *out);
/* Whether it is lent, and no lab claims it any more: their tables were flushed. */
bool forwarding_is_orphaned(enum ip_family f, int dir);

#endif
