/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a thing where one points at it, or chooses it: all that the census knows. */
#include <assert.h>
#include <inttypes.h>

#include "escape.h"
#include "fd.h"
#include "map_graph.h"
#include "svg.h"
#include "text.h"

static const char *const words[] = {[NSL_MAP_UP] = "up", [NSL_MAP_NO_CARRIER] = "no carrier", [NSL_MAP_DOWN] = "down"};
static const char *const classes[] = {[NSL_MAP_UP] = "up", [NSL_MAP_NO_CARRIER] = "idle", [NSL_MAP_DOWN] = "down"};
static_assert(ARRAY_SIZE(words) == NSL_MAP_STATE_COUNT && ARRAY_SIZE(classes) == NSL_MAP_STATE_COUNT,
              "every state has its words");

const char *state_word(enum nsl_map_state state)
{
	return words[state];
}

const char *state_class(enum nsl_map_state state)
{
	return classes[state];
}

enum nsl_map_state device_state(const struct nsl_device *d)
{
	return !d->up ? NSL_MAP_DOWN : d->carrier ? NSL_MAP_UP : NSL_MAP_NO_CARRIER;
}

/* ---- devices --------------------------------------------------------------------------------------- */

static void put_field(struct svg *v, const char *key, const char *value)
{
	if (!value)
		return;
	strbuf_printf(v->b, "\n%s ", key);
	put_xml(v->b, value);
}

static void put_tie(struct svg *v, const struct nsl_netns *ns, const struct nsl_device *d)
{
	const struct nsl_netns *far = d->tied.ns < 0 ? NULL : &v->s->map->census->items[d->tied.ns];

	if (d->tie == NSL_TIE_LOST)
		strbuf_printf(v->b, "\ntied to device %u where nsloom cannot look", d->tie_ifindex);
	if (!far)
		return;
	strbuf_adds(v->b, d->tie == NSL_TIE_PEER ? "\npeer " : "\non ");
	if (far != ns) {
		put_xml(v->b, far->name);
		strbuf_adds(v->b, d->tied.device < 0 ? "" : " ");
	}
	if (d->tied.device >= 0)
		put_xml(v->b, far->devices[d->tied.device].name);
}

static void put_tunnel(struct svg *v, const struct nsl_tunnel *t)
{
	put_field(v, "from", t->local);
	put_field(v, "to", t->remote);
	put_field(v, "group", t->group);
	if (t->id)
		strbuf_printf(v->b, "\nid %u", t->id);
	if (t->port)
		strbuf_printf(v->b, "\nport %u", t->port);
}

static void put_size(struct strbuf *b, uint64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	size_t unit = 0;
	double value = (double)bytes;

	for (; value >= 1000 && unit + 1 < ARRAY_SIZE(units); unit++)
		value /= 1000;
	strbuf_printf(b, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void put_traffic(struct svg *v, const char *which, uint64_t packets, uint64_t bytes, uint64_t errors,
                        uint64_t dropped)
{
	strbuf_printf(v->b, "\n%s %" PRIu64 " packets, ", which, packets);
	put_size(v->b, bytes);
	if (errors)
		strbuf_printf(v->b, ", %" PRIu64 " errors", errors);
	if (dropped)
		strbuf_printf(v->b, ", %" PRIu64 " dropped", dropped);
}

static void put_counters(struct svg *v, const struct nsl_counters *c)
{
	if (v->s->map->planned)
		return;
	put_traffic(v, "received", c->rx_packets, c->rx_bytes, c->rx_errors, c->rx_dropped);
	put_traffic(v, "sent", c->tx_packets, c->tx_bytes, c->tx_errors, c->tx_dropped);
}

void tip_device(struct svg *v, const struct nsl_netns *ns, const struct nsl_device *d)
{
	put_xml(v->b, d->name);
	strbuf_printf(v->b, ": %s%s", state_word(device_state(d)), *d->kind ? ", " : "");
	put_xml(v->b, d->kind);
	for (size_t i = 0; i < d->n_addresses; i++)
		put_field(v, "address", d->addresses[i]);
	put_field(v, "mac", d->mac);
	if (d->mtu)
		strbuf_printf(v->b, "\nmtu %u", d->mtu);
	if (d->master.device >= 0)
		put_field(v, "port of", ns->devices[d->master.device].name);
	if (d->vlan)
		strbuf_printf(v->b, "\nvlan %u", d->vlan);
	put_field(v, "mode", d->mode);
	put_tie(v, ns, d);
	if (d->tunnel)
		put_tunnel(v, d->tunnel);
	if (d->holder)
		strbuf_printf(v->b, "\nheld by process %d", d->holder);
	put_field(v, "also called", d->altname);
	put_field(v, "alias", d->alias);
	put_counters(v, &d->counters);
}

/* ---- namespaces ------------------------------------------------------------------------------------ */

static void put_holds(struct svg *v, const struct nsl_netns *ns)
{
	enum { MAX = 6 };

	for (size_t i = 0; i < ns->n_holds && i < MAX; i++) {
		const struct nsl_hold *h = &ns->holds[i];

		strbuf_adds(v->b, "\nkept by ");
		if (h->by == NSL_KEPT_BY_DEVICE)
			strbuf_adds(v->b, "a device that leads there");
		if (h->pid)
			strbuf_printf(v->b, "process %d ", h->pid);
		if (h->command)
			put_xml(v->b, h->command);
		if (h->path && !h->pid)
			put_xml(v->b, h->path);
	}
	if (ns->n_holds > MAX)
		strbuf_printf(v->b, "\nand by %zu more", ns->n_holds - MAX);
}

void tip_space(struct svg *v, int32_t node)
{
	const struct nsl_netns *ns = node_ns(v->s->map, node);
	static const char *const families[] = {"IPv4", "IPv6"};

	put_xml(v->b, ns->name);
	put_field(v, "lab", ns->lab);
	put_field(v, "node", ns->node);
	put_field(v, "engine", ns->engine);
	put_field(v, "container", ns->container);
	put_field(v, "id", ns->container_id);
	if (ns->inode)
		strbuf_printf(v->b, "\ninode %" PRIu64, ns->inode);
	for (int f = 0; f < 2; f++)
		if (ns->forwards[f])
			strbuf_printf(v->b, "\nforwards %s", families[f]);
	if (ns->nat)
		strbuf_adds(v->b, "\ntranslates source addresses (nat)");
	if (ns->n_processes)
		strbuf_printf(v->b, "\nprocesses %zu", ns->n_processes);
	put_holds(v, ns);
}

void tip_switch(struct svg *v, int32_t node)
{
	const struct nsl_map_node *n = &v->s->map->nodes[node];
	const struct nsl_netns *ns = node_ns(v->s->map, node);

	tip_device(v, ns, &ns->devices[n->at.device]);
	put_field(v, "in", ns->name);
	for (size_t i = 0; i < ns->n_devices; i++)
		if (ns->devices[i].master.device == n->at.device)
			put_field(v, "port", ns->devices[i].name);
}

/* ---- edges ----------------------------------------------------------------------------------------- */

static void put_end(struct svg *v, const struct nsl_map_end *end)
{
	const struct nsl_map_node *n = &v->s->map->nodes[end->node];
	const struct nsl_device *d = end_device(v->s->map, end);

	put_xml(v->b, n->name);
	if (!d || end->device == n->at.device)
		return;
	strbuf_adds(v->b, n->kind == NSL_MAP_SWITCH ? " port " : " ");
	put_xml(v->b, d->name);
}

void tip_edge(struct svg *v, const struct nsl_map_edge *e)
{
	put_end(v, &e->end[0]);
	strbuf_adds(v->b, " — ");
	put_end(v, &e->end[1]);
	if (e->label) {
		strbuf_adds(v->b, ", ");
		put_xml(v->b, e->label);
	}
	strbuf_printf(v->b, ", %s", state_word(e->state));
}
