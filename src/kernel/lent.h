/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sysctls that the host lends to labs: what they were before is written down where
 * neither a crash nor a lost record can take it. Twice, and each copy outlives
 * what takes the other away:
 *
 *   - in the host's nf_tables, in a table "inet nsloom", as names of empty chains;
 *   - in files in /run/nsloom, a line each: for a flush takes all tables (`nft flush ruleset`, which reloading
 *     nftables.service does). A file for each kind, so that giving one back needs no room on a full disk.
 *
 * "was-VALUE-PATH" is a value before it was changed; "for-NUMBER-PATH-LAB" that a lab needs so much of a limit (limit.h).
 * Notes come before what they are about, and go after it: twice the same does no harm. The caller holds the host's lock
 * and is on the host.
 */
#ifndef KERNEL_LENT_H
#define KERNEL_LENT_H

#include "netlink.h"
#include "strbuf.h"

enum lent { LENT_FORWARD4, LENT_FORWARD6, LENT_LIMITS, LENT_KINDS };

#define LENT_WAS "was-"
#define LENT_FOR "for-"

/* `dir` in all of these: a descriptor of /run/nsloom; -1: there is none (no file is read or written). `sock`: see nft_commit().
 * 0 or -errno each. */

struct lent_notes {
	struct strbuf text; /* a line each: first those of the table, then those that only the file has */
	size_t in_table;    /* bytes of the former */
	size_t others;      /* chains in the table that are not of this kind */
};
void lent_notes_done(struct lent_notes *n);
#define _cleanup_notes_ __attribute__((cleanup(lent_notes_done)))

/* Adds the notes of a kind to *out. */
int lent_read(int dir, enum lent kind, struct lent_notes *out);
/* Only those of the file. */
int lent_read_file(int dir, enum lent kind, struct strbuf *out);
/* Writes notes (lines) down, as far as they are not. */
int lent_add(int dir, enum lent kind, const struct strbuf *notes, int *sock, struct nl_refusal *refusal);
/* Takes notes (lines) away again: `all` are those that lent_read() gave. */
int lent_remove(int dir, enum lent kind, const struct lent_notes *all, const struct strbuf *going, int *sock,
                struct nl_refusal *refusal);

/* "was-0-net/ipv4/ip_forward": writes the value back. A device that has gone meanwhile needs nothing. */
int lent_restore(const char *note);
/* Splits a note ("was-…"): *value and *path point into it, the value without its end. False: it is none. */
bool lent_parse_was(const char *note, const char **value, size_t *value_len, const char **path);

/* A name that nft(8) can read back, so that a saved ruleset stays loadable. */
bool lent_nameable(const char *s);

#endif
