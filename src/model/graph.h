/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the model: the graph that automatic routes are found in.
 *
 * It has two sides: subnets, and actors, which are the nodes and, as the last
 * one, the host. An actor is attached to the subnets that it has an address
 * on. Those that forward lead from subnet to subnet: nodes with `router: true`
 * that take part in routing, and the host between gateway networks. Both
 * directions are kept as rows of one array each, so that a search touches
 * nothing but integers in order. Families never mix: subnets are sorted by
 * family first, and each is a range of them.
 */
#ifndef MODEL_GRAPH_H
#define MODEL_GRAPH_H

#include "subnets.h"

/* One subnet that an actor is on. */
struct attachment {
	uint32_t subnet, iface;
};

struct graph {
	struct model *m;
	struct subnets subnets;
	struct domains domains;
	uint32_t family_first[IP_FAMILIES + 1]; /* where the subnets of a family begin */
	uint32_t n_actors, host;                /* host: the last actor */
	uint32_t *attached_first;               /* by actor; n_actors + 1 of them */
	struct attachment *attached;            /* of an actor: by family, then interface */
	uint32_t *forwarder_first;              /* by subnet; n + 1 of them */
	struct member *forwarders;              /* of a subnet: by address */
};

void graph_init(struct graph *g, struct model *m);

/* The ways from one actor to all subnets of a family, by fewest routers, with the first hops of all shortest ones. */
struct search {
	const struct graph *g;
	uint32_t source;
	enum ip_family family;
	int32_t *subnet_dist, *actor_dist; /* routers between; -1: no way */
	struct hop *hops;                  /* every first hop there is, by interface, then address */
	uint32_t n_hops;
	uint32_t words;                     /* of a set of hops */
	uint64_t *subnet_hops, *actor_hops; /* sets of hops, `words` for each subnet and actor */
	uint32_t *subnets, *actors;         /* those of the level at hand */
};

void search_init(struct search *s, const struct graph *g);
void search_from(struct search *s, uint32_t source, enum ip_family family);
static inline const uint64_t *search_hops(const struct search *s, uint32_t subnet)
{
	return s->subnet_hops + (size_t)subnet * s->words;
}

/* The way out of one actor: its default route, whether the file's or decided. */
struct way {
	bool set;
	bool given; /* the file's */
	struct hop hop;
	uint32_t next;    /* the router it leads to; NOBODY */
	uint32_t network; /* the nat network that it leads out of in the end; NOBODY */
};
#define NOBODY UINT32_MAX

/* The ways out of all actors in a family (n_actors of them), and `behind` of the nat networks. */
struct way *ways_out(const struct graph *g, enum ip_family family);

#endif
