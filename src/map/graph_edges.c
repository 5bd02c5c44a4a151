/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The edges that both ends of are devices which a census has found. See map_graph.h. */
#include "map_graph.h"

#include "text.h"

/* ---- state ----------------------------------------------------------------------------------------- */

static const struct nsl_device *device_of_end(const struct graph *g, const struct nsl_map_end *end)
{
	struct nsl_place at = g->nodes.items[end->node].at;

	return place_device(g->census, (struct nsl_place){at.ns, end->device});
}

/* The worse of two ends; what is out of sight counts as well. */
static enum nsl_map_state state_of(const struct graph *g, const struct nsl_map_end *from, const struct nsl_map_end *to)
{
	const struct nsl_device *ends[] = {device_of_end(g, from), device_of_end(g, to)};
	enum nsl_map_state state = NSL_MAP_UP;

	for (int e = 0; e < 2; e++) {
		if (ends[e] && !ends[e]->up)
			return NSL_MAP_DOWN;
		if (ends[e] && !ends[e]->carrier)
			state = NSL_MAP_NO_CARRIER;
	}
	return state;
}

void graph_edge(struct graph *g, enum nsl_map_edge_kind kind, struct nsl_map_end from, struct nsl_map_end to,
                const char *label)
{
	*vec_push(g->a, &g->edges) = (struct nsl_map_edge){
		.kind = kind,
		.state = state_of(g, &from, &to),
		.end = {from, to},
		.label = label,
	};
}

/* ---- ties ------------------------------------------------------------------------------------------ */

/* Each cable once: from the end that comes first. */
static void add_cable(struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	bool first = p.ns < d->tied.ns || (p.ns == d->tied.ns && p.device < d->tied.device);

	if (d->tied.device >= 0 && first)
		graph_edge(g, NSL_MAP_CABLE, graph_end(g, p), graph_end(g, d->tied), NULL);
}

static const char *upper_label(struct graph *g, const struct nsl_device *d)
{
	if (d->vlan)
		return arena_printf(g->a, "%s %u", d->kind, d->vlan);
	if (d->mode)
		return arena_printf(g->a, "%s %s", d->kind, d->mode);
	return d->kind;
}

/* Of a tunnel, where it stands on its own namespace's device is a detail: the far end is what matters. */
static void add_upper(struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	struct nsl_map_end from;

	if (d->tunnel && d->tied.ns == p.ns)
		return;
	from = graph_end(g, p);
	if (d->tied.device >= 0)
		graph_edge(g, NSL_MAP_PARENT, from, graph_base_end(g, d->tied), upper_label(g, d));
	else
		graph_edge(g, NSL_MAP_PARENT, from, (struct nsl_map_end){d->tied.ns, -1}, upper_label(g, d));
}

static void add_ties(struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	if (d->tie == NSL_TIE_PEER)
		add_cable(g, p, d);
	else if (d->tie == NSL_TIE_PARENT)
		add_upper(g, p, d);
	graph_far_edges(g, p, d);
}

/* What takes part in a switch and is not the near end of something else. */
static void add_membership(struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	struct shown *shown = graph_shown(g, p);
	int32_t in = d->master.device < 0 ? -1 : graph_shown(g, d->master)->node;

	if (shown->node >= 0 && shown->line)
		graph_edge(g, NSL_MAP_OWN, (struct nsl_map_end){p.ns, p.device},
		           (struct nsl_map_end){shown->node, p.device}, NULL);
	if (in < 0 || (shown->tied && shown->node < 0 && !shown->line))
		return;
	if (shown->node < 0)
		shown->line = true;
	graph_edge(g, NSL_MAP_PORT, (struct nsl_map_end){shown->node >= 0 ? shown->node : p.ns, p.device},
	           (struct nsl_map_end){in, p.device}, NULL);
}

void graph_edges(struct graph *g)
{
	const struct nsl_census *c = g->census;

	graph_index_tunnels(g);
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < c->n; i++)
			for (size_t k = 0; k < c->items[i].n_devices; k++) {
				struct nsl_place p = {(int32_t)i, (int32_t)k};

				(pass ? add_membership : add_ties)(g, p, &c->items[i].devices[k]);
			}
}
