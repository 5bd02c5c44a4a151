/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lab's own nf_tables table on the host, "inet nsloom-LAB": what may pass
 * between its networks and the rest of the world. Made, replaced and removed in one
 * transaction each; the table's comment says what the host lends the lab.
 *
 *   chain forward      what comes from a bridge of the lab goes to its "from" chain;
 *                      to a bridge of the lab come answers only
 *   chain from-BRIDGE  only sources that belong there (no spoofing) …
 *   chain via-BRIDGE   … may go to the lab's other bridges and, with nat, anywhere
 *   chain inside       the lab's bridges
 *   chain pass         accepts, and marks the packet (MARK_PACKET): see foreign.h
 *   chain postrouting  masquerades what leaves nat networks for elsewhere
 *   flowtable flows    where the kernel has such: established flows, which skip all of this
 *
 * What published ports add to it stands in rules_publish.c.
 *
 * An accept here does not undo another table's drop, and does not open anything
 * that the host keeps shut.
 */
#ifndef KERNEL_RULES_H
#define KERNEL_RULES_H

#include "netlink.h"
#include "state.h"
#include "strbuf.h"

/* replace: a table stands already. sock: see nft_commit(). */
int rules_set(const char *lab, const struct rules *rules, bool replace, int *sock, struct nl_refusal *refusal);
int rules_remove(const char *lab, int *sock, struct nl_refusal *refusal);
/* Compares what stands with what is wanted (NULL: just whether anything stands), and says what the table claims of the host's
 * forwarding switches and which ports it publishes: fills s->rules_found, lends, published; and where ports shall be published,
 * those that other labs do. Adds to the arena, which has a landing. 0 or -errno. */
int rules_observe(struct arena *a, const char *lab, const struct rules *wanted, struct state *s);

/* What rules_set() makes, in the words of nft(8): a `table` block. Takes memory of the arena, which has a landing. 0, or -ENOMEM;
 * -EOPNOTSUPP where nft_terms.h has no words for an expression. */
int rules_text(struct arena *a, const char *lab, const struct rules *rules, struct strbuf *out);

/* The word in a table's comment that claims a family's switch. */
const char *rules_claim(enum ip_family f);

#endif
