/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things stand: the scene as a graph of Graphviz's, with nothing in it but
 * sizes, and what Graphviz makes of it. A card is a table of one row for each line,
 * so that a wire ends at the line of its device.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "graphviz.h"
#include "scene.h"
#include "strbuf.h"
#include "text.h"

enum { PATIENCE = 60, RANKED_MAX = 400 };
#define POINTS_TO_INCH 72.0
#define MARGIN 24.0
#define GAP_MAX 170.0
#define TITLE_ROOM 46.0
#define LABEL_HEIGHT 14.0

/* ---- what Graphviz is asked ------------------------------------------------------------------------ */

static void put_cell(struct strbuf *b, int32_t port, double w, double h)
{
	strbuf_adds(b, "<TR><TD");
	if (port >= 0)
		strbuf_printf(b, " PORT=\"p%d\"", port);
	strbuf_printf(b, " FIXEDSIZE=\"TRUE\" WIDTH=\"%.0f\" HEIGHT=\"%.0f\"></TD></TR>", w, h);
}

static void put_card(struct strbuf *b, const struct shape *card)
{
	double y = 0;

	strbuf_adds(
		b,
		"shape=none margin=0 label=<<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLPADDING=\"0\" CELLSPACING=\"0\">");
	for (size_t i = 0; i < card->n_lines; i++) {
		const struct line *l = &card->lines[i];

		if (l->y > y)
			put_cell(b, -1, card->box.w, l->y - y);
		put_cell(b, l->device, card->box.w, l->h);
		y = l->y + l->h;
	}
	if (card->box.h > y)
		put_cell(b, -1, card->box.w, card->box.h - y);
	strbuf_adds(b, "</TABLE>>");
}

static void put_shape(struct strbuf *b, const struct scene *s, size_t i)
{
	const struct shape *shape = &s->shapes.items[i];

	strbuf_printf(b, "n%zu [", i);
	if (shape->kind == SHAPE_CARD && s->ranked)
		put_card(b, shape);
	else
		strbuf_printf(b, "shape=box fixedsize=true label=\"\" width=%.4f height=%.4f",
		              shape->box.w / POINTS_TO_INCH, shape->box.h / POINTS_TO_INCH);
	strbuf_adds(b, "];\n");
}

static void put_group(struct strbuf *b, const struct scene *s, size_t group)
{
	strbuf_printf(b, "subgraph cluster_%zu {margin=%.0f; labeljust=l; ", group, GROUP_PAD);
	strbuf_printf(b,
	              "label=<<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLPADDING=\"0\" CELLSPACING=\"0\"><TR><TD "
	              "FIXEDSIZE=\"TRUE\" WIDTH=\"%.0f\" HEIGHT=\"14\"></TD></TR></TABLE>>\n",
	              text_cells(s->groups.items[group].name) * CELL + GROUP_PAD);
	for (size_t i = 0; i < s->shapes.n; i++)
		if (s->shapes.items[i].group == (int32_t)group)
			put_shape(b, s, i);
	strbuf_adds(b, "}\n");
}

static void put_end(struct strbuf *b, const struct scene *s, const struct wire *w, bool to)
{
	int32_t at = to ? w->to : w->from;
	const struct nsl_map_end *end = &s->map->edges[w->edge].end[to != w->turned];

	strbuf_printf(b, "n%d", at);
	if (s->ranked && s->shapes.items[at].kind == SHAPE_CARD && end->device >= 0)
		strbuf_printf(b, ":p%d", end->device);
}

/* Two of one column: kept near each other. */
static void put_beside(struct strbuf *b, const struct wire *w)
{
	strbuf_printf(b, "n%d -> n%d [constraint=false style=invis];\n", w->from, w->to);
}

static void put_wire(struct strbuf *b, const struct scene *s, size_t i)
{
	const struct wire *w = &s->wires.items[i];

	if (s->ranked && w->from != w->to && wire_beside(s, w)) {
		put_beside(b, w);
		return;
	}
	put_end(b, s, w, false);
	strbuf_adds(b, " -> ");
	put_end(b, s, w, true);
	strbuf_printf(b, " [id=\"%zu\"", i);
	if (w->label)
		strbuf_printf(
			b,
			" label=<<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLPADDING=\"0\" CELLSPACING=\"0\"><TR><TD "
			"FIXEDSIZE=\"TRUE\" WIDTH=\"%.0f\" HEIGHT=\"%.0f\"></TD></TR></TABLE>>",
			text_cells(w->label) * SMALL_CELL + 2 * BADGE_PAD, LABEL_HEIGHT);
	strbuf_adds(b, "];\n");
}

/* The more wires, the more room. */
static double column_gap(const struct scene *s)
{
	double per_shape = s->shapes.n ? (double)s->wires.n / (double)s->shapes.n : 0;
	double gap = 64 + 1.2 * (double)s->wires.n + 18 * per_shape;

	return gap < GAP_MAX ? gap : GAP_MAX;
}

static void put_graph(struct strbuf *b, const struct scene *s)
{
	strbuf_adds(b, "digraph {\n");
	if (s->ranked)
		strbuf_printf(b, "rankdir=LR; ranksep=%.2f; nodesep=0.25; splines=true; newrank=true; mclimit=6;\n",
		              s->gap / POINTS_TO_INCH);
	else
		strbuf_adds(b, "layout=sfdp; overlap=prism; splines=line; sep=\"+12\"; K=1.6;\n");
	strbuf_adds(b, "edge [dir=none];\n");
	for (size_t i = 0; i < s->groups.n; i++)
		put_group(b, s, i);
	for (size_t i = 0; i < s->shapes.n; i++)
		if (s->shapes.items[i].group < 0)
			put_shape(b, s, i);
	for (size_t i = 0; i < s->wires.n; i++)
		put_wire(b, s, i);
	strbuf_adds(b, "}\n");
}

/* ---- what it answers ------------------------------------------------------------------------------- */

/* "x,y x,y": the numbers of an attribute. Returns how many there were, at most `max`. */
static size_t numbers(const json_t *object, const char *key, double *out, size_t max)
{
	const char *s = json_string_value(json_object_get(object, key));
	size_t n = 0;

	while (s && *s && n < max) {
		char *end;
		double value = strtod(s, &end);

		if (end == s) {
			s++; /* a comma, a space, the "e," before the tip of an arrow */
			continue;
		}
		out[n++] = value;
		s = end;
	}
	return n;
}

static void take_shape(struct scene *s, const json_t *object, const char *name)
{
	size_t i = strtoul(name + 1, NULL, 10);
	double at[2];

	if (i >= s->shapes.n || numbers(object, "pos", at, 2) < 2)
		return;
	s->shapes.items[i].box.x = MARGIN + at[0] - s->shapes.items[i].box.w / 2;
	s->shapes.items[i].box.y = s->height - MARGIN - at[1] - s->shapes.items[i].box.h / 2;
}

static void take_group(struct scene *s, const json_t *object, const char *name)
{
	size_t i = strtoul(name + strlen("cluster_"), NULL, 10);
	double at[4];

	if (i >= s->groups.n || numbers(object, "bb", at, 4) < 4)
		return;
	s->groups.items[i].box = (struct box){MARGIN + at[0], s->height - MARGIN - at[3], at[2] - at[0], at[3] - at[1]};
}

static void take_object(struct scene *s, const json_t *object)
{
	const char *name = json_string_value(json_object_get(object, "name"));

	if (name && has_prefix(name, "cluster_"))
		take_group(s, object, name);
	else if (name && *name == 'n')
		take_shape(s, object, name);
}

static void take_wire(struct scene *s, const json_t *edge)
{
	const char *id = json_string_value(json_object_get(edge, "id")), *pos;
	size_t i = id ? strtoul(id, NULL, 10) : s->wires.n, room, n;
	struct wire *w;
	double *all;

	if (i >= s->wires.n)
		return;
	w = &s->wires.items[i];
	pos = json_string_value(json_object_get(edge, "pos"));
	room = pos ? strlen(pos) : 0;
	all = arena_array(s->a, room, double);
	n = numbers(edge, "pos", all, room) / 2;
	w->points = arena_array(s->a, n, struct point);
	for (size_t k = 0; k < n; k++)
		w->points[k] = (struct point){MARGIN + all[2 * k], s->height - MARGIN - all[2 * k + 1]};
	w->n_points = n >= 4 ? n - (n - 1) % 3 : 0;
}

static int take_all(struct scene *s, struct nsl_error **err)
{
	json_t *value;
	size_t i;
	double bb[4];

	s->owned->json = json_loads(s->owned->text, 0, NULL);
	if (!s->owned->json || numbers(s->owned->json, "bb", bb, 4) < 4)
		return error_set(err, NSL_E_FAILED, EPROTO, "Graphviz's answer could not be read");
	s->width = bb[2] + 2 * MARGIN;
	s->height = bb[3] + 2 * MARGIN + TITLE_ROOM;
	json_array_foreach(json_object_get(s->owned->json, "objects"), i, value) take_object(s, value);
	json_array_foreach(json_object_get(s->owned->json, "edges"), i, value) take_wire(s, value);
	return 0;
}

/* ---- all of it ------------------------------------------------------------------------------------- */

int scene_place(struct scene *s, struct nsl_error **err)
{
	_cleanup_strbuf_ struct strbuf dot = {0};
	int r;

	s->ranked = s->shapes.n <= RANKED_MAX;
	s->gap = column_gap(s);
	put_graph(&dot, s);
	if (dot.failed)
		return error_oom(err);
	r = graphviz_layout(dot.s, s->ranked ? "dot" : "sfdp", PATIENCE, &s->owned->text, err);
	return r < 0 ? r : take_all(s, err);
}
