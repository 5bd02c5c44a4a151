/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "map_json.h"

#include <assert.h>

#include "census_json.h"
#include "fd.h"

static const char *const kinds[] = {
	[NSL_MAP_CABLE] = "cable",   [NSL_MAP_OWN] = "own",       [NSL_MAP_PORT] = "port", [NSL_MAP_PARENT] = "parent",
	[NSL_MAP_TUNNEL] = "tunnel", [NSL_MAP_UPLINK] = "uplink", [NSL_MAP_HELD] = "held", [NSL_MAP_LOST] = "lost",
};
static_assert(ARRAY_SIZE(kinds) == NSL_MAP_EDGE_KIND_COUNT, "every kind of edge has its word");

static const char *const states[] = {[NSL_MAP_UP] = "up", [NSL_MAP_NO_CARRIER] = "no carrier", [NSL_MAP_DOWN] = "down"};
static_assert(ARRAY_SIZE(states) == NSL_MAP_STATE_COUNT, "every state has its word");

static const char *const nodes[] = {
	[NSL_MAP_SPACE] = "namespace", [NSL_MAP_SWITCH] = "switch", [NSL_MAP_OUTSIDE] = "outside",
	[NSL_MAP_REMOTE] = "remote",   [NSL_MAP_DARK] = "hidden",   [NSL_MAP_PROCESS] = "process",
};
static_assert(ARRAY_SIZE(nodes) == NSL_MAP_NODE_KIND_COUNT, "every kind of node has its word");

static void put_end(json_t *array, const struct nsl_map *map, const struct nsl_map_end *end)
{
	const struct nsl_map_node *n = &map->nodes[end->node];
	const struct nsl_netns *ns = n->at.ns < 0 ? NULL : &map->census->items[n->at.ns];
	json_t *object = add_object(array);

	put_text(object, "is", nodes[n->kind]);
	put_text(object, "namespace", ns ? ns->name : NULL);
	put_text(object, "switch", n->kind == NSL_MAP_SWITCH ? n->name : NULL);
	if (ns && end->device >= 0)
		put_text(object, "device", ns->devices[end->device].name);
	put_text(object, "name", ns ? NULL : n->name);
	put_known(object, "pid", n->pid);
}

static void put_links(json_t *document, const struct nsl_map *map)
{
	json_t *links = put_array(document, "links");

	for (size_t i = 0; i < map->n_edges; i++) {
		const struct nsl_map_edge *e = &map->edges[i];
		json_t *link = add_object(links), *ends;

		put_text(link, "kind", kinds[e->kind]);
		put_text(link, "state", states[e->state]);
		put_text(link, "label", e->label);
		ends = put_array(link, "ends");
		put_end(ends, map, &e->end[0]);
		put_end(ends, map, &e->end[1]);
	}
}

json_t *map_json(const struct nsl_map *map)
{
	static const struct nsl_census_options with_counters = {.counters = true, .ways_out = true};
	struct nsl_census_options options = with_counters;
	json_t *document = json_object();

	options.counters = !map->planned;
	put_text(document, "lab", map->lab);
	put_bool(document, "planned", map->planned);
	put_census(document, map->census, &options);
	put_links(document, map);
	return document;
}
