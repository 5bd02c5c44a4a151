/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plain shapes. */
#include <stdlib.h>

#include "sketch.h"

void draw_star(struct sketch *s, const unsigned *sizes)
{
	sketch_switch(s, "lan", "n", sizes[0]);
}

static void link_row(struct sketch *s, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		sketch_link(s, node_name("n%u", i).s, node_name("n%u", i + 1).s);
}

void draw_chain(struct sketch *s, const unsigned *sizes)
{
	for (unsigned i = 1; i <= sizes[0]; i++)
		sketch_node(s, i == 1 || i == sizes[0] ? HOST : ROUTER, "n%u", i);
	link_row(s, sizes[0]);
}

void draw_ring(struct sketch *s, const unsigned *sizes)
{
	for (unsigned i = 1; i <= sizes[0]; i++)
		sketch_node(s, ROUTER, "n%u", i);
	link_row(s, sizes[0]);
	sketch_link(s, node_name("n%u", sizes[0]).s, "n1");
}

/* Numbered tier by tier: tier t begins with FANOUT^t nodes, and node i of it hangs from node i / FANOUT of the one above. */
void draw_tree(struct sketch *s, const unsigned *sizes)
{
	unsigned depth = sizes[0], fanout = sizes[1];
	unsigned long long width = 1;

	sketch_node(s, ROUTER, "t0-1");
	for (unsigned t = 1; t <= depth && !s->full; t++) {
		width *= fanout;
		for (unsigned long long i = 0; i < width && !s->full; i++) {
			sketch_node(s, t == depth ? HOST : ROUTER, "t%u-%llu", t, i + 1);
			sketch_link(s, node_name("t%u-%llu", t - 1, i / fanout + 1).s,
			            node_name("t%u-%llu", t, i + 1).s);
		}
	}
}

static struct node_name cell(unsigned x, unsigned y)
{
	return node_name("r%u-%u", x + 1, y + 1);
}

static void draw_lattice(struct sketch *s, const unsigned *sizes, bool wrap)
{
	unsigned width = sizes[0], height = sizes[1];

	for (unsigned y = 0; y < height; y++)
		for (unsigned x = 0; x < width; x++)
			sketch_node(s, ROUTER, "%s", cell(x, y).s);
	for (unsigned y = 0; y < height && !s->full; y++)
		for (unsigned x = 0; x < width; x++) {
			if (x + 1 < width || wrap)
				sketch_link(s, cell(x, y).s, cell((x + 1) % width, y).s);
			if (y + 1 < height || wrap)
				sketch_link(s, cell(x, y).s, cell(x, (y + 1) % height).s);
		}
}

void draw_grid(struct sketch *s, const unsigned *sizes)
{
	draw_lattice(s, sizes, false);
}

void draw_torus(struct sketch *s, const unsigned *sizes)
{
	draw_lattice(s, sizes, true);
}

void draw_mesh(struct sketch *s, const unsigned *sizes)
{
	for (unsigned i = 1; i <= sizes[0]; i++)
		sketch_node(s, ROUTER, "n%u", i);
	for (unsigned i = 1; i <= sizes[0]; i++)
		for (unsigned k = i + 1; k <= sizes[0]; k++)
			sketch_link(s, node_name("n%u", i).s, node_name("n%u", k).s);
}

/* splitmix64 (Steele, Lea, Flood 2014): the same numbers everywhere. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static unsigned random_below(uint64_t *state, unsigned n)
{
	return (unsigned)(next_random(state) % n);
}

/* Pairs that are linked: an open hash of twice their number. */
struct pairs {
	uint64_t *slots;
	size_t n;
};

/* False: it was there. */
static bool take_pair(struct pairs *p, unsigned a, unsigned b)
{
	uint64_t pair = a < b ? (uint64_t)a << 32 | (b + 1) : (uint64_t)b << 32 | (a + 1), state = pair;
	size_t at = (size_t)(next_random(&state) % p->n);

	for (; p->slots[at]; at = (at + 1) % p->n) {
		if (p->slots[at] == pair)
			return false;
	}
	p->slots[at] = pair;
	return true;
}

/* False: they are linked already, or one and the same. */
static bool link_pair(struct sketch *s, struct pairs *taken, unsigned a, unsigned b)
{
	if (a == b || !take_pair(taken, a, b))
		return false;
	sketch_link(s, node_name("n%u", b + 1).s, node_name("n%u", a + 1).s);
	return true;
}

/* A random tree first, so that all are connected; then links between any two. */
void draw_random(struct sketch *s, const unsigned *sizes)
{
	unsigned n = sizes[0], links = sizes[1];
	struct pairs taken = {calloc((size_t)links * 2 + 1, sizeof(uint64_t)), (size_t)links * 2 + 1};
	uint64_t state = s->request->seed;

	if (!taken.slots) {
		s->nodes.failed = true;
		return;
	}
	for (unsigned i = 0; i < n; i++)
		sketch_node(s, ROUTER, "n%u", i + 1);
	for (unsigned a = 1; a < n && !s->full; a++)
		link_pair(s, &taken, a, random_below(&state, a));
	for (unsigned made = n - 1; made < links && !s->full;) {
		unsigned a = random_below(&state, n), b = random_below(&state, n);

		made += link_pair(s, &taken, a, b);
	}
	free(taken.slots);
}
