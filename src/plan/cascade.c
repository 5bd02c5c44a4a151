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

static struct found_bridge leaf_found(struct arena *a, const struct model *m, const struct device *d)
{
	struct found_bridge b = {0};
	uint32_t number;
	struct leaf leaf;

	if (!leaf_parse(m, d->altname ? d->altname : d->name, &b.net, &number))
		return (struct found_bridge){0};
	leaf_of(a, m, b.net, number, &leaf);
	b.number = (int32_t)number;
	return streq(leaf.bridge.name, d->name) ? b : (struct found_bridge){0};
}

static struct found_bridge *bridges_found(struct arena *a, const struct model *m, const struct space *fabric)
{
	struct found_bridge *all = arena_array(a, fabric->devices.n, struct found_bridge);

	for (size_t i = 0; i < m->networks.n; i++) {
		const struct network *net = &m->networks.items[i];
		int32_t at = net->on_host ? -1 : space_device(fabric, net->device);

		if (at >= 0)
			all[at] = (struct found_bridge){.net = net};
	}
	for (size_t i = 0; i < fabric->devices.n; i++)
		if (fabric->devices.items[i].kind == DEVICE_BRIDGE && !all[i].net)
			all[i] = leaf_found(a, m, &fabric->devices.items[i]);
	return all;
}

static const struct device *port_found(const struct space *sp, const char *name)
{
	int32_t at = sp->present ? space_device(sp, name) : -1;
	const struct device *d = at < 0 ? NULL : &sp->devices.items[at];

	return d && d->kind == DEVICE_VETH && d->owner == OWNER_LAB ? d : NULL;
}

static int32_t where(const struct state *have, const struct found_bridge *bridges, const struct network *net,
                     const char *port)
{
	const struct device *d;

	if (!have)
		return CASCADE_NEW;
	d = net->on_host ? port_found(&have->spaces.items[HOST_SPACE], port) : NULL;
	if (d && d->master >= 0 && streq(have->spaces.items[HOST_SPACE].devices.items[d->master].name, net->device))
		return 0;
	d = port_found(&have->spaces.items[FABRIC_SPACE], port);
	if (!d)
		return CASCADE_NEW;
	return d->master >= 0 && bridges[d->master].net == net ? bridges[d->master].number : CASCADE_IN_FABRIC;
}

/* ---- all networks ---------------------------------------------------------------------------------- */

static void list_leaves(struct arena *a, const struct network *net, struct cascade *c)
{
	c->leaves = (uint32_t)highest(c->at, net->ports.n);
	c->devices = arena_array(a, c->leaves + 1, int32_t);
	for (uint32_t i = 1; i <= c->leaves; i++)
		c->devices[i] = -1;
	for (size_t i = 0; i < net->ports.n; i++)
		c->devices[c->at[i]] = 0;
	if (c->leaves && net->on_host) /* the others hang on it */
		c->devices[1] = 0;
}

struct cascade *cascades_of(struct arena *a, const struct model *m, const struct thresholds *thresholds,
                            const struct state *have)
{
	struct cascade *all = arena_array(a, m->networks.n, struct cascade);
	const struct found_bridge *bridges = have ? bridges_found(a, m, &have->spaces.items[FABRIC_SPACE]) : NULL;

	for (size_t i = 0; i < m->networks.n; i++) {
		const struct network *net = &m->networks.items[i];
		struct cascade *c = &all[i];

		c->at = arena_array(a, net->ports.n, int32_t);
		for (size_t k = 0; k < net->ports.n; k++) {
			const struct port *p = &net->ports.items[k];

			c->at[k] = where(have, bridges, net, m->nodes.items[p->node].ifaces.items[p->iface].port);
		}
		cascade_place(a, thresholds, net->on_host, c->at, net->ports.n);
		list_leaves(a, net, c);
	}
	return all;
}

bool cascade_matters(const struct state *want, const struct state *have)
{
	const struct space *fabric = &have->spaces.items[FABRIC_SPACE];

	if (want->cascaded)
		return have->any;
	for (size_t i = 0; i < fabric->devices.n; i++)
		if (fabric->devices.items[i].kind == DEVICE_BRIDGE && fabric->devices.items[i].owner == OWNER_LAB &&
		    space_device(&want->spaces.items[FABRIC_SPACE], fabric->devices.items[i].name) < 0)
			return true;
	return false;
}
