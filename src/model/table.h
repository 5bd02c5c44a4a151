/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the model: the routing table of one actor in one family, made from a
 * search, as short as it can be without saying anything else.
 */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include "graph.h"

/* Above this many routes of a family, a node's table is made short by joining neighbouring subnets; below it, a table that
 * names each subnet as the file does is worth more to its reader. */
enum { TABLE_JOIN_ABOVE = 32 };

struct table_entry {
	struct ip_prefix to;
	uint32_t subnet; /* one that it leads to */
	int32_t set;     /* number of a set of hops; CONNECTED */
};
enum { CONNECTED = -1 };

struct table {
	struct search *search;
	struct table_entry *entries; /* sorted by prefix; those that are CONNECTED are no routes */
	uint32_t n, n_routes;
	/* Sets of hops by number: one subnet that has it, and the hops once they are made. */
	uint32_t n_sets;
	int32_t latest; /* the number given last, or CONNECTED: neighbours mostly have the same */
	uint32_t *set_subnet;
	struct hop **set_hops;
	uint32_t *set_sizes;
	uint32_t *slots, n_slots; /* hash table of the sets: number + 1 */
	struct whole *wholes;     /* by domain */
};

/* A domain's subnets as one table, as whoever has a single way into it sees them. */
struct whole {
	struct table_entry *entries; /* NULL: not made yet */
	uint32_t n;
};

void table_init(struct table *t, struct search *s);

/*
 * Fills the table from the search. Left out are destinations that `given`
 * routes (those of the file, of one family or both) name, and those whose only
 * hop is that of the default route, `way` (may be unset).
 */
void table_fill(struct table *t, const struct way *way, const struct route *given, size_t n_given);
/*
 * The same without a search, for an actor that is on one subnet of the family
 * with one other forwarder, and has no routes of the file: everything in its
 * domain lies behind that one. False where the actor is not like that.
 */
bool table_fill_only(struct table *t, uint32_t actor, enum ip_family family, const struct way *way, size_t n_given);
/* Appends its routes, with hops from the arena. Returns how many. */
size_t table_write(struct table *t, struct route *out);

#endif
