/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a drawing: cards of namespaces, switches, racks, and what lies beyond. */
#include <assert.h>
#include <string.h>

#include "escape.h"
#include "fd.h"
#include "svg.h"
#include "text.h"

/* ---- small signs, 16 wide and high ----------------------------------------------------------------- */

enum icon {
	ICON_HOST,
	ICON_NODE,
	ICON_ROUTER,
	ICON_CONTAINER,
	ICON_OTHER,
	ICON_HIDDEN,
	ICON_SWITCH,
	ICON_OUTSIDE,
	ICON_REMOTE,
	ICON_PROCESS,
	ICON_COUNT
};

static const char *const icons[] = {
	[ICON_HOST] = "M2 3h12v8H2zM6 14h4M8 11v3",
	[ICON_NODE] = "M3 3h10v10H3zM6 6h4v4H6z",
	[ICON_ROUTER] = ("M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M8 6.5V3.2M6.6 4.6L8 3.2l1.4 1.4M8 9.5v3.3M6.6 "
                         "11.4L8 12.8l1.4-1.4M12.6 8H9.5M10.8 6.7L9.5 8l1.3 1.3M3.4 8h3.1M5.2 6.7L6.5 8L5.2 9.3"),
	[ICON_CONTAINER] = "M8 1.8l5.6 3v6.4L8 14.2l-5.6-3V4.8zM2.4 4.8L8 7.9l5.6-3.1M8 7.9v6.3",
	[ICON_OTHER] = "M3 3h3M8.5 3H13v3M13 8.5V13h-3M7.5 13H3v-3M3 7.5V5",
	[ICON_HIDDEN] = "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
	[ICON_SWITCH] = "M1.5 5h10M9 2.5L11.5 5L9 7.5M14.5 11h-10M7 8.5L4.5 11L7 13.5",
	[ICON_OUTSIDE] = "M4.5 12.5a3 3 0 0 1-.3-6a4 4 0 0 1 7.7-.6a3.3 3.3 0 0 1-.4 6.6z",
	[ICON_REMOTE] = "M1.5 8h9M7.5 5l3 3l-3 3M13.5 3v10",
	[ICON_PROCESS] = "M1.5 3h13v10h-13zM4 6l2 2l-2 2M8 10.5h4",
};
static_assert(ARRAY_SIZE(icons) == ICON_COUNT, "every icon has its path");

static void put_icon(struct svg *v, enum icon icon, double x, double y)
{
	strbuf_printf(v->b, "<path class=\"icon\" transform=\"translate(%.1f %.1f)\" d=\"%s\"/>", x, y, icons[icon]);
}

/* ---- what all have --------------------------------------------------------------------------------- */

static void put_rect(struct svg *v, const char *class, const struct box *at, double radius)
{
	strbuf_printf(v->b, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\"/>",
	              class, at->x, at->y, at->w, at->h, radius);
}

/* Opens the group of a thing that can be chosen; what is said of it follows, and then end_tip(). */
static void begin_thing(struct svg *v, const char *class, int32_t node, int32_t shape, const char *label)
{
	strbuf_printf(v->b,
	              "<g class=\"thing %s\" id=\"n%d\" data-shape=\"%d\" tabindex=\"0\" role=\"button\" aria-label=\"",
	              class, node, shape);
	put_xml(v->b, label);
	strbuf_adds(v->b, "\"><title>");
}

static void end_tip(struct svg *v)
{
	strbuf_adds(v->b, "</title>");
}

static void end_thing(struct svg *v)
{
	strbuf_adds(v->b, "</g>\n");
}

/* ---- cards ----------------------------------------------------------------------------------------- */

static const struct look {
	const char *class;
	enum icon icon;
} looks[] = {
	[ICON_HOST] = {"host", ICON_HOST},       [ICON_NODE] = {"node", ICON_NODE},
	[ICON_ROUTER] = {"router", ICON_ROUTER}, [ICON_CONTAINER] = {"container", ICON_CONTAINER},
	[ICON_OTHER] = {"other", ICON_OTHER},    [ICON_HIDDEN] = {"hidden", ICON_HIDDEN},
};

static const struct look *look_of(const struct svg *v, int32_t node)
{
	const struct nsl_netns *ns = node_ns(v->s->map, node);
	bool forwards = ns->forwards[0] || ns->forwards[1];

	if (ns == v->s->map->census->items)
		return &looks[ICON_HOST];
	if (ns->errnum)
		return &looks[ICON_HIDDEN];
	if (ns->lab)
		return &looks[forwards ? ICON_ROUTER : ICON_NODE];
	return &looks[ns->engine ? ICON_CONTAINER : ICON_OTHER];
}

static void put_line(struct svg *v, const struct shape *card, const struct line *l, const struct nsl_netns *ns,
                     double column)
{
	const struct nsl_device *d = &ns->devices[l->device];
	double x = card->box.x + CARD_PAD, y = card->box.y + l->y;
	enum nsl_map_state state = device_state(d);

	strbuf_printf(v->b, "<g class=\"line %s\"><title>", state_class(state));
	tip_device(v, ns, d);
	end_tip(v);
	put_rect(v, "row", &(struct box){card->box.x + 1, y, card->box.w - 2, l->h}, 0);
	strbuf_printf(v->b, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", x + 3, y + LINE_HEIGHT / 2);
	svg_text(v, x + 14, y + 12.5, "device", l->name, CELL);
	for (size_t i = 0; i < l->n_texts; i++)
		svg_text(v, x + 14 + column, y + 12.5 + LINE_HEIGHT * (double)i, "address", l->texts[i], CELL);
	strbuf_adds(v->b, "</g>");
}

static void put_badges(struct svg *v, const struct shape *card)
{
	double x = card->box.x + card->box.w - CARD_PAD + 4;

	for (int i = 1; i >= 0; i--) {
		double w = card->badges[i] ? text_cells(card->badges[i]) * SMALL_CELL + 2 * BADGE_PAD : 0;

		if (!card->badges[i])
			continue;
		x -= w;
		strbuf_printf(v->b, "<g class=\"badge %s\">", card->badges[i]);
		put_rect(v, "pill", &(struct box){x, card->box.y + 8, w, 14}, 7);
		svg_text(v, x + BADGE_PAD, card->box.y + 18.2, "small", card->badges[i], SMALL_CELL);
		strbuf_adds(v->b, "</g>");
		x -= 4;
	}
}

static void put_foot(struct svg *v, const struct shape *card)
{
	double y = card->box.y + card->box.h - 8;

	for (int i = 1; i >= 0; i--)
		if (card->foot[i]) {
			svg_text(v, card->box.x + CARD_PAD, y, "small foot", card->foot[i], SMALL_CELL);
			y -= SUBTITLE_HEIGHT;
		}
}

static void put_card(struct svg *v, int32_t at)
{
	const struct shape *card = &v->s->shapes.items[at];
	const struct nsl_netns *ns = node_ns(v->s->map, card->node);
	const struct look *look = look_of(v, card->node);
	double x = card->box.x, y = card->box.y, column = 0;

	for (size_t i = 0; i < card->n_lines; i++) {
		double w = (text_cells(card->lines[i].name) + 2) * CELL;

		column = w > column ? w : column;
	}
	begin_thing(v, look->class, card->node, at, ns->name);
	tip_space(v, card->node);
	end_tip(v);
	put_rect(v, "card", &card->box, 8);
	put_rect(v, "band", &(struct box){x + 1, y + 7, 3, card->box.h - 14}, 1.5);
	put_icon(v, look->icon, x + CARD_PAD - 1, y + 7.5);
	svg_text(v, x + CARD_PAD + 21, y + 20, "title", card->title, TITLE_CELL);
	put_badges(v, card);
	if (card->subtitle)
		svg_text(v, x + CARD_PAD, y + HEAD_HEIGHT + 6, "small", card->subtitle, SMALL_CELL);
	for (size_t i = 0; i < card->n_lines; i++)
		put_line(v, card, &card->lines[i], ns, column);
	put_foot(v, card);
	end_thing(v);
}

/* ---- switches and what lies beyond ----------------------------------------------------------------- */

static void put_switch(struct svg *v, int32_t at)
{
	const struct shape *shape = &v->s->shapes.items[at];
	const struct nsl_device *d = &node_ns(v->s->map, shape->node)->devices[v->s->map->nodes[shape->node].at.device];
	char class[32];

	snprintf(class, sizeof(class), "switch h%d %s", v->hue[at], state_class(device_state(d)));
	begin_thing(v, class, shape->node, at, shape->title);
	tip_switch(v, shape->node);
	end_tip(v);
	put_rect(v, "card", &shape->box, 14);
	put_icon(v, ICON_SWITCH, shape->box.x + CARD_PAD + 2, shape->box.y + 7);
	svg_text(v, shape->box.x + CARD_PAD + 24, shape->box.y + 20, "title", shape->title, TITLE_CELL);
	svg_text(v, shape->box.x + CARD_PAD + 4, shape->box.y + 35, "small", shape->subtitle, SMALL_CELL);
	end_thing(v);
}

static void put_place(struct svg *v, int32_t at)
{
	static const struct look places[] = {
		[NSL_MAP_OUTSIDE] = {"outside", ICON_OUTSIDE},
		[NSL_MAP_REMOTE] = {"remote", ICON_REMOTE},
		[NSL_MAP_DARK] = {"dark", ICON_HIDDEN},
		[NSL_MAP_PROCESS] = {"process", ICON_PROCESS},
	};
	const struct shape *shape = &v->s->shapes.items[at];
	const struct look *look = &places[v->s->map->nodes[shape->node].kind];

	begin_thing(v, look->class, shape->node, at, shape->title);
	put_xml(v->b, shape->title);
	end_tip(v);
	put_rect(v, "card", &shape->box, streq(look->class, "outside") ? 17 : 6);
	put_icon(v, look->icon, shape->box.x + CARD_PAD, shape->box.y + 9);
	svg_text(v, shape->box.x + CARD_PAD + 23, shape->box.y + 21.5, "title", shape->title, TITLE_CELL);
	if (shape->subtitle)
		svg_text(v, shape->box.x + CARD_PAD, shape->box.y + 37, "small", shape->subtitle, SMALL_CELL);
	end_thing(v);
}

/* ---- racks ----------------------------------------------------------------------------------------- */

/* As much of the text as fits into so many pixels, with an ellipsis for the rest. */
static const char *fit(struct svg *v, const char *text, double cell, double room)
{
	struct arena *a = v->s->a;
	size_t len = strlen(text);

	if (text_cells(text) * cell <= room)
		return text;
	while (len > 0 && (text_cells(arena_strndup(a, text, len)) + 1) * cell > room)
		len--;
	return arena_printf(a, "%.*s…", (int)len, text);
}

static void put_tile(struct svg *v, const struct shape *rack, int32_t shape, size_t i)
{
	int32_t node = rack->members[i];
	const struct nsl_map_node *n = &v->s->map->nodes[node];
	const struct nsl_netns *ns = node_ns(v->s->map, node);
	const struct nsl_device *d = n->n_devices ? &ns->devices[n->devices[0]] : NULL;
	size_t row = i / rack->columns, column = i % rack->columns;
	struct box box = {rack->box.x + CARD_PAD + (double)column * (rack->tile + TILE_GAP),
	                  rack->box.y + 26 + (double)row * (TILE_HEIGHT + TILE_GAP), rack->tile, TILE_HEIGHT};
	const char *text = tile_text(v->s->a, v->s->map, node);
	const char *name = fit(v, n->label, CELL, rack->tile - 28 - text_cells(text) * CELL);
	char class[32];

	snprintf(class, sizeof(class), "tile %s %s", look_of(v, node)->class,
	         d ? state_class(device_state(d)) : "alone");
	begin_thing(v, class, node, shape, ns->name);
	tip_space(v, node);
	if (d) {
		strbuf_adds(v->b, "\n\n");
		tip_device(v, ns, d);
	}
	end_tip(v);
	put_rect(v, "card", &box, 5);
	strbuf_printf(v->b, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", box.x + 10,
	              box.y + TILE_HEIGHT / 2);
	svg_text(v, box.x + 19, box.y + 16, "device", name, CELL);
	svg_text(v, box.x + box.w - 8 - text_cells(text) * CELL, box.y + 16, "address", text, CELL);
	end_thing(v);
}

static void put_rack(struct svg *v, int32_t at)
{
	const struct shape *rack = &v->s->shapes.items[at];

	strbuf_printf(v->b, "<g class=\"rack h%d\" data-shape=\"%d\">", v->hue[at], at);
	put_rect(v, "frame", &rack->box, 8);
	svg_text(v, rack->box.x + CARD_PAD, rack->box.y + 17, "caption", rack->title, CELL);
	for (size_t i = 0; i < rack->n_members; i++)
		put_tile(v, rack, at, i);
	end_thing(v);
}

/* ---- all of them ----------------------------------------------------------------------------------- */

void svg_shapes(struct svg *v)
{
	static void (*const put[])(struct svg * v, int32_t at) = {
		[SHAPE_CARD] = put_card,
		[SHAPE_SWITCH] = put_switch,
		[SHAPE_PLACE] = put_place,
		[SHAPE_RACK] = put_rack,
	};
	static_assert(ARRAY_SIZE(put) == SHAPE_KIND_COUNT, "every shape is drawn");

	for (size_t i = 0; i < v->s->shapes.n; i++)
		put[v->s->shapes.items[i].kind](v, (int32_t)i);
}

void svg_groups(struct svg *v)
{
	for (size_t i = 0; i < v->s->groups.n; i++) {
		const struct group *g = &v->s->groups.items[i];

		if (g->box.w <= 0)
			continue;
		put_rect(v, has_prefix(g->name, "lab ") ? "group lab" : "group", &g->box, 12);
		svg_text(v, g->box.x + GROUP_PAD, g->box.y + 17, "caption", g->name, CELL);
	}
}
