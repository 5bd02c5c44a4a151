/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The graph of a map (<nsloom/map.h>), made of a census: pure, no kernel is asked.
 *
 * A device is shown in one of three ways. A switch is a node of its own. A device
 * with a line is named in its namespace's node, and edges end at it. A port
 * of a switch that is nothing else has no line: what leads to it leads to the switch,
 * and the edge says by which port.
 */
#ifndef MAP_MAP_GRAPH_H
#define MAP_MAP_GRAPH_H

#include <nsloom/map.h>

#include "arena.h"
#include "map.h"

/* A map is handed out as the first member of this. */
struct map_box {
	struct nsl_map map;
	struct arena *arena;
	struct nsl_census *own; /* to be freed with it by whoever made it; NULL: none */
};

struct graph_options {
	const char *lab; /* only this lab and what it is tied to; NULL: everything */
	bool planned;
};

/* The map of a census, which must outlive it. *out is freed by graph_free(). 0 or -errno with *err set. */
int graph_of_census(const struct nsl_census *census, const struct graph_options *options, struct nsl_map **out,
                    struct nsl_error **err);
void graph_free(struct nsl_map *map);
/* The same for two maps that say the same; what changes by itself (counters, processes) does not count. */
uint64_t graph_fingerprint(const struct nsl_map *map);

/* ---- under construction: graph.c, graph_edges.c, graph_far.c, graph_lab.c ----------------------------------- */

struct graph {
	struct arena *a; /* has a landing */
	const struct nsl_census *census;
	const struct graph_options *options;
	VEC(struct nsl_map_node) nodes;
	VEC(struct nsl_map_edge) edges;
	size_t *base; /* of each namespace: where its devices begin in what follows */
	struct shown {
		int32_t node; /* of a switch; -1: it is none */
		bool ports;   /* something is a port of it */
		bool carries; /* something stands on it */
		bool line;    /* has a line in its namespace's node */
		bool tied;    /* has an edge */
	} * shown;
	struct map *addresses; /* of all devices, without prefix length; empty where there is no tunnel */
	struct map
		*others; /* nodes that are no namespaces and no switches, by what they are: index + 1, as a pointer */
};

static inline const struct nsl_device *place_device(const struct nsl_census *c, struct nsl_place p)
{
	return p.ns < 0 || p.device < 0 ? NULL : &c->items[p.ns].devices[p.device];
}

static inline struct shown *graph_shown(struct graph *g, struct nsl_place p)
{
	return &g->shown[g->base[p.ns] + (size_t)p.device];
}

/* Where an edge of this device ends. */
struct nsl_map_end graph_end(struct graph *g, struct nsl_place p);
/* The same, for what stands on it: at its own line, though it be a port. */
struct nsl_map_end graph_base_end(struct graph *g, struct nsl_place p);
void graph_edge(struct graph *g, enum nsl_map_edge_kind kind, struct nsl_map_end from, struct nsl_map_end to,
                const char *label);
/* The node of this key, made if there is none. */
int32_t graph_other(struct graph *g, enum nsl_map_node_kind kind, const char *key, const char *name);

/* A fabric that only holds switches: they say all. */
bool is_bare_fabric(const struct nsl_map *map, int32_t node);
/* True for an address that says something: neither link-local nor of the loopback. */
bool address_tells(const char *address);
/* True where the device is the way out of its namespace. */
bool is_way_out(const struct nsl_netns *ns, int32_t device);
/* True for a tunnel that the kernel puts into each namespace by itself, and that nobody uses. */
bool is_fallback(const struct nsl_device *d);

/* All edges of all devices. */
void graph_edges(struct graph *g);
/* Those that lead to tunnels' far ends, to the outside, to holders, out of sight. */
void graph_far_edges(struct graph *g, struct nsl_place p, const struct nsl_device *d);
/* What will stand between the host and the outside is unknown, but that something will. */
void graph_planned_way_out(struct graph *g);
/* Looks up where the addresses are that tunnels lead to. Before graph_far_edges(). */
void graph_index_tunnels(struct graph *g);
/* Leaves only what the lab consists of, and what it is tied to. */
void graph_keep_lab(struct graph *g, const char *lab);

#endif
