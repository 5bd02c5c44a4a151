/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One actor's automatic routes in one family.
 *
 * Two things make a table shorter, and both are exact: no address is routed
 * otherwise than by the full table, and none that the full table does not route.
 *
 *  - Where the default route has a single hop, a destination with that same
 *    hop and no other needs no route of its own, unless a route of the file
 *    covers it and would now win.
 *  - Two halves of a prefix that are both there with the same hops are joined
 *    into it. A half that the actor is connected to goes with either: its
 *    connected route is longer and wins. Not for nodes with routes of their
 *    own, which might stand between in length; not for short tables.
 */
#include "table.h"

#include <string.h>

void table_init(struct table *t, struct search *s)
{
	struct arena *a = s->g->m->arena;
	uint32_t n = s->g->subnets.n;

	*t = (struct table){.search = s};
	t->entries = arena_array(a, n, struct table_entry);
	t->set_subnet = arena_array(a, n, uint32_t);
	t->set_hops = arena_array(a, n, struct hop *);
	t->set_sizes = arena_array(a, n, uint32_t);
	for (t->n_slots = 1; t->n_slots < 2 * n;)
		t->n_slots *= 2;
	t->slots = arena_array(a, t->n_slots, uint32_t);
}

static uint64_t set_hash(const uint64_t *set, uint32_t words)
{
	uint64_t h = 0;

	for (uint32_t i = 0; i < words; i++)
		h = (h ^ set[i]) * 0x9e3779b97f4a7c15ULL;
	return h ^ (h >> 32);
}

/* How much of the hash table is needed: there are no more sets than subnets of the family, or ways to choose hops. */
static uint32_t slots_needed(const struct table *t)
{
	uint32_t n = 1;

	while (n < t->n_slots && (t->search->n_hops > 20 || n < 2U << t->search->n_hops))
		n *= 2;
	return n;
}

/* The number of the set of hops by which a subnet is reached. */
static int32_t set_number(struct table *t, uint32_t subnet, uint32_t mask)
{
	uint32_t words = t->search->words;
	const uint64_t *set = search_hops(t->search, subnet);

	for (uint32_t slot = set_hash(set, words) & mask;; slot = (slot + 1) & mask) {
		uint32_t known = t->slots[slot];

		if (!known) {
			t->set_subnet[t->n_sets] = subnet;
			t->set_hops[t->n_sets] = NULL;
			t->slots[slot] = ++t->n_sets;
			return (int32_t)t->n_sets - 1;
		}
		if (memcmp(search_hops(t->search, t->set_subnet[known - 1]), set, words * sizeof(*set)) == 0)
			return (int32_t)known - 1;
	}
}

/* Whether a set of hops is a certain one and no other. */
static bool set_is(const struct table *t, int32_t number, const struct hop *hop)
{
	const uint64_t *set = search_hops(t->search, t->set_subnet[number]);
	const struct hop *only = NULL;

	for (uint32_t w = 0; w < t->search->words; w++) {
		if (!set[w])
			continue;
		if (only || (set[w] & (set[w] - 1)))
			return false;
		only = &t->search->hops[w * 64 + (uint32_t)__builtin_ctzll(set[w])];
	}
	return only && only->iface == hop->iface && ip_equal(&only->via, &hop->via);
}

/* What the routes of the file say of a destination. */
enum given { GIVEN_NOTHING, GIVEN_COVERS, GIVEN_SAME };

static enum given given_for(const struct ip_prefix *to, const struct route *given, size_t n)
{
	enum given result = GIVEN_NOTHING;

	for (size_t i = 0; i < n; i++) {
		if (given[i].to.len == 0 || !prefix_covers(&given[i].to, to))
			continue;
		if (given[i].to.len == to->len)
			return GIVEN_SAME;
		result = GIVEN_COVERS;
	}
	return result;
}

static bool has_given(enum ip_family family, const struct route *given, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (given[i].to.len > 0 && given[i].to.ip.family == family)
			return true;
	}
	return false;
}

static bool bit(const struct ip_prefix *p, unsigned i)
{
	return p->ip.b[i / 8] >> (7 - i % 8) & 1;
}

/* Joins two entries that are the halves of one prefix and go together. Returns whether they are. */
static bool join(struct table_entry *a, const struct table_entry *b)
{
	unsigned len = a->to.len;

	/* Not into everything there is: that is the default route's. */
	if (len != b->to.len || len < 2 || (a->set != b->set && a->set != CONNECTED && b->set != CONNECTED))
		return false;
	if (bit(&a->to, len - 1) || !bit(&b->to, len - 1))
		return false;

	struct ip_prefix both = {a->to.ip, (uint8_t)(len - 1)};

	if (!prefix_contains(&both, &b->to.ip))
		return false;
	a->to = both;
	if (a->set == CONNECTED) {
		a->set = b->set;
		a->subnet = b->subnet;
	}
	return true;
}

/* Joins what can be joined. The entries work as a stack of what stands left of the one at hand. */
static void join_all(struct table *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		t->entries[n++] = t->entries[i];
		while (n > 1) {
			struct table_entry joined = t->entries[n - 2];

			if (!join(&joined, &t->entries[n - 1]))
				break;
			/* On a network whose nodes disagree on the length, the whole may have a route of its own. */
			if (n > 2 && prefix_cmp(&t->entries[n - 3].to, &joined.to) == 0)
				break;
			t->entries[--n - 1] = joined;
		}
	}
	t->n = n;
	t->n_routes = 0;
	for (uint32_t i = 0; i < n; i++)
		t->n_routes += t->entries[i].set != CONNECTED;
}

void table_fill(struct table *t, const struct way *way, const struct route *given, size_t n_given)
{
	const struct search *s = t->search;
	const struct graph *g = s->g;
	uint32_t slots = slots_needed(t);
	bool some_given = has_given(s->family, given, n_given);

	t->n = t->n_routes = t->n_sets = 0;
	memset(t->slots, 0, slots * sizeof(*t->slots));
	for (uint32_t i = g->family_first[s->family]; i < g->family_first[s->family + 1]; i++) {
		const struct ip_prefix *to = &g->subnets.items[i].prefix;
		int32_t set = CONNECTED;

		if (s->subnet_dist[i] < 0)
			continue;
		if (s->subnet_dist[i] > 0) {
			enum given by_file = some_given ? given_for(to, given, n_given) : GIVEN_NOTHING;

			set = set_number(t, i, slots - 1);
			if (by_file == GIVEN_SAME ||
			    (by_file == GIVEN_NOTHING && way->set && set_is(t, set, &way->hop)))
				continue;
			t->n_routes++;
		}
		t->entries[t->n++] = (struct table_entry){*to, i, set};
	}
	if (t->n_routes > TABLE_JOIN_ABOVE && !some_given)
		join_all(t);
}

/* The hops of a set; made once, and shared by all routes that have it. */
static struct hop *set_hops(struct table *t, int32_t number)
{
	const struct search *s = t->search;
	const uint64_t *set = search_hops(s, t->set_subnet[number]);
	uint32_t n = 0;

	if (t->set_hops[number])
		return t->set_hops[number];
	for (uint32_t w = 0; w < s->words; w++)
		n += (uint32_t)__builtin_popcountll(set[w]);
	t->set_hops[number] = arena_array(s->g->m->arena, n, struct hop);
	t->set_sizes[number] = n;
	n = 0;
	for (uint32_t w = 0; w < s->words; w++) {
		for (uint64_t rest = set[w]; rest; rest &= rest - 1)
			t->set_hops[number][n++] = s->hops[w * 64 + (uint32_t)__builtin_ctzll(rest)];
	}
	return t->set_hops[number];
}

size_t table_write(struct table *t, struct route *out)
{
	const struct graph *g = t->search->g;
	size_t n = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct table_entry *e = &t->entries[i];

		if (e->set == CONNECTED)
			continue;
		out[n] = (struct route){.to = e->to, .hops = set_hops(t, e->set), .reason = ROUTE_LAB,
		                        .pos = g->subnets.items[e->subnet].pos};
		out[n++].n_hops = t->set_sizes[e->set];
	}
	return n;
}
