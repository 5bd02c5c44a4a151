/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way out: for each family, every node's default route to the nearest
 * gateway of a nat network, and which subnets so come to leave through it.
 *
 * A search from all nat networks at once gives each subnet and each router its
 * distance; the host does not lead on in it, for what arrives at the host on a
 * network without nat does not leave it masqueraded. Each step of a way goes
 * to a router that is nearer, so ways do not loop, except where default routes
 * of the file make them.
 */
#include "graph.h"

#include <stdlib.h>
#include <string.h>

struct outward {
	const struct graph *g;
	enum ip_family family;
	int32_t *subnet_dist, *actor_dist; /* routers between it and a nat network; -1: no way */
	struct way *ways;
	struct map *routers; /* wire and address → the router that has it; made when first needed */
};

static const struct subnet *network_subnet(const struct outward *o, const struct wire_subnet *s)
{
	return s->attach == ATTACH_NETWORK ? &o->g->m->networks.items[s->index].subnet[o->family] : NULL;
}

/* Whether a subnet is a nat network's own. A network without subnets of its own has no nat. */
static bool is_nat(const struct outward *o, uint32_t subnet)
{
	const struct subnet *s = network_subnet(o, &o->g->subnets.items[subnet]);

	return s && s->nat;
}

/* Distances from the nat networks outward. */
static void measure(struct outward *o)
{
	const struct graph *g = o->g;
	uint32_t from = g->family_first[o->family], to = g->family_first[o->family + 1], head = 0, n = 0;
	uint32_t *queue = arena_array(g->m->arena, to - from, uint32_t);

	o->subnet_dist = arena_array(g->m->arena, g->subnets.n, int32_t);
	o->actor_dist = arena_array(g->m->arena, g->n_actors, int32_t);
	memset(o->subnet_dist, 0xff, g->subnets.n * sizeof(*o->subnet_dist));
	memset(o->actor_dist, 0xff, g->n_actors * sizeof(*o->actor_dist));
	for (uint32_t t = from; t < to; t++) {
		if (is_nat(o, t)) {
			o->subnet_dist[t] = 0;
			queue[n++] = t;
		}
	}
	while (head < n) {
		uint32_t t = queue[head++];

		for (uint32_t i = g->forwarder_first[t]; i < g->forwarder_first[t + 1]; i++) {
			uint32_t actor = g->forwarders[i].actor;

			if (actor == g->host || o->actor_dist[actor] >= 0)
				continue;
			o->actor_dist[actor] = o->subnet_dist[t];
			for (uint32_t k = g->attached_first[actor]; k < g->attached_first[actor + 1]; k++) {
				uint32_t next = g->attached[k].subnet;

				if (next < from || next >= to || o->subnet_dist[next] >= 0)
					continue;
				o->subnet_dist[next] = o->subnet_dist[t] + 1;
				queue[n++] = next;
			}
		}
	}
}

/* The router with the lowest address that is nearer than a subnet. */
static const struct member *nearer_router(const struct outward *o, uint32_t subnet)
{
	const struct graph *g = o->g;

	for (uint32_t i = g->forwarder_first[subnet]; i < g->forwarder_first[subnet + 1]; i++) {
		const struct member *f = &g->forwarders[i];

		if (f->actor != g->host && o->actor_dist[f->actor] == o->subnet_dist[subnet] - 1)
			return f;
	}
	return NULL;
}

/* The way that is decided for an actor: over the first of its interfaces that is nearest. */
static struct way decide(const struct outward *o, uint32_t actor)
{
	const struct graph *g = o->g;
	const struct attachment *best = NULL;
	struct way way = {.next = NOBODY, .network = NOBODY};

	for (uint32_t k = g->attached_first[actor]; k < g->attached_first[actor + 1]; k++) {
		const struct attachment *at = &g->attached[k];

		if (o->subnet_dist[at->subnet] >= 0 &&
		    (!best || o->subnet_dist[at->subnet] < o->subnet_dist[best->subnet]))
			best = at;
	}
	if (!best)
		return way;
	way.set = true;
	if (o->subnet_dist[best->subnet] == 0) {
		const struct wire_subnet *s = &g->subnets.items[best->subnet];

		way.hop = (struct hop){network_subnet(o, s)->gateway, best->iface};
		way.network = s->index;
		return way;
	}
	const struct member *router = nearer_router(o, best->subnet);

	way.hop = (struct hop){router->address, best->iface};
	way.next = router->actor;
	return way;
}

struct wire_key {
	uint8_t attach, family, pad[2];
	uint32_t index;
	uint8_t b[16];
};

static struct wire_key wire_key(const struct iface *iface, const struct ip *ip)
{
	struct wire_key key = {.attach = (uint8_t)iface->attach, .family = ip->family, .index = iface->index};

	memcpy(key.b, ip->b, sizeof(key.b));
	return key;
}

/* Makes the map of routers' addresses. */
static void index_routers(struct outward *o)
{
	struct model *m = o->g->m;

	o->routers = map_new(m->arena);
	for (size_t i = 0; i < m->nodes.n; i++) {
		struct node *n = &m->nodes.items[i];

		for (size_t k = 0; n->router && k < n->ifaces.n; k++) {
			const struct iface *iface = &n->ifaces.items[k];

			for (size_t a = 0; a < iface->addresses.n; a++) {
				struct wire_key key = wire_key(iface, &iface->addresses.items[a].ip);

				map_put(o->routers, &key, sizeof(key), n);
			}
		}
	}
}

/* The default route that the file gives a node, if any, and where it leads. */
static bool given(struct outward *o, uint32_t actor, struct way *way)
{
	const struct model *m = o->g->m;
	const struct node *n = &m->nodes.items[actor];
	const struct route *r = NULL;

	for (size_t i = 0; i < n->routes.n && !r; i++) {
		if (n->routes.items[i].to.len == 0 && n->routes.items[i].to.ip.family == o->family)
			r = &n->routes.items[i];
	}
	if (!r)
		return false;
	*way = (struct way){.set = true, .given = true, .hop = r->hops[0], .next = NOBODY, .network = NOBODY};

	const struct iface *iface = &n->ifaces.items[way->hop.iface];

	if (iface->attach == ATTACH_NETWORK) {
		const struct subnet *s = &m->networks.items[iface->index].subnet[o->family];

		if (s->gateway.set && ip_equal(&s->gateway, &way->hop.via)) {
			way->network = s->nat ? iface->index : NOBODY;
			return true;
		}
	}
	if (!o->routers)
		index_routers(o);

	struct wire_key key = wire_key(iface, &way->hop.via);
	const struct node *router = map_get(o->routers, &key, sizeof(key));

	if (router)
		way->next = (uint32_t)(router - m->nodes.items);
	return true;
}

/* Follows every way to its network. */
static void follow(struct outward *o)
{
	enum { NEW, ON_PATH, DONE };
	uint8_t *state = arena_array(o->g->m->arena, o->g->n_actors, uint8_t);
	uint32_t *path = arena_array(o->g->m->arena, o->g->n_actors, uint32_t);

	for (uint32_t i = 0; i < o->g->host; i++) {
		uint32_t at = i, n = 0;

		while (state[at] == NEW) {
			state[at] = ON_PATH;
			path[n++] = at;
			if (o->ways[at].next == NOBODY)
				break;
			at = o->ways[at].next;
		}
		/* The end of the path, one that was followed before, or a loop, which leads nowhere. */
		uint32_t network = o->ways[at].next != NOBODY && state[at] == ON_PATH ? NOBODY : o->ways[at].network;

		while (n) {
			o->ways[path[--n]].network = network;
			state[path[n]] = DONE;
		}
	}
}

struct pair {
	uint32_t network, subnet;
};

struct pairs {
	VEC(struct pair);
};

static int by_pair(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->network != y->network)
		return x->network < y->network ? -1 : 1;
	return (x->subnet > y->subnet) - (x->subnet < y->subnet);
}

/* Notes that a subnet leaves by a router, if that leads out. */
static void note(const struct outward *o, struct pairs *pairs, uint32_t subnet, uint32_t router)
{
	uint32_t network = o->ways[router].network;

	if (network != NOBODY && !is_nat(o, subnet))
		*vec_push(o->g->m->arena, pairs) = (struct pair){network, subnet};
}

/* The subnet that a way given by the file takes first. */
static void note_given(const struct outward *o, struct pairs *pairs, uint32_t actor)
{
	const struct graph *g = o->g;
	const struct way *way = &o->ways[actor];

	for (uint32_t k = g->attached_first[actor]; k < g->attached_first[actor + 1]; k++) {
		const struct attachment *at = &g->attached[k];

		if (at->iface == way->hop.iface && prefix_contains(&g->subnets.items[at->subnet].prefix, &way->hop.via))
			note(o, pairs, at->subnet, way->next);
	}
}

/* Fills `behind`: what leaves by the nearest routers of a subnet, and by default routes of the file. */
static void find_behind(struct outward *o)
{
	const struct graph *g = o->g;
	struct pairs pairs = {0};

	for (uint32_t t = g->family_first[o->family]; t < g->family_first[o->family + 1]; t++) {
		if (o->subnet_dist[t] <= 0)
			continue;
		for (uint32_t i = g->forwarder_first[t]; i < g->forwarder_first[t + 1]; i++) {
			uint32_t actor = g->forwarders[i].actor;

			if (actor != g->host && o->actor_dist[actor] == o->subnet_dist[t] - 1)
				note(o, &pairs, t, actor);
		}
	}
	for (uint32_t i = 0; i < g->host; i++) {
		if (o->ways[i].given && o->ways[i].next != NOBODY)
			note_given(o, &pairs, i);
	}
	if (pairs.n)
		qsort(pairs.items, pairs.n, sizeof(*pairs.items), by_pair);
	for (size_t i = 0; i < pairs.n; i++) {
		const struct pair *p = &pairs.items[i];

		if (i == 0 || by_pair(p, p - 1) != 0)
			*vec_push(g->m->arena, &g->m->networks.items[p->network].behind) =
				g->subnets.items[p->subnet].prefix;
	}
}

struct way *ways_out(const struct graph *g, enum ip_family family)
{
	struct outward o = {.g = g, .family = family, .ways = arena_array(g->m->arena, g->n_actors, struct way)};

	measure(&o);
	for (uint32_t i = 0; i < g->n_actors; i++) {
		o.ways[i] = (struct way){.next = NOBODY, .network = NOBODY};
		if (i < g->host && !given(&o, i, &o.ways[i]) && g->m->nodes.items[i].routing)
			o.ways[i] = decide(&o, i);
	}
	follow(&o);
	find_behind(&o);
	return o.ways;
}
