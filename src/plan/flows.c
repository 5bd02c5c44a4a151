/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Established flows: where the kernel has flowtables, what goes out by nat and what
 * comes back passes the rules with its first packets, and is then handed from device to device. A
 * flowtable sees only what comes in by its devices: the bridges of nat networks, and
 * those by which the host's default routes lead. A stand-in host's way out is a process,
 * which costs more than a flowtable could save.
 */
#include <stdlib.h>
#include <string.h>

#include "state.h"
#include "text.h"

static void add_device(struct arena *a, struct rules *r, const char *name)
{
	for (size_t i = 0; i < r->flow_devices.n; i++)
		if (streq(r->flow_devices.items[i], name))
			return;
	*vec_push(a, &r->flow_devices) = name;
}

/* Of labs there is none among them. */
static bool is_uplink(const struct space *host, const struct khop *h)
{
	return h->device >= 0 && host->devices.items[h->device].owner == OWNER_STRANGER &&
	       host->devices.items[h->device].kind != DEVICE_LO;
}

static bool add_uplinks(struct arena *a, struct rules *r, const struct space *host)
{
	size_t before = r->flow_devices.n;

	for (size_t i = 0; i < host->others.n; i++) {
		const struct kroute *route = &host->others.items[i];

		if (route->to.len || !r->forward[route->to.ip.family])
			continue;
		for (size_t k = 0; k < route->hops.n; k++)
			if (is_uplink(host, &route->hops.items[k]))
				add_device(a, r, host->devices.items[route->hops.items[k].device].name);
	}
	return r->flow_devices.n > before;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void rules_add_flows(struct arena *a, struct rules *r, const struct state *have)
{
	r->flow_devices.n = 0;
	r->without_flows = false;
	if (!rules_nat_network(r) || have->way_out.standin || !add_uplinks(a, r, &have->spaces.items[HOST_SPACE]))
		return;
	if (have->without_flows) {
		r->flow_devices.n = 0;
		r->without_flows = true;
		return;
	}
	for (size_t i = 0; i < r->networks.n; i++)
		if (r->networks.items[i].nat[IP4] || r->networks.items[i].nat[IP6])
			add_device(a, r, r->networks.items[i].device);
	qsort(r->flow_devices.items, r->flow_devices.n, sizeof(*r->flow_devices.items), by_name);
}
