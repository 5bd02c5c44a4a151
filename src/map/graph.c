/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces and switches become nodes; which devices are worth a line. See map_graph.h. */
#include "map_graph.h"

#include <errno.h>
#include <string.h>

#include "error.h"
#include "text.h"

enum { SHORT_ID = 12 };

/* ---- what a device is ------------------------------------------------------------------------------ */

bool address_tells(const char *address)
{
	return !has_prefix(address, "fe80:") && !has_prefix(address, "127.") && !streq(address, "::1/128");
}

static bool has_telling_address(const struct nsl_device *d)
{
	for (size_t i = 0; i < d->n_addresses; i++)
		if (address_tells(d->addresses[i]))
			return true;
	return false;
}

bool is_way_out(const struct nsl_netns *ns, int32_t device)
{
	return ns->out[0].device == device || ns->out[1].device == device;
}

bool is_fallback(const struct nsl_device *d)
{
	static const char *const names[] = {"tunl0",   "gre0",    "gretap0",  "erspan0",    "sit0",      "ip6tnl0",
	                                    "ip6gre0", "ip_vti0", "ip6_vti0", "ip6gretap0", "ip6erspan0"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (streq(d->name, names[i]))
			return !d->up && !d->n_addresses && d->master.device < 0;
	return false;
}

bool is_bare_fabric(const struct nsl_map *map, int32_t node)
{
	const struct nsl_map_node *n = &map->nodes[node];
	const char *name = n->kind == NSL_MAP_SPACE ? map->census->items[n->at.ns].node : NULL;

	return name && *name == '@' && !n->n_devices && !n->n_edges;
}

/* Kinds that join their ports, even while they have none. A VRF does not: its ports stay what they are. */
static bool is_switch(const struct nsl_device *d, bool ports)
{
	static const char *const kinds[] = {"bridge", "bond", "team", "batadv", "hsr"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (streq(d->kind, kinds[i]))
			return true;
	return ports && !streq(d->kind, "vrf");
}

static bool is_port(struct graph *g, const struct nsl_device *d)
{
	return d->master.device >= 0 && graph_shown(g, d->master)->node >= 0;
}

static bool deserves_line(struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	const struct shown *shown = graph_shown(g, p);
	bool speaks = has_telling_address(d) || is_way_out(&g->census->items[p.ns], p.device);

	if (streq(d->kind, "loopback"))
		return has_telling_address(d);
	if (shown->node >= 0)
		return speaks;
	if (is_port(g, d))
		return speaks || shown->carries;
	return !is_fallback(d);
}

/* ---- nodes ----------------------------------------------------------------------------------------- */

static const char *lab_group(struct graph *g, const char *lab)
{
	return arena_printf(g->a, "lab %s", lab);
}

/* What engines call it: by its name, or the beginning of its id. */
static const char *container_label(struct graph *g, const struct nsl_netns *ns)
{
	bool named = !ns->container_id || !streq(ns->container, ns->container_id);

	return named ? ns->container : arena_strndup(g->a, ns->container, SHORT_ID);
}

static const char *space_label(struct graph *g, const struct nsl_netns *ns)
{
	return ns->lab ? ns->node : ns->engine && ns->container ? container_label(g, ns) : ns->name;
}

static void add_space(struct graph *g, int32_t at)
{
	const struct nsl_netns *ns = &g->census->items[at];

	*vec_push(g->a, &g->nodes) = (struct nsl_map_node){
		.kind = NSL_MAP_SPACE,
		.name = ns->name,
		.label = space_label(g, ns),
		.group = ns->lab ? lab_group(g, ns->lab) : ns->engine,
		.at = {at, -1},
	};
}

static void add_switch(struct graph *g, struct nsl_place p)
{
	const struct nsl_device *d = place_device(g->census, p);

	graph_shown(g, p)->node = (int32_t)g->nodes.n;
	*vec_push(g->a, &g->nodes) = (struct nsl_map_node){
		.kind = NSL_MAP_SWITCH,
		.name = d->name,
		.label = d->name,
		.group = d->lab ? lab_group(g, d->lab) : g->nodes.items[p.ns].group,
		.at = p,
	};
}

int32_t graph_other(struct graph *g, enum nsl_map_node_kind kind, const char *key, const char *name)
{
	const char *full = arena_printf(g->a, "%d %s", (int)kind, key);
	void *found = map_puts(g->others, full, (void *)(uintptr_t)(g->nodes.n + 1));

	if (found)
		return (int32_t)((uintptr_t)found - 1);
	*vec_push(g->a, &g->nodes) = (struct nsl_map_node){.kind = kind, .name = name, .label = name, .at = {-1, -1}};
	return (int32_t)g->nodes.n - 1;
}

/* Calls fn for each device of each namespace. */
static void each_device(struct graph *g, void (*fn)(struct graph *g, struct nsl_place p, const struct nsl_device *d))
{
	for (size_t i = 0; i < g->census->n; i++)
		for (size_t k = 0; k < g->census->items[i].n_devices; k++)
			fn(g, (struct nsl_place){(int32_t)i, (int32_t)k}, &g->census->items[i].devices[k]);
}

static void note_ties(struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	graph_shown(g, p)->node = -1;
	if (d->master.device >= 0)
		graph_shown(g, d->master)->ports = true;
	if (d->tie == NSL_TIE_PARENT && d->tied.device >= 0)
		graph_shown(g, d->tied)->carries = true;
}

static void find_switch(struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	if (is_switch(d, graph_shown(g, p)->ports))
		add_switch(g, p);
}

static void find_line(struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	graph_shown(g, p)->line = deserves_line(g, p, d);
}

/* ---- ends ------------------------------------------------------------------------------------------ */

struct nsl_map_end graph_base_end(struct graph *g, struct nsl_place p)
{
	struct shown *shown = graph_shown(g, p);

	shown->tied = true;
	if (shown->node >= 0)
		return (struct nsl_map_end){shown->node, p.device};
	shown->line = true;
	return (struct nsl_map_end){p.ns, p.device};
}

struct nsl_map_end graph_end(struct graph *g, struct nsl_place p)
{
	const struct nsl_device *d = place_device(g->census, p);
	struct shown *shown = graph_shown(g, p);

	if (shown->node >= 0 || shown->line || !is_port(g, d))
		return graph_base_end(g, p);
	shown->tied = true;
	return (struct nsl_map_end){graph_shown(g, d->master)->node, p.device};
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static void list_lines(struct graph *g)
{
	for (size_t i = 0; i < g->census->n; i++) {
		struct nsl_map_node *node = &g->nodes.items[i];
		size_t n = g->census->items[i].n_devices;

		node->devices = arena_array(g->a, n, int32_t);
		for (size_t k = 0; k < n; k++)
			if (g->shown[g->base[i] + k].line)
				node->devices[node->n_devices++] = (int32_t)k;
	}
}

static void count_edges(struct graph *g)
{
	for (size_t i = 0; i < g->edges.n; i++)
		for (int e = 0; e < 2; e++)
			g->nodes.items[g->edges.items[i].end[e].node].n_edges++;
}

static void make(struct graph *g, struct nsl_map *out)
{
	size_t n = 0;

	g->others = map_new(g->a);
	g->base = arena_array(g->a, g->census->n, size_t);
	for (size_t i = 0; i < g->census->n; i++) {
		g->base[i] = n;
		n += g->census->items[i].n_devices;
		add_space(g, (int32_t)i);
	}
	g->shown = arena_array(g->a, n, struct shown);
	each_device(g, note_ties);
	each_device(g, find_switch);
	each_device(g, find_line);
	graph_edges(g);
	if (g->options->planned)
		graph_planned_way_out(g);
	list_lines(g);
	if (g->options->lab)
		graph_keep_lab(g, g->options->lab);
	count_edges(g);
	*out = (struct nsl_map){
		.census = g->census,
		.lab = g->options->lab ? arena_strdup(g->a, g->options->lab) : NULL,
		.planned = g->options->planned,
		.n_nodes = g->nodes.n,
		.n_edges = g->edges.n,
		.nodes = g->nodes.items,
		.edges = g->edges.items,
	};
}

int graph_of_census(const struct nsl_census *census, const struct graph_options *options, struct nsl_map **out,
                    struct nsl_error **err)
{
	struct arena *a = arena_new();
	struct graph *g;
	struct map_box *box;

	if (!a)
		return error_oom(err);
	if (arena_exhausted(a)) {
		arena_free(a);
		return error_oom(err);
	}
	g = arena_new_of(a, struct graph);
	*g = (struct graph){.a = a, .census = census, .options = options};
	box = arena_new_of(a, struct map_box);
	box->arena = a;
	make(g, &box->map);
	arena_settle(a);
	*out = &box->map;
	return 0;
}

void graph_free(struct nsl_map *map)
{
	if (map)
		arena_free(((struct map_box *)map)->arena);
}
