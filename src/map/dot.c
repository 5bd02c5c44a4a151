/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A map in the DOT language, for Graphviz's own programs and whatever else reads it. */
#include <assert.h>
#include <string.h>

#include "draw.h"
#include "escape.h"
#include "fd.h"
#include "map_graph.h"
#include "text.h"
#include "utf8.h"

enum { GAP = 2 };

struct dot {
	struct strbuf *b;
	const struct nsl_map *map;
};

/* ---- nodes ----------------------------------------------------------------------------------------- */

static const char *state_color(const struct nsl_device *d)
{
	return !d->up ? "#b91c1c" : d->carrier ? "#15803d" : "#b45309";
}

/* Spaces that Graphviz leaves alone. */
static void put_spaces(struct dot *o, size_t n)
{
	while (n--)
		strbuf_adds(o->b, "&#160;");
}

static size_t cells(const char *text)
{
	return utf8_cells(text, strlen(text));
}

/* One cell, so that edges end at either side of the row. `names`: cells of the longest name. */
static void put_row(struct dot *o, const struct nsl_device *d, int32_t device, size_t names)
{
	size_t told = 0;

	strbuf_printf(o->b, "<TR><TD ALIGN=\"LEFT\" BALIGN=\"LEFT\" PORT=\"d%d\"><FONT COLOR=\"%s\">●</FONT> ", device,
	              state_color(d));
	put_xml(o->b, d->name);
	put_spaces(o, names + GAP - cells(d->name));
	for (size_t i = 0; i < d->n_addresses; i++) {
		if (!address_tells(d->addresses[i]))
			continue;
		if (told++) {
			strbuf_adds(o->b, "<BR/>");
			put_spaces(o, names + 2 * GAP);
		}
		put_xml(o->b, d->addresses[i]);
	}
	if (!told && !streq(d->kind, "veth"))
		put_xml(o->b, d->kind);
	strbuf_adds(o->b, "</TD></TR>");
}

static size_t longest_name(const struct nsl_map_node *n, const struct nsl_netns *ns)
{
	size_t most = 0;

	for (size_t i = 0; i < n->n_devices; i++) {
		size_t mine = cells(ns->devices[n->devices[i]].name);

		most = mine > most ? mine : most;
	}
	return most;
}

static void put_space(struct dot *o, size_t i)
{
	const struct nsl_map_node *n = &o->map->nodes[i];
	const struct nsl_netns *ns = &o->map->census->items[n->at.ns];
	bool stranger = !ns->lab && n->at.ns != 0;

	strbuf_printf(o->b, "n%zu [label=<<TABLE BORDER=\"1\" CELLBORDER=\"0\" CELLSPACING=\"0\" STYLE=\"%s\"%s>", i,
	              stranger ? "rounded,dashed" : "rounded", ns->errnum ? " COLOR=\"#b91c1c\"" : "");
	strbuf_adds(o->b, "<TR><TD ALIGN=\"LEFT\"><B>");
	put_xml(o->b, n->label);
	strbuf_adds(o->b, "</B>");
	if (ns->forwards[0] || ns->forwards[1])
		strbuf_adds(o->b, " <I>forwards</I>");
	if (ns->nat)
		strbuf_adds(o->b, " <I>nat</I>");
	if (ns->errnum) {
		strbuf_adds(o->b, " ");
		put_xml(o->b, strerror(ns->errnum));
	}
	strbuf_adds(o->b, "</TD></TR>");
	for (size_t k = 0; k < n->n_devices; k++)
		put_row(o, &ns->devices[n->devices[k]], n->devices[k], longest_name(n, ns));
	strbuf_adds(o->b, "</TABLE>>];\n");
}

static void put_other(struct dot *o, size_t i)
{
	static const char *const shapes[] = {
		[NSL_MAP_SWITCH] = "shape=box style=rounded penwidth=2",
		[NSL_MAP_OUTSIDE] = "shape=egg",
		[NSL_MAP_REMOTE] = "shape=cds",
		[NSL_MAP_DARK] = "shape=box style=dashed",
		[NSL_MAP_PROCESS] = "shape=component",
	};
	static_assert(ARRAY_SIZE(shapes) == NSL_MAP_NODE_KIND_COUNT, "every kind of node has its shape");
	const struct nsl_map_node *n = &o->map->nodes[i];

	strbuf_printf(o->b, "n%zu [%s label=\"", i, shapes[n->kind]);
	put_dot_string(o->b, n->label);
	if (n->pid)
		strbuf_printf(o->b, " (%d)", n->pid);
	strbuf_adds(o->b, "\"];\n");
}

static void put_node(struct dot *o, size_t i)
{
	if (is_bare_fabric(o->map, (int32_t)i))
		return;
	if (o->map->nodes[i].kind == NSL_MAP_SPACE)
		put_space(o, i);
	else
		put_other(o, i);
}

/* ---- edges ----------------------------------------------------------------------------------------- */

static void put_end(struct dot *o, const struct nsl_map_end *end)
{
	const struct nsl_map_node *n = &o->map->nodes[end->node];

	strbuf_printf(o->b, "n%d", end->node);
	if (n->kind == NSL_MAP_SPACE && end->device >= 0)
		strbuf_printf(o->b, ":d%d", end->device);
}

/* By which port. */
static void put_port(struct dot *o, const char *attribute, const struct nsl_map_end *end)
{
	const struct nsl_map_node *n = &o->map->nodes[end->node];

	if (n->kind != NSL_MAP_SWITCH || end->device < 0 || end->device == n->at.device)
		return;
	strbuf_printf(o->b, " %s=\"", attribute);
	put_dot_string(o->b, o->map->census->items[n->at.ns].devices[end->device].name);
	strbuf_adds(o->b, "\"");
}

static void put_edge(struct dot *o, const struct nsl_map_edge *e)
{
	static const char *const styles[] = {
		[NSL_MAP_CABLE] = "",
		[NSL_MAP_OWN] = " penwidth=2",
		[NSL_MAP_PORT] = "",
		[NSL_MAP_PARENT] = " style=dotted",
		[NSL_MAP_TUNNEL] = " style=dashed",
		[NSL_MAP_UPLINK] = " penwidth=2",
		[NSL_MAP_HELD] = " style=dotted",
		[NSL_MAP_LOST] = " style=dashed",
	};
	static_assert(ARRAY_SIZE(styles) == NSL_MAP_EDGE_KIND_COUNT, "every kind of edge has its style");
	static const char *const states[] = {
		[NSL_MAP_UP] = "",
		[NSL_MAP_NO_CARRIER] = " color=\"#b45309\"",
		[NSL_MAP_DOWN] = " color=\"#b91c1c\" style=dashed",
	};
	static_assert(ARRAY_SIZE(states) == NSL_MAP_STATE_COUNT, "every state has its look");

	put_end(o, &e->end[0]);
	strbuf_adds(o->b, " -- ");
	put_end(o, &e->end[1]);
	strbuf_printf(o->b, " [%s%s", styles[e->kind], states[e->state]);
	if (e->label) {
		strbuf_adds(o->b, " label=\"");
		put_dot_string(o->b, e->label);
		strbuf_adds(o->b, "\"");
	}
	put_port(o, "taillabel", &e->end[0]);
	put_port(o, "headlabel", &e->end[1]);
	strbuf_adds(o->b, "];\n");
}

/* ---- all of it ------------------------------------------------------------------------------------- */

/* Those of the group of node i, which is the first of them. */
static void put_group(struct dot *o, size_t i)
{
	const char *group = o->map->nodes[i].group;

	strbuf_printf(o->b, "subgraph cluster_%zu {\nlabel=\"", i);
	put_dot_string(o->b, group);
	strbuf_adds(o->b, "\";\n");
	for (size_t k = i; k < o->map->n_nodes; k++)
		if (o->map->nodes[k].group && streq(o->map->nodes[k].group, group))
			put_node(o, k);
	strbuf_adds(o->b, "}\n");
}

static void put_nodes(struct dot *o, struct map *groups)
{
	for (size_t i = 0; i < o->map->n_nodes; i++) {
		const char *group = o->map->nodes[i].group;

		if (!group)
			put_node(o, i);
		else if (!map_puts(groups, group, groups))
			put_group(o, i);
	}
}

void draw_dot(struct arena *a, const struct nsl_map *map, struct strbuf *b)
{
	struct dot o = {.b = b, .map = map};

	strbuf_printf(b, "graph \"%s%s\" {\n", map->lab ? "lab " : "network namespaces", map->lab ? map->lab : "");
	strbuf_adds(b, "rankdir=LR; ranksep=1.2; fontname=monospace;\n"
	               "node [shape=plain fontname=monospace fontsize=11];\n"
	               "edge [fontname=monospace fontsize=9];\n");
	put_nodes(&o, map_new(a));
	for (size_t i = 0; i < map->n_edges; i++)
		put_edge(&o, &map->edges[i]);
	strbuf_adds(b, "}\n");
}
