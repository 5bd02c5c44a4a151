/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a panel becomes as wide as its terminal. See map_paper.h. */
#include <string.h>

#include "fd.h"
#include "map_paper.h"
#include "utf8.h"

enum { NOTE_LEAST = 16, RULE_LEAST = 8, UNLIMITED = 1000, LONGEST = 240 /* where there is no terminal */ };

size_t paper_cells(const struct paper *t, const char *s)
{
	size_t n = 0, len = strlen(s);

	if (!t->ascii)
		return utf8_cells(s, len);
	for (size_t i = 0; i < len; i++)
		n += s[i] >= ' ' && s[i] <= '~' ? 1 : 4;
	return n;
}

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

const char *row_ports(struct panel *p, const struct row *row)
{
	const char *all = "";

	for (size_t i = 0; i < row->taps.n; i++)
		if (row->taps.items[i].port)
			all = *all ? arena_printf(p->a, "%s, %s", all, row->taps.items[i].port)
			           : row->taps.items[i].port;
	return all;
}

static void measure(struct paper *t)
{
	struct widths w = {0};

	for (size_t i = 0; i < t->p->rows.n; i++) {
		const struct row *row = &t->p->rows.items[i];
		bool one = *row->lead && *row->name;

		if (row->kind == ROW_RULE)
			continue;
		if (one) {
			w.lead = max(w.lead, paper_cells(t, row->lead));
			w.name = max(w.name, paper_cells(t, row->name));
		} else {
			w.first = max(w.first, paper_cells(t, *row->lead ? row->lead : row->name));
		}
		w.address = max(w.address, paper_cells(t, row->address));
		w.note = max(w.note, paper_cells(t, row->note));
		w.port = max(w.port, paper_cells(t, row_ports(t->p, row)));
	}
	w.first = max(w.first, w.lead ? w.lead + GAP + w.name : 0);
	t->w = w;
}

size_t inner_width(const struct widths *w)
{
	return 1 + w->first + (w->address ? GAP + w->address : 0) + (w->note ? GAP + w->note : 0) + 1;
}

static size_t rails_width(const struct paper *t)
{
	return 2 * t->p->columns;
}

static size_t whole_width(const struct paper *t)
{
	return 2 + inner_width(&t->w) + rails_width(t) + (t->w.port ? 1 + t->w.port : 0);
}

/* A rule wants room for its words, if there is any. */
static void widen_for_rules(struct paper *t)
{
	size_t room = t->o->width, most = 0;

	for (size_t i = 0; i < t->p->rows.n; i++) {
		const struct row *row = &t->p->rows.items[i];

		if (row->kind == ROW_RULE)
			most = max(most, paper_cells(t, row->lead) + paper_cells(t, row->tags) + 8);
	}
	if (most > inner_width(&t->w))
		t->w.first += most - inner_width(&t->w);
	if (room && whole_width(t) > room) {
		size_t over = whole_width(t) - room, least = 0;

		for (size_t i = 0; i < t->p->rows.n; i++)
			if (t->p->rows.items[i].kind != ROW_RULE && !*t->p->rows.items[i].lead)
				least = max(least, paper_cells(t, t->p->rows.items[i].name));
		least = max(least, t->w.lead ? t->w.lead + GAP + t->w.name : 0);
		t->w.first -= t->w.first - least > over ? over : t->w.first > least ? t->w.first - least : 0;
	}
}

static size_t *widest_part(struct widths *w)
{
	return w->first > w->address ? &w->first : &w->address;
}

/* Cuts what may be cut until a line fits: notes before names and addresses, the widest of these first. */
static void shrink(struct paper *t)
{
	static const size_t least[] = {8, 4, 1};

	for (size_t i = 0; i < ARRAY_SIZE(least); i++) {
		while (whole_width(t) > t->o->width && t->w.note > least[i])
			t->w.note--;
		while (whole_width(t) > t->o->width && *widest_part(&t->w) > least[i])
			--*widest_part(&t->w);
	}
}

static void make(struct paper *t, bool stacked, size_t most)
{
	t->p->stacked = stacked;
	panel_rows(t->p);
	panel_rails(t->p, most);
	measure(t);
}

/* True where nothing but notes would have to be cut. */
static bool nearly_fits(const struct paper *t)
{
	size_t cut = t->w.note > NOTE_LEAST ? t->w.note - NOTE_LEAST : 0;

	return whole_width(t) - cut - (t->w.port ? 1 + t->w.port : 0) <= (t->o->width ? t->o->width : LONGEST);
}

/* As many lines beside the panel as there is room for; where they lead that are left out is said in the panel. */
static void fold(struct paper *t)
{
	size_t few = 1, many = t->p->columns;

	while (few < many) {
		size_t middle = (few + many + 1) / 2;

		make(t, t->o->width, middle);
		if (nearly_fits(t))
			few = middle;
		else
			many = middle - 1;
	}
	make(t, t->o->width, few);
}

static void try_all(struct paper *t)
{
	size_t room = t->o->width;

	for (int stacked = 0; stacked < 2; stacked++) {
		make(t, stacked, UNLIMITED);
		if (whole_width(t) <= (room ? room : LONGEST) || (!room && nearly_fits(t)))
			return;
		if (!room)
			break;
		t->w.port = 0;
		if (whole_width(t) <= room)
			return;
	}
	if (!nearly_fits(t))
		fold(t);
	if (!room)
		return;
	t->w.port = 0;
	shrink(t);
}

void paper_fit(struct paper *t)
{
	try_all(t);
	widen_for_rules(t);
}
