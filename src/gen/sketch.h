/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the shapes are drawn with: nodes and links, written down as they come. */
#ifndef GEN_SKETCH_H
#define GEN_SKETCH_H

#include "gen.h"

enum { SKETCH_MAX_NODES = 200000 };

struct sketch {
	const struct gen_request *request;
	struct strbuf networks, nodes, links;
	uint64_t next; /* the next address of the subnet that no link has */
	uint32_t n_nodes;
	/* There was no address any more, or too many nodes came. Nothing is written down from then on. */
	bool full;
};

enum role { HOST, ROUTER };

void sketch_node(struct sketch *s, enum role role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A cable with a subnet of two addresses (RFC 3021). */
void sketch_link(struct sketch *s, const char *a, const char *b);
/* One switch for n nodes that are called PREFIX1…n. */
void sketch_switch(struct sketch *s, const char *network, const char *prefix, unsigned n);

/* The name of a node, for sketch_link(). */
struct node_name {
	char s[40];
};
struct node_name node_name(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void draw_star(struct sketch *s, const unsigned *sizes);
void draw_chain(struct sketch *s, const unsigned *sizes);
void draw_ring(struct sketch *s, const unsigned *sizes);
void draw_tree(struct sketch *s, const unsigned *sizes);
void draw_grid(struct sketch *s, const unsigned *sizes);
void draw_torus(struct sketch *s, const unsigned *sizes);
void draw_mesh(struct sketch *s, const unsigned *sizes);
void draw_random(struct sketch *s, const unsigned *sizes);
void draw_fat_tree(struct sketch *s, const unsigned *sizes);
void draw_clos(struct sketch *s, const unsigned *sizes);

#endif
