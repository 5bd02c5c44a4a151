/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Automatic routes, put together.
 *
 *   graph.c     who is on which subnet and who forwards; shortest ways from one actor to all subnets
 *   ways_out.c  the default routes, and what is masqueraded behind a nat network
 *   table.c     one actor's routes from a search, shortened
 *   routes.c    a table for everybody, merged with the routes of the file
 *
 * One search from each router and the host: O(actors × (subnets + attachments)),
 * where a set of first hops is a few machine words. Nodes that do not forward
 * and hang on the same subnets share one search and one table, so 4,000 nodes on
 * a switch cost as much as one. Routes hold their hops by pointer, and all
 * routes of a node with the same hops point to the same ones.
 */
#include "routes.h"

#include <string.h>

#include "graph.h"
#include "table.h"

/* A table that several nodes have in common. */
struct shared {
	struct route *routes;
	size_t n;
};

struct compute {
	struct graph graph;
	struct search search;
	struct table table;
	struct way *ways[IP_FAMILIES];
	struct map *shared; /* attachments → struct shared * */
};

/* The default route of a way that was decided. */
static struct route default_route(const struct compute *c, enum ip_family f, const struct way *way)
{
	const struct model *m = c->graph.m;
	struct route r = {
		.to = {{.set = true, .family = (uint8_t)f}, 0},
		.hops = arena_new_of(m->arena, struct hop),
		.n_hops = 1,
		.reason = ROUTE_DEFAULT,
	};

	*r.hops = way->hop;
	if (way->network != NOBODY)
		r.pos = m->networks.items[way->network].subnet[f].pos;
	return r;
}

/* All automatic routes of an actor, in order, with those of the file left out and respected. */
static struct shared compute_actor(struct compute *c, uint32_t actor, const struct route *given, size_t n_given)
{
	struct arena *a = c->graph.m->arena;
	struct shared out = {0};

	for (int f = 0; f < IP_FAMILIES; f++) {
		const struct way *way = &c->ways[f][actor];
		bool decided = way->set && !way->given;
		struct route *routes;

		if (!table_fill_only(&c->table, actor, (enum ip_family)f, way, n_given)) {
			search_from(&c->search, actor, (enum ip_family)f);
			table_fill(&c->table, way, given, n_given);
		}
		if (c->table.n_routes + decided == 0)
			continue;
		routes = arena_array(a, out.n + decided + c->table.n_routes, struct route);
		if (out.n)
			memcpy(routes, out.routes, out.n * sizeof(*routes));
		if (decided)
			routes[out.n++] = default_route(c, (enum ip_family)f, way);
		out.n += table_write(&c->table, routes + out.n);
		out.routes = routes;
	}
	return out;
}

/* The table of a node that does not forward: the same for all that have the same attachments. */
static struct shared compute_leaf(struct compute *c, uint32_t actor)
{
	const struct graph *g = &c->graph;
	const struct attachment *at = &g->attached[g->attached_first[actor]];
	size_t len = (g->attached_first[actor + 1] - g->attached_first[actor]) * sizeof(*at);
	struct shared *s = map_get(c->shared, at, len);

	if (!s) {
		s = arena_new_of(g->m->arena, struct shared);
		*s = compute_actor(c, actor, NULL, 0);
		map_put(c->shared, at, len, s);
	}
	return *s;
}

/* Merges the routes of the file with the automatic ones; both are sorted, and have no destination in common. */
static void merge(struct node *n, struct arena *a, struct shared automatic)
{
	size_t i = 0, k = 0;
	struct route *given = n->routes.items;
	size_t n_given = n->routes.n;

	if (automatic.n == 0)
		return;
	n->routes.n = n->routes.cap = n_given + automatic.n;
	if (n_given == 0) {
		n->routes.items = automatic.routes;
		return;
	}
	n->routes.items = arena_array(a, n->routes.n, struct route);
	for (size_t at = 0; at < n->routes.n; at++) {
		bool from_file =
			k == automatic.n || (i < n_given && prefix_cmp(&given[i].to, &automatic.routes[k].to) < 0);

		n->routes.items[at] = from_file ? given[i++] : automatic.routes[k++];
	}
}

static void compute_node(struct compute *c, uint32_t actor)
{
	struct node *n = &c->graph.m->nodes.items[actor];
	struct arena *a = c->graph.m->arena;

	if (!n->routing)
		return;
	if (actor_forwards(c->graph.m, actor) || n->routes.n)
		merge(n, a, compute_actor(c, actor, n->routes.items, n->routes.n));
	else
		merge(n, a, compute_leaf(c, actor));
}

void routes_compute(struct model *m)
{
	struct compute c = {0};

	if (!m->routing)
		return;
	graph_init(&c.graph, m);
	search_init(&c.search, &c.graph);
	table_init(&c.table, &c.search);
	for (int f = 0; f < IP_FAMILIES; f++)
		c.ways[f] = ways_out(&c.graph, (enum ip_family)f);
	c.shared = map_new(m->arena);
	for (uint32_t i = 0; i < c.graph.host; i++)
		compute_node(&c, i);

	struct shared host = compute_actor(&c, c.graph.host, NULL, 0);

	m->host_routes.items = host.routes;
	m->host_routes.n = m->host_routes.cap = host.n;
}
