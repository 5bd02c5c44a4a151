/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting what a lab needs. See needs.h. */
#include "needs.h"

/* ---- of a state ------------------------------------------------------------------------------------ */

/* What hangs on a bridge; of a network's own bridge also what hangs on its leaves. */
struct stations {
	size_t ports;               /* of this bridge alone */
	size_t all;                 /* those of nodes: a broadcast comes to each */
	uint64_t with[IP_FAMILIES]; /* that have an address of the family, the bridge itself included */
	struct stations *above;     /* leaves: of the bridge that they hang on */
};

struct segments {
	const struct state *want;
	struct stations **of; /* [space][device] of host and fabric, bridges or not */
};

static void count_families(const struct device *d, uint64_t with[IP_FAMILIES])
{
	bool has[IP_FAMILIES] = {false};

	for (size_t i = 0; i < d->addresses.n; i++)
		has[d->addresses.items[i].ip.ip.family] = true;
	for (int f = 0; f < IP_FAMILIES; f++)
		with[f] += has[f];
}

static void count_port(struct segments *s, struct device_ref at)
{
	const struct device *port = &s->want->spaces.items[at.space].devices.items[at.device], *peer;
	struct stations *st = &s->of[at.space][port->master];

	st->ports++;
	if (port->peer.space < 0)
		return;
	peer = &s->want->spaces.items[port->peer.space].devices.items[port->peer.device];
	if (port->trunk) {
		if (port->lower)
			st->above = &s->of[port->peer.space][peer->master];
		return;
	}
	st->all++;
	count_families(peer, st->with);
}

static void each_device(struct segments *s, struct demand *n,
                        void (*visit)(struct segments *s, struct demand *n, struct device_ref at))
{
	for (size_t space = HOST_SPACE; space < s->want->first_node; space++)
		for (size_t i = 0; i < s->want->spaces.items[space].devices.n; i++)
			visit(s, n, (struct device_ref){(int32_t)space, (int32_t)i});
}

static void visit_port(struct segments *s, struct demand *n, struct device_ref at)
{
	if (s->want->spaces.items[at.space].devices.items[at.device].master >= 0)
		count_port(s, at);
}

static void visit_leaf(struct segments *s, struct demand *n, struct device_ref at)
{
	struct stations *leaf = &s->of[at.space][at.device], *top = leaf;

	while (top->above)
		top = top->above;
	if (top == leaf)
		return;
	top->all += leaf->all;
	for (int f = 0; f < IP_FAMILIES; f++)
		top->with[f] += leaf->with[f];
}

static void visit_bridge(struct segments *s, struct demand *n, struct device_ref at)
{
	const struct device *bridge = &s->want->spaces.items[at.space].devices.items[at.device];
	struct stations *st = &s->of[at.space][at.device];

	if (bridge->kind != DEVICE_BRIDGE)
		return;
	if (!n->largest || st->ports > n->ports) {
		n->largest = bridge;
		n->ports = st->ports;
	}
	n->broadcast = st->all > n->broadcast ? st->all : n->broadcast;
	count_families(bridge, st->with);
	for (int f = 0; f < IP_FAMILIES && !st->above; f++)
		if (st->with[f] > 1)
			n->neighbours[f] += st->with[f] * (st->with[f] - 1);
}

static void count_bridges(struct state *want)
{
	struct segments s = {want, arena_array(want->arena, want->first_node, struct stations *)};

	for (size_t i = HOST_SPACE; i < want->first_node; i++)
		s.of[i] = arena_array(want->arena, want->spaces.items[i].devices.n, struct stations);
	each_device(&s, &want->demand, visit_port);
	each_device(&s, &want->demand, visit_leaf);
	each_device(&s, &want->demand, visit_bridge);
	for (size_t i = 0; i < want->spaces.items[HOST_SPACE].devices.n; i++)
		want->demand.forwarded += s.of[HOST_SPACE][i].all;
}

/* A cable between two nodes: each knows the other. */
static void count_cables(const struct state *s, struct demand *n, const struct space *sp)
{
	for (size_t i = 0; i < sp->devices.n; i++) {
		const struct device *d = &sp->devices.items[i];

		if (d->kind == DEVICE_VETH && !n->pos_cable.line)
			n->pos_cable = d->pos;
		if (d->kind == DEVICE_VETH && d->peer.space >= (int32_t)s->first_node)
			count_families(d, n->neighbours);
		for (size_t k = 0; k < d->addresses.n; k++) {
			enum ip_family f = (enum ip_family)d->addresses.items[k].ip.ip.family;

			if (f == IP6 && !n->family[IP6])
				n->pos6 = d->addresses.items[k].pos;
			n->family[f] = true;
		}
	}
}

void demand_count(struct state *s)
{
	count_bridges(s);
	for (size_t i = 0; i < s->spaces.n; i++) {
		const struct space *sp = &s->spaces.items[i];

		count_cables(s, &s->demand, sp);
		if (sp->kind == SPACE_NODE && !s->demand.nodes++)
			s->demand.pos = sp->pos;
	}
	if (!s->rules.forward[IP4] && !s->rules.forward[IP6])
		s->demand.forwarded = 0;
}

void needs_of_state(const struct state *want, bool standing, struct lab_needs *out)
{
	*out = (struct lab_needs){.does = DOES_SPACES | DOES_DEVICES | DOES_RULES, .want = want};
	if (!want)
		return;
	out->demand = want->demand;
	for (size_t i = 0; i < want->spaces.n; i++)
		out->sockets += want->spaces.items[i].present;
	out->new_spaces = standing || !out->sockets ? 0 : out->sockets - 1; /* the host is there */
}

void needs_of_plan(const struct plan *p, struct lab_needs *out)
{
	*out = (struct lab_needs){.want = p->want, .sockets = p->spaces.n};
	if (!p->want)
		return;
	out->demand = p->want->demand;
	for (size_t i = 0; i < p->ops.n; i++) {
		const struct op *op = &p->ops.items[i];

		out->new_spaces += op->kind == OP_SPACE_ADD;
		out->does |= op->kind == OP_SPACE_ADD ? DOES_SPACES : 0;
		out->does |= op->kind == OP_BRIDGE_ADD || op->kind == OP_VETH_ADD ? DOES_DEVICES : 0;
		out->does |= op->kind == OP_PUBLISH_SET ? DOES_RULES : 0;
		out->does |= op->kind == OP_RULES_SET && p->have->rules_found == RULES_ABSENT ? DOES_RULES : 0;
	}
}
