/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of namespaces in a panel: next comes always one that is connected to
 * those above, and of these the one that leaves the fewest connections open. So what
 * belongs together stands together, and lines are short. It is a rule of thumb; finding
 * the best order is a hard problem.
 */
#include <limits.h>

#include "map_text.h"

enum { MANY = 600 }; /* then the order is the census's: nobody will follow lines with the eye */

struct ordering {
	const struct nsl_map *map;
	bool *placed;
	size_t *left;  /* of each node: edges to what is not placed yet */
	size_t *edges; /* edges by node, … */
	size_t *first; /* … from here on */
	size_t *order, n;
	size_t *switches, n_switches; /* nodes */
};

static void list_edges(struct ordering *o, struct arena *a)
{
	size_t n = o->map->n_nodes, *next = arena_array(a, n + 1, size_t);

	o->first = arena_array(a, n + 1, size_t);
	o->edges = arena_array(a, 2 * o->map->n_edges, size_t);
	for (size_t i = 0; i < n; i++)
		next[i + 1] = o->first[i + 1] = o->first[i] + o->map->nodes[i].n_edges;
	for (size_t i = 0; i < o->map->n_edges; i++)
		for (int e = 0; e < 2; e++)
			o->edges[next[o->map->edges[i].end[e].node]++] = i;
}

static int32_t other_end(const struct ordering *o, size_t edge, int32_t node)
{
	const struct nsl_map_edge *e = &o->map->edges[edge];

	return e->end[e->end[0].node == node].node;
}

static bool is_space(const struct ordering *o, int32_t node)
{
	return o->map->nodes[node].kind == NSL_MAP_SPACE;
}

/* A switch, or a place beyond, is opened by the first namespace that leads to it, and closed by the last. Where a switch stands
 * comes before what is plugged into it. */
static int weigh(const struct ordering *o, int32_t node, bool *near)
{
	int weight = 0;

	*near = false;
	for (size_t i = 0; i < o->n_switches; i++)
		if (o->map->nodes[o->switches[i]].at.ns == o->map->nodes[node].at.ns) {
			*near |= o->placed[o->switches[i]];
			weight -= 2;
		}
	for (size_t i = o->first[node]; i < o->first[node + 1]; i++) {
		int32_t other = other_end(o, o->edges[i], node);

		if (is_space(o, other)) {
			*near |= o->placed[other];
			weight += o->placed[other] ? -1 : 1;
		} else {
			*near |= o->placed[other];
			weight += !o->placed[other] ? 1 : o->left[other] == 1 ? -1 : 0;
		}
	}
	return weight;
}

static void place(struct ordering *o, int32_t node)
{
	o->placed[node] = true;
	if (is_space(o, node))
		o->order[o->n++] = (size_t)node;
	for (size_t i = o->first[node]; i < o->first[node + 1]; i++) {
		int32_t other = other_end(o, o->edges[i], node);

		o->left[other]--;
		if (is_space(o, node) && !is_space(o, other) && !o->placed[other])
			o->placed[other] = true;
	}
}

/* The host before all others. */
static int32_t best(const struct ordering *o)
{
	int32_t found = -1;
	int least = INT_MAX;
	bool found_near = false;

	for (size_t i = 0; i < o->map->n_nodes; i++) {
		bool near;
		int weight;

		if (o->placed[i] || !is_space(o, (int32_t)i))
			continue;
		if (o->map->nodes[i].at.ns == 0 && o->map->nodes[i].n_edges)
			return (int32_t)i;
		weight = weigh(o, (int32_t)i, &near);
		if (found >= 0 && (near < found_near || (near == found_near && weight >= least)))
			continue;
		found = (int32_t)i;
		found_near = near;
		least = weight;
	}
	return found;
}

size_t *map_order(struct arena *a, const struct nsl_map *map)
{
	struct ordering o = {
		.map = map,
		.placed = arena_array(a, map->n_nodes, bool),
		.left = arena_array(a, map->n_nodes, size_t),
		.order = arena_array(a, map->n_nodes, size_t),
		.switches = arena_array(a, map->n_nodes, size_t),
	};
	int32_t next;

	list_edges(&o, a);
	for (size_t i = 0; i < map->n_nodes; i++) {
		o.left[i] = map->nodes[i].n_edges;
		if (map->nodes[i].kind == NSL_MAP_SWITCH)
			o.switches[o.n_switches++] = i;
	}
	if (map->n_nodes > MANY) {
		for (size_t i = 0; i < map->n_nodes; i++)
			if (is_space(&o, (int32_t)i))
				o.order[o.n++] = i;
		return o.order;
	}
	while ((next = best(&o)) >= 0)
		place(&o, next);
	return o.order;
}
