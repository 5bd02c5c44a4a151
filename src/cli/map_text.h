/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A map in a terminal, as a patch panel: on the left the namespaces, one below the
 * other, a line for each device; on the right what connects them. A cable is a line
 * from one device down to another, a switch a double line from its own device down
 * to whatever is plugged into it. Lines that only cross are no connection; where a
 * line meets several, a dot says so.
 *
 *   map_order.c  which namespace stands where, so that lines are short
 *   map_rows.c   the lines of the panel; map_notes.c what each says
 *   map_rails.c  what runs down beside it, and in which column
 *   map_fit.c    what is cut and left out where there is little room
 *   map_text.c   puts it on paper
 */
#ifndef CLI_MAP_TEXT_H
#define CLI_MAP_TEXT_H

#include <nsloom/map.h>

#include "cli.h"

struct map_text_options {
	bool ascii, unfold, counters;
};

void map_print(struct cli *cli, const struct nsl_map *map, const struct map_text_options *options);

/* ---- shared by its files --------------------------------------------------------------------------- */

enum row_kind {
	ROW_RULE,   /* between namespaces; with the name of the one below */
	ROW_DEVICE, /* or what stands for one */
	ROW_MORE,   /* a further address of the device above */
	ROW_FOLD    /* stands for several namespaces on one switch */
};

/* A row leads to a rail. */
struct tap {
	size_t rail;
	const char *port; /* by this port of the switch; or NULL */
	enum nsl_map_state state;
	bool source; /* it is the switch's own device, or the place that the rail is of */
};

struct row {
	enum row_kind kind;
	int32_t node;     /* -1: none */
	int32_t device;   /* in its namespace; -1: none */
	const char *lead; /* name of the namespace, where it has one row only; rules: where it has several */
	const char *name, *address, *note; /* "" */
	const char *tags;                  /* rules: "forwards, nat" */
	enum style style;                  /* of name and note */
	bool stranger;                     /* of no lab, and not the host */
	VEC(struct tap) taps;
};

enum rail_kind { RAIL_CABLE, RAIL_SWITCH, RAIL_DOTTED };

struct rail {
	enum rail_kind kind;
	int32_t node;       /* of the switch or place; -1: it only joins two rows */
	size_t first, last; /* rows */
	size_t taps;
	size_t column;
	bool folded; /* there is no room: its rows name it */
};

struct panel {
	struct cli *cli;
	struct arena *a;
	const struct nsl_map *map;
	const struct map_text_options *options;
	size_t *order; /* nodes, in the order in which they come */
	VEC(struct row) rows;
	VEC(struct rail) rails;
	int32_t **row_of; /* of each namespace's node: the row of each device; [-1] of the namespace itself; -1: none */
	int32_t *space_at;       /* of each namespace of the census: its node; -1: it is not on the map */
	int32_t *place_row;      /* of each node that is no namespace: its row; -1: none */
	int32_t *rail_of;        /* of each node that is no namespace: its rail; -1: none */
	VEC(const char *) alone; /* namespaces that nothing leads to */
	size_t n_folded;         /* namespaces that a row stands for together with others */
	bool stacked;            /* addresses of one device stand below each other */
	size_t columns;          /* of rails */
	size_t n_named;          /* connections that there was no room for */
};

/* Nodes in the order of the panel. */
size_t *map_order(struct arena *a, const struct nsl_map *map);
void panel_rows(struct panel *p);
/* Rails, taps, and their columns: at most `most`. */
void panel_rails(struct panel *p, size_t most);
/* Name, address, notes and style of a row, by its device. In map_notes.c. */
void row_fill(struct panel *p, struct row *row, const struct nsl_netns *ns);
/* Adds words to the note of a row. */
void row_note(struct panel *p, struct row *row, const char *fmt, ...) PRINTF(3, 4);

/* True for an address that says something: neither link-local nor of the loopback. */
bool address_is_told(const char *address);
/* True for what is beyond and is only told of in the row that leads there. */
bool is_inline(const struct nsl_map *map, int32_t node);
const struct nsl_device *map_device(const struct nsl_map *map, const struct nsl_map_end *end);

#endif
