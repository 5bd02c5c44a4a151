/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Placing ports on the bridges of large networks. See cascade.h. */
#include "cascade.h"

#include "text.h"

/* ---- placing --------------------------------------------------------------------------------------- */

static uint32_t or_default(uint32_t limit, uint32_t otherwise)
{
	return limit ? limit : otherwise;
}

static size_t highest(const int32_t *at, size_t n)
{
	int32_t max = 0;

	for (size_t i = 0; i < n; i++)
		max = at[i] > max ? at[i] : max;
	return (size_t)max;
}

void cascade_place(struct arena *a, const struct thresholds *thresholds, bool on_host, int32_t *at, size_t n)
{
	size_t most = or_default(thresholds->bridge, CASCADE_BRIDGE), first = on_host;
	bool few = on_host && n <= or_default(thresholds->host, CASCADE_HOST);
	uint32_t *ports = arena_array(a, highest(at, n) + n / most + 3, uint32_t);

	for (size_t i = 0; i < n; i++)
		if (at[i] >= 0)
			ports[at[i]]++;
	for (size_t i = 0; i < n; i++) {
		if (at[i] >= 0)
			continue;
		if (few && at[i] == CASCADE_NEW) {
			at[i] = 0;
			continue;
		}
		while (ports[first] >= most)
			first++;
		at[i] = (int32_t)first;
		ports[first]++;
	}
}

uint32_t cascade_above(const struct network *net, uint32_t leaf)
{
	return net->on_host && leaf > 1;
}

/* ---- what stands ----------------------------------------------------------------------------------- */

/* A bridge in the fabric that was found. */
struct found_bridge {
	const struct network *net; /* NULL: no network's */
	int32_t number;
};

struct standing {
	const struct model *m;
	const struct state *have;
	struct map *own;               /* device → the network, in the fabric, whose own bridge it is */
	struct map *ports;             /* name → struct device_ref * */
	struct found_bridge **bridges; /* [found space][its device]; of the parts of the fabric */
};

static struct found_bridge bridge_found(const struct standing *st, struct arena *a, const struct device *d)
{
	struct found_bridge b = {.net = map_gets(st->own, d->name)};
	uint32_t number;
	struct leaf leaf;

	if (b.net || !leaf_parse(st->m, d->altname ? d->altname : d->name, &b.net, &number))
		return b;
	leaf_of(a, st->m, b.net, number, &leaf);
	b.number = (int32_t)number;
	return streq(leaf.bridge.name, d->name) ? b : (struct found_bridge){0};
}

static bool is_port(const struct device *d)
{
	return d->kind == DEVICE_VETH && d->owner == OWNER_LAB;
}

static void look_at_part(struct standing *st, struct arena *a, int32_t space)
{
	const struct space *sp = &st->have->spaces.items[space];

	st->bridges[space] = arena_array(a, sp->devices.n, struct found_bridge);
	for (size_t i = 0; sp->present && i < sp->devices.n; i++) {
		const struct device *d = &sp->devices.items[i];

		if (d->kind == DEVICE_BRIDGE) {
			st->bridges[space][i] = bridge_found(st, a, d);
		} else if (is_port(d)) {
			struct device_ref *at = arena_new_of(a, struct device_ref);

			*at = (struct device_ref){space, (int32_t)i};
			map_puts(st->ports, d->name, at);
		}
	}
}

static struct standing *look(struct arena *a, const struct model *m, const struct state *have)
{
	struct standing *st = arena_new_of(a, struct standing);

	*st = (struct standing){.m = m, .have = have, .own = map_new(a), .ports = map_new(a)};
	st->bridges = arena_array(a, have->first_node, struct found_bridge *);
	for (size_t i = 0; i < m->networks.n; i++)
		if (!m->networks.items[i].on_host)
			map_puts(st->own, m->networks.items[i].device, (void *)&m->networks.items[i]);
	for (size_t i = FABRIC_SPACE; i < have->first_node; i++)
		look_at_part(st, a, (int32_t)i);
	return st;
}

static bool hangs_on_host(const struct standing *st, const struct network *net, const char *port)
{
	const struct space *host = &st->have->spaces.items[HOST_SPACE];
	int32_t at = net->on_host ? space_device(host, port) : -1;
	const struct device *d = at < 0 ? NULL : &host->devices.items[at];

	return d && is_port(d) && d->master >= 0 && streq(host->devices.items[d->master].name, net->device);
}

/* Of a port that hangs on none: a bridge of its network in the same part of the fabric, for there it can be put back. */
static int32_t bridge_beside(const struct standing *st, const struct network *net, int32_t space)
{
	for (size_t i = 0; i < st->have->spaces.items[space].devices.n; i++)
		if (st->bridges[space][i].net == net)
			return st->bridges[space][i].number;
	return CASCADE_IN_FABRIC;
}

static int32_t where(const struct standing *st, const struct network *net, const char *port)
{
	const struct device_ref *at;
	const struct found_bridge *b;
	int32_t master;

	if (!st)
		return CASCADE_NEW;
	if (hangs_on_host(st, net, port))
		return 0;
	at = map_gets(st->ports, port);
	if (!at)
		return CASCADE_NEW;
	master = st->have->spaces.items[at->space].devices.items[at->device].master;
	b = master < 0 ? NULL : &st->bridges[at->space][master];
	return b && b->net == net ? b->number : bridge_beside(st, net, at->space);
}

/* ---- parts of the fabric --------------------------------------------------------------------------- */

enum { NOWHERE = -1, SOMEWHERE = -2 };

struct parts {
	size_t most;       /* ports */
	VEC(size_t) ports; /* of each */
};

static void put_in_part(struct arena *a, struct parts *p, uint32_t part, size_t ports)
{
	while (p->ports.n <= part)
		vec_push(a, &p->ports);
	p->ports.items[part] += ports;
}

/* The lowest that has room. */
static uint32_t free_part(const struct parts *p, size_t ports)
{
	uint32_t part = 0;

	while (part < p->ports.n && p->ports.items[part] && p->ports.items[part] + ports > p->most)
		part++;
	return part;
}

/* Bridges that stand, where they stand. */
static void keep_bridges(struct arena *a, const struct standing *st, struct cascades *all, struct parts *p)
{
	for (size_t space = FABRIC_SPACE; st && space < st->have->first_node; space++) {
		const struct space *sp = &st->have->spaces.items[space];

		for (size_t i = 0; i < sp->devices.n; i++) {
			const struct found_bridge *b = &st->bridges[space][i];
			struct cascade *c = b->net ? &all->items[b->net - st->m->networks.items] : NULL;
			uint32_t number = (uint32_t)b->number;

			if (!c || number > c->leaves || c->bridges[number].space != SOMEWHERE)
				continue;
			c->bridges[number].space = FABRIC_SPACE + (int32_t)sp->part;
			put_in_part(a, p, sp->part, c->ports[number]);
		}
	}
}

static void place_bridges(struct arena *a, struct cascade *c, struct parts *p)
{
	for (uint32_t i = 0; i <= c->leaves; i++) {
		uint32_t part;

		if (c->bridges[i].space != SOMEWHERE)
			continue;
		part = free_part(p, c->ports[i]);
		c->bridges[i].space = FABRIC_SPACE + (int32_t)part;
		put_in_part(a, p, part, c->ports[i]);
	}
}

/* ---- all networks ---------------------------------------------------------------------------------- */

static void list_bridges(struct arena *a, const struct network *net, struct cascade *c)
{
	c->leaves = (uint32_t)highest(c->at, net->ports.n);
	c->bridges = arena_array(a, c->leaves + 1, struct device_ref);
	c->ports = arena_array(a, c->leaves + 1, size_t);
	for (size_t i = 0; i < net->ports.n; i++)
		c->ports[c->at[i]]++;
	for (uint32_t i = 1; i <= c->leaves; i++) /* where there are leaves, all hang on the first one */
		c->bridges[i].space = c->ports[i] || (net->on_host && i == 1) ? SOMEWHERE : NOWHERE;
	c->bridges[0].space = net->on_host ? HOST_SPACE : SOMEWHERE;
}

void cascades_of(struct arena *a, const struct model *m, const struct thresholds *thresholds, const struct state *have,
                 struct cascades *out)
{
	const struct standing *st = have ? look(a, m, have) : NULL;
	struct parts parts = {.most = or_default(thresholds->bridge, CASCADE_BRIDGE)};

	out->items = arena_array(a, m->networks.n, struct cascade);
	for (size_t i = 0; i < m->networks.n; i++) {
		const struct network *net = &m->networks.items[i];
		struct cascade *c = &out->items[i];

		c->at = arena_array(a, net->ports.n, int32_t);
		for (size_t k = 0; k < net->ports.n; k++) {
			const struct port *p = &net->ports.items[k];

			c->at[k] = where(st, net, m->nodes.items[p->node].ifaces.items[p->iface].port);
		}
		cascade_place(a, thresholds, net->on_host, c->at, net->ports.n);
		list_bridges(a, net, c);
	}
	keep_bridges(a, st, out, &parts);
	for (size_t i = 0; i < m->networks.n; i++)
		place_bridges(a, &out->items[i], &parts);
	out->parts = parts.ports.n ? (uint32_t)parts.ports.n : 1;
}

/* ---- lowering twice -------------------------------------------------------------------------------- */

/* A bridge of the lab that is not wanted where it stands. */
static bool any_astray(const struct state *want, const struct space *sp)
{
	const struct space *ws = state_space(want, sp->kind, sp->name);

	for (size_t i = 0; i < sp->devices.n; i++) {
		const struct device *d = &sp->devices.items[i];

		if (d->kind == DEVICE_BRIDGE && d->owner == OWNER_LAB && !(ws && space_device(ws, d->name) >= 0))
			return true;
	}
	return false;
}

bool cascade_matters(const struct state *want, const struct state *have)
{
	if (want->cascaded)
		return have->any;
	for (size_t i = FABRIC_SPACE; i < have->first_node; i++)
		if (any_astray(want, &have->spaces.items[i]))
			return true;
	return false;
}
