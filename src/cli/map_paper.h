/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a panel is printed with: signs, and how wide each part is. map_fit.c finds the widths, map_text.c prints. */
#ifndef CLI_MAP_PAPER_H
#define CLI_MAP_PAPER_H

#include "map_text.h"

enum { GAP = 2 /* between columns */ };

enum line { NO_LINE, THIN, DOUBLE, DOTTED, LINES };

struct signs {
	const char *down[LINES];            /* running down */
	const char *across[LINES];          /* running across; DOTTED: what is down */
	const char *crossing[LINES][LINES]; /* no connection: by what runs down, and across */
	const char *end[LINES][LINES]
		       [3]; /* the line across ends at the one that runs down: there, begins there, ends there */
	const char *joint;  /* it goes on */
	const char *frame, *open[LINES]; /* the right side of the frame: closed, and where a line leaves it */
	const char *left;
	const char *corner[3][2];   /* first, middle, last rule: left and right */
	const char *rule, *strange; /* rules; those above what is of no lab */
};

struct widths {
	size_t lead, name; /* of rows that are all of their namespace */
	size_t first;      /* both, or the name alone in the others */
	size_t address, note, port;
};

struct paper {
	struct panel *p;
	struct out *o;
	const struct signs *signs;
	bool ascii;
	struct widths w;
	int32_t *grid; /* rows × columns: the rail there; -1: none */
};

/* Cells of text, as it is printed. */
size_t paper_cells(const struct paper *t, const char *s);
/* The ports that a row leads to, or what else is beside its line. */
const char *row_ports(struct panel *p, const struct row *row);
/* Between the two sides of the frame. */
size_t inner_width(const struct widths *w);
/* Makes the panel so that it fits into the output's width, and finds the widths; what that costs the reader the least is
 * tried first. */
void paper_fit(struct paper *t);

#endif
