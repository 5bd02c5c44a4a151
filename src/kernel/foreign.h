/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other people's firewalls on the host. An accept in our table does not undo a
 * drop in theirs (Docker, ufw, firewalld, a plain `policy drop`), so where a forward chain of theirs
 * would drop what nothing in it lets pass, one rule of ours stands at its head:
 *
 *     meta mark 0x6e736c accept comment "nsloom:LAB"
 *
 * It lets pass only what the lab's own rules have let pass and marked before
 * (rules.h; they run earlier, at priority -149: after mangle tables, which might
 * write marks of their own, and before filters). iptables-nft can read it: it shows as `-m mark --mark 0x6e736c -m comment --comment "nsloom:LAB" -j ACCEPT`.
 *
 * Such a chain "drops" where its policy is drop, or where a rule without
 * conditions (in it, or in a chain that it jumps to without conditions) drops or rejects.
 */
#ifndef KERNEL_FOREIGN_H
#define KERNEL_FOREIGN_H

#include "netlink.h"
#include "state.h"

/* Fills s->foreign. The arena has a landing. 0 or -errno. */
int foreign_observe(struct arena *a, const char *lab, struct state *s);
/* sock: see nft_commit(). */
int foreign_accept(const char *lab, const struct foreign_chain *c, int *sock, struct nl_refusal *refusal);
/* Removes every rule of the lab's from the chain, and nothing else. */
int foreign_withdraw(const char *lab, const struct foreign_chain *c, int *sock, struct nl_refusal *refusal);

#endif
