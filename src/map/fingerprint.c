/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether two maps say the same: a number over all that they say, without what changes by itself. */
#include <string.h>

#include "map_graph.h"

struct print {
	uint64_t sum;
};

static void add(struct print *p, const void *data, size_t len)
{
	p->sum = stable_hash(data, len, p->sum);
}

/* A text, and that it ends there. */
static void add_text(struct print *p, const char *s)
{
	add(p, s ? s : "\xff", s ? strlen(s) + 1 : 1);
}

static void add_number(struct print *p, int64_t n)
{
	add(p, &n, sizeof(n));
}

static void add_device(struct print *p, const struct nsl_device *d)
{
	const int64_t numbers[] = {d->ifindex,       d->mtu,  d->up,      d->carrier,
	                           d->master.device, d->tie,  d->tied.ns, d->tied.device,
	                           d->tie_ifindex,   d->vlan, d->holder,  !!d->tunnel};
	const char *const texts[] = {d->name, d->kind, d->mac, d->alias, d->altname, d->mode, d->holder_command};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		add_number(p, numbers[i]);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		add_text(p, texts[i]);
	for (size_t i = 0; i < d->n_addresses; i++)
		add_text(p, d->addresses[i]);
	if (!d->tunnel)
		return;
	add_text(p, d->tunnel->local);
	add_text(p, d->tunnel->remote);
	add_text(p, d->tunnel->group);
	add_number(p, d->tunnel->id);
	add_number(p, d->tunnel->port);
}

static void add_space(struct print *p, const struct nsl_netns *ns)
{
	add_text(p, ns->name);
	add_text(p, ns->lab);
	add_text(p, ns->container);
	add_number(p, (int64_t)ns->inode);
	add_number(p, ns->errnum);
	add_number(p, ns->nat);
	for (int f = 0; f < 2; f++) {
		add_number(p, ns->forwards[f]);
		add_number(p, ns->out[f].device);
		add_text(p, ns->out[f].via);
	}
	add_number(p, (int64_t)ns->n_devices);
	for (size_t i = 0; i < ns->n_devices; i++)
		add_device(p, &ns->devices[i]);
}

uint64_t graph_fingerprint(const struct nsl_map *map)
{
	struct print p = {.sum = map->planned};

	add_number(&p, (int64_t)map->n_nodes);
	add_number(&p, (int64_t)map->n_edges);
	for (size_t i = 0; i < map->census->n; i++)
		add_space(&p, &map->census->items[i]);
	return p.sum;
}
