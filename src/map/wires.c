/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The course of wires between shapes that have their places. Where nothing stands
 * between two ends, a plain curve from side to side is the clearest; between two
 * shapes of one column it bulges to the right. The others keep the course that
 * Graphviz found around what is in their way. Then each label finds a place on its wire
 * where it hides nothing.
 */
#include "scene.h"

#define BULGE_LEAST 26.0
#define CLEARANCE 6.0
#define SPREAD 7.0       /* between wires on one side of a switch, … */
#define SPREAD_MOST 18.0 /* … all of which stay as near as that */
#define LABEL_H 14.0
#define LEVEL 6.0 /* what differs by less in height looks like a mistake */

enum { STEPS = 24 };

static double middle(const struct box *b)
{
	return b->y + b->h / 2;
}

/* ---- ends ------------------------------------------------------------------------------------------ */

/* The height of a device's line in a card; of other shapes, their middle. */
static double end_height(const struct scene *s, const struct wire *w, bool to)
{
	const struct shape *shape = &s->shapes.items[to ? w->to : w->from];
	const struct nsl_map_end *end = &s->map->edges[w->edge].end[to != w->turned];

	for (size_t i = 0; shape->kind == SHAPE_CARD && i < shape->n_lines; i++)
		if (shape->lines[i].device == end->device)
			return shape->box.y + shape->lines[i].y + LINE_HEIGHT / 2;
	return middle(&shape->box);
}

/* True where the wire ends at the right side of the shape: what is not left or right of it is beside it. */
static bool ends_right(const struct scene *s, const struct wire *w, bool to)
{
	const struct box *mine = &s->shapes.items[to ? w->to : w->from].box;
	const struct box *other = &s->shapes.items[to ? w->from : w->to].box;

	return other->x + other->w > mine->x;
}

static bool is_beside(const struct scene *s, const struct wire *w)
{
	return ends_right(s, w, false) && ends_right(s, w, true);
}

/* Wires that end at one side of a switch keep apart, in the order of where they go. */
static double spread(const struct scene *s, const struct wire *w, bool to)
{
	int32_t shape = to ? w->to : w->from;
	double mine = end_height(s, w, !to), step;
	size_t n = 0, before = 0;

	if (s->shapes.items[shape].kind == SHAPE_CARD)
		return 0;
	for (size_t i = 0; i < s->wires.n; i++) {
		const struct wire *o = &s->wires.items[i];
		bool its = o->to == shape;
		double theirs;

		if ((!its && o->from != shape) || ends_right(s, o, its) != ends_right(s, w, to))
			continue;
		theirs = end_height(s, o, !its);
		n++;
		before += theirs < mine || (theirs == mine && o < w);
	}
	step = n > 1 && SPREAD * (double)(n - 1) > SPREAD_MOST ? SPREAD_MOST / (double)(n - 1) : SPREAD;
	return step * ((double)before - (double)(n - 1) / 2);
}

static struct point side(const struct scene *s, const struct wire *w, bool to)
{
	const struct box *box = &s->shapes.items[to ? w->to : w->from].box;

	return (struct point){box->x + (ends_right(s, w, to) ? box->w : 0), end_height(s, w, to) + spread(s, w, to)};
}

/* ---- curves ---------------------------------------------------------------------------------------- */

static struct point on_curve(const struct point *p, double t)
{
	double u = 1 - t, a = u * u * u, b = 3 * u * u * t, c = 3 * u * t * t, d = t * t * t;

	return (struct point){a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x,
	                      a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y};
}

static bool is_near(const struct box *b, struct point p, double by)
{
	return p.x > b->x - by && p.x < b->x + b->w + by && p.y > b->y - by && p.y < b->y + b->h + by;
}

/* True where the curve comes near no other shape. */
static bool is_free(const struct scene *s, const struct wire *w, const struct point *curve)
{
	for (size_t i = 0; i < s->shapes.n; i++)
		for (int k = 1; (int32_t)i != w->from && (int32_t)i != w->to && k < STEPS; k++)
			if (is_near(&s->shapes.items[i].box, on_curve(curve, (double)k / STEPS), CLEARANCE))
				return false;
	return true;
}

static void keep(struct scene *s, struct wire *w, const struct point *curve)
{
	w->n_points = 4;
	w->points = arena_array(s->a, 4, struct point);
	for (int i = 0; i < 4; i++)
		w->points[i] = curve[i];
}

/* Along the right side of a column. */
static void bulge(struct scene *s, struct wire *w, struct point a, struct point b)
{
	double far = a.x > b.x ? a.x : b.x, high = a.y < b.y ? b.y - a.y : a.y - b.y, by = BULGE_LEAST + high / 6;

	far += by < s->gap ? by : s->gap;
	keep(s, w, (struct point[]){a, {far, a.y}, {far, b.y}, b});
}

static void course(struct scene *s, struct wire *w, struct point a, struct point b)
{
	double half = (b.x - a.x) / 2;
	struct point curve[] = {a, {a.x + half, a.y}, {b.x - half, b.y}, b};

	if (is_beside(s, w))
		bulge(s, w, a, b);
	else if (!w->n_points || is_free(s, w, curve))
		keep(s, w, curve);
}

/* What is nearly level shall be: the end at a switch gives way. */
static void level(const struct scene *s, const struct wire *w, struct point *a, struct point *b)
{
	double by = a->y > b->y ? a->y - b->y : b->y - a->y;

	if (by > LEVEL || is_beside(s, w))
		return;
	if (s->shapes.items[w->to].kind != SHAPE_CARD)
		b->y = a->y;
	else if (s->shapes.items[w->from].kind != SHAPE_CARD)
		a->y = b->y;
}

static void draw(struct scene *s, struct wire *w)
{
	struct point a = side(s, w, false), b = side(s, w, true);

	level(s, w, &a, &b);
	course(s, w, a, b);
}

/* What bulges out of the last column wants room as well. */
static void widen(struct scene *s, const struct wire *w)
{
	for (size_t i = 0; i < w->n_points; i++)
		if (w->points[i].x + CLEARANCE > s->width)
			s->width = w->points[i].x + CLEARANCE;
}

/* ---- labels ---------------------------------------------------------------------------------------- */

static struct box label_box(const struct wire *w, struct point at)
{
	double width = text_cells(w->label) * SMALL_CELL + 2 * BADGE_PAD;

	return (struct box){at.x - width / 2, at.y - LABEL_H / 2, width, LABEL_H};
}

static bool overlap(const struct box *a, const struct box *b)
{
	return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

/* How many shapes and earlier labels it would hide. */
static size_t hides(const struct scene *s, const struct wire *w, struct point at)
{
	struct box mine = label_box(w, at);
	size_t n = 0;

	for (size_t i = 0; i < s->shapes.n; i++)
		n += overlap(&mine, &s->shapes.items[i].box);
	for (const struct wire *o = s->wires.items; o < w; o++) {
		struct box theirs;

		if (!o->label)
			continue;
		theirs = label_box(o, o->at);
		n += overlap(&mine, &theirs);
	}
	return n;
}

/* From the middle of the wire outwards. */
static void place_label(const struct scene *s, struct wire *w)
{
	static const double where[] = {0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8};
	const struct point *piece = w->points + (w->n_points - 1) / 3 / 2 * 3;
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]) && least > 0; i++) {
		struct point at = on_curve(piece, where[i]);
		size_t n = hides(s, w, at);

		if (n >= least)
			continue;
		least = n;
		w->at = at;
	}
}

/* A group takes in the wires along its right side, where nothing of others' is in the way. */
static void widen_group(struct scene *s, const struct wire *w)
{
	int32_t group = s->shapes.items[w->from].group;
	struct box *box = group < 0 ? NULL : &s->groups.items[group].box, more;
	double right;

	if (!box || box->w <= 0 || group != s->shapes.items[w->to].group || !is_beside(s, w))
		return;
	right = on_curve(w->points, 0.5).x + CLEARANCE;
	more = (struct box){box->x, box->y, right - box->x, box->h};
	for (size_t i = 0; i < s->shapes.n; i++)
		if (s->shapes.items[i].group != group && overlap(&more, &s->shapes.items[i].box))
			return;
	box->w = more.w > box->w ? more.w : box->w;
}

void scene_wire(struct scene *s)
{
	for (size_t i = 0; i < s->wires.n; i++) {
		struct wire *w = &s->wires.items[i];

		if (s->ranked)
			draw(s, w);
		widen(s, w);
		if (s->ranked)
			widen_group(s, w);
		if (w->label && w->n_points)
			place_label(s, w);
	}
}
