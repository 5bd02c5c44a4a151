/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables for a terminal: columns line up by the cells that characters take
 * there, headers are in upper case, two spaces stand between columns, no line
 * ends in a space. Where the output has a width, columns that may are left out
 * or cut with an ellipsis, the widest first, until a line fits.
 *
 * A column in which nothing was put is not printed: so a table shows an MTU
 * only where one is out of the ordinary.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "arena.h"
#include "out.h"

enum {
	COLUMN_RIGHT = 1 << 0,     /* numbers */
	COLUMN_CUT = 1 << 1,       /* may be cut at its end */
	COLUMN_CUT_START = 1 << 2, /* may be cut at its start: the end of a path tells more */
	COLUMN_DROP = 1 << 3,      /* goes first where the room is short */
};

struct column {
	const char *title; /* NULL in all columns: no header */
	unsigned flags;
};

struct table;

/* A table with n columns, in the arena (which must have a landing). The columns must outlive it. */
struct table *table_new(struct arena *a, const struct column *columns, size_t n);

/* Begins a row. */
void table_row(struct table *t);
/* Adds a line to a cell of the current row: below those that are in it. */
void table_put(struct table *t, size_t column, enum style style, const char *text);
void table_putf(struct table *t, size_t column, enum style style, const char *fmt, ...) PRINTF(4, 5);
/* The same for a sentence, in the last column: where the line is too short it goes on below, in the same column. */
void table_put_wrapped(struct table *t, size_t column, enum style style, const char *fmt, ...) PRINTF(4, 5);
/* A row of one text across all columns, which does not count for their width. "": an empty line. */
void table_heading(struct table *t, enum style style, const char *text);

/* Cells that the widest line takes when nothing is cut. */
size_t table_width(const struct table *t);
void table_print(struct table *t, struct out *o);

#endif
