/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lab alone: its namespaces and everything that they are tied to; of a switch
 * that one of them is plugged into, everything else that is plugged in as well. Of
 * others' namespaces, the host's among them, only the devices that this is about, and
 * their way out.
 */
#include <string.h>

#include "map_graph.h"
#include "text.h"

struct keeping {
	struct graph *g;
	const char *lab;
	bool *node, *edge;
};

static bool of_lab(const struct keeping *k, int32_t node)
{
	struct nsl_place at = k->g->nodes.items[node].at;
	const struct nsl_device *d = place_device(k->g->census, at);
	const char *lab = at.ns < 0 ? NULL : k->g->census->items[at.ns].lab;

	return (lab && streq(lab, k->lab)) || (d && d->lab && streq(d->lab, k->lab));
}

static void keep_edge(struct keeping *k, size_t i)
{
	k->edge[i] = true;
	k->node[k->g->edges.items[i].end[0].node] = k->node[k->g->edges.items[i].end[1].node] = true;
}

/* What leads to or from these. */
static void keep_edges_of(struct keeping *k, const bool *nodes)
{
	for (size_t i = 0; i < k->g->edges.n; i++)
		for (int e = 0; e < 2; e++)
			if (nodes[k->g->edges.items[i].end[e].node])
				keep_edge(k, i);
}

/* What the lab's own namespaces and switches have, then what is plugged into the switches that this led to. */
static void keep_near(struct keeping *k)
{
	size_t n = k->g->nodes.n;
	bool *from = arena_array(k->g->a, n, bool);

	memcpy(from, k->node, n);
	keep_edges_of(k, from);
	for (size_t i = 0; i < n; i++)
		from[i] = k->node[i] && k->g->nodes.items[i].kind == NSL_MAP_SWITCH;
	keep_edges_of(k, from);
}

/* The way out of a namespace that takes part without being of the lab. */
static void keep_ways_out(struct keeping *k)
{
	for (size_t i = 0; i < k->g->edges.n; i++) {
		const struct nsl_map_edge *e = &k->g->edges.items[i];
		struct nsl_place at = k->g->nodes.items[e->end[0].node].at;

		if (at.ns >= 0 && k->node[at.ns] && !of_lab(k, at.ns) &&
		    (e->kind == NSL_MAP_UPLINK || is_way_out(&k->g->census->items[at.ns], e->end[0].device)))
			keep_edge(k, i);
	}
}

/* Of a stranger's namespace, the devices that a kept edge ends at. */
static void keep_lines(struct keeping *k)
{
	struct graph *g = k->g;
	size_t n_spaces = g->census->n;

	for (size_t i = 0; i < n_spaces; i++)
		for (size_t d = 0; d < g->census->items[i].n_devices && !of_lab(k, (int32_t)i); d++)
			g->shown[g->base[i] + d].line = false;
	for (size_t i = 0; i < g->edges.n; i++)
		for (int e = 0; k->edge[i] && e < 2; e++) {
			const struct nsl_map_end *end = &g->edges.items[i].end[e];

			if ((size_t)end->node < n_spaces && end->device >= 0)
				g->shown[g->base[end->node] + (size_t)end->device].line = true;
		}
	for (size_t i = 0; i < n_spaces; i++) {
		struct nsl_map_node *node = &g->nodes.items[i];
		size_t n = 0;

		for (size_t d = 0; d < node->n_devices; d++)
			if (g->shown[g->base[i] + (size_t)node->devices[d]].line)
				node->devices[n++] = node->devices[d];
		node->n_devices = n;
	}
}

static void drop_the_rest(struct keeping *k)
{
	struct graph *g = k->g;
	int32_t *moved = arena_array(g->a, g->nodes.n, int32_t);
	size_t n = 0;

	for (size_t i = 0; i < g->nodes.n; i++) {
		moved[i] = (int32_t)n;
		if (k->node[i])
			g->nodes.items[n++] = g->nodes.items[i];
	}
	g->nodes.n = n;
	n = 0;
	for (size_t i = 0; i < g->edges.n; i++) {
		struct nsl_map_edge e = g->edges.items[i];

		e.end[0].node = moved[e.end[0].node];
		e.end[1].node = moved[e.end[1].node];
		if (k->edge[i])
			g->edges.items[n++] = e;
	}
	g->edges.n = n;
}

void graph_keep_lab(struct graph *g, const char *lab)
{
	struct keeping k = {
		.g = g,
		.lab = lab,
		.node = arena_array(g->a, g->nodes.n, bool),
		.edge = arena_array(g->a, g->edges.n, bool),
	};

	for (size_t i = 0; i < g->nodes.n; i++)
		k.node[i] = of_lab(&k, (int32_t)i);
	keep_near(&k);
	keep_ways_out(&k);
	keep_lines(&k);
	drop_the_rest(&k);
}
