/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of a panel. See map_text.h. */
#include <stdio.h>
#include <string.h>

#include "fd.h"
#include "map_text.h"
#include "text.h"

enum { READABLE = 30, FOLD_FROM = 9, FOLD_SHOWN = 3, STACK_MAX = 4 };

const struct nsl_device *map_device(const struct nsl_map *map, const struct nsl_map_end *end)
{
	int32_t ns = map->nodes[end->node].at.ns;

	return ns < 0 || end->device < 0 ? NULL : &map->census->items[ns].devices[end->device];
}

bool is_inline(const struct nsl_map *map, int32_t node)
{
	const struct nsl_map_node *n = &map->nodes[node];

	return n->kind > NSL_MAP_OUTSIDE && n->n_edges == 1;
}

static bool is_switch(const struct nsl_map *map, int32_t node)
{
	return map->nodes[node].kind == NSL_MAP_SWITCH;
}

static const struct nsl_netns *ns_of(const struct panel *p, int32_t node)
{
	return &p->map->census->items[p->map->nodes[node].at.ns];
}

/* A lab's own map needs no "LAB." before each name; a container is known by what its engine calls it. */
static const char *name_of(const struct panel *p, int32_t node)
{
	const struct nsl_map_node *n = &p->map->nodes[node];
	const struct nsl_netns *ns = ns_of(p, node);

	bool own = p->map->lab && ns->lab && streq(ns->lab, p->map->lab);

	return own || (ns->engine && !ns->lab) ? n->label : n->name;
}

static struct row *add_row(struct panel *p, enum row_kind kind, int32_t node, int32_t device)
{
	struct row *row = vec_push(p->a, &p->rows);

	*row = (struct row){.kind = kind,
	                    .node = node,
	                    .device = device,
	                    .lead = "",
	                    .name = "",
	                    .address = "",
	                    .note = "",
	                    .tags = ""};
	return row;
}

/* ---- which devices of a namespace have a row ------------------------------------------------------- */

static int32_t *row_slot(const struct panel *p, int32_t space, int32_t device)
{
	return &p->row_of[space][device];
}

/* The node of the namespace that a switch stands in; -1: it is not on the map. */
static int32_t space_of(const struct panel *p, int32_t node)
{
	return p->space_at[p->map->nodes[node].at.ns];
}

enum { NO_ROW = -1, WANTED = -2 };

static void want(struct panel *p, int32_t space, int32_t device)
{
	if (space >= 0)
		*row_slot(p, space, device) = WANTED;
}

/* A port that joins two switches, or a switch and what is only told of, is named in a row: a line needs one. */
static void want_ports(struct panel *p)
{
	for (size_t i = 0; i < p->map->n_edges; i++) {
		const struct nsl_map_end *end = p->map->edges[i].end;

		for (int e = 0; e < 2; e++) {
			bool joins = is_switch(p->map, end[e].node) &&
			             (is_switch(p->map, end[!e].node) ? e == 0 : is_inline(p->map, end[!e].node));

			if (joins)
				want(p, space_of(p, end[e].node), end[e].device);
			else if (p->map->nodes[end[e].node].kind == NSL_MAP_SPACE && end[e].device < 0)
				want(p, end[e].node, -1);
		}
	}
}

static void want_all(struct panel *p)
{
	const struct nsl_map *map = p->map;

	p->row_of = arena_array(p->a, map->n_nodes, int32_t *);
	p->space_at = arena_array(p->a, map->census->n, int32_t);
	for (size_t i = 0; i < map->census->n; i++)
		p->space_at[i] = -1;
	for (size_t i = 0; i < map->n_nodes; i++) {
		bool space = map->nodes[i].kind == NSL_MAP_SPACE;
		size_t n = space ? ns_of(p, (int32_t)i)->n_devices : 0;

		if (space)
			p->space_at[map->nodes[i].at.ns] = (int32_t)i;
		p->row_of[i] = arena_array(p->a, n + 1, int32_t) + 1;
		for (int32_t k = -1; k < (int32_t)n; k++)
			p->row_of[i][k] = NO_ROW;
		for (size_t k = 0; k < map->nodes[i].n_devices; k++)
			p->row_of[i][map->nodes[i].devices[k]] = WANTED;
	}
	for (size_t i = 0; i < map->n_nodes; i++)
		if (is_switch(map, (int32_t)i))
			want(p, space_of(p, (int32_t)i), map->nodes[i].at.device);
	want_ports(p);
}

/* ---- rows of devices --------------------------------------------------------------------------------- */

/* Those after the first, in rows of their own. */
static void stack_addresses(struct panel *p, int32_t node, int32_t device, const struct nsl_device *d)
{
	size_t told = 0, many = 0;

	for (size_t i = 0; i < d->n_addresses; i++)
		many += address_is_told(d->addresses[i]);
	for (size_t i = 0; i < d->n_addresses; i++) {
		if (!address_is_told(d->addresses[i]) || ++told > STACK_MAX)
			continue;
		if (told > 1)
			add_row(p, ROW_MORE, node, device)->address =
				told == STACK_MAX && many > STACK_MAX
					? arena_printf(p->a, "and %zu more", many - told + 1)
					: d->addresses[i];
		else
			p->rows.items[p->rows.n - 1].address = d->addresses[i];
	}
}

/* ---- namespaces ------------------------------------------------------------------------------------ */

static const char *tag_of(struct panel *p, const struct nsl_netns *ns)
{
	if (ns->engine)
		return ns->engine;
	for (size_t i = 0; i < ns->n_holds; i++)
		if (ns->holds[i].by == NSL_KEPT_BY_PROCESS)
			return ns->holds[i].command ? ns->holds[i].command : NULL;
	return NULL;
}

/* What is said of a namespace besides its name. */
static const char *tags_of(struct panel *p, int32_t node)
{
	const struct nsl_netns *ns = ns_of(p, node);
	bool host = p->map->nodes[node].at.ns == 0;
	const char *parts[] = {
		host || ns->lab ? NULL : tag_of(p, ns),
		ns->forwards[0] || ns->forwards[1] ? "forwards" : NULL,
		ns->nat ? "nat" : NULL,
	};
	const char *all = "";

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i])
			all = *all ? arena_printf(p->a, "%s, %s", all, parts[i]) : parts[i];
	return all;
}

static size_t count_wanted(const struct panel *p, int32_t node)
{
	size_t n = 0;

	for (int32_t k = -1; k < (int32_t)ns_of(p, node)->n_devices; k++)
		n += *row_slot(p, node, k) == WANTED;
	return n;
}

static bool is_stranger(const struct panel *p, int32_t node)
{
	return p->map->nodes[node].at.ns != 0 && !ns_of(p, node)->lab;
}

static void add_device_row(struct panel *p, int32_t node, int32_t device, const char *lead)
{
	const struct nsl_netns *ns = ns_of(p, node);
	struct row *row = add_row(p, ROW_DEVICE, node, device);

	*row_slot(p, node, device) = (int32_t)p->rows.n - 1;
	row->lead = lead;
	row->stranger = is_stranger(p, node);
	if (device < 0) {
		row->name = p->map->planned ? "way out" : "itself";
		row->style = STYLE_DIM;
		return;
	}
	row_fill(p, row, ns);
	if (p->stacked)
		stack_addresses(p, node, device, &ns->devices[device]);
}

static void add_rule(struct panel *p, int32_t node, const char *name, const char *tags)
{
	struct row *row = add_row(p, ROW_RULE, node, -1);

	row->lead = name;
	row->tags = tags;
	row->stranger = node >= 0 && is_stranger(p, node);
}

/* True where the row above is all of its namespace: then no rule is needed before another such one. */
static bool after_one_line(const struct panel *p)
{
	size_t i = p->rows.n;

	while (i > 0 && p->rows.items[i - 1].kind == ROW_MORE)
		i--;
	return i > 0 && p->rows.items[i - 1].kind != ROW_RULE && *p->rows.items[i - 1].lead;
}

/* One row says all; else a rule with the name, and a row for each device. */
static void add_space(struct panel *p, int32_t node)
{
	const struct nsl_netns *ns = ns_of(p, node);
	const char *tags = tags_of(p, node);
	bool one = count_wanted(p, node) == 1 && !*tags && !ns->errnum;

	if (!one || !after_one_line(p))
		add_rule(p, node, one ? "" : name_of(p, node), tags);
	if (ns->errnum) {
		struct row *row = add_row(p, ROW_DEVICE, node, -1);

		row->note = ns->errnum == 2 ? "vanished while it was read"
		                            : arena_printf(p->a, "cannot be read: %s", strerror(ns->errnum));
		row->style = STYLE_BAD;
	}
	for (int32_t k = -1; k < (int32_t)ns->n_devices; k++)
		if (*row_slot(p, node, k) == WANTED)
			add_device_row(p, node, k, one ? name_of(p, node) : "");
}

static void add_place(struct panel *p, int32_t node)
{
	const struct nsl_map_node *n = &p->map->nodes[node];
	struct row *row;

	if (!after_one_line(p))
		add_rule(p, -1, "", "");
	row = add_row(p, ROW_DEVICE, -1, -1);
	row->lead = n->kind == NSL_MAP_PROCESS ? arena_printf(p->a, "%s (%d)", n->label, n->pid) : n->label;
	row->node = node;
	if (n->kind == NSL_MAP_DARK)
		row->note = "where nsloom cannot look";
	p->place_row[node] = (int32_t)p->rows.n - 1;
}

/* ---- what is folded -------------------------------------------------------------------------------- */

/* The switch that a namespace is plugged into, where that is all there is to say of it, and all is well; -1: it is not. */
static int32_t only_switch(const struct panel *p, const size_t *edge_of, int32_t node)
{
	const struct nsl_map_node *n = &p->map->nodes[node];
	const struct nsl_map_edge *e = &p->map->edges[edge_of[node]];
	int32_t other;

	if (n->n_edges != 1 || count_wanted(p, node) != 1 || n->at.ns == 0 || ns_of(p, node)->errnum ||
	    *tags_of((struct panel *)p, node))
		return -1;
	other = e->end[e->end[0].node == node].node;
	return e->kind == NSL_MAP_CABLE && e->state == NSL_MAP_UP && is_switch(p->map, other) ? other : -1;
}

static void add_fold(struct panel *p, int32_t at, size_t n, const char *first, const char *last)
{
	struct row *row = add_row(p, ROW_FOLD, at, -1);

	row->lead = arena_printf(p->a, "%s %zu more", p->options->ascii ? "..." : "…", n);
	row->address = arena_printf(p->a, "%s %s %s", first, p->options->ascii ? "..." : "…", last);
	row->style = STYLE_DIM;
	p->n_folded += n;
}

static const char *first_address(const struct panel *p, int32_t node)
{
	const struct nsl_map_node *n = &p->map->nodes[node];
	const struct nsl_device *d = n->n_devices ? &ns_of(p, node)->devices[n->devices[0]] : NULL;

	for (size_t i = 0; d && i < d->n_addresses; i++)
		if (address_is_told(d->addresses[i]))
			return d->addresses[i];
	return name_of(p, node);
}

/* Namespaces that follow each other on one switch, from order[i] on, in short; returns how many. */
static size_t add_run(struct panel *p, const size_t *edge_of, size_t i, size_t n)
{
	int32_t at = only_switch(p, edge_of, (int32_t)p->order[i]);
	size_t run = 1;

	while (at >= 0 && i + run < n && only_switch(p, edge_of, (int32_t)p->order[i + run]) == at)
		run++;
	if (at < 0 || p->options->unfold || p->map->n_nodes <= READABLE || run < FOLD_FROM) {
		add_space(p, (int32_t)p->order[i]);
		return 1;
	}
	for (size_t k = 0; k < FOLD_SHOWN; k++)
		add_space(p, (int32_t)p->order[i + k]);
	add_fold(p, at, run - FOLD_SHOWN - 1, first_address(p, (int32_t)p->order[i + FOLD_SHOWN]),
	         first_address(p, (int32_t)p->order[i + run - 2]));
	add_space(p, (int32_t)p->order[i + run - 1]);
	return run;
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static void add_spaces(struct panel *p)
{
	size_t *edge_of = arena_array(p->a, p->map->n_nodes, size_t), n = 0;

	for (size_t i = 0; i < p->map->n_edges; i++)
		edge_of[p->map->edges[i].end[0].node] = edge_of[p->map->edges[i].end[1].node] = i;
	for (size_t i = 0; i < p->map->n_nodes && p->map->nodes[i].kind == NSL_MAP_SPACE; i++)
		n++;
	for (size_t i = 0; i < n;) {
		int32_t node = (int32_t)p->order[i];

		if (count_wanted(p, node) || ns_of(p, node)->errnum) {
			i += add_run(p, edge_of, i, n);
			continue;
		}
		if (!(ns_of(p, node)->node && *ns_of(p, node)->node == '@'))
			*vec_push(p->a, &p->alone) = name_of(p, node);
		i++;
	}
}

static void add_places(struct panel *p, bool outside)
{
	for (size_t i = 0; i < p->map->n_nodes; i++) {
		enum nsl_map_node_kind kind = p->map->nodes[i].kind;

		if (kind >= NSL_MAP_OUTSIDE && (kind == NSL_MAP_OUTSIDE) == outside && !is_inline(p->map, (int32_t)i))
			add_place(p, (int32_t)i);
	}
}

void panel_rows(struct panel *p)
{
	p->rows.n = p->alone.n = p->n_folded = 0;
	if (!p->order)
		p->order = map_order(p->a, p->map);
	p->place_row = arena_array(p->a, p->map->n_nodes, int32_t);
	for (size_t i = 0; i < p->map->n_nodes; i++)
		p->place_row[i] = NO_ROW;
	want_all(p);
	add_places(p, true);
	add_spaces(p);
	add_places(p, false);
	add_rule(p, -1, "", "");
}
