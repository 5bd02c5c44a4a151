/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the model: every subnet of a lab with the nodes that are on it. Both
 * the search for overlaps and the routes start from this table.
 */
#ifndef MODEL_SUBNETS_H
#define MODEL_SUBNETS_H

#include "model.h"

/*
 * One subnet on one wire. A network's own subnets, the subnets of links; on a
 * network without a subnet, those that its interfaces' addresses say; on a
 * link whose ends do not agree, one of each end (`lonely`: no route leads there).
 */
struct wire_subnet {
	struct ip_prefix prefix;
	enum attach attach;
	uint32_t index; /* of the network or link */
	bool lonely;
	struct nsl_pos pos;
	uint32_t first, n; /* its members */
};

struct member {
	uint32_t actor; /* index of a node; m->nodes.n: the host */
	uint32_t iface; /* index in the node; the host's: of the network */
	struct ip address;
};

struct subnets {
	struct wire_subnet *items; /* sorted by prefix, then in the order of the file */
	uint32_t n;
	struct member *members; /* of a subnet: in the order of the nodes, each once, the host last */
};

/*
 * Routing domains: subnets that are tied together by those who forward between
 * them. A domain is of one family.
 */
struct domains {
	uint32_t n;
	uint32_t *of;    /* of a subnet: its domain */
	uint32_t *first; /* where in `order` a domain begins; n + 1 of them */
	uint32_t *order; /* subnets by domain, then prefix */
};

/* Collects them. Memory from m->arena. Addresses must be decided. */
struct subnets subnets_of(const struct model *m);
struct domains domains_of(const struct model *m, const struct subnets *s);
/* Whether an actor leads from one of its subnets to another: a router that takes part in routing; the host. */
bool actor_forwards(const struct model *m, uint32_t actor);

#endif
