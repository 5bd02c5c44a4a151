/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen.h"

#include <string.h>

uint64_t gen_next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint8_t below(uint64_t *state, unsigned n)
{
	return (uint8_t)(gen_next(state) % n);
}

/* 1 of n times 1. */
static uint8_t seldom(uint64_t *state, unsigned n)
{
	return gen_next(state) % n == 0;
}

static void gen_network(struct gen_network *n, uint64_t *s)
{
	*n = (struct gen_network){
		.on = !seldom(s, 4),
		.kind = below(s, GEN_KIND_COUNT),
		.families = (uint8_t)(1 + below(s, 3)),
		.mtu = seldom(s, 4) ? (uint8_t)(1 + below(s, 2)) : 0,
		.device = seldom(s, 4),
	};
}

static void gen_port(struct gen_port *p, uint64_t *s)
{
	*p = (struct gen_port){
		.on = !seldom(s, 3),
		.network = below(s, GEN_NETWORKS),
		.address = seldom(s, 3),
		.mac = seldom(s, 5),
		.mtu = seldom(s, 6),
		.name = seldom(s, 4),
		.port = seldom(s, 6),
	};
}

static void gen_node(struct gen_node *n, uint64_t *s)
{
	*n = (struct gen_node){.on = !seldom(s, 4),
	                       .router = seldom(s, 3),
	                       .no_routing = seldom(s, 8),
	                       .route = seldom(s, 4),
	                       .sysctl = seldom(s, 3) ? (uint8_t)(1 + below(s, 4)) : 0};
	for (int i = 0; i < GEN_PORTS; i++)
		gen_port(&n->ports[i], s);
}

static void gen_link(struct gen_link *l, uint64_t *s)
{
	*l = (struct gen_link){.on = !seldom(s, 3),
	                       .a = below(s, GEN_NODES),
	                       .b = below(s, GEN_NODES),
	                       .subnet = below(s, 5),
	                       .mtu = seldom(s, 4),
	                       .names = seldom(s, 2),
	                       .mac = seldom(s, 5)};
}

void gen_lab(struct gen_lab *lab, uint64_t *s)
{
	*lab = (struct gen_lab){.no_routing = seldom(s, 10)};
	for (int i = 0; i < GEN_NETWORKS; i++)
		gen_network(&lab->networks[i], s);
	for (int i = 0; i < GEN_NODES; i++)
		gen_node(&lab->nodes[i], s);
	for (int i = 0; i < GEN_LINKS; i++)
		gen_link(&lab->links[i], s);
	lab->limits = seldom(s, 3);
}

/* ---- editing --------------------------------------------------------------------------------------- */

static void edit_network(struct gen_network *n, uint64_t *s)
{
	struct gen_network other;
	uint8_t *const mine[] = {&n->on, &n->kind, &n->families, &n->mtu, &n->device};
	const uint8_t *const new[] = {&other.on, &other.kind, &other.families, &other.mtu, &other.device};
	unsigned i = below(s, 5);

	gen_network(&other, s);
	*mine[i] = i == 0 ? !n->on : *new[i];
}

static void edit_node(struct gen_node *n, uint64_t *s)
{
	uint8_t *const flags[] = {&n->on, &n->router, &n->no_routing, &n->route};
	struct gen_port *p = &n->ports[below(s, GEN_PORTS)];
	unsigned i = below(s, 9);

	if (i < 4)
		*flags[i] = !*flags[i];
	else if (i == 4)
		n->sysctl = below(s, 5);
	else if (i == 5)
		p->on = !p->on;
	else
		gen_port(p, s);
}

static void edit_link(struct gen_link *l, uint64_t *s)
{
	uint8_t *const flags[] = {&l->on, &l->mtu, &l->names, &l->mac};
	unsigned i = below(s, 6);

	if (i < 4)
		*flags[i] = !*flags[i];
	else if (i == 4)
		l->subnet = below(s, 5);
	else
		gen_link(l, s);
}

void gen_edit(struct gen_lab *lab, uint64_t *s)
{
	switch (below(s, 8)) {
	case 0:
	case 1:
		edit_network(&lab->networks[below(s, GEN_NETWORKS)], s);
		break;
	case 2:
	case 3:
	case 4:
		edit_node(&lab->nodes[below(s, GEN_NODES)], s);
		break;
	case 5:
	case 6:
		edit_link(&lab->links[below(s, GEN_LINKS)], s);
		break;
	default:
		if (seldom(s, 4))
			lab->no_routing = !lab->no_routing;
		else if (seldom(s, 2))
			lab->limits = !lab->limits;
		else
			edit_node(&lab->nodes[below(s, GEN_NODES)], s);
	}
}

/* ---- shrinking ------------------------------------------------------------------------------------- */

bool gen_shrink(struct gen_lab *lab, unsigned n)
{
	uint8_t *bytes = (uint8_t *)lab;

	/* Whole things first: they stand as their first byte. */
	if (n < GEN_NODES)
		lab->nodes[n].on = 0;
	else if ((n -= GEN_NODES) < GEN_NETWORKS)
		lab->networks[n].on = 0;
	else if ((n -= GEN_NETWORKS) < GEN_LINKS)
		lab->links[n].on = 0;
	else if ((n -= GEN_LINKS) < sizeof(*lab))
		bytes[n] = 0;
	else
		return false;
	for (int i = 0; i < GEN_NETWORKS; i++)
		if (!lab->networks[i].families)
			lab->networks[i].families = 1;
	return true;
}

/* ---- writing --------------------------------------------------------------------------------------- */

static void write_network(const struct gen_network *n, int i, struct strbuf *out)
{
	static const unsigned mtus[] = {0, 1400, 9000};

	strbuf_printf(out, "  net%d: {subnet: [", i);
	if (n->families & 1)
		strbuf_printf(out, "10.20.%d.0/24", i);
	if (n->families == 3)
		strbuf_adds(out, ", ");
	if (n->families & 2)
		strbuf_printf(out, "\"fd00:20:%d::/64\"", i);
	strbuf_adds(out, "]");
	if (n->kind == GEN_GATEWAY)
		strbuf_adds(out, ", gateway: true");
	if (n->kind == GEN_NAT)
		strbuf_adds(out, ", nat: true");
	if (n->mtu)
		strbuf_printf(out, ", mtu: %u", mtus[n->mtu % 3]);
	if (n->device && n->kind != GEN_FABRIC)
		strbuf_printf(out, ", device: br-%d", i);
	strbuf_adds(out, "}\n");
}

/* A node has at most one port on a network: the first. */
static bool port_counts(const struct gen_lab *lab, const struct gen_node *n, int k)
{
	if (!n->ports[k].on || !lab->networks[n->ports[k].network].on)
		return false;
	for (int i = 0; i < k; i++)
		if (n->ports[i].on && n->ports[i].network == n->ports[k].network)
			return false;
	return true;
}

static void write_addresses(const struct gen_network *net, int i, int node, struct strbuf *out)
{
	strbuf_adds(out, "address: [");
	if (net->families & 1)
		strbuf_printf(out, "10.20.%d.%d", i, 100 + node);
	if (net->families == 3)
		strbuf_adds(out, ", ");
	if (net->families & 2)
		strbuf_printf(out, "\"fd00:20:%d::%d\"", i, 100 + node);
	strbuf_adds(out, "], ");
}

static void write_port(const struct gen_lab *lab, const struct gen_port *p, int node, int k, struct strbuf *out)
{
	strbuf_printf(out, "net%d: {", p->network);
	if (p->address)
		write_addresses(&lab->networks[p->network], p->network, node, out);
	if (p->mac)
		strbuf_printf(out, "mac: \"02:00:00:00:%02x:%02x\", ", node, k);
	if (p->mtu)
		strbuf_adds(out, "mtu: 1300, ");
	if (p->name)
		strbuf_printf(out, "interface: lan%d, ", k);
	if (p->port)
		strbuf_printf(out, "port: port-%d-%d, ", node, k);
	if (out->s[out->len - 1] == ' ')
		out->len -= 2;
	strbuf_adds(out, "}, ");
}

/* A route by another node whose address on a common network is written in the file. */
static void write_route(const struct gen_lab *lab, int node, struct strbuf *out)
{
	const struct gen_node *n = &lab->nodes[node];

	for (int k = 0; k < GEN_PORTS; k++)
		for (int other = 0; other < GEN_NODES; other++)
			for (int j = 0; j < GEN_PORTS; j++)
				if (other != node && lab->nodes[other].on && port_counts(lab, n, k) &&
				    port_counts(lab, &lab->nodes[other], j) && lab->nodes[other].ports[j].address &&
				    lab->nodes[other].ports[j].network == n->ports[k].network &&
				    (lab->networks[n->ports[k].network].families & 1)) {
					strbuf_printf(out, ", routes: [{to: 10.99.%d.0/24, via: 10.20.%d.%d}]", node,
					              n->ports[k].network, 100 + other);
					return;
				}
}

static void write_node(const struct gen_lab *lab, int node, struct strbuf *out)
{
	static const char *const sysctls[] = {
		"",
		"net.ipv4.conf.all.rp_filter: 2",
		"net.ipv4.ip_default_ttl: 77",
		"net.ipv4.tcp_syncookies: 0",
		"net.ipv6.conf.all.hop_limit: 33",
	};
	const struct gen_node *n = &lab->nodes[node];

	strbuf_printf(out, "  n%d: {router: %s", node, n->router ? "true" : "false");
	if (n->no_routing)
		strbuf_adds(out, ", routing: none");
	strbuf_adds(out, ", networks: {");
	for (int k = 0; k < GEN_PORTS; k++)
		if (port_counts(lab, n, k))
			write_port(lab, &n->ports[k], node, k, out);
	if (out->s[out->len - 1] == ' ')
		out->len -= 2;
	strbuf_adds(out, "}");
	if (n->route)
		write_route(lab, node, out);
	if (n->sysctl)
		strbuf_printf(out, ", sysctl: {%s}", sysctls[n->sysctl % 5]);
	strbuf_adds(out, "}\n");
}

static void write_link(const struct gen_lab *lab, int i, struct strbuf *out)
{
	const struct gen_link *l = &lab->links[i];

	strbuf_printf(out, "  - {endpoints: [n%d%s", l->a, l->names ? ":" : "");
	if (l->names)
		strbuf_printf(out, "wire%d", i);
	strbuf_printf(out, ", n%d]", l->b);
	if (l->subnet >= 1 && l->subnet <= 3) {
		strbuf_adds(out, ", subnet: [");
		if (l->subnet & 1)
			strbuf_printf(out, "10.30.%d.0/30", i);
		if (l->subnet == 3)
			strbuf_adds(out, ", ");
		if (l->subnet & 2)
			strbuf_printf(out, "\"fd00:30:%d::/127\"", i);
		strbuf_adds(out, "]");
	} else if (l->subnet == 4) {
		strbuf_adds(out, ", ipv6: link-local");
	}
	if (l->mtu)
		strbuf_adds(out, ", mtu: 3000");
	strbuf_adds(out, "}\n");
}

void gen_write(const struct gen_lab *lab, const char *name, struct strbuf *out)
{
	bool any = false;

	strbuf_printf(out, "name: %s\n", name);
	if (lab->no_routing)
		strbuf_adds(out, "routing: none\n");
	if (lab->limits)
		strbuf_adds(out, "limits: raise\n");
	for (int i = 0; i < GEN_NETWORKS; i++) {
		if (!lab->networks[i].on)
			continue;
		strbuf_adds(out, any ? "" : "networks:\n");
		any = true;
		write_network(&lab->networks[i], i, out);
	}
	strbuf_adds(out, "nodes:\n  n-always: {}\n");
	for (int i = 0; i < GEN_NODES; i++)
		if (lab->nodes[i].on)
			write_node(lab, i, out);
	any = false;
	for (int i = 0; i < GEN_LINKS; i++) {
		const struct gen_link *l = &lab->links[i];

		if (!l->on || l->a == l->b || !lab->nodes[l->a].on || !lab->nodes[l->b].on)
			continue;
		strbuf_adds(out, any ? "" : "links:\n");
		any = true;
		write_link(lab, i, out);
	}
}
