/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes which shape, and how large. See scene.h. */
#include "scene.h"

#include <string.h>

#include "map_graph.h"
#include "text.h"
#include "utf8.h"

enum { RACK_FROM = 9, TEXTS_MAX = 4, TITLE_MAX = 40 };
#define TILE_MAX 230.0
#define RACK_SHAPE 1.5 /* width to height */

double text_cells(const char *text)
{
	return (double)utf8_cells(text, strlen(text));
}

const char *bare_address(struct arena *a, const char *address)
{
	return arena_strndup(a, address, strcspn(address, "/"));
}

const struct nsl_device *end_device(const struct nsl_map *map, const struct nsl_map_end *end)
{
	return place_device(map->census, (struct nsl_place){map->nodes[end->node].at.ns, end->device});
}

static double max(double a, double b)
{
	return a > b ? a : b;
}

/* To whole pixels. The mathematical library would be one more to load at each start of the program. */
static double whole(double a)
{
	return (double)(long)(a + 0.999);
}

/* ---- groups ---------------------------------------------------------------------------------------- */

/* The lab that the whole map is of needs no frame. */
static int32_t group_index(struct scene *s, const char *name)
{
	bool whole = name && s->map->lab && has_prefix(name, "lab ") && streq(name + strlen("lab "), s->map->lab);

	if (!name || whole)
		return -1;
	for (size_t i = 0; i < s->groups.n; i++)
		if (streq(s->groups.items[i].name, name))
			return (int32_t)i;
	*vec_push(s->a, &s->groups) = (struct group){.name = name};
	return (int32_t)s->groups.n - 1;
}

static struct shape *add_shape(struct scene *s, enum shape_kind kind, int32_t node, const char *group)
{
	struct shape *shape;
	int32_t index = group_index(s, group);

	shape = vec_push(s->a, &s->shapes);
	*shape = (struct shape){.kind = kind, .node = node, .group = index};
	return shape;
}

/* ---- cards ----------------------------------------------------------------------------------------- */

/* What a device without addresses is. A cable's end needs no words: the line that leads to it says it. */
static const char *device_words(struct scene *s, const struct nsl_device *d)
{
	if (d->vlan)
		return arena_printf(s->a, "%s %u", d->kind, d->vlan);
	if (d->tunnel && d->tunnel->id)
		return arena_printf(s->a, "%s %u", d->kind, d->tunnel->id);
	if ((streq(d->kind, "tun") || streq(d->kind, "tap")) && !d->holder)
		return arena_printf(s->a, "%s, held by nobody", d->kind);
	return streq(d->kind, "veth") ? "" : d->kind;
}

static void fill_line(struct scene *s, const struct nsl_device *d, struct line *l)
{
	const char *words = device_words(s, d);

	l->name = d->name;
	l->texts = arena_array(s->a, TEXTS_MAX + 1, const char *);
	for (size_t i = 0; i < d->n_addresses && l->n_texts < TEXTS_MAX; i++)
		if (address_tells(d->addresses[i]))
			l->texts[l->n_texts++] = d->addresses[i];
	if (l->n_texts == TEXTS_MAX && d->n_addresses > TEXTS_MAX)
		l->texts[TEXTS_MAX - 1] = arena_printf(s->a, "and %zu more", d->n_addresses - TEXTS_MAX + 1);
	if (!l->n_texts)
		l->texts[l->n_texts++] = words;
	l->h = LINE_HEIGHT * (double)l->n_texts;
}

static void fill_lines(struct scene *s, const struct nsl_map_node *node, struct shape *card)
{
	const struct nsl_netns *ns = &s->map->census->items[node->at.ns];

	card->n_lines = node->n_devices;
	card->lines = arena_array(s->a, node->n_devices, struct line);
	for (size_t i = 0; i < node->n_devices; i++) {
		card->lines[i].device = node->devices[i];
		fill_line(s, &ns->devices[node->devices[i]], &card->lines[i]);
	}
}

static const char *kept_words(struct scene *s, const struct nsl_netns *ns)
{
	const struct nsl_hold *h = ns->n_holds ? ns->holds : NULL;

	for (size_t i = 0; i < ns->n_holds; i++)
		if (ns->holds[i].by == NSL_KEPT_BY_PROCESS)
			return arena_printf(
				s->a, "%s (%d)%s", ns->holds[i].command ? ns->holds[i].command : "?", ns->holds[i].pid,
				ns->n_processes > 1 ? arena_printf(s->a, " and %zu more", ns->n_processes - 1) : "");
	if (!h || h->by == NSL_KEPT_BY_DEVICE)
		return "known by a device only";
	if (h->by == NSL_KEPT_BY_DESCRIPTOR)
		return arena_printf(s->a, "held by %s (%d)", h->command ? h->command : "?", h->pid);
	return NULL;
}

static const char *subtitle_of(struct scene *s, int32_t node)
{
	const struct nsl_netns *ns = node_ns(s->map, node);

	if (ns->errnum)
		return ns->errnum == 2 ? "vanished while it was read"
		                       : arena_printf(s->a, "cannot be read: %s", strerror(ns->errnum));
	if (ns == s->map->census->items || ns->lab)
		return NULL;
	return kept_words(s, ns);
}

static void fill_badges(const struct nsl_netns *ns, struct shape *card)
{
	size_t n = 0;

	if (ns->forwards[0] || ns->forwards[1])
		card->badges[n++] = "forwards";
	if (ns->nat)
		card->badges[n++] = "nat";
}

/* "default via 192.168.15.5 (eth0)", one for each family that has one. */
static void fill_foot(struct scene *s, const struct nsl_netns *ns, struct shape *card)
{
	size_t n = 0;

	for (int f = 0; f < 2; f++) {
		const struct nsl_way_out *out = &ns->out[f];

		if (out->device < 0)
			continue;
		card->foot[n++] = arena_printf(s->a, "default%s%s dev %s", out->via ? " via " : "",
		                               out->via ? out->via : "", ns->devices[out->device].name);
	}
}

static double head_height(const struct shape *card)
{
	return HEAD_HEIGHT + (card->subtitle ? SUBTITLE_HEIGHT : 0);
}

static double badge_width(const char *badge)
{
	return text_cells(badge) * SMALL_CELL + 2 * BADGE_PAD + 4;
}

static void size_card(struct shape *card)
{
	double name = 0, text = 0, w, y = head_height(card);

	w = 24 + text_cells(card->title) * TITLE_CELL;
	for (int i = 0; i < 2 && card->badges[i]; i++)
		w += badge_width(card->badges[i]);
	if (card->subtitle)
		w = max(w, text_cells(card->subtitle) * SMALL_CELL + 4);
	for (int i = 0; i < 2 && card->foot[i]; i++)
		w = max(w, text_cells(card->foot[i]) * SMALL_CELL);
	for (size_t i = 0; i < card->n_lines; i++) {
		struct line *l = &card->lines[i];

		name = max(name, text_cells(l->name));
		for (size_t k = 0; k < l->n_texts; k++)
			text = max(text, text_cells(l->texts[k]));
		l->y = y;
		y += l->h;
	}
	w = max(w, 14 + (name + 2 + text) * CELL);
	for (int i = 0; i < 2 && card->foot[i]; i++)
		y += SUBTITLE_HEIGHT;
	card->box.w = whole(w + 2 * CARD_PAD);
	card->box.h = y + (card->n_lines || card->foot[0] ? 8 : 0);
}

static void add_card(struct scene *s, int32_t node)
{
	const struct nsl_map_node *n = &s->map->nodes[node];
	const struct nsl_netns *ns = node_ns(s->map, node);
	struct shape *card = add_shape(s, SHAPE_CARD, node, n->group);

	card->title = n->label;
	card->subtitle = subtitle_of(s, node);
	fill_badges(ns, card);
	fill_foot(s, ns, card);
	fill_lines(s, n, card);
	size_card(card);
}

/* ---- the others ------------------------------------------------------------------------------------ */

static size_t count_ports(const struct nsl_map *map, struct nsl_place at)
{
	const struct nsl_netns *ns = &map->census->items[at.ns];
	size_t n = 0;

	for (size_t i = 0; i < ns->n_devices; i++)
		n += ns->devices[i].master.device == at.device;
	return n;
}

static void add_switch(struct scene *s, int32_t node)
{
	const struct nsl_map_node *n = &s->map->nodes[node];
	const struct nsl_device *d = place_device(s->map->census, n->at);
	const struct nsl_netns *ns = node_ns(s->map, node);
	struct shape *shape = add_shape(s, SHAPE_SWITCH, node, n->group);
	size_t ports = count_ports(s->map, n->at);
	bool fabric = ns->node && *ns->node == '@';

	shape->title = n->label;
	shape->subtitle = arena_printf(s->a, "%s%s%s · %zu port%s", *d->kind ? d->kind : "switch", fabric ? "" : " on ",
	                               fabric ? "" : s->map->nodes[n->at.ns].label, ports, ports == 1 ? "" : "s");
	shape->box.w = whole(max(24 + text_cells(shape->title) * TITLE_CELL, text_cells(shape->subtitle) * SMALL_CELL) +
	                     2 * CARD_PAD + 8);
	shape->box.h = 44;
}

static void add_place(struct scene *s, int32_t node)
{
	const struct nsl_map_node *n = &s->map->nodes[node];
	struct shape *shape = add_shape(s, SHAPE_PLACE, node, NULL);

	shape->title = n->kind == NSL_MAP_PROCESS ? arena_printf(s->a, "%s (%d)", n->label, n->pid) : n->label;
	if (n->kind == NSL_MAP_DARK)
		shape->subtitle = "where nsloom cannot look";
	shape->box.w = whole(max(24 + text_cells(shape->title) * TITLE_CELL,
	                         shape->subtitle ? text_cells(shape->subtitle) * SMALL_CELL : 0) +
	                     2 * CARD_PAD + 8);
	shape->box.h = shape->subtitle ? 44 : 34;
}

/* ---- racks ----------------------------------------------------------------------------------------- */

/* The switch that a namespace is plugged into by its only cable, of which there is no more to tell than fits into a tile; -1:
 * it has more, or none. */
static int32_t only_switch(const struct scene *s, const size_t *edge_of, int32_t node)
{
	const struct nsl_map_node *n = &s->map->nodes[node];
	const struct nsl_map_edge *e;
	int32_t other;

	if (n->kind != NSL_MAP_SPACE || n->n_edges != 1 || n->n_devices != 1 || n->at.ns == 0 ||
	    node_ns(s->map, node)->errnum)
		return -1;
	e = &s->map->edges[edge_of[node]];
	other = e->end[e->end[0].node == node].node;
	return e->kind == NSL_MAP_CABLE && s->map->nodes[other].kind == NSL_MAP_SWITCH ? other : -1;
}

const char *tile_text(struct arena *a, const struct nsl_map *map, int32_t node)
{
	const struct nsl_map_node *n = &map->nodes[node];
	const struct nsl_device *d = n->n_devices ? &node_ns(map, node)->devices[n->devices[0]] : NULL;

	for (size_t i = 0; d && i < d->n_addresses; i++)
		if (address_tells(d->addresses[i]))
			return bare_address(a, d->addresses[i]);
	return "";
}

static void size_rack(struct scene *s, struct shape *rack)
{
	size_t rows;

	rack->columns = 1;
	for (size_t i = 0; i < rack->n_members; i++)
		rack->tile = max(rack->tile, (text_cells(s->map->nodes[rack->members[i]].label) +
		                              text_cells(tile_text(s->a, s->map, rack->members[i])) + 2) *
		                                             CELL +
		                                     24);
	rack->tile = whole(rack->tile < TILE_MAX ? rack->tile : TILE_MAX);
	while ((double)(rack->columns * rack->columns) * (rack->tile + TILE_GAP) <
	       (double)rack->n_members * RACK_SHAPE * (TILE_HEIGHT + TILE_GAP))
		rack->columns++;
	rows = (rack->n_members + rack->columns - 1) / rack->columns;
	rack->box.w = max((double)rack->columns * (rack->tile + TILE_GAP) - TILE_GAP, text_cells(rack->title) * CELL) +
	              2 * CARD_PAD;
	rack->box.h = 26 + (double)rows * (TILE_HEIGHT + TILE_GAP) - TILE_GAP + CARD_PAD;
}

/* in: of each node, the switch whose rack it goes into, plus 1; 0: it goes where those are that nothing leads to; < 0: into none. */
static void add_rack(struct scene *s, int32_t at, const int32_t *in, const char *group)
{
	struct shape *rack;
	size_t n = 0;

	for (size_t i = 0; i < s->map->n_nodes; i++)
		n += in[i] == at + 1;
	rack = add_shape(s, SHAPE_RACK, at, group);
	rack->members = arena_array(s->a, n, int32_t);
	for (size_t i = 0; i < s->map->n_nodes; i++)
		if (in[i] == at + 1) {
			rack->members[rack->n_members++] = (int32_t)i;
			s->shape_of[i] = (int32_t)s->shapes.n - 1;
		}
	rack->title = at >= 0 ? arena_printf(s->a, "%zu on %s", n, s->map->nodes[at].label)
	                      : arena_printf(s->a, "%zu connected to nothing", n);
	size_rack(s, rack);
}

/* ---- all of it ------------------------------------------------------------------------------------- */

enum { ALONE = -1, ELSEWHERE = -2 };

static bool is_alone(const struct scene *s, int32_t node)
{
	const struct nsl_map_node *n = &s->map->nodes[node];

	return n->kind == NSL_MAP_SPACE && !n->n_edges && n->at.ns != 0 && !node_ns(s->map, node)->errnum &&
	       !n->n_devices;
}

static void add_racks(struct scene *s)
{
	size_t n_nodes = s->map->n_nodes;
	int32_t *in = arena_array(s->a, n_nodes, int32_t);
	size_t *count = arena_array(s->a, n_nodes + 1, size_t), *edge_of = arena_array(s->a, n_nodes, size_t);

	for (size_t i = 0; i < s->map->n_edges; i++)
		edge_of[s->map->edges[i].end[0].node] = edge_of[s->map->edges[i].end[1].node] = i;
	for (size_t i = 0; i < n_nodes; i++) {
		bool alone = is_alone(s, (int32_t)i) && !is_bare_fabric(s->map, (int32_t)i);
		int32_t at = alone ? ALONE : only_switch(s, edge_of, (int32_t)i);

		in[i] = alone || at >= 0 ? at + 1 : ELSEWHERE;
		if (in[i] >= 0)
			count[in[i]]++;
	}
	for (size_t i = 0; i < n_nodes; i++)
		if (s->map->nodes[i].kind == NSL_MAP_SWITCH && count[i + 1] >= RACK_FROM)
			add_rack(s, (int32_t)i, in, s->map->nodes[i].group);
	if (count[0])
		add_rack(s, ALONE, in, NULL);
}

static void add_nodes(struct scene *s)
{
	for (size_t i = 0; i < s->map->n_nodes; i++) {
		int32_t node = (int32_t)i;

		if (s->shape_of[i] >= 0)
			continue;
		if (is_bare_fabric(s->map, node))
			continue;
		s->shape_of[i] = (int32_t)s->shapes.n;
		if (s->map->nodes[i].kind == NSL_MAP_SPACE)
			add_card(s, node);
		else if (s->map->nodes[i].kind == NSL_MAP_SWITCH)
			add_switch(s, node);
		else
			add_place(s, node);
	}
}

/* Those of a rack are one. */
static void add_wire(struct scene *s, size_t edge)
{
	const struct nsl_map_edge *e = &s->map->edges[edge];
	int32_t from = s->shape_of[e->end[0].node], to = s->shape_of[e->end[1].node];
	bool rack = s->shapes.items[from].kind == SHAPE_RACK || s->shapes.items[to].kind == SHAPE_RACK;

	for (size_t i = 0; rack && i < s->wires.n; i++) {
		struct wire *w = &s->wires.items[i];

		if ((w->from == from && w->to == to) || (w->from == to && w->to == from)) {
			w->count++;
			w->down += e->state == NSL_MAP_DOWN;
			return;
		}
	}
	*vec_push(s->a, &s->wires) = (struct wire){
		.edge = edge,
		.count = 1,
		.down = e->state == NSL_MAP_DOWN,
		.from = from,
		.to = to,
		.label = e->label,
	};
}

struct scene *scene_new(struct arena *a, const struct nsl_map *map, struct scene_owned *owned)
{
	struct scene *s = arena_new_of(a, struct scene);

	*s = (struct scene){.a = a, .map = map, .owned = owned, .shape_of = arena_array(a, map->n_nodes, int32_t)};
	for (size_t i = 0; i < map->n_nodes; i++)
		s->shape_of[i] = -1;
	add_racks(s);
	add_nodes(s);
	for (size_t i = 0; i < map->n_edges; i++)
		add_wire(s, i);
	return s;
}
