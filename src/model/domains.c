/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routing domains: which subnets are tied together by those who forward. Union-find, then sorted by counting. */
#include "subnets.h"

bool actor_forwards(const struct model *m, uint32_t actor)
{
	if (actor == m->nodes.n)
		return true;
	return m->nodes.items[actor].router && m->nodes.items[actor].routing;
}

static uint32_t find(uint32_t *up, uint32_t x)
{
	while (up[x] != x)
		x = up[x] = up[up[x]];
	return x;
}

/* Ties each subnet to the one before it that the same forwarder is on, in the same family. */
static void tie(const struct model *m, const struct subnets *s, uint32_t *up)
{
	uint32_t n_actors = (uint32_t)m->nodes.n + 1;
	uint32_t *last = arena_array(m->arena, (size_t)n_actors * IP_FAMILIES, uint32_t); /* plus 1; 0: none */

	for (uint32_t i = 0; i < s->n; i++) {
		const struct wire_subnet *w = &s->items[i];

		for (uint32_t k = 0; k < w->n; k++) {
			uint32_t actor = s->members[w->first + k].actor;
			uint32_t *before = &last[actor * IP_FAMILIES + w->prefix.ip.family];

			if (!actor_forwards(m, actor))
				continue;
			if (*before)
				up[find(up, i)] = find(up, *before - 1);
			*before = i + 1;
		}
	}
}

struct domains domains_of(const struct model *m, const struct subnets *s)
{
	struct arena *a = m->arena;
	uint32_t *up = arena_array(a, s->n, uint32_t), *number = arena_array(a, s->n, uint32_t), *fill;
	struct domains d = {
		.of = arena_array(a, s->n, uint32_t),
		.first = arena_array(a, s->n + 1, uint32_t),
		.order = arena_array(a, s->n, uint32_t),
	};

	for (uint32_t i = 0; i < s->n; i++)
		up[i] = i;
	tie(m, s, up);
	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t root = find(up, i);

		if (!number[root])
			number[root] = ++d.n;
		d.of[i] = number[root] - 1;
		d.first[d.of[i] + 1]++;
	}
	for (uint32_t i = 0; i < d.n; i++)
		d.first[i + 1] += d.first[i];
	fill = arena_array(a, d.n, uint32_t);
	for (uint32_t i = 0; i < s->n; i++)
		d.order[d.first[d.of[i]] + fill[d.of[i]]++] = i;
	return d;
}
