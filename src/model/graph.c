/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The graph of subnets and actors, and the search for shortest ways in it. See graph.h. */
#include "graph.h"

#include <stdlib.h>
#include <string.h>

/* Whether an actor has automatic routes at all. */
static bool takes_part(const struct graph *g, uint32_t actor)
{
	return actor == g->host || g->m->nodes.items[actor].routing;
}

static int by_address(const void *a, const void *b)
{
	return ip_cmp(&((const struct member *)a)->address, &((const struct member *)b)->address);
}

/* Who forwards on each subnet. */
static void index_forwarders(struct graph *g)
{
	uint32_t n = 0;

	g->forwarder_first = arena_array(g->m->arena, g->subnets.n + 1, uint32_t);
	for (int counting = 1; counting >= 0; counting--) {
		n = 0;
		for (uint32_t i = 0; i < g->subnets.n; i++) {
			const struct wire_subnet *s = &g->subnets.items[i];

			g->forwarder_first[i] = n;
			for (uint32_t k = 0; k < s->n && !s->lonely; k++) {
				const struct member *m = &g->subnets.members[s->first + k];

				if (!actor_forwards(g->m, m->actor))
					continue;
				if (!counting)
					g->forwarders[n] = *m;
				n++;
			}
			if (!counting && n - g->forwarder_first[i] > 1)
				qsort(&g->forwarders[g->forwarder_first[i]], n - g->forwarder_first[i],
				      sizeof(*g->forwarders), by_address);
		}
		g->forwarder_first[g->subnets.n] = n;
		if (counting)
			g->forwarders = arena_array(g->m->arena, n, struct member);
	}
}

/* By interface; of one interface, and so of one family, in order of the subnets. */
static int by_iface(const void *a, const void *b)
{
	const struct attachment *x = a, *y = b;

	if (x->iface != y->iface)
		return x->iface < y->iface ? -1 : 1;
	return (x->subnet > y->subnet) - (x->subnet < y->subnet);
}

/* Sorts the attachments of an actor, each family for itself: they come in order of the subnets, so IPv4 first. */
static void sort_attached(struct graph *g, uint32_t actor)
{
	uint32_t from = g->attached_first[actor], to = g->attached_first[actor + 1], split = from;

	while (split < to && g->attached[split].subnet < g->family_first[IP6])
		split++;
	if (split - from > 1)
		qsort(&g->attached[from], split - from, sizeof(*g->attached), by_iface);
	if (to - split > 1)
		qsort(&g->attached[split], to - split, sizeof(*g->attached), by_iface);
}

/* Which subnets each actor is on. */
static void index_attached(struct graph *g)
{
	uint32_t *fill = arena_array(g->m->arena, g->n_actors, uint32_t);

	g->attached_first = arena_array(g->m->arena, g->n_actors + 1, uint32_t);
	for (int counting = 1; counting >= 0; counting--) {
		for (uint32_t i = 0; i < g->subnets.n; i++) {
			const struct wire_subnet *s = &g->subnets.items[i];

			for (uint32_t k = 0; k < s->n && !s->lonely; k++) {
				const struct member *m = &g->subnets.members[s->first + k];

				if (!takes_part(g, m->actor))
					continue;
				if (counting)
					g->attached_first[m->actor + 1]++;
				else
					g->attached[g->attached_first[m->actor] + fill[m->actor]++] =
						(struct attachment){i, m->iface};
			}
		}
		for (uint32_t i = 0; counting && i < g->n_actors; i++)
			g->attached_first[i + 1] += g->attached_first[i];
		if (counting)
			g->attached = arena_array(g->m->arena, g->attached_first[g->n_actors], struct attachment);
	}
	for (uint32_t i = 0; i < g->n_actors; i++)
		sort_attached(g, i);
}

void graph_init(struct graph *g, struct model *m)
{
	*g = (struct graph){.m = m, .subnets = subnets_of(m)};
	g->host = (uint32_t)m->nodes.n;
	g->n_actors = g->host + 1;
	while (g->family_first[IP6] < g->subnets.n && g->subnets.items[g->family_first[IP6]].prefix.ip.family == IP4)
		g->family_first[IP6]++;
	g->family_first[IP_FAMILIES] = g->subnets.n;
	g->domains = domains_of(m, &g->subnets);
	index_forwarders(g);
	index_attached(g);
}

static uint32_t words_for(uint32_t hops)
{
	return hops ? (hops + 63) / 64 : 1;
}

void search_init(struct search *s, const struct graph *g)
{
	struct arena *a = g->m->arena;
	uint32_t most = 0;

	*s = (struct search){.g = g};
	for (uint32_t i = 0; i < g->n_actors; i++) {
		uint32_t n = 0;

		for (uint32_t k = g->attached_first[i]; k < g->attached_first[i + 1]; k++) {
			uint32_t t = g->attached[k].subnet;

			n += g->forwarder_first[t + 1] - g->forwarder_first[t];
		}
		most = n > most ? n : most;
	}
	s->hops = arena_array(a, most, struct hop);
	s->subnet_dist = arena_array(a, g->subnets.n, int32_t);
	s->actor_dist = arena_array(a, g->n_actors, int32_t);
	s->subnet_hops = arena_array(a, (size_t)g->subnets.n * words_for(most), uint64_t);
	s->actor_hops = arena_array(a, (size_t)g->n_actors * words_for(most), uint64_t);
	s->subnets = arena_array(a, g->subnets.n, uint32_t);
	s->actors = arena_array(a, g->n_actors, uint32_t);
}

/* Reaches a subnet or an actor at a distance by a set of hops. Returns whether it is the first time. */
static inline bool reach(int32_t *known, int32_t dist, uint64_t *hops, const uint64_t *more, uint32_t words)
{
	if (*known < 0) {
		*known = dist;
		for (uint32_t i = 0; i < words; i++) /* few: a call of memcpy() takes longer */
			hops[i] = more[i];
		return true;
	}
	for (uint32_t i = 0; *known == dist && i < words; i++)
		hops[i] |= more[i];
	return false;
}

static bool in_family(const struct search *s, uint32_t subnet)
{
	return subnet >= s->g->family_first[s->family] && subnet < s->g->family_first[s->family + 1];
}

/* The source's own subnets and the first hops on them. Returns how many actors are one hop away. */
static uint32_t first_level(struct search *s)
{
	const struct graph *g = s->g;
	uint32_t n = 0, hop = 0;

	for (uint32_t k = g->attached_first[s->source]; k < g->attached_first[s->source + 1]; k++) {
		const struct attachment *at = &g->attached[k];

		if (!in_family(s, at->subnet))
			continue;
		s->subnet_dist[at->subnet] = 0;
		for (uint32_t i = g->forwarder_first[at->subnet]; i < g->forwarder_first[at->subnet + 1]; i++) {
			const struct member *f = &g->forwarders[i];
			uint64_t *hops = &s->actor_hops[(size_t)f->actor * s->words];

			if (f->actor == s->source)
				continue;
			s->hops[hop] = (struct hop){f->address, at->iface};
			if (s->actor_dist[f->actor] < 0) {
				memset(hops, 0, s->words * sizeof(*hops));
				s->actor_dist[f->actor] = 1;
				s->actors[n++] = f->actor;
			}
			hops[hop / 64] |= 1ULL << (hop % 64);
			hop++;
		}
	}
	s->n_hops = hop;
	return n;
}

/* How many first hops there may be at most. */
static uint32_t count_hops(const struct search *s)
{
	const struct graph *g = s->g;
	uint32_t n = 0;

	for (uint32_t k = g->attached_first[s->source]; k < g->attached_first[s->source + 1]; k++) {
		uint32_t t = g->attached[k].subnet;

		if (in_family(s, t))
			n += g->forwarder_first[t + 1] - g->forwarder_first[t];
	}
	return n;
}

/* From the actors of a level to their subnets. Returns how many are new. */
static uint32_t step_to_subnets(struct search *s, uint32_t n_actors, int32_t dist)
{
	const struct graph *g = s->g;
	const uint32_t from = g->family_first[s->family], to = g->family_first[s->family + 1], words = s->words;
	const struct attachment *attached = g->attached;
	int32_t *known = s->subnet_dist;
	uint32_t *subnets = s->subnets, n = 0;

	for (uint32_t i = 0; i < n_actors; i++) {
		uint32_t actor = s->actors[i], end = g->attached_first[actor + 1];
		const uint64_t *by = &s->actor_hops[(size_t)actor * words];

		for (uint32_t k = g->attached_first[actor]; k < end; k++) {
			uint32_t t = attached[k].subnet;

			if (t >= from && t < to &&
			    reach(&known[t], dist, &s->subnet_hops[(size_t)t * words], by, words))
				subnets[n++] = t;
		}
	}
	return n;
}

/* From the new subnets of a level to those who forward on them. Returns how many are new. */
static uint32_t step_to_actors(struct search *s, uint32_t n_subnets, int32_t dist)
{
	const struct graph *g = s->g;
	const uint32_t words = s->words;
	const struct member *forwarders = g->forwarders;
	int32_t *known = s->actor_dist;
	uint32_t *actors = s->actors, n = 0;

	for (uint32_t i = 0; i < n_subnets; i++) {
		uint32_t t = s->subnets[i], end = g->forwarder_first[t + 1];
		const uint64_t *by = &s->subnet_hops[(size_t)t * words];

		for (uint32_t k = g->forwarder_first[t]; k < end; k++) {
			uint32_t actor = forwarders[k].actor;

			if (reach(&known[actor], dist, &s->actor_hops[(size_t)actor * words], by, words))
				actors[n++] = actor;
		}
	}
	return n;
}

void search_from(struct search *s, uint32_t source, enum ip_family family)
{
	const struct graph *g = s->g;
	uint32_t from = g->family_first[family], n;

	s->source = source;
	s->family = family;
	s->words = words_for(count_hops(s));
	memset(s->subnet_dist + from, 0xff, (g->family_first[family + 1] - from) * sizeof(*s->subnet_dist));
	memset(s->actor_dist, 0xff, g->n_actors * sizeof(*s->actor_dist));
	s->actor_dist[source] = 0;
	n = first_level(s);
	for (int32_t dist = 1; n; dist++) {
		n = step_to_subnets(s, n, dist);
		n = step_to_actors(s, n, dist + 1);
	}
}
