/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building a model, step 3: which interfaces there are, what they are called,
 * their MTU. A node's interfaces are its networks in the node's order, then its
 * ends of links in file order. Names that the file gives are claimed first; the
 * others are eth0, eth1, … in that order, without those taken.
 */
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "text.h"

static const struct network *find_network(struct build *b, const struct spec_text *name)
{
	const struct network *n;

	if (!name->s) {
		b->incomplete = true;
		return NULL;
	}
	n = map_gets(b->m->network_index, name->s);
	if (!n) {
		fault(b->faults, name->pos, "there is no network \"%s\"", name->s);
		build_suggest(b, name->s, false);
	}
	return n;
}

/* The index of an endpoint's node, or NOWHERE. */
static uint32_t find_node(struct build *b, const struct spec_text *name)
{
	const struct node *n;

	if (!name->s) {
		b->incomplete = true;
		return NOWHERE;
	}
	n = map_gets(b->m->node_index, name->s);
	if (!n) {
		fault(b->faults, name->pos, "there is no node \"%s\"", name->s);
		build_suggest(b, name->s, true);
		return NOWHERE;
	}
	return (uint32_t)(n - b->m->nodes.items);
}

/* Finds the nodes of all links and makes room for every node's interfaces. */
static void count_interfaces(struct build *b)
{
	struct model *m = b->m;
	uint32_t *cables = arena_array(b->a, m->nodes.n, uint32_t);

	for (size_t i = 0; i < m->links.n; i++) {
		for (unsigned e = 0; e < 2; e++) {
			uint32_t node = find_node(b, &b->spec->links.items[i].end[e].node);

			m->links.items[i].end[e] = (struct link_end){node, NOWHERE};
			if (node != NOWHERE)
				cables[node]++;
		}
	}
	b->wishes = arena_array(b->a, m->nodes.n, struct wish *);
	for (size_t i = 0; i < m->nodes.n; i++) {
		size_t n = b->spec->nodes.items[i].ports.n + cables[i];

		vec_reserve(b->a, &m->nodes.items[i].ifaces, n);
		b->wishes[i] = arena_array(b->a, n, struct wish);
	}
}

/* A new interface of a node, with its MTU. */
static struct iface *add_interface(struct build *b, uint32_t node, struct nsl_pos pos, struct wish wish,
                                   unsigned mtu_default)
{
	struct node *n = &b->m->nodes.items[node];

	b->wishes[node][n->ifaces.n] = wish;

	struct iface *iface = vec_push(b->a, &n->ifaces);

	*iface = (struct iface){.pos = pos};
	iface->mtu = wish.mtu->set ? wish.mtu->value : mtu_default;
	return iface;
}

/* The second interface on the same network needs a name, and so does the first: the order alone would be a trap. */
static void check_twice(struct build *b, uint32_t node, uint32_t network, const struct spec_port *p)
{
	uint32_t key[2] = {node, network};
	const struct spec_port *first = map_put(b->plugged, key, sizeof(key), (void *)p);

	if (!first || (first->interface.s && p->interface.s))
		return;
	fault(b->faults, p->network.pos,
	      "node \"%s\" is on network \"%s\" twice (first on line %u) without a name for each interface",
	      b->m->nodes.items[node].name, p->network.s, first->network.pos.line);
	fault_hint(b->faults, "give each an `interface:`: [{%s: {interface: eth0}}, {%s: {interface: eth1}}]",
	           p->network.s, p->network.s);
}

static void add_ports(struct build *b, uint32_t node)
{
	const struct spec_node *s = &b->spec->nodes.items[node];

	for (size_t i = 0; i < s->ports.n; i++) {
		const struct spec_port *p = &s->ports.items[i];
		const struct network *net = find_network(b, &p->network);

		if (p->mtu.set)
			mtu_sound(b, &p->mtu);
		if (!net)
			continue;

		uint32_t index = (uint32_t)(net - b->m->networks.items);

		check_twice(b, node, index, p);

		struct iface *iface = add_interface(
			b, node, p->network.pos,
			(struct wish){&p->addresses, &p->interface, &p->port, &p->mac, &p->mtu}, net->mtu);

		iface->attach = ATTACH_NETWORK;
		iface->index = index;
	}
}

static void add_cable(struct build *b, uint32_t index)
{
	const struct spec_link *s = &b->spec->links.items[index];
	struct link *link = &b->m->links.items[index];

	link->pos = s->pos;
	if (s->mtu.set)
		mtu_sound(b, &s->mtu);
	for (unsigned e = 0; e < 2; e++) {
		const struct spec_endpoint *p = &s->end[e];
		uint32_t node = link->end[e].node;

		if (node == NOWHERE)
			continue;
		link->end[e].iface = (uint32_t)b->m->nodes.items[node].ifaces.n;

		struct iface *iface =
			add_interface(b, node, p->node.pos,
		                      (struct wish){&p->addresses, &p->interface, NULL, &p->mac, &s->mtu}, MTU_DEFAULT);

		iface->attach = ATTACH_LINK;
		iface->index = index;
		iface->end = e;
		iface->link_local = s->link_local;
	}
}

/* Tells the networks which ports they have. */
static void fill_ports(struct build *b)
{
	struct model *m = b->m;
	size_t *n_ports = arena_array(b->a, m->networks.n, size_t);

	for (int fill = 0; fill < 2; fill++) {
		for (uint32_t i = 0; i < m->nodes.n; i++) {
			const struct node *node = &m->nodes.items[i];

			for (uint32_t k = 0; k < node->ifaces.n; k++) {
				const struct iface *iface = &node->ifaces.items[k];

				if (iface->attach != ATTACH_NETWORK)
					continue;
				if (fill)
					*vec_push(b->a, &m->networks.items[iface->index].ports) = (struct port){i, k};
				else
					n_ports[iface->index]++;
			}
		}
		for (size_t i = 0; !fill && i < m->networks.n; i++)
			vec_reserve(b->a, &m->networks.items[i].ports, n_ports[i]);
	}
}

/* Claims a name among those of a node. Returns the interface that has it already, or NULL. */
static struct iface *claim_name(struct build *b, uint32_t node, const char *name, struct iface *iface)
{
	char key[sizeof(node) + DEVICE_NAME_MAX + 1];
	size_t len = strlen(name);

	memcpy(key, &node, sizeof(node));
	memcpy(key + sizeof(node), name, len);
	return map_put(b->iface_names, key, sizeof(node) + len, iface);
}

static void claim_given_name(struct build *b, uint32_t node, uint32_t index)
{
	const struct spec_text *given = b->wishes[node][index].interface;
	const struct node *n = &b->m->nodes.items[node];
	struct iface *iface = &n->ifaces.items[index];

	if (!given->s)
		return;

	const char *why =
		streq(given->s, "lo") ? "is the loopback interface that every node has" : device_name_fault(given->s);

	iface->name = given->s;
	if (why) {
		fault(b->faults, given->pos, "\"%s\" cannot be the name of an interface: it %s", given->s, why);
		return;
	}
	const struct iface *first = claim_name(b, node, given->s, iface);

	if (first)
		fault(b->faults, given->pos, "node \"%s\" has two interfaces called \"%s\"; the first is in line %u",
		      n->name, given->s, first->pos.line);
}

static void name_interfaces(struct build *b, uint32_t node)
{
	struct node *n = &b->m->nodes.items[node];
	unsigned next = 0;

	for (uint32_t i = 0; i < n->ifaces.n; i++)
		claim_given_name(b, node, i);
	for (uint32_t i = 0; i < n->ifaces.n; i++) {
		char name[DEVICE_NAME_MAX + 1];

		if (n->ifaces.items[i].name)
			continue;
		do
			snprintf(name, sizeof(name), "eth%u", next++);
		while (claim_name(b, node, name, &n->ifaces.items[i]));
		n->ifaces.items[i].name = arena_strdup(b->a, name);
	}
}

void build_interfaces(struct build *b)
{
	count_interfaces(b);
	for (uint32_t i = 0; i < b->m->nodes.n; i++)
		add_ports(b, i);
	for (uint32_t i = 0; i < b->m->links.n; i++)
		add_cable(b, i);
	fill_ports(b);
	for (uint32_t i = 0; i < b->m->nodes.n; i++)
		name_interfaces(b, i);
}
