/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel in memory, for tests of planning: it does the operations of a plan
 * as strictly as the real one (a device needs its namespace and a free name, a
 * port its bridge, a route a device that is up and a next hop on a subnet of it;
 * with a device go its routes, its addresses and its other end), and shows what stands as
 * src/kernel would.
 */
#ifndef TESTS_PLAN_WORLD_H
#define TESTS_PLAN_WORLD_H

#include "plan.h"

struct world_device {
	bool gone;
	int space;
	struct device d;  /* indices in it are not used */
	int master, peer; /* in world->devices; -1 */
};

struct world_route {
	bool gone;
	int space;
	struct ip_prefix to;
	VEC(struct khop) hops; /* device: in world->devices */
};

struct world_space {
	enum space_kind kind;
	const char *name;
	bool present, named, name_taken;
	VEC(struct setting) settings; /* that were written */
};

struct world {
	struct arena *arena;
	const char *lab;
	VEC(struct world_space) spaces; /* [0] host, [1] fabric */
	VEC(struct world_device) devices;
	VEC(struct world_route) routes;
	const struct rules *rules; /* NULL: no table */
	bool forwarding[IP_FAMILIES];
	bool rules_spoilt;
	uint32_t next_index;
	struct thresholds thresholds;
	struct limit_found limits[LIMIT_COUNT];
	char why[256]; /* the last operation was refused: which and why */
};

/* An empty host. The arena has a landing. */
struct world *world_new(struct arena *a, const char *lab);
/* Does a plan. False, and world->why, where an operation is refused. */
bool world_apply(struct world *w, const struct plan *p);
/* What stands, with the sysctls that `want` and `before` name (either may be NULL). */
struct state *world_observe(struct world *w, const struct state *want, const struct state *before);
/* A namespace just born. */
const struct space *world_born(struct world *w, const struct state *want, const struct state *before);
/* A device by name; NULL if there is none. */
struct world_device *world_device(struct world *w, const char *space, const char *name);
/* As when somebody deletes it: with its routes and its other end. */
void world_drop_device(struct world *w, struct world_device *dev);
/* Nothing of a lab is left. */
bool world_is_empty(const struct world *w);

/* The plan from what stands to a model (NULL: nothing), with `before` as last applied (may be NULL). NULL where there are obstacles: *err. */
struct plan *world_plan(struct world *w, const struct model *m, const struct model *before,
                        const struct plan_options *options, struct nsl_error **err);

/* "+ one: interface eth0 (to lan, port lab.one.eth0)", one a line; quiet operations in parentheses where `quiet`. malloc'd. */
char *plan_text(const struct plan *p, bool quiet);

#endif
