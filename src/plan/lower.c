/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a model to the state that shall stand: what the file calls a network
 * becomes a bridge and its ports, a link a cable, a router two sysctls.
 */
#include "cascade.h"
#include "limit.h"

#include <stdio.h>
#include <string.h>

/* What nsloom itself sets in every node, whatever the host's own values are: a new namespace may inherit those
 * (net.core.devconf_inherit_init_net). [0]: a host, [1]: a router. */
static const struct {
	const char *path;
	const char *value[2];
} node_settings[] = {
	{"net/ipv6/conf/default/accept_ra", {"0", "0"}}, {"net/ipv4/ip_forward", {"0", "1"}},
	{"net/ipv6/conf/all/forwarding", {"0", "1"}},    {"net/ipv4/conf/all/rp_filter", {"0", "0"}},
	{"net/ipv4/conf/default/rp_filter", {"0", "0"}},
};

/* Bridges that only switch need no IPv6 of their own, and their ports none either. */
static const char *const fabric_settings[][2] = {
	{"net/ipv6/conf/default/disable_ipv6", "1"},
};

static void add_setting(struct arena *a, struct space *sp, const char *path, const char *value, bool user,
                        struct nsl_pos pos)
{
	for (size_t i = 0; i < sp->settings.n; i++) {
		struct setting *old = &sp->settings.items[i];

		if (strcmp(old->path, path) == 0) {
			*old = (struct setting){old->path, value, user, pos};
			return;
		}
	}
	*vec_push(a, &sp->settings) = (struct setting){path, value, user, pos};
}

static void add_address(struct arena *a, struct device *d, struct ip_prefix ip, struct nsl_pos pos)
{
	*vec_push(a, &d->addresses) = (struct ifaddr){.ip = ip, .ours = true, .pos = pos};
}

static void add_link_local(struct arena *a, struct device *d)
{
	add_address(a, d, (struct ip_prefix){link_local_of(&d->mac), 64}, d->pos);
}

/* A bridge, where it is to stand; the caller adds names and MAC. */
static struct device *lower_bridge(struct state *s, const struct network *net, struct device_ref *at, const char *name)
{
	struct space *sp = &s->spaces.items[at->space];
	struct device *d = space_add_device(s->arena, sp, name, DEVICE_BRIDGE);

	at->device = (int32_t)sp->devices.n - 1;
	d->mtu = net->mtu; /* said also where nobody wrote it: one that was written once would stay */
	d->up = true;
	d->pos = net->pos;
	d->group = MARK_GROUP_INSIDE;
	if (!sp->present && sp->kind == SPACE_FABRIC)
		sp->pos = sp->devices.items[0].pos = net->pos;
	sp->present = true;
	return d;
}

/* The bridge of a network, where it stands. */
static void lower_network(struct state *s, const struct network *net, struct cascade *c)
{
	struct arena *a = s->arena;
	struct space *sp = &s->spaces.items[c->bridges[0].space];
	struct device *d = lower_bridge(s, net, &c->bridges[0], net->device);

	d->altname = net->altname;
	d->mac = net->mac;
	d->no_autoconf = net->on_host; /* in the fabric there is no IPv6 at all */
	if (!net->on_host)
		return;
	d->alias = arena_printf(a, MARK_ALIAS "%s/%s", s->lab, net->name);
	for (int f = 0; f < IP_FAMILIES; f++)
		if (net->subnet[f].gateway.set)
			add_address(a, d, (struct ip_prefix){net->subnet[f].gateway, net->subnet[f].prefix.len},
			            net->subnet[f].pos);
	if (net->subnet[IP6].gateway.set)
		add_link_local(a, d);
	/* A router advertisement of a node must not redirect the host. */
	add_setting(a, sp, arena_printf(a, "net/ipv6/conf/%s/accept_ra", net->device), "0", false, net->pos);
}

/* The interface of a node. */
static struct device *lower_iface(struct arena *a, struct space *sp, const struct iface *i)
{
	struct device *d = space_add_device(a, sp, i->name, DEVICE_VETH);

	d->mac = i->mac;
	d->mtu = i->mtu;
	d->group = MARK_GROUP_INSIDE;
	d->up = d->no_autoconf = true;
	d->pos = i->pos;
	for (size_t k = 0; k < i->addresses.n; k++)
		add_address(a, d, i->addresses.items[k], i->pos);
	if (i->link_local)
		add_link_local(a, d);
	return d;
}

/* A device that hangs on a bridge of a network: the caller adds alias and other end. */
static struct device_ref lower_on_bridge(struct state *s, const struct network *net, const struct cascade *c,
                                         uint32_t leaf, const struct leaf_device *as)
{
	struct device_ref bridge = c->bridges[leaf];
	struct space *sp = &s->spaces.items[bridge.space];
	struct device *d = space_add_device(s->arena, sp, as->name, DEVICE_VETH);

	d->altname = as->altname;
	d->mac = as->mac;
	d->any_mac = true;
	d->mtu = net->mtu;
	d->group = MARK_GROUP_INSIDE;
	d->up = true;
	d->no_autoconf = bridge.space == HOST_SPACE;
	d->master = bridge.device;
	d->pos = net->pos;
	return (struct device_ref){bridge.space, (int32_t)sp->devices.n - 1};
}

static struct device *device_at(struct state *s, struct device_ref at)
{
	return &s->spaces.items[at.space].devices.items[at.device];
}

/* A leaf, and the trunk from it to the bridge above. */
static void lower_leaf(struct state *s, const struct model *m, const struct network *net, struct cascade *c,
                       uint32_t number)
{
	uint32_t above = cascade_above(net, number);
	bool to_host = c->bridges[above].space == HOST_SPACE;
	struct device_ref up, down;
	struct device *bridge;
	struct leaf leaf;

	leaf_of(s->arena, m, net, number, &leaf);
	bridge = lower_bridge(s, net, &c->bridges[number], leaf.bridge.name);
	bridge->altname = leaf.bridge.altname;
	bridge->mac = leaf.bridge.mac;
	if (to_host)
		leaf.down = (struct leaf_device){net->trunk, net->trunk_altname, net->trunk_mac};
	up = lower_on_bridge(s, net, c, number, &leaf.up);
	down = lower_on_bridge(s, net, c, above, &leaf.down);
	device_at(s, up)->peer = down;
	device_at(s, up)->trunk = device_at(s, up)->lower = true;
	device_at(s, down)->peer = up;
	device_at(s, down)->trunk = true;
	if (to_host)
		device_at(s, down)->alias = arena_printf(s->arena, MARK_ALIAS "%s/%s+1", s->lab, net->name);
	s->cascaded = true;
}

static void lower_leaves(struct state *s, const struct model *m, const struct network *net, struct cascade *c)
{
	for (uint32_t i = 1; i <= c->leaves; i++)
		if (c->bridges[i].space >= 0)
			lower_leaf(s, m, net, c, i);
}

/* The bridge-side end of an interface; `node` and `device` say where the other one is. */
static struct device_ref lower_port(struct state *s, const struct network *net, struct cascade *c,
                                    const struct iface *i, struct device_ref end, const char *node)
{
	const struct leaf_device as = {i->port, i->port_altname, i->port_mac};
	struct device_ref at = lower_on_bridge(s, net, c, (uint32_t)c->at[c->lowered++], &as);
	struct device *d = device_at(s, at);

	d->peer = end;
	d->pos = i->pos;
	if (at.space == HOST_SPACE)
		d->alias = arena_printf(s->arena, MARK_ALIAS "%s/%s:%s", s->lab, node, i->name);
	return at;
}

static void lower_settings(struct arena *a, struct space *sp, const struct node *n)
{
	for (size_t i = 0; i < sizeof(node_settings) / sizeof(node_settings[0]); i++)
		add_setting(a, sp, node_settings[i].path, node_settings[i].value[n->router], false, n->pos);
	for (size_t i = 0; i < n->sysctls.n; i++) {
		const struct sysctl *sys = &n->sysctls.items[i];
		char path[256];

		if (sysctl_path(sys->key, path, sizeof(path)) >= 0)
			add_setting(a, sp, arena_strdup(a, path), sys->value, true, sys->pos);
	}
}

static void lower_lo(struct arena *a, struct space *sp, const char *lab)
{
	struct device *lo = space_add_device(a, sp, "lo", DEVICE_LO);

	lo->ifindex = 1;
	lo->up = true;
	lo->pos = sp->pos;
	lo->alias = arena_printf(a, MARK_ALIAS "%s/%s", lab, sp->name);
}

/* Its parts, still without bridges. */
static void lower_fabric(struct state *s, uint32_t parts)
{
	for (uint32_t i = 1; i < parts; i++)
		state_add_part(s, i);
	for (size_t i = FABRIC_SPACE; i < s->first_node; i++)
		lower_lo(s->arena, &s->spaces.items[i], s->lab);
	s->cascaded = parts > 1;
}

static void lower_fabric_settings(struct state *s)
{
	for (size_t space = FABRIC_SPACE; space < s->first_node; space++) {
		struct space *sp = &s->spaces.items[space];

		for (size_t i = 0; i < sizeof(fabric_settings) / sizeof(fabric_settings[0]); i++)
			add_setting(s->arena, sp, fabric_settings[i][0], fabric_settings[i][1], false, sp->pos);
	}
}

static void lower_node(struct state *s, const struct model *m, struct cascade *cascades, const struct node *n)
{
	uint32_t space = (uint32_t)s->spaces.n;
	struct space *sp = state_add_node(s, n->name);

	sp->present = sp->named = true;
	sp->pos = n->pos;
	lower_lo(s->arena, sp, s->lab);
	lower_settings(s->arena, sp, n);
	for (size_t i = 0; i < n->ifaces.n; i++) {
		const struct iface *iface = &n->ifaces.items[i];
		struct device *d = lower_iface(s->arena, sp, iface);

		if (iface->attach == ATTACH_NETWORK)
			d->peer = lower_port(s, &m->networks.items[iface->index], &cascades[iface->index], iface,
			                     (struct device_ref){(int32_t)space, (int32_t)i + 1}, n->name);
	}
}

static void lower_link(struct state *s, const struct link *l)
{
	struct device_ref end[2];
	struct device *d[2];

	for (int e = 0; e < 2; e++) { /* nodes stand in the model's order; device 0 is lo */
		end[e] = (struct device_ref){(int32_t)(s->first_node + l->end[e].node), (int32_t)l->end[e].iface + 1};
		d[e] = &s->spaces.items[end[e].space].devices.items[end[e].device];
	}
	d[0]->peer = end[1];
	d[1]->peer = end[0];
}

/* The kernel takes no more next hops in one route (and hardly anybody has them). */
enum { HOPS_MAX = 256 };

/* On the host a hop's interface is a network: its bridge. */
static struct khop *lower_hops(struct state *s, const struct model *m, const struct space *sp, const struct hop *hops,
                               size_t n)
{
	struct khop *out = arena_array(s->arena, n, struct khop);

	for (size_t i = 0; i < n; i++) {
		int32_t dev = sp->kind == SPACE_NODE ? (int32_t)hops[i].iface + 1
		                                     : space_device(sp, m->networks.items[hops[i].iface].device);

		out[i] = (struct khop){hops[i].via, dev};
	}
	return out;
}

/* Routes that share their hops in the model share them here: most of a node's have one of a few sets. */
static void lower_routes(struct state *s, const struct model *m, struct space *sp, const struct route *routes, size_t n)
{
	enum { RECENT = 8 };
	struct {
		const struct hop *from;
		struct khop *to;
	} recent[RECENT] = {0};

	vec_reserve(s->arena, &sp->routes, n);
	for (size_t i = 0, next = 0; i < n; i++) {
		struct kroute *r = vec_push(s->arena, &sp->routes);
		size_t k = 0;

		*r = (struct kroute){.to = routes[i].to, .pos = routes[i].pos};
		r->hops.n = r->hops.cap = routes[i].n_hops < HOPS_MAX ? routes[i].n_hops : HOPS_MAX;
		while (k < RECENT && recent[k].from != routes[i].hops)
			k++;
		if (k == RECENT) {
			k = next++ % RECENT;
			recent[k].from = routes[i].hops;
			recent[k].to = lower_hops(s, m, sp, routes[i].hops, r->hops.n);
		}
		r->hops.items = recent[k].to;
	}
}

static void lower_rules(struct state *s, const struct model *m)
{
	for (size_t i = 0; i < m->networks.n; i++) {
		const struct network *net = &m->networks.items[i];
		struct rule_network *r;

		if (!net->on_host)
			continue;
		r = vec_push(s->arena, &s->rules.networks);
		*r = (struct rule_network){.device = net->device, .pos = net->pos};
		for (int f = 0; f < IP_FAMILIES; f++) {
			if (net->subnet[f].prefix.ip.set)
				*vec_push(s->arena, &r->sources) = net->subnet[f].prefix;
			r->nat[f] = net->subnet[f].nat;
		}
		for (size_t k = 0; k < net->behind.n; k++)
			*vec_push(s->arena, &r->sources) = net->behind.items[k];
	}
}

/* The host forwards where packets go through it: out by nat, or between the lab's own gateway networks. */
static void lower_forwarding(struct state *s, const struct model *m)
{
	for (int f = 0; f < IP_FAMILIES; f++) {
		size_t gateways = 0;

		for (size_t i = 0; i < m->networks.n; i++) {
			const struct subnet *sub = &m->networks.items[i].subnet[f];

			gateways += sub->gateway.set;
			s->rules.forward[f] |= sub->nat;
		}
		s->rules.forward[f] |= gateways > 1 && m->routing;
	}
}

struct state *state_of_model(struct arena *a, const struct model *m, const struct thresholds *thresholds,
                             const struct state *have)
{
	static const struct thresholds none = {0};
	struct state *s = state_new(a, m->name);
	struct cascades cascades;

	cascades_of(a, m, thresholds ? thresholds : &none, have, &cascades);
	lower_fabric(s, cascades.parts);
	for (size_t i = 0; i < m->networks.n; i++)
		lower_network(s, &m->networks.items[i], &cascades.items[i]);
	for (size_t i = 0; i < m->networks.n; i++)
		lower_leaves(s, m, &m->networks.items[i], &cascades.items[i]);
	lower_fabric_settings(s);
	for (size_t i = 0; i < m->nodes.n; i++)
		lower_node(s, m, cascades.items, &m->nodes.items[i]);
	for (size_t i = 0; i < m->links.n; i++)
		lower_link(s, &m->links.items[i]);
	for (size_t i = 0; i < m->nodes.n; i++)
		lower_routes(s, m, &s->spaces.items[s->first_node + i], m->nodes.items[i].routes.items,
		             m->nodes.items[i].routes.n);
	lower_routes(s, m, &s->spaces.items[HOST_SPACE], m->host_routes.items, m->host_routes.n);
	lower_rules(s, m);
	lower_forwarding(s, m);
	publish_lower(s, m);
	demand_count(s);
	limits_lower(s, thresholds ? thresholds->ample : 0);
	s->raise_limits = m->raise_limits;
	s->limits_pos = m->limits_pos;
	s->any = true;
	return s;
}
