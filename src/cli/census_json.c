/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "census_json.h"

#include <assert.h>
#include <string.h>

#include "fd.h"

static const char *const keepers[] = {
	[NSL_KEPT_BY_NAME] = "name",       [NSL_KEPT_BY_MOUNT] = "mount",
	[NSL_KEPT_BY_PROCESS] = "process", [NSL_KEPT_BY_DESCRIPTOR] = "descriptor",
	[NSL_KEPT_BY_DEVICE] = "device",
};
static_assert(ARRAY_SIZE(keepers) == NSL_KEEPER_COUNT, "every keeper has its word");

static const char *const ties[] = {
	[NSL_TIE_NONE] = NULL,
	[NSL_TIE_PEER] = "peer",
	[NSL_TIE_PARENT] = "parent",
	[NSL_TIE_LOST] = "lost",
};
static_assert(ARRAY_SIZE(ties) == NSL_TIE_COUNT, "every tie has its word");

const char *keeper_word(enum nsl_keeper by)
{
	return keepers[by];
}

static json_t *put_object(json_t *object, const char *key)
{
	json_t *child = json_object();

	json_object_set_new(object, key, child);
	return child;
}

static void put_tie(json_t *device, const struct nsl_census *c, const struct nsl_device *d)
{
	json_t *tie;

	if (d->tie == NSL_TIE_NONE)
		return;
	tie = put_object(device, "tie");
	put_text(tie, "kind", ties[d->tie]);
	if (d->tied.ns >= 0) {
		const struct nsl_netns *ns = &c->items[d->tied.ns];

		put_text(tie, "namespace", ns->name);
		put_text(tie, "device", d->tied.device < 0 ? NULL : ns->devices[d->tied.device].name);
	}
	put_known(tie, "ifindex", d->tie_ifindex);
	if (d->tie_nsid >= 0)
		put_number(tie, "nsid", d->tie_nsid);
}

static void put_tunnel(json_t *device, const struct nsl_tunnel *t)
{
	json_t *tunnel = put_object(device, "tunnel");

	put_text(tunnel, "local", t->local);
	put_text(tunnel, "remote", t->remote);
	put_text(tunnel, "group", t->group);
	put_known(tunnel, "id", t->id);
	put_known(tunnel, "port", t->port);
}

static void put_counters(json_t *device, const struct nsl_counters *n)
{
	const struct {
		const char *key;
		uint64_t value;
	} rows[] = {
		{"rx_packets", n->rx_packets}, {"rx_bytes", n->rx_bytes},     {"rx_errors", n->rx_errors},
		{"rx_dropped", n->rx_dropped}, {"tx_packets", n->tx_packets}, {"tx_bytes", n->tx_bytes},
		{"tx_errors", n->tx_errors},   {"tx_dropped", n->tx_dropped},
	};
	json_t *counters = put_object(device, "counters");

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		put_number(counters, rows[i].key, (long long)rows[i].value);
}

static void put_device(json_t *array, const struct nsl_census *c, const struct nsl_netns *ns,
                       const struct nsl_device *d, bool counters)
{
	json_t *device = add_object(array);

	put_text(device, "name", d->name);
	put_number(device, "ifindex", d->ifindex);
	put_text(device, "kind", *d->kind ? d->kind : NULL);
	put_text(device, "mac", d->mac);
	put_text(device, "alias", d->alias);
	put_text(device, "altname", d->altname);
	put_text(device, "lab", d->lab);
	put_number(device, "mtu", d->mtu);
	put_bool(device, "up", d->up);
	put_bool(device, "carrier", d->carrier);
	put_texts(device, "addresses", d->addresses, d->n_addresses);
	put_text(device, "master", d->master.device < 0 ? NULL : ns->devices[d->master.device].name);
	put_known(device, "vlan", d->vlan);
	put_text(device, "mode", d->mode);
	put_tie(device, c, d);
	if (d->tunnel)
		put_tunnel(device, d->tunnel);
	put_known(device, "holder", d->holder);
	put_text(device, "holder_command", d->holder_command);
	if (counters)
		put_counters(device, &d->counters);
}

/* What no other route is for. */
static void put_ways_out(json_t *namespace, const struct nsl_netns *ns)
{
	json_t *array = put_array(namespace, "ways_out");

	for (int f = 0; f < 2; f++) {
		json_t *way;

		if (ns->out[f].device < 0)
			continue;
		way = add_object(array);
		put_number(way, "family", f ? 6 : 4);
		put_text(way, "device", ns->devices[ns->out[f].device].name);
		put_text(way, "via", ns->out[f].via);
	}
}

static void put_holds(json_t *namespace, const struct nsl_netns *ns)
{
	json_t *holds = put_array(namespace, "holds");

	for (size_t i = 0; i < ns->n_holds; i++) {
		json_t *hold = add_object(holds);

		put_text(hold, "by", keepers[ns->holds[i].by]);
		put_text(hold, "path", ns->holds[i].path);
		put_known(hold, "pid", ns->holds[i].pid);
		put_text(hold, "command", ns->holds[i].command);
	}
}

static void put_namespace(json_t *array, const struct nsl_census *c, const struct nsl_netns *ns,
                          const struct nsl_census_options *o)
{
	json_t *namespace = add_object(array), *devices;

	put_text(namespace, "name", ns->name);
	put_known(namespace, "inode", (long long)ns->inode);
	if (ns->nsid >= 0)
		put_number(namespace, "nsid", ns->nsid);
	put_text(namespace, "lab", ns->lab);
	put_text(namespace, "node", ns->node);
	put_text(namespace, "engine", ns->engine);
	put_text(namespace, "container", ns->container);
	put_text(namespace, "container_id", ns->container_id);
	put_known(namespace, "userns", (long long)ns->userns);
	if (ns->owner >= 0)
		put_number(namespace, "owner", ns->owner);
	put_number(namespace, "processes", (long long)ns->n_processes);
	put_holds(namespace, ns);
	devices = put_array(namespace, "devices");
	for (size_t i = 0; i < ns->n_devices; i++)
		put_device(devices, c, ns, &ns->devices[i], o->counters);
	if (!o->no_devices && !ns->errnum) {
		put_bool(namespace, "forwards_ipv4", ns->forwards[0]);
		put_bool(namespace, "forwards_ipv6", ns->forwards[1]);
		put_bool(namespace, "nat", ns->nat);
		if (o->ways_out)
			put_ways_out(namespace, ns);
	}
	put_text(namespace, "error", ns->errnum ? strerror(ns->errnum) : NULL);
}

void put_census(json_t *document, const struct nsl_census *census, const struct nsl_census_options *options)
{
	json_t *namespaces = put_array(document, "namespaces");

	for (size_t i = 0; i < census->n; i++)
		put_namespace(namespaces, census, &census->items[i], options);
	put_number(document, "hidden", (long long)census->n_hidden);
	put_number(document, "unsearched", (long long)census->n_unsearched);
}
