/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits: what a lab needs of them, and planning to raise them and to put them back. See limit.h. */
#include "limit.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "diff.h"

enum use { NEIGHBOURS4, NEIGHBOURS6, CONNECTIONS, FILES, INSTANCES, WATCHES, BROADCAST };

/* For each thing, so many. Where nobody can tell, what a program with some clients has. */
enum {
	CONNECTIONS_OF_A_NODE = 256,
	FILES_OF_A_NODE = 64,
	WATCHES_OF_AN_INSTANCE = 64,
	BROADCASTS_AT_ONCE = 8, /* 20,000 held where 2,500 ports lost every ARP with 1,000 */
};

static const struct {
	const char *path;
	enum use use;
	enum limit lead;
	uint64_t spare; /* on top of what labs need together; 0: the largest need counts alone */
	uint64_t ample; /* a lab that needs no more is not counted: half of what kernels give by default */
	const char *subject;
} rows[] = {
	[LIMIT_NEIGHBOURS4_1] = {"net/ipv4/neigh/default/gc_thresh1", NEIGHBOURS4, LIMIT_NEIGHBOURS4, 128, 512, NULL},
	[LIMIT_NEIGHBOURS4_2] = {"net/ipv4/neigh/default/gc_thresh2", NEIGHBOURS4, LIMIT_NEIGHBOURS4, 512, 512, NULL},
	[LIMIT_NEIGHBOURS4] = {"net/ipv4/neigh/default/gc_thresh3", NEIGHBOURS4, LIMIT_NEIGHBOURS4, 1024, 512,
                               "IPv4 neighbours where all nodes talk to all"},
	[LIMIT_NEIGHBOURS6_1] = {"net/ipv6/neigh/default/gc_thresh1", NEIGHBOURS6, LIMIT_NEIGHBOURS6, 128, 512, NULL},
	[LIMIT_NEIGHBOURS6_2] = {"net/ipv6/neigh/default/gc_thresh2", NEIGHBOURS6, LIMIT_NEIGHBOURS6, 512, 512, NULL},
	[LIMIT_NEIGHBOURS6] = {"net/ipv6/neigh/default/gc_thresh3", NEIGHBOURS6, LIMIT_NEIGHBOURS6, 1024, 512,
                               "IPv6 neighbours where all nodes talk to all"},
	[LIMIT_CONNECTIONS] = {"net/netfilter/nf_conntrack_max", CONNECTIONS, LIMIT_CONNECTIONS, 65536, 32768,
                               "connections through the host"},
	[LIMIT_FILES] = {"fs/file-max", FILES, LIMIT_FILES, 65536, 32768, "open files"},
	[LIMIT_INSTANCES] = {"fs/inotify/max_user_instances", INSTANCES, LIMIT_INSTANCES, 128, 64,
                             "programs that watch files"},
	[LIMIT_WATCHES] = {"fs/inotify/max_user_watches", WATCHES, LIMIT_WATCHES, 8192, 4096, "watched files"},
	[LIMIT_BACKLOG] = {"net/core/netdev_max_backlog", BROADCAST, LIMIT_BACKLOG, 0, 1000,
                           "packets of a broadcast to every port"},
};
static_assert(sizeof(rows) / sizeof(rows[0]) == LIMIT_COUNT, "every limit has its row");

const char *limit_path(enum limit l)
{
	return rows[l].path;
}

uint64_t limit_together(enum limit l, uint64_t one, uint64_t other)
{
	return rows[l].spare ? one + other : one > other ? one : other;
}

uint64_t limit_target(enum limit l, uint64_t needed)
{
	return rows[l].spare + needed;
}

bool limit_leads(enum limit l)
{
	return rows[l].lead == l;
}

const char *limit_subject(enum limit l)
{
	return rows[l].subject;
}

/* What the lab may well want; what it wants at least, where that is told. */
static uint64_t need(enum use use, const struct demand *d, bool least)
{
	switch (use) {
	case NEIGHBOURS4:
		return d->neighbours[IP4];
	case NEIGHBOURS6:
		return d->neighbours[IP6];
	case CONNECTIONS:
		return d->forwarded * CONNECTIONS_OF_A_NODE;
	case FILES:
		return d->nodes * FILES_OF_A_NODE;
	case INSTANCES:
		return d->nodes;
	case WATCHES:
		return d->nodes * WATCHES_OF_AN_INSTANCE;
	case BROADCAST:
		return d->broadcast * (least ? 1 : BROADCASTS_AT_ONCE);
	}
	return 0;
}

uint64_t limit_least(enum limit l, const struct demand *d)
{
	return need(rows[l].use, d, true);
}

void limits_lower(struct state *s, uint64_t ample)
{
	for (int l = 0; l < LIMIT_COUNT; l++) {
		uint64_t n = need(rows[l].use, &s->demand, false);

		s->limits_needed[l] = n > (ample ? ample : rows[l].ample) ? n : 0;
	}
}

/* "net.core.netdev_max_backlog", as sysctl(8) spells it. */
static const char *dotted(enum limit l, char *buf, size_t size)
{
	snprintf(buf, size, "%s", rows[l].path);
	for (char *c = buf; *c; c++)
		*c = *c == '/' ? '.' : *c;
	return buf;
}

void limit_mend(enum limit l, const uint64_t needed[LIMIT_COUNT], const struct limit_found found[LIMIT_COUNT],
                char *buf, size_t size)
{
	size_t n = (size_t)snprintf(buf, size, "sysctl -w");
	char path[64];

	for (int i = 0; i < LIMIT_COUNT && n < size; i++) {
		uint64_t target =
			limit_target((enum limit)i, limit_together((enum limit)i, needed[i], found[i].others));

		if (rows[i].lead == l && needed[i] && !(found[i].known && found[i].value >= target))
			n += (size_t)snprintf(buf + n, size - n, " %s=%llu", dotted((enum limit)i, path, sizeof(path)),
			                      (unsigned long long)target);
	}
}

/* ---- planning -------------------------------------------------------------------------------------- */

static uint64_t target_of(const struct diff *d, enum limit l)
{
	return limit_target(l, limit_together(l, d->want->limits_needed[l], d->have->limits[l].others));
}

/* Whether the machine's own value is too low for the labs, this one among them. */
static bool is_to_be_raised(const struct diff *d, enum limit l)
{
	const struct limit_found *f = &d->have->limits[l];

	return d->want && d->want->raise_limits && d->want->limits_needed[l] && f->known && f->writable &&
	       target_of(d, l) > (f->noted ? f->was : f->value);
}

static struct op *limit_op(struct diff *d, enum op_kind kind, enum action action, enum limit l, uint64_t to)
{
	struct op *op = diff_op(d, kind, action, HOST_SPACE, d->want ? d->want->limits_pos : (struct nsl_pos){0});

	op->limit = l;
	op->from = d->have->limits[l].value;
	op->to = to;
	op->quiet = to == op->from;
	return op;
}

/* Where it is lower than what labs together raised it to, or higher, somebody else did it. */
static bool is_as_labs_left_it(const struct limit_found *f, enum limit l)
{
	return f->noted && f->claim && f->value == limit_target(l, limit_together(l, f->claim, f->others));
}

/* What it is to be where less is needed of it than before: a value of somebody else's stays. */
static uint64_t lowered_to(const struct limit_found *f, enum limit l, uint64_t target)
{
	if (!is_as_labs_left_it(f, l))
		return f->value;
	return target > f->was ? target : f->was;
}

/* Those that become lower, or those that do not. Returns how many. */
static size_t set_limits(struct diff *d, bool lower)
{
	size_t n = 0;

	for (int i = 0; i < LIMIT_COUNT; i++) {
		enum limit l = (enum limit)i;
		const struct limit_found *f = &d->have->limits[l];
		uint64_t to;

		if (!is_to_be_raised(d, l))
			continue;
		to = f->value < target_of(d, l) ? target_of(d, l) : lowered_to(f, l, target_of(d, l));
		if ((to < f->value) != lower || (to == f->value && f->claim == d->want->limits_needed[l] && !f->stale))
			continue;
		limit_op(d, OP_LIMIT_SET, ACTION_CHANGE, l, to);
		n++;
	}
	return n;
}

/* The notes of all are written once, before anything is raised and after all that is lowered: a crash between a value and its note
 * leaves a note of too much, by which the next plan tells whose the value is. */
void diff_limits_create(struct diff *d)
{
	size_t lowered = set_limits(d, true), raised = set_limits(d, false);

	if (lowered + raised)
		d->plan->ops.items[d->plan->ops.n - (raised ? raised : 1)].whole = true;
}

static uint64_t value_without(const struct diff *d, enum limit l)
{
	const struct limit_found *f = &d->have->limits[l];

	if (f->others)
		return lowered_to(f, l, limit_target(l, f->others));
	return f->noted ? f->was : f->value;
}

void diff_limits_remove(struct diff *d)
{
	struct op *last = NULL;

	for (int i = 0; i < LIMIT_COUNT; i++) {
		enum limit l = (enum limit)i;

		if (d->have->limits[l].claim && !is_to_be_raised(d, l))
			last = limit_op(d, OP_LIMIT_BACK, ACTION_REMOVE, l, value_without(d, l));
	}
	if (last) /* takes the notes of all away */
		last->whole = true;
}

static void tell_low(struct diff *d, enum limit l)
{
	const struct limit_found *f = &d->have->limits[l];
	unsigned long long least = limit_least(l, &d->want->demand);
	char path[64], mend[256];

	if (!f->known || f->value >= least)
		return;
	limit_mend(l, d->want->limits_needed, d->have->limits, mend, sizeof(mend));
	diff_warn(d, "%llu %s, and %s allows %llu: %s, or `limits: raise` in the file", least, limit_subject(l),
	          dotted(l, path, sizeof(path)), (unsigned long long)f->value, mend);
}

/* Asked for, and not to be had from here. */
static void tell_unwritable(struct diff *d, enum limit l)
{
	const struct limit_found *f = &d->have->limits[l];
	char path[64], mend[256];

	if (f->writable || (f->known && f->value >= target_of(d, l)))
		return;
	limit_mend(l, d->want->limits_needed, d->have->limits, mend, sizeof(mend));
	diff_warn(d, "line %u: %s can be raised only by root in the machine's first namespace: %s",
	          d->want->limits_pos.line, dotted(l, path, sizeof(path)), mend);
}

/* How many programs in nodes watch files nobody knows: that is the doctor's to tell. */
static bool is_guessed(enum limit l)
{
	return l == LIMIT_INSTANCES || l == LIMIT_WATCHES;
}

void diff_limits_tell(struct diff *d)
{
	for (int i = 0; i < LIMIT_COUNT; i++) {
		enum limit l = (enum limit)i;

		if (!limit_leads(l) || !d->want->limits_needed[l])
			continue;
		if (d->want->raise_limits)
			tell_unwritable(d, l);
		else if (!is_guessed(l))
			tell_low(d, l);
	}
}
