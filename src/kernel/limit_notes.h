/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits of the whole machine that labs raise (plan/limit.h), as the kernel has
 * them, and the notes of them: "was-VALUE-PATH" as of any sysctl that is lent (lent.h), and
 * "for-NUMBER-PATH-LAB" for each lab that needs so much. Notes are written
 * before the first limit is raised, and go after the last one is put back. The caller
 * holds the host's lock and is on the host.
 */
#ifndef KERNEL_LIMIT_NOTES_H
#define KERNEL_LIMIT_NOTES_H

#include "netlink.h"
#include "plan.h"

/* Fills s->limits: of those that `want` (may be NULL) needs, and those that this lab has noted. `dir`: a descriptor of /run/nsloom,
 * or -1. 0 or -errno. */
int limits_observe(const char *lab, int dir, const struct state *want, struct state *s);
/* Reads those that `needed` is not 0 of, without notes. */
void limits_read(const uint64_t needed[LIMIT_COUNT], struct limit_found found[LIMIT_COUNT]);

/* Writes down what the operations of a plan need to be able to be taken back. */
int limits_note(int dir, const struct plan *p, int *sock, struct nl_refusal *refusal);
/* Takes away what was noted of those that a plan puts back. */
int limits_forget(int dir, const struct plan *p, int *sock, struct nl_refusal *refusal);
int limit_set(enum limit l, uint64_t value);

#endif
