/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second copy of what the host lends: the notes of forwarding.h, one a line,
 * in /run/nsloom/.lent4 and .lent6. Each copy outlives what takes the other away: a lost
 * /run, a flushed ruleset (`nft flush ruleset`, which reloading nftables.service does).
 * A file for each family, so that giving one back needs no room on a full disk.
 */
#ifndef KERNEL_LENT_H
#define KERNEL_LENT_H

#include "ip.h"
#include "strbuf.h"

/* `dir`: a descriptor of /run/nsloom, -1: there is none (no notes, nothing written). 0 or -errno each. */

/* Whether a note ("was-VALUE-PATH") is of this family. */
bool lent_of_family(const char *note, enum ip_family f);
/* Appends the notes of a family to `out`, a line each. */
int lent_read(int dir, enum ip_family f, struct strbuf *out);
/* Adds notes (lines) of a family that are not there yet. */
int lent_add(int dir, enum ip_family f, const struct strbuf *notes);
int lent_remove(int dir, enum ip_family f);

#endif
