/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits that labs raise, and the notes of them. See limit_notes.h. */
#include "limit_notes.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lent.h"
#include "limit.h"
#include "sysctl.h"
#include "text.h"

enum { NOTE_SIZE = 256 };

/* ---- single notes ---------------------------------------------------------------------------------- */

struct note {
	enum limit limit;
	uint64_t number;
	const char *lab; /* that needs so much; NULL: what was before */
};

static bool find_limit(const char *path, size_t len, enum limit *out)
{
	for (int i = 0; i < LIMIT_COUNT; i++)
		if (strlen(limit_path((enum limit)i)) == len && memcmp(limit_path((enum limit)i), path, len) == 0) {
			*out = (enum limit)i;
			return true;
		}
	return false;
}

/* "was-1000-net/core/netdev_max_backlog", "for-8800-net/core/netdev_max_backlog-LAB": no path has a "-". */
static bool parse_note(const char *line, struct note *out)
{
	bool was = has_prefix(line, LENT_WAS);
	char *path;

	if (!was && !has_prefix(line, LENT_FOR))
		return false;
	out->number = strtoull(line + strlen(LENT_WAS), &path, 10);
	if (*path++ != '-')
		return false;
	out->lab = was ? NULL : strchr(path, '-');
	if (!was && !out->lab++)
		return false;
	return find_limit(path, was ? strlen(path) : (size_t)(out->lab - 1 - path), &out->limit);
}

static void put_was(struct strbuf *out, enum limit l, uint64_t value)
{
	strbuf_printf(out, LENT_WAS "%" PRIu64 "-%s\n", value, limit_path(l));
}

static void put_need(struct strbuf *out, enum limit l, uint64_t needed, const char *lab)
{
	strbuf_printf(out, LENT_FOR "%" PRIu64 "-%s-%s\n", needed, limit_path(l), lab);
}

/* ---- observing ------------------------------------------------------------------------------------- */

static void take_note(const struct note *n, const char *lab, struct limit_found *f)
{
	if (!n->lab) {
		f->noted = true;
		f->was = n->number;
	} else if (streq(n->lab, lab)) {
		f->stale = f->claim;
		f->claim = n->number;
	} else {
		f->others = limit_together(n->limit, f->others, n->number);
	}
}

static void take_notes(const struct lent_notes *notes, const char *lab, struct limit_found found[LIMIT_COUNT])
{
	for (char *line = notes->text.s, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		struct note n;

		*end = '\0';
		if (parse_note(line, &n))
			take_note(&n, lab, &found[n.limit]);
	}
}

static void read_limit(enum limit l, struct limit_found *f)
{
	unsigned long long value;
	char text[32];

	f->known = sysctl_read(limit_path(l), text, sizeof(text)) == 0 && parse_u64(text, UINT64_MAX, &value);
	f->value = f->known ? value : 0;
	f->writable = f->known && sysctl_is_writable(limit_path(l));
}

void limits_read(const uint64_t needed[LIMIT_COUNT], struct limit_found found[LIMIT_COUNT])
{
	for (int i = 0; i < LIMIT_COUNT; i++)
		if (needed[i] || found[i].claim)
			read_limit((enum limit)i, &found[i]);
}

int limits_observe(const char *lab, int dir, const struct state *want, struct state *s)
{
	static const uint64_t none[LIMIT_COUNT] = {0};
	_cleanup_notes_ struct lent_notes notes = {0};
	int r = lent_read(dir, LENT_LIMITS, &notes);

	if (r < 0)
		return r;
	take_notes(&notes, lab, s->limits);
	limits_read(want ? want->limits_needed : none, s->limits);
	for (int i = 0; i < LIMIT_COUNT; i++)
		s->any |= s->limits[i].claim > 0;
	return 0;
}

/* ---- raising and putting back ---------------------------------------------------------------------- */

int limit_set(enum limit l, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return sysctl_write(limit_path(l), text);
}

/* This lab's notes of a limit, but for one that says `keep`. */
static void list_claims(const struct lent_notes *all, enum limit l, const char *lab, uint64_t keep, struct strbuf *out)
{
	char line[NOTE_SIZE];

	for (const char *at = all->text.s, *end; at && (end = strchr(at, '\n')); at = end + 1) {
		struct note n;

		snprintf(line, sizeof(line), "%.*s", (int)(end - at), at);
		if (parse_note(line, &n) && n.limit == l && n.lab && streq(n.lab, lab) && n.number != keep)
			put_need(out, l, n.number, lab);
	}
}

/* Takes away what this lab noted of the limits that operations of the kind are about, but for what it needs now; and `going`. */
static int forget_claims(int dir, const struct plan *p, enum op_kind kind, struct strbuf *going, int *sock,
                         struct nl_refusal *refusal)
{
	_cleanup_notes_ struct lent_notes all = {0};
	int r = lent_read(dir, LENT_LIMITS, &all);

	for (size_t i = 0; r == 0 && i < p->ops.n; i++)
		if (p->ops.items[i].kind == kind)
			list_claims(&all, p->ops.items[i].limit, p->lab,
			            kind == OP_LIMIT_SET ? p->want->limits_needed[p->ops.items[i].limit] : 0, going);
	return r < 0 ? r : lent_remove(dir, LENT_LIMITS, &all, going, sock, refusal);
}

int limits_note(int dir, const struct plan *p, int *sock, struct nl_refusal *refusal)
{
	_cleanup_strbuf_ struct strbuf notes = {0}, outdated = {0};
	bool first = true; /* of this lab about any of them */
	int r;

	for (size_t i = 0; i < p->ops.n; i++) {
		const struct op *op = &p->ops.items[i];
		const struct limit_found *f = &p->have->limits[op->limit];

		if (op->kind != OP_LIMIT_SET)
			continue;
		first &= !f->claim;
		put_was(&notes, op->limit, f->noted ? f->was : f->value);
		put_need(&notes, op->limit, p->want->limits_needed[op->limit], p->lab);
	}
	r = lent_add(dir, LENT_LIMITS, &notes, sock, refusal);
	return r < 0 || first ? r : forget_claims(dir, p, OP_LIMIT_SET, &outdated, sock, refusal);
}

int limits_forget(int dir, const struct plan *p, int *sock, struct nl_refusal *refusal)
{
	_cleanup_strbuf_ struct strbuf going = {0};

	for (size_t i = 0; i < p->ops.n; i++) {
		const struct op *op = &p->ops.items[i];
		const struct limit_found *f = &p->have->limits[op->limit];

		if (op->kind != OP_LIMIT_BACK)
			continue;
		if (!f->others && f->noted)
			put_was(&going, op->limit, f->was);
	}
	return forget_claims(dir, p, OP_LIMIT_BACK, &going, sock, refusal);
}
