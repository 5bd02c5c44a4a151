/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bridges of a lab's networks. Which bridge of a large network a port hangs on
 * is not in the model but in the kernel; where the lab does not stand, it is what
 * `up` would make of it.
 */
#include "api.h"
#include "cascade.h"

static const char *netns_of_part(struct arena *a, const struct model *m, uint32_t part)
{
	return arena_printf(a, "%s.%s", m->name, state_part_name(a, part));
}

static void count_ports(struct arena *a, const struct model *m, const struct network *net, const struct cascade *c,
                        struct nsloom_network *out)
{
	struct leaf leaf;

	out->bridges = arena_array(a, c->leaves + 1, struct nsloom_bridge);
	for (uint32_t i = 0; i <= c->leaves; i++) {
		struct nsloom_bridge *b = &out->bridges[out->n_bridges];

		if (c->bridges[i].space < 0)
			continue;
		if (i > 0)
			leaf_of(a, m, net, i, &leaf);
		b->device = i > 0 ? leaf.bridge.name : out->device;
		b->on_host = c->bridges[i].space == HOST_SPACE;
		b->netns = b->on_host ? "host" : netns_of_part(a, m, (uint32_t)(c->bridges[i].space - FABRIC_SPACE));
		b->n_ports = c->ports[i];
		out->n_bridges++;
	}
}

static void describe(struct nsloom *ns, struct arena *a, const struct model *m, const struct state *have,
                     struct nsloom_lab *lab)
{
	struct cascades cascades;

	if (arena_exhausted(a)) {
		arena_settle(a);
		return; /* not shown */
	}
	cascades_of(a, m, &ns->engine.thresholds, have, &cascades);
	for (size_t i = 0; i < m->networks.n; i++)
		count_ports(a, m, &m->networks.items[i], &cascades.items[i], &lab->networks[i]);
	arena_settle(a);
}

void describe_bridges(struct nsloom *ns, struct arena *a, const struct model *m, bool stands, struct nsloom_lab *lab)
{
	_cleanup_kernel_ struct kernel *k = NULL;
	struct nsl_error *ignored = NULL;
	struct state *have = NULL;
	int r = 0;

	if (stands && m->networks.n) {
		r = engine_open_kernel(&ns->engine, m->name, &k, &ignored);
		if (r == 0)
			r = kernel_observe_bridges(k, a, &have, &ignored);
	}
	nsl_error_free(ignored);
	if (r == 0)
		describe(ns, a, m, have, lab);
}
