/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What connects: lines, in the colour of the switch that they lead to, and how they are. */
#include <assert.h>

#include "escape.h"
#include "fd.h"
#include "svg.h"

static const char *const classes[] = {
	[NSL_MAP_CABLE] = "cable",   [NSL_MAP_OWN] = "own",       [NSL_MAP_PORT] = "port", [NSL_MAP_PARENT] = "parent",
	[NSL_MAP_TUNNEL] = "tunnel", [NSL_MAP_UPLINK] = "uplink", [NSL_MAP_HELD] = "held", [NSL_MAP_LOST] = "lost",
};
static_assert(ARRAY_SIZE(classes) == NSL_MAP_EDGE_KIND_COUNT, "every kind of edge has its class");

/* Lines that are not laid out go straight from middle to middle. */
static void put_path(struct svg *v, const struct wire *w)
{
	const struct box *a = &v->s->shapes.items[w->from].box, *b = &v->s->shapes.items[w->to].box;

	if (!w->n_points) {
		strbuf_printf(v->b, "M%.1f %.1fL%.1f %.1f", a->x + a->w / 2, a->y + a->h / 2, b->x + b->w / 2,
		              b->y + b->h / 2);
		return;
	}
	strbuf_printf(v->b, "M%.1f %.1fC", w->points[0].x, w->points[0].y);
	for (size_t i = 1; i < w->n_points; i++)
		strbuf_printf(v->b, "%s%.1f %.1f", i > 1 ? " " : "", w->points[i].x, w->points[i].y);
}

static int hue_of(const struct svg *v, const struct wire *w)
{
	return v->hue[w->from] >= 0 ? v->hue[w->from] : v->hue[w->to];
}

static void put_tip(struct svg *v, const struct wire *w)
{
	strbuf_adds(v->b, "<title>");
	if (w->count == 1)
		tip_edge(v, &v->s->map->edges[w->edge]);
	else
		strbuf_printf(v->b, "%zu cables, %zu of them down", w->count, w->down);
	strbuf_adds(v->b, "</title>");
}

/* Opens its group. */
static void begin(struct svg *v, const struct wire *w, const char *more)
{
	const struct nsl_map_edge *e = &v->s->map->edges[w->edge];
	enum nsl_map_state state = w->count == 1 ? e->state : w->down == w->count ? NSL_MAP_DOWN : NSL_MAP_UP;
	int hue = hue_of(v, w);

	strbuf_printf(v->b, "<g class=\"wire %s %s%s%s", classes[e->kind], state_class(state),
	              w->count > 1 ? " bundle" : "", more);
	if (hue >= 0)
		strbuf_printf(v->b, " h%d", hue);
	strbuf_printf(v->b, "\" data-from=\"%d\" data-to=\"%d\">", w->from, w->to);
}

static void put_wire(struct svg *v, const struct wire *w)
{
	begin(v, w, "");
	put_tip(v, w);
	strbuf_adds(v->b, "<path class=\"grip\" d=\"");
	put_path(v, w);
	strbuf_adds(v->b, "\"/><path class=\"core\" d=\"");
	put_path(v, w);
	strbuf_adds(v->b, "\"/></g>\n");
}

static void put_label(struct svg *v, const struct wire *w)
{
	double width = text_cells(w->label) * SMALL_CELL;

	begin(v, w, " label");
	strbuf_printf(v->b, "<rect class=\"chip\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"14\" rx=\"7\"/>",
	              w->at.x - width / 2 - BADGE_PAD, w->at.y - 7, width + 2 * BADGE_PAD);
	svg_text(v, w->at.x - width / 2, w->at.y + 3.2, "small", w->label, SMALL_CELL);
	strbuf_adds(v->b, "</g>\n");
}

/* Labels lie above all lines. */
void svg_wires(struct svg *v)
{
	for (size_t i = 0; i < v->s->wires.n; i++)
		put_wire(v, &v->s->wires.items[i]);
	for (size_t i = 0; i < v->s->wires.n; i++)
		if (v->s->wires.items[i].label && v->s->wires.items[i].n_points)
			put_label(v, &v->s->wires.items[i]);
}
