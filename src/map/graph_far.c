/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where devices lead that no cable tells of: out of the machine, to the far ends
 * of tunnels, to the program that holds them, out of sight. A tunnel names its far
 * end by an address: if a namespace of the census has it, that is where it leads; of
 * several that have it, to the one with the same tunnel, the other way round.
 */
#include <string.h>

#include "map_graph.h"
#include "text.h"

/* ---- whose an address is --------------------------------------------------------------------------- */

/* One that has it; others may. */
struct having {
	struct nsl_place place;
	struct having *next;
};

static const char *bare(struct graph *g, const char *address)
{
	return arena_strndup(g->a, address, strcspn(address, "/"));
}

static bool any_tunnel(const struct nsl_census *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->items[i].n_devices; k++)
			if (c->items[i].devices[k].tunnel)
				return true;
	return false;
}

static void note_address(struct graph *g, const char *address, struct nsl_place p)
{
	struct having *new = arena_new_of(g->a, struct having), *first;

	new->place = p;
	first = map_puts(g->addresses, bare(g, address), new);
	if (first) {
		new->next = first->next;
		first->next = new;
	}
}

void graph_index_tunnels(struct graph *g)
{
	const struct nsl_census *c = g->census;

	g->addresses = map_new(g->a);
	if (!any_tunnel(c))
		return;
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->items[i].n_devices; k++)
			for (size_t j = 0; j < c->items[i].devices[k].n_addresses; j++)
				note_address(g, c->items[i].devices[k].addresses[j],
				             (struct nsl_place){(int32_t)i, (int32_t)k});
}

/* True where one of the namespace's devices has the address. */
static bool ns_has(struct graph *g, int32_t ns, const char *address)
{
	for (const struct having *h = address ? map_gets(g->addresses, address) : NULL; h; h = h->next)
		if (h->place.ns == ns)
			return true;
	return false;
}

/* ---- tunnels --------------------------------------------------------------------------------------- */

static bool same_place(struct nsl_place a, struct nsl_place b)
{
	return a.ns == b.ns && a.device == b.device;
}

/* The device of another namespace that is the same tunnel's other end; ns -1: there is none. */
static struct nsl_place other_end(struct graph *g, struct nsl_place p)
{
	const struct nsl_device *d = place_device(g->census, p);

	for (const struct having *h = map_gets(g->addresses, d->tunnel->remote); h; h = h->next) {
		const struct nsl_netns *ns = &g->census->items[h->place.ns];

		for (size_t k = 0; h->place.ns != p.ns && k < ns->n_devices; k++) {
			const struct nsl_device *o = &ns->devices[k];

			if (o->tunnel && streq(o->kind, d->kind) && o->tunnel->id == d->tunnel->id &&
			    ns_has(g, p.ns, o->tunnel->remote))
				return (struct nsl_place){h->place.ns, (int32_t)k};
		}
	}
	return (struct nsl_place){-1, -1};
}

/* The only place with the far end's address; ns -1: there are several, or none. */
static struct nsl_place only_place(struct graph *g, int32_t but, const char *address)
{
	struct nsl_place found = {-1, -1};

	for (const struct having *h = map_gets(g->addresses, address); h; h = h->next) {
		if (h->place.ns == but)
			continue;
		if (found.ns >= 0)
			return (struct nsl_place){-1, -1};
		found = h->place;
	}
	return found;
}

static const char *tunnel_label(struct graph *g, const struct nsl_device *d)
{
	return d->tunnel->id ? arena_printf(g->a, "%s %u", d->kind, d->tunnel->id) : d->kind;
}

static void add_remote(struct graph *g, struct nsl_place p, const char *key, const char *name, const char *label)
{
	struct nsl_map_end from = graph_end(g, p);

	graph_edge(g, NSL_MAP_TUNNEL, from, (struct nsl_map_end){graph_other(g, NSL_MAP_REMOTE, key, name), -1}, label);
}

static void add_tunnel(struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	const struct nsl_tunnel *t = d->tunnel;
	const char *label = tunnel_label(g, d);
	struct nsl_place far = t->remote ? other_end(g, p) : (struct nsl_place){-1, -1};

	if (far.ns >= 0) {
		bool first = p.ns < far.ns || !same_place(other_end(g, far), p);

		if (first)
			graph_edge(g, NSL_MAP_TUNNEL, graph_end(g, p), graph_end(g, far), label);
		else
			graph_shown(g, p)->tied = true;
		return;
	}
	far = t->remote ? only_place(g, p.ns, t->remote) : far;
	if (far.ns >= 0)
		graph_edge(g, NSL_MAP_TUNNEL, graph_end(g, p), graph_end(g, far), label);
	else if (t->remote)
		add_remote(g, p, t->remote, t->remote, label);
	else if (t->group)
		add_remote(g, p, arena_printf(g->a, "%s %s", label, t->group), t->group, label);
	else if (t->id)
		add_remote(g, p, label, arena_printf(g->a, "far ends of %s", label), label);
	else if (d->up)
		add_remote(g, p, arena_printf(g->a, "of %d %d", p.ns, p.device),
		           arena_printf(g->a, "far ends of %s", d->name), label);
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static bool leads_out(const struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	const struct nsl_netns *ns = &g->census->items[p.ns];

	return is_way_out(ns, p.device) || (d->master.device >= 0 && is_way_out(ns, d->master.device));
}

static void add_uplink(struct graph *g, struct nsl_map_end from, bool nat)
{
	int32_t outside = graph_other(g, NSL_MAP_OUTSIDE, "", "outside");

	graph_edge(g, NSL_MAP_UPLINK, from, (struct nsl_map_end){outside, -1}, nat ? "nat" : NULL);
}

static void add_lost(struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	const char *ns = g->census->items[p.ns].name;
	const char *name = d->tie_nsid < 0 ? arena_printf(g->a, "beyond %s of %s", d->name, ns)
	                                   : arena_printf(g->a, "nsid %d of %s", d->tie_nsid, ns);
	struct nsl_map_end from = graph_end(g, p);

	graph_edge(g, NSL_MAP_LOST, from, (struct nsl_map_end){graph_other(g, NSL_MAP_DARK, name, name), -1},
	           arena_printf(g->a, "device %u", d->tie_ifindex));
}

static void add_holder(struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	const char *name = d->holder_command ? d->holder_command : "?";
	struct nsl_map_end from = graph_end(g, p);
	int32_t process = graph_other(g, NSL_MAP_PROCESS, arena_printf(g->a, "%d", d->holder), name);

	g->nodes.items[process].pid = d->holder;
	graph_edge(g, NSL_MAP_HELD, from, (struct nsl_map_end){process, -1}, NULL);
}

/* A device of the machine's own that something could be behind. */
static bool is_physical(const struct nsl_device *d)
{
	return !*d->kind && d->tie == NSL_TIE_NONE && d->up && (d->carrier || d->n_addresses || d->master.device >= 0);
}

void graph_far_edges(struct graph *g, struct nsl_place p, const struct nsl_device *d)
{
	bool out = leads_out(g, p, d), nat = out && g->census->items[p.ns].nat;
	/* What a map of a lab leaves out is beyond it, as what nobody sees. */
	bool unseen = d->tie == NSL_TIE_LOST || (d->tie != NSL_TIE_NONE && d->tied.ns < 0);

	if (is_physical(d) || (unseen && out))
		add_uplink(g, graph_end(g, p), nat);
	else if (d->tie == NSL_TIE_LOST)
		add_lost(g, p, d);
	if (d->tunnel && !is_fallback(d))
		add_tunnel(g, p, d);
	if (d->holder)
		add_holder(g, p, d);
}

void graph_planned_way_out(struct graph *g)
{
	if (g->census->n && g->census->items[0].nat)
		add_uplink(g, (struct nsl_map_end){0, -1}, true);
}
