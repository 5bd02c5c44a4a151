/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building a model, step 7: subnets that overlap where somebody sees both.
 *
 * A routing domain is what forwarding nodes (and the host, between gateway
 * networks) tie together. Who is on a domain's subnet and takes part in
 * routing sees all of the domain, on several interfaces several domains; who
 * takes no part sees the subnets that it is on. So overlaps are looked for
 * within each domain, then in each distinct set of domains that a node sees,
 * then among the subnets of each node that takes no part.
 *
 * A domain that was found sound is sorted and without overlaps, so that a
 * smaller one can be held against it by binary search: the whole is
 * O(n log n), however the domains hang together.
 */
#include "build.h"
#include "subnets.h"

#include <stdlib.h>
#include <string.h>

struct overlaps {
	struct build *b;
	struct subnets subnets;
	struct domains domains;
	uint32_t *seen_first; /* the subnets of each actor: as the members of a subnet, turned round */
	uint32_t *seen;
	struct map *reported; /* pairs of subnets */
	struct map *sets;     /* sets of domains that were looked at */
};

/* What a subnet is called in a complaint. */
static const char *owner(const struct overlaps *o, const struct wire_subnet *s)
{
	if (s->attach == ATTACH_NETWORK)
		return arena_printf(o->b->a, "network \"%s\"", o->b->m->networks.items[s->index].name);
	return "the link";
}

static void report(struct overlaps *o, uint32_t x, uint32_t y)
{
	const struct wire_subnet *a = &o->subnets.items[x], *b = &o->subnets.items[y];
	uint32_t key[2] = {x < y ? x : y, x < y ? y : x};
	char at[PREFIX_TEXT_MAX], bt[PREFIX_TEXT_MAX];

	if (map_put(o->reported, key, sizeof(key), o))
		return;
	if (a->pos.line > b->pos.line || (a->pos.line == b->pos.line && a->pos.column > b->pos.column)) {
		const struct wire_subnet *t = a;

		a = b;
		b = t;
	}
	fault(o->b->faults, b->pos, "%s of %s overlaps %s of %s in line %u", prefix_text(&b->prefix, bt), owner(o, b),
	      prefix_text(&a->prefix, at), owner(o, a), a->pos.line);
}

static bool same_wire(const struct wire_subnet *a, const struct wire_subnet *b)
{
	return a->attach == b->attach && a->index == b->index;
}

static void compare(struct overlaps *o, uint32_t x, uint32_t y)
{
	if (!same_wire(&o->subnets.items[x], &o->subnets.items[y]))
		report(o, x, y);
}

/* Looks for overlaps in a list of subnets sorted by prefix: those that cover the one at hand stand on a stack. */
static void sweep(struct overlaps *o, const uint32_t *list, uint32_t n)
{
	uint32_t stack[130], depth = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct ip_prefix *p = &o->subnets.items[list[i]].prefix;

		while (depth && !prefix_covers(&o->subnets.items[stack[depth - 1]].prefix, p))
			depth--;
		if (depth) {
			/* The next one up may be of the same wire, and the one above it not. */
			for (uint32_t k = depth; k-- > 0;)
				compare(o, stack[k], list[i]);
		}
		if (depth && prefix_cmp(&o->subnets.items[stack[depth - 1]].prefix, p) == 0)
			continue;
		stack[depth++] = list[i];
	}
}

/* Holds a few subnets against a sound domain. */
static void search(struct overlaps *o, const uint32_t *few, uint32_t n, uint32_t domain)
{
	const uint32_t *list = o->domains.order + o->domains.first[domain];
	uint32_t size = o->domains.first[domain + 1] - o->domains.first[domain];

	for (uint32_t i = 0; i < n; i++) {
		const struct ip_prefix *p = &o->subnets.items[few[i]].prefix;
		uint32_t low = 0, high = size;

		while (low < high) {
			uint32_t mid = low + (high - low) / 2;

			if (prefix_cmp(&o->subnets.items[list[mid]].prefix, p) < 0)
				low = mid + 1;
			else
				high = mid;
		}
		if (low > 0 && prefix_covers(&o->subnets.items[list[low - 1]].prefix, p))
			compare(o, list[low - 1], few[i]);
		if (low < size && prefix_covers(p, &o->subnets.items[list[low]].prefix))
			compare(o, list[low], few[i]);
	}
}

/* Turns the table round: the subnets of each actor, in order of their prefixes. */
static void index_actors(struct overlaps *o)
{
	uint32_t n_actors = (uint32_t)o->b->m->nodes.n + 1, total = 0;
	uint32_t *fill;

	o->seen_first = arena_array(o->b->a, n_actors + 1, uint32_t);
	for (uint32_t i = 0; i < o->subnets.n; i++) {
		total += o->subnets.items[i].n;
		for (uint32_t k = 0; k < o->subnets.items[i].n; k++)
			o->seen_first[o->subnets.members[o->subnets.items[i].first + k].actor + 1]++;
	}
	for (uint32_t i = 0; i < n_actors; i++)
		o->seen_first[i + 1] += o->seen_first[i];
	o->seen = arena_array(o->b->a, total, uint32_t);
	fill = arena_array(o->b->a, n_actors, uint32_t);
	for (uint32_t i = 0; i < o->subnets.n; i++) {
		for (uint32_t k = 0; k < o->subnets.items[i].n; k++) {
			uint32_t actor = o->subnets.members[o->subnets.items[i].first + k].actor;

			o->seen[o->seen_first[actor] + fill[actor]++] = i;
		}
	}
}

static uint32_t domain_size(const struct overlaps *o, uint32_t d)
{
	return o->domains.first[d + 1] - o->domains.first[d];
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The domains that a node sees: what is in the smaller ones is swept together and held against the largest. */
static void check_set(struct overlaps *o, uint32_t *domains, uint32_t n)
{
	uint32_t largest = 0, total = 0, *list;

	if (map_put(o->sets, domains, n * sizeof(*domains), o))
		return;
	for (uint32_t i = 0; i < n; i++) {
		if (domain_size(o, domains[i]) > domain_size(o, domains[largest]))
			largest = i;
		total += domain_size(o, domains[i]);
	}
	total -= domain_size(o, domains[largest]);
	list = arena_array(o->b->a, total, uint32_t);
	total = 0;
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = o->domains.first[domains[i]]; i != largest && k < o->domains.first[domains[i] + 1];
		     k++)
			list[total++] = o->domains.order[k];
	}
	/* A subnet's number is its rank by prefix. */
	qsort(list, total, sizeof(*list), by_number);
	sweep(o, list, total);
	search(o, list, total, domains[largest]);
}

/* What a node that takes part in routing, but does not forward, sees. */
static void check_leaf(struct overlaps *o, uint32_t actor)
{
	uint32_t n = o->seen_first[actor + 1] - o->seen_first[actor], distinct = 0;
	uint32_t *domains;

	if (n < 2)
		return;
	domains = arena_array(o->b->a, n, uint32_t);
	for (uint32_t i = 0; i < n; i++)
		domains[i] = o->domains.of[o->seen[o->seen_first[actor] + i]];
	qsort(domains, n, sizeof(*domains), by_number);
	for (uint32_t i = 0; i < n; i++) {
		if (i == 0 || domains[i] != domains[distinct - 1])
			domains[distinct++] = domains[i];
	}
	if (distinct > 1)
		check_set(o, domains, distinct);
}

void build_overlaps(struct build *b)
{
	struct overlaps o = {
		.b = b,
		.subnets = subnets_of(b->m),
		.reported = map_new(b->a),
		.sets = map_new(b->a),
	};
	size_t before = b->faults->n;

	index_actors(&o);
	if (b->m->routing) {
		o.domains = domains_of(b->m, &o.subnets);
		for (uint32_t d = 0; d < o.domains.n; d++)
			sweep(&o, o.domains.order + o.domains.first[d], domain_size(&o, d));
	}
	for (uint32_t actor = 0; actor <= b->m->nodes.n && b->faults->n == before; actor++) {
		bool routing = b->m->routing && actor < b->m->nodes.n && b->m->nodes.items[actor].routing;

		if (routing && !actor_forwards(b->m, actor))
			check_leaf(&o, actor);
		else if (!routing)
			sweep(&o, o.seen + o.seen_first[actor], o.seen_first[actor + 1] - o.seen_first[actor]);
	}
}
