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
	t->wholes = arena_array(a, s->g->domains.n, struct whole);
}

static uint64_t set_hash(const uint64_t *set, uint32_t words)
{
	uint64_t h = 0;

	for (uint32_t i = 0; i < words; i++)
		h = (h ^ set[i]) * 0x9e3779b97f4a7c15ULL;
	/* Most sets are one high bit, which multiplying only moves up. */
	return ((h ^ (h >> 32)) * 0x9e3779b97f4a7c15ULL) >> 32;
}

static bool same_set(const uint64_t *a, const uint64_t *b, uint32_t words)
{
	for (uint32_t i = 0; i < words; i++)
		if (a[i] != b[i])
			return false;
	return true;
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

	if (t->latest != CONNECTED && same_set(search_hops(t->search, t->set_subnet[t->latest]), set, words))
		return t->latest;
	for (uint32_t slot = set_hash(set, words) & mask;; slot = (slot + 1) & mask) {
		uint32_t known = t->slots[slot];

		if (!known) {
			t->set_subnet[t->n_sets] = subnet;
			t->set_hops[t->n_sets] = NULL;
			t->slots[slot] = known = ++t->n_sets;
		} else if (!same_set(search_hops(t->search, t->set_subnet[known - 1]), set, words)) {
			continue;
		}
		return t->latest = (int32_t)known - 1;
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

/* Whether two entries, neighbours in order, are the halves of one prefix and go together. */
static bool are_halves(const struct table_entry *a, const struct table_entry *b)
{
	const uint8_t *lower = a->to.ip.b, *upper = b->to.ip.b;
	unsigned len = a->to.len, byte = len ? (len - 1) / 8 : 0;

	/* Not into everything there is: that is the default route's. */
	if (len != b->to.len || len < 2 || (a->set != b->set && a->set != CONNECTED && b->set != CONNECTED))
		return false;
	if ((lower[byte] ^ upper[byte]) != 0x80 >> (len - 1) % 8)
		return false;
	while (byte && lower[byte - 1] == upper[byte - 1])
		byte--;
	return byte == 0;
}

/* Joins what can be joined; returns how many are left. The entries work as a stack of what stands left of the one at hand. */
static uint32_t join_all(struct table_entry *entries, uint32_t count)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (n != i)
			entries[n] = entries[i];
		for (n++; n > 1 && are_halves(&entries[n - 2], &entries[n - 1]); n--) {
			struct table_entry *whole = &entries[n - 2];

			/* On a network whose nodes disagree on the length, the whole may have a route of its own. */
			if (n > 2 && entries[n - 3].to.len == whole->to.len - 1 &&
			    ip_equal(&entries[n - 3].to.ip, &whole->to.ip))
				break;
			whole->to.len--;
			if (whole->set == CONNECTED) {
				whole->set = entries[n - 1].set;
				whole->subnet = entries[n - 1].subnet;
			}
		}
	}
	return n;
}

static uint32_t count_routes(const struct table *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n; i++)
		n += t->entries[i].set != CONNECTED;
	return n;
}

void table_fill(struct table *t, const struct way *way, const struct route *given, size_t n_given)
{
	const struct search *s = t->search;
	const struct graph *g = s->g;
	uint32_t slots = slots_needed(t);
	bool some_given = has_given(s->family, given, n_given);

	t->n = t->n_routes = t->n_sets = 0;
	t->latest = CONNECTED;
	memset(t->slots, 0, slots * sizeof(*t->slots));
	for (uint32_t i = g->family_first[s->family]; i < g->family_first[s->family + 1]; i++) {
		const struct ip_prefix *to = &g->subnets.items[i].prefix;
		struct table_entry *e = &t->entries[t->n];
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
		e->to = *to;
		e->subnet = i;
		e->set = set;
		t->n++;
	}
	if (t->n_routes > TABLE_JOIN_ABOVE && !some_given) {
		t->n = join_all(t->entries, t->n);
		t->n_routes = count_routes(t);
	}
}

/* The table of a domain, with one set of hops for everything. */
static const struct whole *whole(struct table *t, uint32_t domain)
{
	const struct graph *g = t->search->g;
	const struct domains *d = &g->domains;
	uint32_t size = d->first[domain + 1] - d->first[domain];
	struct whole *w = &t->wholes[domain];

	if (w->entries)
		return w;
	w->entries = arena_array(g->m->arena, size, struct table_entry);
	for (uint32_t i = 0; i < size; i++) {
		uint32_t subnet = d->order[d->first[domain] + i];

		if (!g->subnets.items[subnet].lonely)
			w->entries[w->n++] = (struct table_entry){g->subnets.items[subnet].prefix, subnet, 0};
	}
	/* One of them is the actor's own. */
	if (w->n > TABLE_JOIN_ABOVE + 1)
		w->n = join_all(w->entries, w->n);
	return w;
}

/* The only attachment of an actor in a family, or NULL. */
static const struct attachment *only_attachment(const struct graph *g, uint32_t actor, enum ip_family family)
{
	const struct attachment *only = NULL;

	for (uint32_t k = g->attached_first[actor]; k < g->attached_first[actor + 1]; k++) {
		if (g->subnets.items[g->attached[k].subnet].prefix.ip.family != family)
			continue;
		if (only)
			return NULL;
		only = &g->attached[k];
	}
	return only;
}

/* The only one but the actor who forwards on a subnet, or NULL. */
static const struct member *only_forwarder(const struct graph *g, uint32_t subnet, uint32_t actor)
{
	const struct member *only = NULL;

	for (uint32_t i = g->forwarder_first[subnet]; i < g->forwarder_first[subnet + 1]; i++) {
		if (g->forwarders[i].actor == actor)
			continue;
		if (only)
			return NULL;
		only = &g->forwarders[i];
	}
	return only;
}

bool table_fill_only(struct table *t, uint32_t actor, enum ip_family family, const struct way *way, size_t n_given)
{
	const struct graph *g = t->search->g;
	const struct attachment *at = n_given ? NULL : only_attachment(g, actor, family);
	const struct member *router = at ? only_forwarder(g, at->subnet, actor) : NULL;
	const struct ip_prefix *own;
	const struct whole *w;

	if (!router)
		return false;
	t->n = t->n_routes = 0;
	if (way->set && ip_equal(&way->hop.via, &router->address))
		return true;
	w = whole(t, g->domains.of[at->subnet]);
	own = &g->subnets.items[at->subnet].prefix;
	for (uint32_t i = 0; i < w->n; i++) {
		if (prefix_cmp(&w->entries[i].to, own) != 0)
			t->entries[t->n++] = w->entries[i];
	}
	t->n_routes = t->n;
	t->n_sets = 1;
	t->set_sizes[0] = 1;
	t->set_hops[0] = arena_new_of(g->m->arena, struct hop);
	*t->set_hops[0] = (struct hop){router->address, at->iface};
	return true;
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
		out[n] = (struct route){.to = e->to,
		                        .hops = set_hops(t, e->set),
		                        .reason = ROUTE_LAB,
		                        .pos = g->subnets.items[e->subnet].pos};
		out[n++].n_hops = t->set_sizes[e->set];
	}
	return n;
}
