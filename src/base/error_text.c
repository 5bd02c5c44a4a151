/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors as text for a person.
 *
 * Everything that comes from a file or from the kernel goes out through
 * strbuf_addsafe(), so that no file can write on the terminal. An excerpt is
 * laid out cell by cell, because the caret has to stand under a character and
 * not under a byte: tabs become spaces, wide characters take two cells, and of
 * a long line only the part around the caret is shown.
 */
#include <assert.h>
#include <string.h>

#include "error.h"
#include "strbuf.h"
#include "utf8.h"

#define TAB 8
#define EXCERPT_CELLS 100 /* widest excerpt */
#define EXCERPT_LEAD 60   /* of them before the caret, at most */

/* clang-format off */
static const char *const words[] = {
	[NSL_E_FAILED] = "failed",
	[NSL_E_USAGE] = "usage",
	[NSL_E_FILE] = "file",
	[NSL_E_NOT_FOUND] = "not-found",
	[NSL_E_PERMISSION] = "permission",
	[NSL_E_TAKEN] = "taken",
	[NSL_E_BUSY] = "busy",
	[NSL_E_KERNEL] = "kernel",
	[NSL_E_MISSING] = "missing",
	[NSL_E_MEMORY] = "memory",
	[NSL_E_CANCELLED] = "cancelled",
};
/* clang-format on */
static_assert(sizeof(words) / sizeof(words[0]) == NSL_E_COUNT, "one word for each code");

const char *nsl_error_word(enum nsl_error_code code)
{
	return (unsigned)code < NSL_E_COUNT ? words[code] : words[NSL_E_FAILED];
}

/* A line of a file on its way to the screen: where the next character stands, in cells, and what has been left out. */
struct layout {
	const char *at;
	size_t left; /* bytes */
	size_t cell;
};

/* Takes one character: its bytes to *s and *n (NULL for a tab), and returns its cells. */
static size_t layout_next(struct layout *l, const char **s, size_t *n)
{
	uint32_t c;
	size_t cells;

	*n = utf8_decode(l->at, l->left, &c);
	*s = l->at;
	if (c == '\t') {
		cells = TAB - l->cell % TAB;
		*s = NULL;
	} else {
		cells = utf8_cells(l->at, *n);
	}
	l->at += *n;
	l->left -= *n;
	l->cell += cells;
	return cells;
}

/* The cell in which character `column` (from 1) of the line begins; beyond its end, the cell behind it. */
static size_t column_cell(struct layout l, unsigned column)
{
	const char *s;
	size_t n;

	while (column-- > 1 && l.left)
		layout_next(&l, &s, &n);
	return l.cell;
}

static void put_spaces(struct strbuf *b, size_t n)
{
	strbuf_printf(b, "%*s", (int)n, "");
}

/* The cells [from, from + EXCERPT_CELLS) of the line, with marks where something is left out. Returns the cell that the
 * output begins with. */
static size_t put_line(struct strbuf *b, struct layout l, size_t from)
{
	size_t first = 0;
	bool begun = false;

	while (l.left) {
		const char *s;
		size_t n, cells = layout_next(&l, &s, &n);

		if (l.cell - cells < from)
			continue;
		if (!begun) {
			first = l.cell - cells;
			begun = true;
			if (first)
				strbuf_adds(b, "…");
		}
		if (l.cell > first + EXCERPT_CELLS) {
			strbuf_adds(b, "…");
			break;
		}
		if (s)
			strbuf_addsafe(b, s, n);
		else
			put_spaces(b, cells);
	}
	return first ? first - 1 : 0; /* the mark takes a cell */
}

/*     7 |   one: {adress: 10.0.0.1}
 *       |         ^                      */
static void put_excerpt(struct strbuf *b, const struct nsl_error *e)
{
	struct layout l = {.at = e->excerpt, .left = strcspn(e->excerpt, "\r\n")};
	size_t caret = column_cell(l, e->pos.column), from = 0, first;

	if (e->pos.column && caret > EXCERPT_CELLS - 20)
		from = caret - EXCERPT_LEAD;
	strbuf_printf(b, "%5u | ", e->pos.line);
	first = put_line(b, l, from);
	strbuf_addc(b, '\n');
	if (e->pos.column && caret >= first) {
		strbuf_adds(b, "      | ");
		put_spaces(b, caret - first);
		strbuf_adds(b, "^\n");
	}
}

/* "FILE:7:11: ", as much of it as is known. */
static void put_pos(struct strbuf *b, const struct nsl_pos *pos)
{
	if (!pos->file)
		return;
	strbuf_addsafe(b, pos->file, strlen(pos->file));
	if (pos->line)
		strbuf_printf(b, ":%u", pos->line);
	if (pos->line && pos->column)
		strbuf_printf(b, ":%u", pos->column);
	strbuf_adds(b, ": ");
}

/* "      = LABEL: TEXT", nothing where there is no text. */
static void put_note(struct strbuf *b, const char *label, const char *text)
{
	if (!text)
		return;
	strbuf_printf(b, "      = %s: ", label);
	strbuf_addsafe(b, text, strlen(text));
	strbuf_addc(b, '\n');
}

static void put_message(struct strbuf *b, const struct nsl_error *e)
{
	const char *message = e->message ? e->message : "unknown error";

	strbuf_addsafe(b, message, strlen(message));
	strbuf_addc(b, '\n');
	if (e->excerpt && e->pos.line)
		put_excerpt(b, e);
	put_note(b, "kernel", e->kernel);
}

/* Why: the causes with all that stands beside them, the nearest first. */
static void put_causes(struct strbuf *b, const struct nsl_error *cause)
{
	for (const struct nsl_error *e = cause; e; e = e->next) {
		strbuf_adds(b, "      = because: ");
		put_pos(b, &e->pos);
		put_message(b, e);
		put_causes(b, e->cause);
		put_note(b, "hint", e->hint);
	}
}

char *nsl_error_text(const struct nsl_error *err)
{
	struct strbuf b = {0};

	for (const struct nsl_error *e = err; e; e = e->next) {
		put_pos(&b, &e->pos);
		strbuf_adds(&b, "error: ");
		put_message(&b, e);
		put_causes(&b, e->cause);
		put_note(&b, "hint", e->hint);
	}
	return strbuf_steal(&b);
}
