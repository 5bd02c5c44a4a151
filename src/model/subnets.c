/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which subnets a lab has and who is on each, collected from the addresses that were decided. */
#include "subnets.h"

#include <stdlib.h>
#include <string.h>

/* While the table is made. */
struct collect {
	const struct model *m;
	struct map *index;            /* what, which, prefix → its struct found * */
	VEC(struct wire_subnet) list; /* unsorted */
	VEC(struct membership {
		uint32_t subnet; /* in list */
		struct member member;
	}) memberships;
};

static uint32_t find_or_add(struct collect *c, struct wire_subnet s)
{
	struct {
		uint32_t index;
		uint8_t attach, family, len, pad;
		uint8_t b[16];
	} key = {s.index, (uint8_t)s.attach, s.prefix.ip.family, s.prefix.len, 0, {0}};
	uint32_t *number;

	memcpy(key.b, s.prefix.ip.b, sizeof(key.b));
	number = map_get(c->index, &key, sizeof(key));
	if (number)
		return *number;
	number = arena_new_of(c->m->arena, uint32_t);
	*number = (uint32_t)c->list.n;
	map_put(c->index, &key, sizeof(key), number);
	*vec_push(c->m->arena, &c->list) = s;
	return *number;
}

static void collect_networks(struct collect *c)
{
	const struct model *m = c->m;

	for (uint32_t i = 0; i < m->networks.n; i++) {
		for (int f = 0; f < IP_FAMILIES; f++) {
			const struct subnet *s = &m->networks.items[i].subnet[f];

			if (s->prefix.ip.set)
				find_or_add(c, (struct wire_subnet){s->prefix, ATTACH_NETWORK, i, .pos = s->pos});
		}
	}
	for (uint32_t i = 0; i < m->links.n; i++) {
		for (int f = 0; f < IP_FAMILIES; f++) {
			const struct link *l = &m->links.items[i];

			if (l->subnet[f].ip.set)
				find_or_add(c, (struct wire_subnet){l->subnet[f], ATTACH_LINK, i, .pos = l->pos});
		}
	}
}

static void collect_members(struct collect *c)
{
	const struct model *m = c->m;

	for (uint32_t i = 0; i < m->nodes.n; i++) {
		for (uint32_t k = 0; k < m->nodes.items[i].ifaces.n; k++) {
			const struct iface *iface = &m->nodes.items[i].ifaces.items[k];

			for (size_t a = 0; a < iface->addresses.n; a++) {
				const struct ip_prefix *p = &iface->addresses.items[a];
				uint32_t s = find_or_add(c, (struct wire_subnet){prefix_subnet(p), iface->attach,
				                                                 iface->index,
				                                                 .lonely = iface->attach == ATTACH_LINK,
				                                                 .pos = iface->pos});

				*vec_push(m->arena, &c->memberships) = (struct membership){s, {i, k, p->ip}};
			}
		}
	}
	for (uint32_t i = 0; i < m->networks.n; i++) {
		for (int f = 0; f < IP_FAMILIES; f++) {
			const struct subnet *n = &m->networks.items[i].subnet[f];

			if (!n->prefix.ip.set || !n->gateway.set)
				continue;
			uint32_t s = find_or_add(c, (struct wire_subnet){n->prefix, ATTACH_NETWORK, i, .pos = n->pos});

			*vec_push(m->arena, &c->memberships) =
				(struct membership){s, {(uint32_t)m->nodes.n, i, n->gateway}};
		}
	}
}

struct sort_key {
	struct ip_prefix prefix;
	uint32_t number;
};

static int by_prefix(const void *a, const void *b)
{
	const struct sort_key *x = a, *y = b;
	int r = prefix_cmp(&x->prefix, &y->prefix);

	return r ? r : (x->number > y->number) - (x->number < y->number);
}

/* Sorts the subnets; returns the new place of each old one. */
static uint32_t *sort_subnets(struct collect *c, struct subnets *out)
{
	struct arena *a = c->m->arena;
	uint32_t n = (uint32_t)c->list.n;
	struct sort_key *keys = arena_array(a, n, struct sort_key);
	uint32_t *place = arena_array(a, n, uint32_t);

	for (uint32_t i = 0; i < n; i++)
		keys[i] = (struct sort_key){c->list.items[i].prefix, i};
	if (n)
		qsort(keys, n, sizeof(*keys), by_prefix);
	out->items = arena_array(a, n, struct wire_subnet);
	out->n = n;
	for (uint32_t i = 0; i < n; i++) {
		out->items[i] = c->list.items[keys[i].number];
		place[keys[i].number] = i;
	}
	return place;
}

/* Puts the members behind their subnets, keeping their order; of a node that is on a subnet twice, the first. */
static void place_members(struct collect *c, struct subnets *out, const uint32_t *place)
{
	uint32_t first = 0;

	for (size_t i = 0; i < c->memberships.n; i++)
		out->items[place[c->memberships.items[i].subnet]].n++;
	for (uint32_t i = 0; i < out->n; i++) {
		out->items[i].first = first;
		first += out->items[i].n;
		out->items[i].n = 0;
	}
	out->members = arena_array(c->m->arena, first, struct member);
	for (size_t i = 0; i < c->memberships.n; i++) {
		const struct membership *ms = &c->memberships.items[i];
		struct wire_subnet *s = &out->items[place[ms->subnet]];
		struct member *at = &out->members[s->first + s->n];

		if (s->n && at[-1].actor == ms->member.actor)
			continue;
		*at = ms->member;
		s->n++;
	}
}

struct subnets subnets_of(const struct model *m)
{
	struct collect c = {.m = m, .index = map_new(m->arena)};
	struct subnets out = {0};

	collect_networks(&c);
	collect_members(&c);
	place_members(&c, &out, sort_subnets(&c, &out));
	return out;
}
