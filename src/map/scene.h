/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A map as it is to be drawn: what becomes which shape, how large each is, where it
 * stands. Lengths are pixels of SVG, from the upper left.
 *
 * scene_new() decides shapes and sizes, scene_direct() which of two ends is the
 * left one (direct.c), scene_place() has Graphviz find the places (layout.c), scene_wire()
 * draws the lines between them (wires.c). All text is set
 * in a face of fixed width, and told its width (textLength): so a box fits whatever face
 * a reader has.
 */
#ifndef MAP_SCENE_H
#define MAP_SCENE_H

#include <jansson.h>
#include <nsloom/map.h>

#include "arena.h"

struct box {
	double x, y, w, h;
};

struct point {
	double x, y;
};

enum shape_kind {
	SHAPE_CARD,   /* a namespace */
	SHAPE_SWITCH, /* a bridge, a bond */
	SHAPE_PLACE,  /* outside, far ends, the dark, programs */
	SHAPE_RACK, /* namespaces of which there is nothing to tell but that they are in this one switch, or in none */
	SHAPE_KIND_COUNT
};

/* A device in a card. */
struct line {
	int32_t device;
	const char *name;
	size_t n_texts; /* addresses, or what it is; at least one, which may be "" */
	const char **texts;
	double y, h; /* within the card */
};

struct shape {
	enum shape_kind kind;
	int32_t node;  /* of the map; of a rack: its switch, -1: none */
	int32_t group; /* index of its group in the scene; -1: none */
	int level;     /* how far from the left; see scene_direct() */
	struct box box;
	const char *title, *subtitle; /* the second may be NULL */
	const char *badges[2];        /* cards: what it does; NULL: no more */
	const char *foot[2];          /* cards: ways out; NULL: no more */
	size_t n_lines;
	struct line *lines;
	/* Racks. */
	size_t n_members, columns;
	int32_t *members; /* nodes */
	double tile;      /* width of one */
};

/* One or more edges of the map between the same two shapes. */
struct wire {
	size_t edge;       /* the first of them */
	size_t count;      /* a rack's: as many as it has members, else 1 */
	size_t down;       /* of these */
	int32_t from, to;  /* shapes; `from` is the left one */
	bool turned;       /* `from` is the edge's second end */
	const char *label; /* or NULL */
	struct point at;   /* middle of the label */
	size_t n_points;   /* 3 k + 1: a line of Bézier curves */
	struct point *points;
};

struct group {
	const char *name;
	struct box box; /* w 0: it is not drawn */
};

/* What does not lie in the arena, and is freed by whoever had the scene made: memory may run out in the middle of a function. */
struct scene_owned {
	char *text; /* Graphviz's answer */
	json_t *json;
};

struct scene {
	struct arena *a; /* has a landing */
	const struct nsl_map *map;
	VEC(struct shape) shapes;
	VEC(struct wire) wires;
	VEC(struct group) groups;
	int32_t *shape_of; /* of each node; -1: it is not drawn */
	double width, height;
	double gap;  /* between columns */
	bool ranked; /* laid out in columns; else in all directions */
	struct scene_owned *owned;
};

/* Cells of text are as wide as this, at the sizes that are used. */
#define CELL 6.6       /* 11 px */
#define TITLE_CELL 7.8 /* 13 px */
#define SMALL_CELL 5.4 /* 9 px */
#define HEAD_HEIGHT 30.0
#define SUBTITLE_HEIGHT 14.0
#define LINE_HEIGHT 17.0
#define TILE_HEIGHT 24.0
#define TILE_GAP 6.0
#define CARD_PAD 12.0
#define BADGE_PAD 6.0
#define GROUP_PAD 14.0
#define GROUP_HEAD 22.0

/* In an arena that has a landing. */
struct scene *scene_new(struct arena *a, const struct nsl_map *map, struct scene_owned *owned);
/* Levels, and the direction of wires. */
void scene_direct(struct scene *s);
/* True where its two ends are to stand in one column. */
bool wire_beside(const struct scene *s, const struct wire *w);
/* Places. 0 or -errno with *err set. */
int scene_place(struct scene *s, struct nsl_error **err);
/* The course of the wires between them. */
void scene_wire(struct scene *s);

static inline const struct nsl_netns *node_ns(const struct nsl_map *map, int32_t node)
{
	struct nsl_place at = map->nodes[node].at;

	return at.ns < 0 ? NULL : &map->census->items[at.ns];
}

/* The device at an end of an edge; NULL: none in particular. */
const struct nsl_device *end_device(const struct nsl_map *map, const struct nsl_map_end *end);
/* Cells of text, as it is drawn: what cannot be shown is written as \xNN. */
double text_cells(const char *text);
/* What stands beside the name of a namespace in a rack; "": nothing. */
const char *tile_text(struct arena *a, const struct nsl_map *map, int32_t node);
/* An address without its prefix length. */
const char *bare_address(struct arena *a, const char *address);

#endif
