/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fd.h"
#include "strbuf.h"
#include "table.h"
#include "utf8.h"

enum { GAP = 2, LEAST = 8 }; /* cells between columns; cells that a cut column keeps */

struct line {
	const char *text; /* safe for a terminal */
	enum style style;
	size_t cells;
	bool wraps;
	struct line *next;
};

struct cell {
	struct line *first, *last;
	size_t height;
};

struct row {
	struct line *heading; /* instead of cells, or NULL */
	struct cell *cells;
};

struct table {
	struct arena *arena;
	const struct column *columns;
	size_t n;
	VEC(struct row) rows;
};

struct table *table_new(struct arena *a, const struct column *columns, size_t n)
{
	struct table *t = arena_new_of(a, struct table);

	*t = (struct table){.arena = a, .columns = columns, .n = n};
	return t;
}

void table_row(struct table *t)
{
	struct row *row = vec_push(t->arena, &t->rows);

	row->cells = arena_array(t->arena, t->n, struct cell);
}

static struct line *line_new(struct table *t, enum style style, const char *text)
{
	struct line *l = arena_new_of(t->arena, struct line);
	size_t len = strlen(text);
	char *safe = arena_alloc(t->arena, 4 * len + 1), *p = safe;

	/* strbuf_addsafe() into the arena: at most \xNN for each byte. */
	while (len) {
		uint32_t c;
		size_t n = utf8_decode(text, len, &c);

		for (size_t i = 0; i < n; i++) {
			unsigned char u = (unsigned char)text[i];

			if (utf8_printable(c)) {
				*p++ = (char)u;
				continue;
			}
			*p++ = '\\';
			*p++ = 'x';
			*p++ = "0123456789abcdef"[u >> 4];
			*p++ = "0123456789abcdef"[u & 15];
		}
		text += n;
		len -= n;
	}
	*l = (struct line){.text = safe, .style = style, .cells = utf8_cells(safe, (size_t)(p - safe))};
	return l;
}

void table_put(struct table *t, size_t column, enum style style, const char *text)
{
	struct cell *c = &t->rows.items[t->rows.n - 1].cells[column];
	struct line *l = line_new(t, style, text);

	if (c->last)
		c->last->next = l;
	else
		c->first = l;
	c->last = l;
	c->height++;
}

void table_putf(struct table *t, size_t column, enum style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	table_put(t, column, style, arena_vprintf(t->arena, fmt, ap));
	va_end(ap);
}

void table_put_wrapped(struct table *t, size_t column, enum style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	table_put(t, column, style, arena_vprintf(t->arena, fmt, ap));
	va_end(ap);
	t->rows.items[t->rows.n - 1].cells[column].last->wraps = true;
}

void table_heading(struct table *t, enum style style, const char *text)
{
	struct row *row = vec_push(t->arena, &t->rows);

	row->heading = line_new(t, style, text);
}

/* The cells that each column needs, its title included; 0: nothing is in it. */
static size_t *measure(const struct table *t)
{
	size_t *widths = arena_array(t->arena, t->n, size_t);

	for (size_t r = 0; r < t->rows.n; r++) {
		for (size_t c = 0; t->rows.items[r].cells && c < t->n; c++) {
			for (const struct line *l = t->rows.items[r].cells[c].first; l; l = l->next)
				widths[c] = l->cells > widths[c] ? l->cells : widths[c];
		}
	}
	for (size_t c = 0; c < t->n; c++) {
		const char *title = t->columns[c].title;
		size_t cells = title ? utf8_cells(title, strlen(title)) : 0;

		if (widths[c] && cells > widths[c])
			widths[c] = cells;
	}
	return widths;
}

static size_t sum(const size_t *widths, size_t n)
{
	size_t total = 0;

	for (size_t c = 0; c < n; c++)
		total += widths[c] ? widths[c] + GAP : 0;
	return total ? total - GAP : 0;
}

size_t table_width(const struct table *t)
{
	return sum(measure(t), t->n);
}

/* Takes cells from the widest of the columns that may be cut, one by one, until the lines fit or nothing is left to cut. */
static void shrink(const struct table *t, size_t *widths, size_t room)
{
	for (size_t c = t->n; c-- > 0 && sum(widths, t->n) > room;) {
		if (t->columns[c].flags & COLUMN_DROP)
			widths[c] = 0;
	}
	while (sum(widths, t->n) > room) {
		size_t *widest = NULL;

		for (size_t c = 0; c < t->n; c++) {
			if ((t->columns[c].flags & (COLUMN_CUT | COLUMN_CUT_START)) && widths[c] > LEAST &&
			    (!widest || widths[c] > *widest))
				widest = &widths[c];
		}
		if (!widest)
			return;
		--*widest;
	}
}

/* The bytes of s that fit into `room` cells. */
static size_t head(const char *s, size_t room)
{
	size_t at = 0, len = strlen(s);

	while (at < len) {
		uint32_t c;
		size_t n = utf8_decode(s + at, len - at, &c);
		size_t cells = utf8_width(c);

		if (cells > room)
			break;
		room -= cells;
		at += n;
	}
	return at;
}

/* Where a text is to be broken for its first part to fit: behind a space if there is one. */
static size_t break_at(const char *s, size_t room)
{
	size_t most = head(s, room), at = most;

	if (!s[most] || s[most] == ' ')
		return most;
	while (at > 0 && s[at - 1] != ' ')
		at--;
	return at ? at : most + strcspn(s + most, " ");
}

static void wrap_line(struct table *t, struct cell *cell, struct line *l, size_t room)
{
	while (l->cells > room) {
		size_t at = break_at(l->text, room), len = at;
		const char *rest = l->text + at + strspn(l->text + at, " ");
		struct line *more;

		if (!*rest)
			return;
		more = line_new(t, l->style, rest);
		while (len > 0 && l->text[len - 1] == ' ')
			len--;
		l->text = arena_strndup(t->arena, l->text, len);
		l->cells = utf8_cells(l->text, len);
		more->next = l->next;
		l->next = more;
		if (cell->last == l)
			cell->last = more;
		cell->height++;
		l = more;
	}
}

/* Sentences that are longer than what the columns before them leave go on below. */
static void wrap(struct table *t, size_t width)
{
	size_t *widths = measure(t), last = t->n - 1, before = sum(widths, last);
	size_t room = before + GAP + LEAST < width ? width - before - GAP : LEAST;

	for (size_t r = 0; r < t->rows.n; r++) {
		struct cell *cell = t->rows.items[r].cells ? &t->rows.items[r].cells[last] : NULL;

		for (struct line *l = cell ? cell->first : NULL; l;) {
			struct line *next = l->next;

			if (l->wraps)
				wrap_line(t, cell, l, room);
			l = next;
		}
	}
}

/* The byte from which on s fits into `room` cells. */
static size_t tail(const char *s, size_t cells, size_t room)
{
	size_t at = 0, len = strlen(s);

	while (cells > room) {
		uint32_t c;
		size_t n = utf8_decode(s + at, len - at, &c);

		cells -= utf8_width(c);
		at += n;
	}
	return at;
}

/* Returns the cells it took: one fewer than width where a wide character was in the way. */
static size_t print_cut(struct out *o, const struct line *l, size_t width, bool start)
{
	_cleanup_strbuf_ struct strbuf b = {0};

	if (start) {
		strbuf_adds(&b, "…");
		strbuf_adds(&b, l->text + tail(l->text, l->cells, width - 1));
	} else {
		strbuf_add(&b, l->text, head(l->text, width - 1));
		strbuf_adds(&b, "…");
	}
	out_text(o, l->style, b.s && !b.failed ? b.s : l->text);
	return b.s ? utf8_cells(b.s, b.len) : l->cells;
}

static void pad(struct out *o, size_t n)
{
	while (n--)
		out_raw(o, " ");
}

/* One line of output: `lines` has what stands in each column there, or NULL. */
static void print_line(const struct table *t, struct out *o, const size_t *widths, const struct line *const *lines)
{
	size_t owed = 0; /* spaces, written only if something follows */

	for (size_t c = 0; c < t->n; c++) {
		const struct line *l = lines[c];
		size_t cells = l ? l->cells < widths[c] ? l->cells : widths[c] : 0;

		if (!widths[c])
			continue;
		if (!cells) {
			owed += widths[c] + GAP;
			continue;
		}
		pad(o, owed + (t->columns[c].flags & COLUMN_RIGHT ? widths[c] - cells : 0));
		if (l->cells > widths[c])
			cells = print_cut(o, l, widths[c], t->columns[c].flags & COLUMN_CUT_START);
		else
			out_text(o, l->style, l->text);
		owed = GAP + (t->columns[c].flags & COLUMN_RIGHT ? 0 : widths[c] - cells);
	}
	out_newline(o);
}

static void print_header(struct table *t, struct out *o, const size_t *widths, const struct line **lines)
{
	bool any = false;

	for (size_t c = 0; c < t->n; c++) {
		const char *title = t->columns[c].title;

		lines[c] = title && widths[c] ? line_new(t, STYLE_BOLD, title) : NULL;
		any |= lines[c] != NULL;
	}
	if (any)
		print_line(t, o, widths, lines);
}

static void print_row(const struct table *t, struct out *o, const size_t *widths, const struct line **lines,
                      const struct row *row)
{
	size_t height = 1;

	for (size_t c = 0; c < t->n; c++) {
		lines[c] = row->cells[c].first;
		height = row->cells[c].height > height ? row->cells[c].height : height;
	}
	while (height--) {
		print_line(t, o, widths, lines);
		for (size_t c = 0; c < t->n; c++)
			lines[c] = lines[c] ? lines[c]->next : NULL;
	}
}

void table_print(struct table *t, struct out *o)
{
	const struct line **lines = arena_array(t->arena, t->n, const struct line *);
	size_t *widths;

	if (o->width)
		wrap(t, o->width);
	widths = measure(t);
	if (o->width)
		shrink(t, widths, o->width);
	print_header(t, o, widths, lines);
	for (size_t r = 0; r < t->rows.n; r++) {
		const struct row *row = &t->rows.items[r];

		if (row->heading) {
			out_text(o, row->heading->style, row->heading->text);
			out_newline(o);
		} else {
			print_row(t, o, widths, lines, row);
		}
	}
}
