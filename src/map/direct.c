/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Levels: how far from the left each shape stands, so that wires lead from left to
 * right. What is connected to the outside, or else to the host, begins there. Of
 * the rest, the ends of cables are the right side, and a level is how far the nearest end
 * is: so the tiers of a data centre become columns.
 */
#include <stdlib.h>

#include "scene.h"

enum { UNKNOWN = -1 };

struct directing {
	struct scene *s;
	size_t *first;  /* of each shape: where its neighbours begin; one more at the end */
	int32_t *near;  /* neighbours */
	int32_t *queue; /* shapes of one component, in the order of meeting */
	size_t head, tail;
};

static void list_neighbours(struct directing *d)
{
	size_t n = d->s->shapes.n, *next = arena_array(d->s->a, n + 1, size_t);

	d->first = arena_array(d->s->a, n + 1, size_t);
	d->near = arena_array(d->s->a, 2 * d->s->wires.n, int32_t);
	for (size_t i = 0; i < d->s->wires.n; i++) {
		d->first[d->s->wires.items[i].from + 1]++;
		d->first[d->s->wires.items[i].to + 1]++;
	}
	for (size_t i = 0; i < n; i++)
		next[i + 1] = d->first[i + 1] += d->first[i];
	for (size_t i = 0; i < d->s->wires.n; i++) {
		const struct wire *w = &d->s->wires.items[i];

		d->near[next[w->from]++] = w->to;
		d->near[next[w->to]++] = w->from;
	}
}

static size_t degree(const struct directing *d, int32_t shape)
{
	return d->first[shape + 1] - d->first[shape];
}

static void enter(struct directing *d, int32_t shape, int level)
{
	d->s->shapes.items[shape].level = level;
	d->queue[d->tail++] = shape;
}

static void flood(struct directing *d)
{
	while (d->head < d->tail) {
		int32_t at = d->queue[d->head++];

		for (size_t i = d->first[at]; i < d->first[at + 1]; i++)
			if (d->s->shapes.items[d->near[i]].level == UNKNOWN)
				enter(d, d->near[i], d->s->shapes.items[at].level + 1);
	}
}

/* Those of one kind of node. */
static void begin_at(struct directing *d, enum nsl_map_node_kind kind, int32_t ns)
{
	for (size_t i = 0; i < d->s->shapes.n; i++) {
		const struct shape *shape = &d->s->shapes.items[i];
		const struct nsl_map_node *node = shape->kind == SHAPE_RACK ? NULL : &d->s->map->nodes[shape->node];

		if (node && node->kind == kind && node->at.ns == ns && shape->level == UNKNOWN) {
			enter(d, (int32_t)i, 0);
			flood(d);
		}
	}
}

/* The queue from `from` on is a component without outside and host: counts from its ends, and turns round. */
static void level_by_ends(struct directing *d, size_t from)
{
	struct shape *shapes = d->s->shapes.items;
	size_t n = d->tail - from;
	int32_t *members = arena_array(d->s->a, n, int32_t);
	int deepest = 0;
	bool ends = false;

	for (size_t i = 0; i < n; i++) {
		members[i] = d->queue[from + i];
		ends |= degree(d, members[i]) == 1;
	}
	if (!ends)
		return;
	for (size_t i = 0; i < n; i++)
		shapes[members[i]].level = UNKNOWN;
	d->head = d->tail = from;
	for (size_t i = 0; i < n; i++)
		if (degree(d, members[i]) == 1)
			enter(d, members[i], 0);
	flood(d);
	for (size_t i = 0; i < n; i++)
		deepest = shapes[members[i]].level > deepest ? shapes[members[i]].level : deepest;
	for (size_t i = 0; i < n; i++)
		shapes[members[i]].level = deepest - shapes[members[i]].level;
}

static void turn(struct wire *w)
{
	int32_t from = w->from;

	w->from = w->to;
	w->to = from;
	w->turned = true;
}

/* On one level, a switch stands left of what is plugged into it; two of a kind stand beside each other. */
static bool stands_wrong(const struct scene *s, const struct wire *w)
{
	const struct shape *from = &s->shapes.items[w->from], *to = &s->shapes.items[w->to];

	if (from->level != to->level)
		return from->level > to->level;
	return from->kind != SHAPE_SWITCH && to->kind == SHAPE_SWITCH;
}

bool wire_beside(const struct scene *s, const struct wire *w)
{
	const struct shape *from = &s->shapes.items[w->from], *to = &s->shapes.items[w->to];

	return from->level == to->level && (from->kind == SHAPE_SWITCH) == (to->kind == SHAPE_SWITCH);
}

void scene_direct(struct scene *s)
{
	struct directing d = {.s = s, .queue = arena_array(s->a, s->shapes.n, int32_t)};

	list_neighbours(&d);
	for (size_t i = 0; i < s->shapes.n; i++)
		s->shapes.items[i].level = UNKNOWN;
	begin_at(&d, NSL_MAP_OUTSIDE, -1);
	begin_at(&d, NSL_MAP_SPACE, 0);
	for (size_t i = 0; i < s->shapes.n; i++) {
		size_t from = d.tail;

		if (s->shapes.items[i].level != UNKNOWN)
			continue;
		enter(&d, (int32_t)i, 0);
		flood(&d);
		level_by_ends(&d, from);
	}
	for (size_t i = 0; i < s->wires.n; i++) {
		struct wire *w = &s->wires.items[i];

		if (stands_wrong(s, w))
			turn(w);
	}
}
