/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document: its head, its look, its title and legend. See svg.h. */
#include "svg.h"

#include <string.h>

#include "escape.h"
#include "fd.h"
#include "text.h"
#include "view.h"

#define EDGE 24.0
#define LEGEND_ROOM 34.0
#define LEGEND_WIDTH 420.0 /* of most */
#define LEGEND_CELL 6.0

void svg_text(struct svg *v, double x, double y, const char *class, const char *text, double cell)
{
	if (!*text)
		return;
	strbuf_printf(v->b,
	              "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" textLength=\"%.1f\" lengthAdjust=\"spacingAndGlyphs\">",
	              class, x, y, text_cells(text) * cell);
	put_xml(v->b, text);
	strbuf_adds(v->b, "</text>");
}

/* ---- title ----------------------------------------------------------------------------------------- */

static const char *count_word(struct arena *a, size_t n, const char *one, const char *many)
{
	return arena_printf(a, "%zu %s", n, n == 1 ? one : many);
}

/* What is counted, in words. */
static const char *counts(struct svg *v)
{
	const struct nsl_map *map = v->s->map;
	struct arena *a = v->s->a;
	size_t n[NSL_MAP_NODE_KIND_COUNT] = {0}, cables = 0;
	const char *hidden = "";

	for (size_t i = 0; i < map->n_nodes; i++)
		n[map->nodes[i].kind]++;
	for (size_t i = 0; i < map->n_edges; i++)
		cables += map->edges[i].kind == NSL_MAP_CABLE;
	if (map->census->n_hidden)
		hidden =
			arena_printf(a, "; %zu processes of other users could not be looked at", map->census->n_hidden);
	return arena_printf(a, "%s, %s, %s%s%s", count_word(a, n[NSL_MAP_SPACE], "namespace", "namespaces"),
	                    count_word(a, n[NSL_MAP_SWITCH], "switch", "switches"),
	                    count_word(a, cables, "cable", "cables"), hidden,
	                    map->planned ? "; not up: drawn as \"nsloom up\" would make it" : "");
}

static void put_title(struct svg *v)
{
	char text[128] = "network namespaces";

	if (v->s->map->lab)
		snprintf(text, sizeof(text), "lab %s", v->s->map->lab);
	svg_text(v, EDGE, 28, "heading", text, 9.0);
	svg_text(v, EDGE, 46, v->s->map->planned ? "counts planned" : "counts", counts(v), CELL);
}

/* ---- legend ---------------------------------------------------------------------------------------- */

static bool has_edge(const struct svg *v, enum nsl_map_edge_kind kind)
{
	for (size_t i = 0; i < v->s->map->n_edges; i++)
		if (v->s->map->edges[i].kind == kind)
			return true;
	return false;
}

static bool has_state(const struct svg *v, enum nsl_map_state state)
{
	for (size_t i = 0; i < v->s->map->n_edges; i++)
		if (v->s->map->edges[i].state == state)
			return true;
	return false;
}

static double put_sample(struct svg *v, double x, double y, const char *class, const char *text)
{
	strbuf_printf(v->b, "<g class=\"wire %s\"><path class=\"core\" d=\"M%.1f %.1fh26\"/></g>", class, x, y);
	svg_text(v, x + 33, y + 3.5, "legend", text, LEGEND_CELL);
	return x + 33 + text_cells(text) * LEGEND_CELL + 20;
}

/* What a reader may not know, of what there is. */
static void put_legend(struct svg *v, double y)
{
	static const struct {
		enum nsl_map_edge_kind kind;
		const char *class, *text;
	} kinds[] = {
		{NSL_MAP_CABLE, "cable up", "cable"},
		{NSL_MAP_OWN, "own up", "takes part by its own address"},
		{NSL_MAP_PARENT, "parent up", "stands on"},
		{NSL_MAP_TUNNEL, "tunnel up", "tunnel"},
		{NSL_MAP_HELD, "held up", "held by a program"},
		{NSL_MAP_LOST, "lost up", "out of sight"},
	};
	double x = EDGE;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (has_edge(v, kinds[i].kind))
			x = put_sample(v, x, y, kinds[i].class, kinds[i].text);
	if (has_state(v, NSL_MAP_NO_CARRIER))
		x = put_sample(v, x, y, "cable idle", "no carrier");
	if (has_state(v, NSL_MAP_DOWN))
		put_sample(v, x, y, "cable down", "down");
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static void put_cdata(struct strbuf *b, const char *tag, const char *text)
{
	strbuf_printf(b, "<%s><![CDATA[\n%s]]></%s>\n", tag, text, tag);
}

void svg_put(struct svg *v, bool inside)
{
	double words = 2 * EDGE + text_cells(counts(v)) * CELL, h = v->s->height + LEGEND_ROOM;
	double least = words > LEGEND_WIDTH ? words : LEGEND_WIDTH, w = v->s->width > least ? v->s->width : least;

	strbuf_printf(
		v->b,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"map\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 "
		"%.0f %.0f\" role=\"group\" aria-label=\"map of network namespaces\">\n",
		w, h, w, h);
	if (!inside)
		put_cdata(v->b, "style", view_css);
	strbuf_printf(v->b, "<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>\n<g id=\"world\">\n");
	put_title(v);
	svg_groups(v);
	svg_wires(v);
	svg_shapes(v);
	put_legend(v, h - 18);
	strbuf_adds(v->b, "</g>\n");
	if (!inside)
		put_cdata(v->b, "script", view_js);
	strbuf_adds(v->b, "</svg>\n");
}
