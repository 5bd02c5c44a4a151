/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What runs down beside the panel: a rail for each cable between two rows, one for
 * each switch, for each device that others stand on, for each place that several rows
 * lead to. Each gets a column that is free along its whole length, the shortest the
 * nearest. Where there are not enough columns the longest cables are left out, and
 * both their rows say where they lead; where there are many, those say it that are drawn as well.
 */
#include <stdlib.h>
#include <string.h>

#include "map_text.h"

enum { NONE = -1, MANY_COLUMNS = 6 };

/* ---- rails and taps -------------------------------------------------------------------------------- */

static size_t add_rail(struct panel *p, enum rail_kind kind, int32_t node)
{
	*vec_push(p->a, &p->rails) = (struct rail){.kind = kind, .node = node, .first = p->rows.n};
	return p->rails.n - 1;
}

static void tap(struct panel *p, size_t row, size_t rail, enum nsl_map_state state, const char *port, bool source)
{
	struct rail *r = &p->rails.items[rail];

	r->first = row < r->first ? row : r->first;
	r->last = row > r->last ? row : r->last;
	r->taps++;
	*vec_push(p->a, &p->rows.items[row].taps) = (struct tap){rail, port, state, source};
}

/* The rail of a switch, or of a place that has a row. */
static size_t rail_of(struct panel *p, int32_t node)
{
	bool is_switch = p->map->nodes[node].kind == NSL_MAP_SWITCH;

	if (p->rail_of[node] == NONE) {
		p->rail_of[node] = (int32_t)add_rail(p, is_switch ? RAIL_SWITCH : RAIL_CABLE, node);
		if (p->place_row[node] >= 0)
			tap(p, (size_t)p->place_row[node], (size_t)p->rail_of[node], NSL_MAP_UP, NULL, true);
	}
	return (size_t)p->rail_of[node];
}

static bool is_rail(const struct panel *p, int32_t node)
{
	return p->map->nodes[node].kind != NSL_MAP_SPACE && !is_inline(p->map, node);
}

/* The row of a namespace's device; of a switch's port, where it has one. NONE: it has none. */
static int32_t row_of(const struct panel *p, const struct nsl_map_end *end)
{
	const struct nsl_map_node *n = &p->map->nodes[end->node];
	int32_t space = n->kind == NSL_MAP_SPACE ? end->node : n->at.ns >= 0 ? p->space_at[n->at.ns] : -1;
	int32_t row = space < 0 ? NONE : p->row_of[space][end->device];

	return row < 0 ? NONE : row;
}

static const char *port_name(const struct panel *p, const struct nsl_map_end *end)
{
	const struct nsl_map_node *n = &p->map->nodes[end->node];
	const struct nsl_device *d = map_device(p->map, end);

	return n->kind == NSL_MAP_SWITCH && d && end->device != n->at.device ? d->name : NULL;
}

/* ---- edges ----------------------------------------------------------------------------------------- */

static bool is_dotted(enum nsl_map_edge_kind kind)
{
	return kind == NSL_MAP_PARENT || kind == NSL_MAP_TUNNEL || kind == NSL_MAP_HELD || kind == NSL_MAP_LOST;
}

/* What stands on one device shares a rail. */
static size_t parent_rail(struct panel *p, size_t parent)
{
	struct row *row = &p->rows.items[parent];
	size_t rail;

	for (size_t i = 0; i < row->taps.n; i++)
		if (row->taps.items[i].source && p->rails.items[row->taps.items[i].rail].kind == RAIL_DOTTED)
			return row->taps.items[i].rail;
	rail = add_rail(p, RAIL_DOTTED, NONE);
	tap(p, parent, rail, NSL_MAP_UP, NULL, true);
	return rail;
}

static void join_rows(struct panel *p, const struct nsl_map_edge *e, size_t a, size_t b)
{
	size_t rail;

	if (e->kind == NSL_MAP_PARENT) {
		tap(p, a, parent_rail(p, b), e->state, NULL, false);
		return;
	}
	rail = add_rail(p, is_dotted(e->kind) ? RAIL_DOTTED : RAIL_CABLE, NONE);
	tap(p, a, rail, e->state, NULL, false);
	tap(p, b, rail, e->state, NULL, false);
}

static void note_inline(struct panel *p, const struct nsl_map_edge *e, size_t row, int32_t place)
{
	const struct nsl_map_node *n = &p->map->nodes[place];

	if (n->kind == NSL_MAP_PROCESS)
		row_note(p, &p->rows.items[row], "held by %s (%d)", n->label, n->pid);
	else if (n->kind == NSL_MAP_DARK)
		row_note(p, &p->rows.items[row], "to %s, where nsloom cannot look", e->label);
	else
		row_note(p, &p->rows.items[row], "to %s", n->label);
}

/* One end is a row, or a switch whose port has one; the other only told of. */
static void add_inline(struct panel *p, const struct nsl_map_edge *e, int near)
{
	const struct nsl_map_end *end = &e->end[near];
	int32_t row = row_of(p, end);

	if (row < 0)
		return;
	note_inline(p, e, (size_t)row, e->end[!near].node);
	if (p->map->nodes[end->node].kind == NSL_MAP_SWITCH)
		tap(p, (size_t)row, rail_of(p, end->node), e->state, NULL, false);
}

/* Two rails: the row of a port meets both, or the row of a place. */
static void join_rails(struct panel *p, const struct nsl_map_edge *e)
{
	for (int k = 0; k < 2; k++) {
		int32_t place = p->place_row[e->end[k].node], row = row_of(p, &e->end[k]);

		if (place >= 0) {
			rail_of(p, e->end[k].node);
			tap(p, (size_t)place, rail_of(p, e->end[!k].node), e->state, port_name(p, &e->end[!k]), false);
			return;
		}
		if (row < 0)
			continue;
		if (p->map->nodes[e->end[k].node].at.device != e->end[k].device) /* else its own row is its source */
			tap(p, (size_t)row, rail_of(p, e->end[k].node), e->state, NULL, false);
		tap(p, (size_t)row, rail_of(p, e->end[!k].node), e->state, port_name(p, &e->end[!k]), false);
		return;
	}
}

static void add_edge(struct panel *p, const struct nsl_map_edge *e)
{
	for (int k = 0; k < 2; k++)
		if (is_inline(p->map, e->end[!k].node)) {
			add_inline(p, e, k);
			return;
		}
	if (e->kind == NSL_MAP_OWN)
		return;
	if (is_rail(p, e->end[0].node) && is_rail(p, e->end[1].node)) {
		join_rails(p, e);
		return;
	}
	for (int k = 0; k < 2; k++) {
		int32_t row = row_of(p, &e->end[!k]);

		if (!is_rail(p, e->end[k].node))
			continue;
		if (row >= 0)
			tap(p, (size_t)row, rail_of(p, e->end[k].node), e->state, port_name(p, &e->end[k]), false);
		return;
	}
	if (row_of(p, &e->end[0]) >= 0 && row_of(p, &e->end[1]) >= 0)
		join_rows(p, e, (size_t)row_of(p, &e->end[0]), (size_t)row_of(p, &e->end[1]));
}

static void add_sources(struct panel *p)
{
	for (size_t i = 0; i < p->map->n_nodes; i++) {
		const struct nsl_map_node *n = &p->map->nodes[i];
		struct nsl_map_end own = {(int32_t)i, n->at.device};
		int32_t row = n->kind == NSL_MAP_SWITCH ? row_of(p, &own) : NONE;

		if (row >= 0)
			tap(p, (size_t)row, rail_of(p, (int32_t)i), NSL_MAP_UP, NULL, true);
	}
	for (size_t i = 0; i < p->rows.n; i++)
		if (p->rows.items[i].kind == ROW_FOLD)
			tap(p, i, rail_of(p, p->rows.items[i].node), NSL_MAP_UP, NULL, false);
}

/* ---- columns --------------------------------------------------------------------------------------- */

struct sorted {
	struct rail *rail;
	size_t length;
};

/* The short before the long. */
static int by_length(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;

	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	return x->rail->first != y->rail->first ? (x->rail->first < y->rail->first ? -1 : 1)
	                                        : (x->rail < y->rail ? -1 : x->rail > y->rail);
}

/* Rails that join something: switches, or the others. */
static size_t list_rails(struct panel *p, bool switches, struct sorted *out)
{
	size_t n = 0;

	for (size_t i = 0; i < p->rails.n; i++) {
		struct rail *r = &p->rails.items[i];

		if (r->taps > 1 && (r->kind == RAIL_SWITCH) == switches)
			out[n++] = (struct sorted){r, r->last - r->first};
	}
	if (n)
		qsort(out, n, sizeof(*out), by_length);
	return n;
}

static bool is_free(const struct sorted *placed, size_t n, size_t column, const struct rail *r)
{
	for (size_t i = 0; i < n; i++) {
		const struct rail *o = placed[i].rail;

		if (!o->folded && o->column == column && o->first <= r->last && r->first <= o->last)
			return false;
	}
	return true;
}

/* Columns for these, from 0 on, at most `most`; the longest that find none are folded. Returns how many were taken. */
static size_t give_columns(struct panel *p, const struct sorted *list, size_t n, size_t most)
{
	size_t taken = 0;

	for (size_t i = 0; i < n; i++) {
		struct rail *r = list[i].rail;

		r->column = 0;
		while (r->column < most && !is_free(list, i, r->column, r))
			r->column++;
		r->folded = r->column >= most;
		p->n_named += r->folded;
		if (!r->folded && r->column + 1 > taken)
			taken = r->column + 1;
	}
	return taken;
}

/* Switches stand right of all cables: what is plugged in crosses these, not the other way round. They are the last to go
 * where there is little room. */
static void place_rails(struct panel *p, size_t most)
{
	struct sorted *list = arena_array(p->a, p->rails.n, struct sorted);
	size_t n = list_rails(p, true, list), right = give_columns(p, list, n, most), left;
	struct sorted *others = arena_array(p->a, p->rails.n, struct sorted);

	left = give_columns(p, others, list_rails(p, false, others), most - right);
	for (size_t i = 0; i < n; i++)
		list[i].rail->column += left;
	p->columns = left + right;
}

/* ---- folding --------------------------------------------------------------------------------------- */

/* How a row is called from elsewhere. */
static const char *row_name(struct panel *p, const struct row *row)
{
	const char *space = *row->lead ? row->lead : "";

	for (const struct row *r = row; !*space && r >= p->rows.items; r--)
		space = r->kind == ROW_RULE ? r->lead : "";
	return *row->name ? arena_printf(p->a, "%s %s", space, row->name) : space;
}

/* The row at the other end of a rail that joins two; the row that a rail has its name from. */
static const struct row *far_row(const struct panel *p, size_t rail, size_t from)
{
	for (size_t i = p->rails.items[rail].first; i <= p->rails.items[rail].last; i++)
		for (size_t k = 0; i != from && k < p->rows.items[i].taps.n; k++) {
			const struct tap *t = &p->rows.items[i].taps.items[k];

			if (t->rail == rail && (t->source || p->rails.items[rail].node == NONE))
				return &p->rows.items[i];
		}
	return NULL;
}

static void name_ends(struct panel *p, size_t rail)
{
	for (size_t i = p->rails.items[rail].first; i <= p->rails.items[rail].last; i++)
		for (size_t k = 0; k < p->rows.items[i].taps.n; k++) {
			struct row *row = &p->rows.items[i];
			const struct row *far = far_row(p, rail, i);

			if (row->taps.items[k].rail == rail && !row->taps.items[k].source && far)
				row_note(p, row, "%s %s", p->options->ascii ? "->" : "→", row_name(p, far));
		}
}

/* Where many lines run side by side, the eye would lose them: so both ends of a cable say where it leads. */
static void name_cables(struct panel *p)
{
	for (size_t i = 0; i < p->rows.n; i++) {
		struct row *row = &p->rows.items[i];

		for (size_t k = 0; k < row->taps.n; k++) {
			const struct rail *r = &p->rails.items[row->taps.items[k].rail];
			const struct row *far =
				r->node == NONE && r->taps == 2 ? far_row(p, row->taps.items[k].rail, i) : NULL;

			if (far && !r->folded)
				row->taps.items[k].port = row_name(p, far);
		}
	}
}

/* ---- all of it ------------------------------------------------------------------------------------- */

void panel_rails(struct panel *p, size_t most)
{
	p->rails.n = p->n_named = 0;
	p->rail_of = arena_array(p->a, p->map->n_nodes, int32_t);
	for (size_t i = 0; i < p->map->n_nodes; i++)
		p->rail_of[i] = NONE;
	add_sources(p);
	for (size_t i = 0; i < p->map->n_edges; i++)
		add_edge(p, &p->map->edges[i]);
	place_rails(p, most);
	for (size_t i = 0; i < p->rails.n; i++)
		if (p->rails.items[i].folded)
			name_ends(p, i);
	if (p->columns >= MANY_COLUMNS)
		name_cables(p);
}
