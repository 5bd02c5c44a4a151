/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A map as a flowchart of Mermaid's, which Markdown on many sites shows as a picture. */
#include <assert.h>
#include <string.h>

#include "draw.h"
#include "escape.h"
#include "fd.h"
#include "map_graph.h"
#include "text.h"

struct mermaid {
	struct strbuf *b;
	const struct nsl_map *map;
};

/* ---- nodes ----------------------------------------------------------------------------------------- */

static void put_device(struct mermaid *o, const struct nsl_device *d)
{
	strbuf_adds(o->b, "<br/>");
	put_mermaid(o->b, d->name);
	for (size_t i = 0; i < d->n_addresses; i++)
		if (address_tells(d->addresses[i])) {
			strbuf_adds(o->b, " ");
			put_mermaid(o->b, d->addresses[i]);
		}
	if (!d->up)
		strbuf_adds(o->b, " down");
	else if (!d->carrier)
		strbuf_adds(o->b, " no carrier");
}

static const char *class_of(const struct mermaid *o, const struct nsl_map_node *n)
{
	const struct nsl_netns *ns = &o->map->census->items[n->at.ns];

	if (n->at.ns == 0)
		return "host";
	if (ns->errnum)
		return "hidden";
	if (!ns->lab)
		return "stranger";
	return ns->forwards[0] || ns->forwards[1] ? "router" : "lab";
}

static void put_space(struct mermaid *o, size_t i)
{
	const struct nsl_map_node *n = &o->map->nodes[i];
	const struct nsl_netns *ns = &o->map->census->items[n->at.ns];

	strbuf_printf(o->b, "n%zu[\"<b>", i);
	put_mermaid(o->b, n->label);
	strbuf_adds(o->b, "</b>");
	if (ns->forwards[0] || ns->forwards[1])
		strbuf_adds(o->b, " forwards");
	if (ns->nat)
		strbuf_adds(o->b, " nat");
	if (ns->errnum) {
		strbuf_adds(o->b, "<br/>");
		put_mermaid(o->b, strerror(ns->errnum));
	}
	for (size_t k = 0; k < n->n_devices; k++)
		put_device(o, &ns->devices[n->devices[k]]);
	strbuf_printf(o->b, "\"]:::%s\n", class_of(o, n));
}

static void put_other(struct mermaid *o, size_t i)
{
	static const struct {
		const char *open, *close;
	} shapes[] = {
		[NSL_MAP_SWITCH] = {"([\"", "\"]):::switch"},
		[NSL_MAP_OUTSIDE] = {"((\"", "\"))"},
		[NSL_MAP_REMOTE] = {">\"", "\"]"},
		[NSL_MAP_DARK] = {"[/\"", "\"/]:::stranger"},
		[NSL_MAP_PROCESS] = {"[[\"", "\"]]"},
	};
	static_assert(ARRAY_SIZE(shapes) == NSL_MAP_NODE_KIND_COUNT, "every kind of node has its shape");
	const struct nsl_map_node *n = &o->map->nodes[i];

	strbuf_printf(o->b, "n%zu%s", i, shapes[n->kind].open);
	put_mermaid(o->b, n->label);
	if (n->pid)
		strbuf_printf(o->b, " #40;%d#41;", n->pid);
	strbuf_printf(o->b, "%s\n", shapes[n->kind].close);
}

static void put_node(struct mermaid *o, size_t i)
{
	if (is_bare_fabric(o->map, (int32_t)i))
		return;
	strbuf_adds(o->b, "  ");
	if (o->map->nodes[i].kind == NSL_MAP_SPACE)
		put_space(o, i);
	else
		put_other(o, i);
}

/* ---- edges ----------------------------------------------------------------------------------------- */

/* The name of a device that its node does not tell of: a port. */
static const char *port_of(const struct mermaid *o, const struct nsl_map_end *end)
{
	const struct nsl_map_node *n = &o->map->nodes[end->node];

	if (n->kind != NSL_MAP_SWITCH || end->device < 0 || end->device == n->at.device)
		return NULL;
	return o->map->census->items[n->at.ns].devices[end->device].name;
}

static void put_edge(struct mermaid *o, const struct nsl_map_edge *e)
{
	static const char *const lines[] = {
		[NSL_MAP_CABLE] = "---",  [NSL_MAP_OWN] = "===",    [NSL_MAP_PORT] = "---", [NSL_MAP_PARENT] = "-.-",
		[NSL_MAP_TUNNEL] = "-.-", [NSL_MAP_UPLINK] = "===", [NSL_MAP_HELD] = "-.-", [NSL_MAP_LOST] = "-.-",
	};
	static_assert(ARRAY_SIZE(lines) == NSL_MAP_EDGE_KIND_COUNT, "every kind of edge has its line");
	const char *words[] = {e->label, port_of(o, &e->end[0]), port_of(o, &e->end[1]),
	                       e->state == NSL_MAP_DOWN         ? "down"
	                       : e->state == NSL_MAP_NO_CARRIER ? "no carrier"
	                                                        : NULL};
	const char *open = "|\"";

	strbuf_printf(o->b, "  n%d %s", e->end[0].node, lines[e->kind]);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i]) {
			strbuf_adds(o->b, open);
			put_mermaid(o->b, words[i]);
			open = ", ";
		}
	strbuf_printf(o->b, "%s n%d\n", *open == ',' ? "\"|" : "", e->end[1].node);
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static void put_group(struct mermaid *o, size_t i)
{
	const char *group = o->map->nodes[i].group;

	strbuf_printf(o->b, "  subgraph g%zu[\"", i);
	put_mermaid(o->b, group);
	strbuf_adds(o->b, "\"]\n");
	for (size_t k = i; k < o->map->n_nodes; k++)
		if (o->map->nodes[k].group && streq(o->map->nodes[k].group, group))
			put_node(o, k);
	strbuf_adds(o->b, "  end\n");
}

void draw_mermaid(struct arena *a, const struct nsl_map *map, struct strbuf *b)
{
	struct mermaid o = {.b = b, .map = map};
	struct map *groups = map_new(a);

	strbuf_adds(b, "flowchart LR\n");
	for (size_t i = 0; i < map->n_nodes; i++) {
		const char *group = map->nodes[i].group;

		if (!group)
			put_node(&o, i);
		else if (!map_puts(groups, group, groups))
			put_group(&o, i);
	}
	for (size_t i = 0; i < map->n_edges; i++)
		put_edge(&o, &map->edges[i]);
	for (size_t i = 0; i < map->n_edges; i++)
		if (map->edges[i].state == NSL_MAP_DOWN)
			strbuf_printf(b, "  linkStyle %zu stroke:#dc2626,stroke-dasharray:3 5\n", i);
	strbuf_adds(b, "  classDef host stroke:#4f46e5,stroke-width:2px\n"
	               "  classDef lab stroke:#0d9488\n"
	               "  classDef router stroke:#d97706,stroke-width:2px\n"
	               "  classDef switch stroke:#2563eb,stroke-width:2px\n"
	               "  classDef stranger stroke-dasharray:4 3\n"
	               "  classDef hidden stroke:#dc2626,stroke-dasharray:4 3\n");
}
