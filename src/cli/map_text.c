/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A panel and its rails, as lines of text. See map_text.h. */
#include <string.h>

#include "map_paper.h"
#include "utf8.h"

enum { TAGS_LEAST = 8, READABLE = 30 };

/* ---- signs ----------------------------------------------------------------------------------------- */

static const struct signs unicode = {
	.down = {" ", "│", "║", "┊"},
	.across = {" ", "─", "═", "╌"},
	.crossing = {[THIN] = {"│", "┼", "╪", "┼"}, [DOUBLE] = {"║", "╫", "╬", "╫"}, [DOTTED] = {"┊", "┼", "╪", "┼"}},
	.end = {[THIN] = {[THIN] = {"┤", "┐", "┘"}, [DOUBLE] = {"╡", "╕", "╛"}, [DOTTED] = {"┤", "┐", "┘"}},
                [DOUBLE] = {[THIN] = {"╢", "╖", "╜"}, [DOUBLE] = {"╣", "╗", "╝"}, [DOTTED] = {"╢", "╖", "╜"}},
                [DOTTED] = {[THIN] = {"┤", "┐", "┘"}, [DOUBLE] = {"╡", "╕", "╛"}, [DOTTED] = {"┤", "┐", "┘"}}},
	.joint = "●",
	.frame = "│",
	.open = {"│", "├", "╞", "├"},
	.left = "│",
	.corner = {{"┌", "┐"}, {"├", "┤"}, {"└", "┘"}},
	.rule = "─",
	.strange = "┄",
};

static const struct signs ascii = {
	.down = {" ", "|", "#", ":"},
	.across = {" ", "-", "=", "~"},
	.crossing = {[THIN] = {"|", "|", "|", "|"}, [DOUBLE] = {"#", "#", "#", "#"}, [DOTTED] = {":", ":", ":", ":"}},
	.end = {[THIN] = {[THIN] = {"+", "+", "+"}, [DOUBLE] = {"+", "+", "+"}, [DOTTED] = {"+", "+", "+"}},
                [DOUBLE] = {[THIN] = {"+", "+", "+"}, [DOUBLE] = {"+", "+", "+"}, [DOTTED] = {"+", "+", "+"}},
                [DOTTED] = {[THIN] = {"+", "+", "+"}, [DOUBLE] = {"+", "+", "+"}, [DOTTED] = {"+", "+", "+"}}},
	.joint = "o",
	.frame = "|",
	.open = {"|", "+", "+", "+"},
	.left = "|",
	.corner = {{"+", "+"}, {"+", "+"}, {"+", "+"}},
	.rule = "-",
	.strange = ".",
};

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* ---- text ------------------------------------------------------------------------------------------ */

static void pad(struct paper *t, const char *sign, size_t n)
{
	while (n--)
		out_raw(t->o, sign);
}

/* The bytes of the first character, as it is shown. */
static size_t first_of(const struct paper *t, const char *s)
{
	uint32_t c;

	return !t->ascii ? utf8_decode(s, strlen(s), &c) : 1;
}

/* What a terminal of that locale cannot show is written as \xNN. */
static void add_char(const struct paper *t, struct strbuf *b, const char *s, size_t n)
{
	if (t->ascii && (*s < ' ' || *s > '~'))
		strbuf_printf(b, "\\x%02x", (unsigned char)*s);
	else
		strbuf_add(b, s, n);
}

/* As much of it as fits, and spaces up to the width. */
static void put(struct paper *t, enum style style, const char *s, size_t width)
{
	_cleanup_strbuf_ struct strbuf b = {0};
	bool all = paper_cells(t, s) <= width;
	size_t used = 0, room = all ? width : width - 1;

	if (!width)
		return;
	while (*s) {
		size_t n = first_of(t, s);
		char one[8] = {0};

		memcpy(one, s, n);
		if (used + paper_cells(t, one) > room)
			break;
		add_char(t, &b, s, n);
		used += paper_cells(t, one);
		s += n;
	}
	if (!all)
		strbuf_adds(&b, !t->ascii ? "…" : "~");
	if (b.s)
		out_text(t->o, style, b.s);
	pad(t, " ", room - used);
}

/* ---- rails ----------------------------------------------------------------------------------------- */

static const struct rail *rail_at(const struct paper *t, size_t row, size_t column)
{
	int32_t at = t->grid[row * t->p->columns + column];

	return at < 0 ? NULL : &t->p->rails.items[at];
}

static void lay_grid(struct paper *t)
{
	size_t columns = t->p->columns;

	t->grid = arena_array(t->p->a, t->p->rows.n * columns + 1, int32_t);
	for (size_t i = 0; i < t->p->rows.n * columns; i++)
		t->grid[i] = -1;
	for (size_t i = 0; i < t->p->rails.n; i++) {
		const struct rail *r = &t->p->rails.items[i];

		for (size_t row = r->first; !r->folded && r->taps > 1 && row <= r->last; row++)
			t->grid[row * columns + r->column] = (int32_t)i;
	}
}

/* The line that leaves a row: how far, and how it looks. */
struct leaving {
	size_t columns; /* 0: none leaves it */
	enum line line;
	enum style style;
};

static struct leaving leaving(const struct paper *t, const struct row *row)
{
	static const enum style styles[] = {
		[NSL_MAP_UP] = STYLE_PLAIN, [NSL_MAP_NO_CARRIER] = STYLE_WARN, [NSL_MAP_DOWN] = STYLE_BAD};
	struct leaving l = {.line = THIN};

	for (size_t i = 0; i < row->taps.n; i++) {
		const struct tap *tap = &row->taps.items[i];
		const struct rail *r = &t->p->rails.items[tap->rail];

		if (r->folded || r->taps < 2)
			continue;
		l.columns = max(l.columns, r->column + 1);
		if (tap->source && r->kind == RAIL_SWITCH)
			l.line = DOUBLE;
		else if (tap->state == NSL_MAP_DOWN && l.line == THIN)
			l.line = DOTTED;
		if (tap->state != NSL_MAP_UP && !tap->source)
			l.style = styles[tap->state];
	}
	return l;
}

static bool taps_rail(const struct paper *t, const struct row *row, const struct rail *r)
{
	for (size_t i = 0; i < row->taps.n; i++)
		if (&t->p->rails.items[row->taps.items[i].rail] == r)
			return true;
	return false;
}

static enum line line_of(const struct rail *r)
{
	return r->kind == RAIL_SWITCH ? DOUBLE : r->kind == RAIL_DOTTED ? DOTTED : THIN;
}

static void put_crossing(struct paper *t, size_t row, size_t column, const struct leaving *l)
{
	const struct rail *r = rail_at(t, row, column);
	bool passes = column < l->columns, here;
	enum line down = r ? line_of(r) : NO_LINE, across = passes ? l->line : NO_LINE;

	if (!r) {
		out_text(t->o, passes ? l->style : STYLE_PLAIN, t->signs->across[across]);
		return;
	}
	here = taps_rail(t, &t->p->rows.items[row], r);
	if (!here)
		out_text(t->o, down == DOTTED ? STYLE_DIM : STYLE_PLAIN, t->signs->crossing[down][across]);
	else if (column + 1 < l->columns)
		out_text(t->o, l->style, t->signs->joint);
	else
		out_text(t->o, l->style, t->signs->end[down][across][row == r->first ? 1 : row == r->last ? 2 : 0]);
}

/* Spaces at the end of a line are left out. */
static size_t last_column(const struct paper *t, size_t row, const struct leaving *l)
{
	size_t last = l->columns;

	for (size_t c = 0; c < t->p->columns; c++)
		if (rail_at(t, row, c))
			last = max(last, c + 1);
	return last;
}

static void put_rails(struct paper *t, size_t row, const struct leaving *l)
{
	const char *ports = t->w.port ? row_ports(t->p, &t->p->rows.items[row]) : "";
	size_t last = *ports ? t->p->columns : last_column(t, row, l);

	for (size_t c = 0; c < last; c++) {
		if (c < l->columns)
			out_text(t->o, l->style, t->signs->across[l->line]);
		else
			out_raw(t->o, " ");
		put_crossing(t, row, c, l);
	}
	if (*ports) {
		out_raw(t->o, " ");
		put(t, STYLE_DIM, ports, paper_cells(t, ports));
	}
	out_newline(t->o);
}

/* ---- rows ------------------------------------------------------------------------------------------ */

static void put_rule(struct paper *t, size_t at)
{
	const struct row *row = &t->p->rows.items[at];
	const char *const *corner = t->signs->corner[at == 0 ? 0 : at + 1 == t->p->rows.n ? 2 : 1];
	const char *rule = row->stranger ? t->signs->strange : t->signs->rule;
	size_t width = inner_width(&t->w), lead = paper_cells(t, row->lead), tags = paper_cells(t, row->tags);
	struct leaving none = {0};

	out_raw(t->o, corner[0]);
	if (tags && lead + tags + 6 > width)
		tags = width > lead + 6 + TAGS_LEAST ? width - lead - 6 : 0;
	if (lead + 3 > width)
		lead = width - 3;
	if (lead) {
		out_raw(t->o, rule);
		out_raw(t->o, " ");
		put(t, row->stranger ? STYLE_PLAIN : STYLE_BOLD, row->lead, lead);
		out_raw(t->o, " ");
		width -= lead + 3;
	}
	pad(t, rule, tags ? width - tags - 3 : width);
	if (tags) {
		out_raw(t->o, " ");
		put(t, STYLE_DIM, row->tags, tags);
		out_raw(t->o, " ");
		out_raw(t->o, rule);
	}
	out_raw(t->o, corner[1]);
	put_rails(t, at, &none);
}

static void put_first(struct paper *t, const struct row *row)
{
	size_t room = t->w.first, lead;

	if (!*row->lead || !*row->name) {
		put(t, *row->lead && row->kind != ROW_FOLD && !row->stranger ? STYLE_BOLD : row->style,
		    *row->lead ? row->lead : row->name, room);
		return;
	}
	lead = room > t->w.name + GAP ? room - t->w.name - GAP : 0;
	lead = lead < t->w.lead ? lead : t->w.lead;
	put(t, row->stranger ? STYLE_PLAIN : STYLE_BOLD, row->lead, lead);
	pad(t, " ", lead ? GAP : 0);
	put(t, row->style, row->name, room - lead - (lead ? GAP : 0));
}

static void put_row(struct paper *t, size_t at)
{
	const struct row *row = &t->p->rows.items[at];
	struct leaving l = leaving(t, row);

	out_raw(t->o, t->signs->left);
	out_raw(t->o, " ");
	put_first(t, row);
	pad(t, " ", t->w.address ? GAP : 0);
	put(t, row->kind == ROW_FOLD ? STYLE_DIM : STYLE_PLAIN, row->address, t->w.address);
	pad(t, " ", t->w.note ? GAP : 0);
	put(t, row->style == STYLE_PLAIN ? STYLE_DIM : row->style, row->note, t->w.note);
	out_raw(t->o, " ");
	out_raw(t->o, t->signs->open[l.columns ? l.line : NO_LINE]);
	put_rails(t, at, &l);
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static size_t count_spaces(const struct nsl_map *map)
{
	size_t n = 0;

	while (n < map->n_nodes && map->nodes[n].kind == NSL_MAP_SPACE)
		n++;
	return n;
}

static void print_title(struct cli *cli, const struct nsl_map *map)
{
	size_t n[NSL_MAP_NODE_KIND_COUNT] = {0}, cables = 0;

	for (size_t i = 0; i < map->n_nodes; i++)
		n[map->nodes[i].kind]++;
	for (size_t i = 0; i < map->n_edges; i++)
		cables += map->edges[i].kind == NSL_MAP_CABLE;
	if (map->lab) {
		out_text(&cli->out, STYLE_BOLD, map->lab);
		out_raw(&cli->out, map->planned ? " is " : ": ");
	}
	if (map->planned) {
		out_text(&cli->out, STYLE_WARN, "not up");
		out_raw(&cli->out, "; as \"nsloom up\" would make it: ");
	}
	out_printf(&cli->out, STYLE_PLAIN, "%s, %s, %s", cli_count(cli, n[NSL_MAP_SPACE], "namespace"),
	           cli_count(cli, n[NSL_MAP_SWITCH], n[NSL_MAP_SWITCH] == 1 ? "switch" : "switches"),
	           cli_count(cli, cables, "cable"));
	out_newline(&cli->out);
}

/* Names that nothing is drawn of, wrapped. */
static void print_alone(struct paper *t)
{
	enum { SHOWN = 60 };
	size_t room = t->o->width ? t->o->width : 100, used = 0, n = t->p->alone.n;
	static const char head[] = "connected to nothing:";

	if (!n)
		return;
	out_text(t->o, STYLE_DIM, head);
	used = sizeof(head) - 1;
	for (size_t i = 0; i < n && (i < SHOWN || t->p->options->unfold); i++) {
		const char *name = t->p->alone.items[i];
		size_t width = paper_cells(t, name);

		if (used + 2 + width > room) {
			out_newline(t->o);
			out_raw(t->o, " ");
			used = 1;
		}
		out_raw(t->o, " ");
		put(t, STYLE_PLAIN, name, width < room - 3 ? width : room - 3);
		out_raw(t->o, i + 1 < n ? "," : "");
		used += 2 + width;
	}
	if (n > SHOWN && !t->p->options->unfold)
		out_printf(t->o, STYLE_DIM, " and %zu more", n - SHOWN);
	out_newline(t->o);
}

static void note(struct cli *cli, const char *fmt, ...) PRINTF(2, 3);

static void note(struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	out_printf(&cli->notes, STYLE_PLAIN, "note: %s", arena_vprintf(cli->arena, fmt, ap));
	va_end(ap);
	out_newline(&cli->notes);
}

static void print_notes(struct paper *t)
{
	struct cli *cli = t->p->cli;
	const struct nsl_census *c = t->p->map->census;
	bool ports = false;

	for (size_t i = 0; i < t->p->rows.n; i++)
		ports |= *row_ports(t->p, &t->p->rows.items[i]) != '\0';
	if (t->p->n_folded)
		note(cli, "%s on a switch share a line, --unfold draws each",
		     cli_count(cli, t->p->n_folded, "namespace"));
	if (t->p->n_named)
		note(cli, "%s not drawn but named, for want of room",
		     arena_printf(cli->arena, t->p->n_named == 1 ? "1 connection is" : "%zu connections are",
		                  t->p->n_named));
	else if (ports && !t->w.port)
		note(cli, "the names beside the lines are left out, for want of room");
	if (count_spaces(t->p->map) > READABLE)
		note(cli, "so many namespaces are easier to read with zoom and search: nsloom map%s%s -o map.html",
		     t->p->map->lab ? " " : "", t->p->map->lab ? t->p->map->lab : "");
	if (c->n_hidden)
		note(cli, "%s of other users could not be looked at: root sees all",
		     cli_count(cli, c->n_hidden, "process"));
	if (c->n_unsearched)
		note(cli, "the mounts of %s were not looked through: there are too many",
		     cli_count(cli, c->n_unsearched, "mount namespace"));
}

void map_print(struct cli *cli, const struct nsl_map *map, const struct map_text_options *options)
{
	struct panel p = {.cli = cli, .a = cli->arena, .map = map, .options = options};
	struct paper t = {
		.p = &p, .o = &cli->out, .signs = options->ascii ? &ascii : &unicode, .ascii = options->ascii};

	paper_fit(&t);
	lay_grid(&t);
	print_title(cli, map);
	for (size_t i = 0; p.rows.n > 1 && i < p.rows.n; i++) {
		if (p.rows.items[i].kind == ROW_RULE)
			put_rule(&t, i);
		else
			put_row(&t, i);
	}
	print_alone(&t);
	print_notes(&t);
}
