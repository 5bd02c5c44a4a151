/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines to draw, made up: what a census of them would find. */
#ifndef UNIT_MAP_WORLD_H
#define UNIT_MAP_WORLD_H

#include <nsloom/scope.h>

/* One of each: a lab, a container, strangers, tunnels, what is down, what cannot be seen, names that mean harm. */
const struct nsl_census *world_all(void);
/* A lab "star" of n nodes on one switch of the host's, the last of which is down. Freed by world_free(). */
struct nsl_census *world_star(size_t n);
/* A lab "mesh" of n routers, each linked to each. Freed by world_free(). */
struct nsl_census *world_mesh(size_t n);
/* A lab "ring" of n nodes. Freed by world_free(). */
struct nsl_census *world_ring(size_t n);
void world_free(struct nsl_census *c);

#endif
