/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shapes of data centres. */
#include "sketch.h"

/*
 * Al-Fares, Loukissas, Vahdat, "A scalable, commodity data center network
 * architecture" (SIGCOMM 2008): K pods of K/2 edge and K/2 aggregation routers;
 * aggregation router i of each pod is linked to the i-th group of K/2 core
 * routers; each edge router has K/2 hosts.
 */
static void draw_pod(struct sketch *s, unsigned half, unsigned pod)
{
	for (unsigned a = 1; a <= half; a++) {
		sketch_node(s, ROUTER, "a%u-%u", pod, a);
		for (unsigned c = 1; c <= half; c++)
			sketch_link(s, node_name("c%u-%u", a, c).s, node_name("a%u-%u", pod, a).s);
	}
	for (unsigned e = 1; e <= half; e++) {
		sketch_node(s, ROUTER, "e%u-%u", pod, e);
		for (unsigned a = 1; a <= half; a++)
			sketch_link(s, node_name("a%u-%u", pod, a).s, node_name("e%u-%u", pod, e).s);
		for (unsigned h = 1; h <= half; h++) {
			sketch_node(s, HOST, "h%u-%u-%u", pod, e, h);
			sketch_link(s, node_name("e%u-%u", pod, e).s, node_name("h%u-%u-%u", pod, e, h).s);
		}
	}
}

void draw_fat_tree(struct sketch *s, const unsigned *sizes)
{
	unsigned half = sizes[0] / 2;

	for (unsigned a = 1; a <= half; a++)
		for (unsigned c = 1; c <= half; c++)
			sketch_node(s, ROUTER, "c%u-%u", a, c);
	for (unsigned pod = 1; pod <= sizes[0]; pod++)
		draw_pod(s, half, pod);
}

void draw_clos(struct sketch *s, const unsigned *sizes)
{
	unsigned spines = sizes[0], leaves = sizes[1], hosts = sizes[2];

	for (unsigned i = 1; i <= spines; i++)
		sketch_node(s, ROUTER, "spine%u", i);
	for (unsigned l = 1; l <= leaves && !s->full; l++) {
		sketch_node(s, ROUTER, "leaf%u", l);
		for (unsigned i = 1; i <= spines; i++)
			sketch_link(s, node_name("spine%u", i).s, node_name("leaf%u", l).s);
		for (unsigned h = 1; h <= hosts; h++) {
			sketch_node(s, HOST, "h%u-%u", l, h);
			sketch_link(s, node_name("leaf%u", l).s, node_name("h%u-%u", l, h).s);
		}
	}
}
