/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Automatic routes: every node reaches every subnet of the lab that a path of
 * routers leads to, by the shortest paths, all of them where several cost the
 * same; and the way out leads to the nearest gateway of a nat network.
 *
 * The graph is bipartite: subnets on one side, forwarding nodes (router: true,
 * and the host between the lab's own gateway networks) on the other. See
 * routes.c for the algorithm and its cost.
 */
#ifndef MODEL_ROUTES_H
#define MODEL_ROUTES_H

#include "model.h"

/* Adds the automatic routes to the nodes of m (whose ROUTE_FILE routes are in already and win over automatic ones to the
 * same destination), its host_routes, and fills `behind` of its nat networks. Takes memory from m->arena, which must
 * have a landing; allocates nothing else. */
void routes_compute(struct model *m);

#endif
