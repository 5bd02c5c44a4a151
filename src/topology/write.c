/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model as a topology, in JSON: everything that was decided is said, but for
 * what follows from the rest anyway (automatic routes, alternative names, the
 * MACs of bridges and bridge ports). Reading it gives the same model, and
 * writing that the same text. One line for each network, node and link, so
 * that two of them can be compared line by line.
 */
#include "topology.h"

#include <stdio.h>

#include "utf8.h"

static void put_string(struct strbuf *b, const char *s)
{
	size_t left = __builtin_strlen(s);
	uint32_t c;

	strbuf_addc(b, '"');
	while (left) {
		size_t n = utf8_decode(s, left, &c);

		if (c == '"' || c == '\\')
			strbuf_printf(b, "\\%c", (char)c);
		else if (c == UTF8_INVALID)
			strbuf_adds(b, "\\ufffd");
		else if (c < ' ' || (c < 0x10000 && !utf8_printable(c)) || c == 0x85 || c == 0xfeff)
			strbuf_printf(b, "\\u%04x", c);
		else
			strbuf_add(b, s, n);
		s += n;
		left -= n;
	}
	strbuf_addc(b, '"');
}

/* `, "KEY": `, without the comma where an object or list has just begun. */
static void put_key(struct strbuf *b, const char *key)
{
	if (b->len && b->s[b->len - 1] != '{')
		strbuf_adds(b, ", ");
	put_string(b, key);
	strbuf_adds(b, ": ");
}

static void put_comma(struct strbuf *b)
{
	if (b->len && b->s[b->len - 1] != '[')
		strbuf_adds(b, ", ");
}

static void put_text(struct strbuf *b, const char *key, const char *value)
{
	put_key(b, key);
	put_string(b, value);
}

static void put_word(struct strbuf *b, const char *key, const char *word)
{
	put_key(b, key);
	strbuf_adds(b, word);
}

static void put_uint(struct strbuf *b, const char *key, unsigned value)
{
	put_key(b, key);
	strbuf_printf(b, "%u", value);
}

static void put_mac(struct strbuf *b, const struct mac *mac)
{
	char text[MAC_TEXT_MAX];

	strbuf_printf(b, "\"%s\"", mac_text(mac, text));
}

static void put_addresses(struct strbuf *b, const struct iface *i)
{
	char text[PREFIX_TEXT_MAX];

	strbuf_addc(b, '[');
	for (size_t n = 0; n < i->addresses.n; n++) {
		put_comma(b);
		strbuf_printf(b, "\"%s\"", prefix_text(&i->addresses.items[n], text));
	}
	strbuf_addc(b, ']');
}

/* Ends a line of a section: a comma unless it is the last. */
static void put_line_end(struct strbuf *b, bool last)
{
	strbuf_adds(b, last ? "\n" : ",\n");
}

static void put_network(struct strbuf *b, const struct network *n)
{
	char text[PREFIX_TEXT_MAX];
	bool nat = false;

	strbuf_addc(b, '{');
	put_key(b, "subnet");
	strbuf_addc(b, '[');
	for (int f = 0; f < IP_FAMILIES; f++) {
		if (!n->subnet[f].prefix.ip.set)
			continue;
		put_comma(b);
		strbuf_printf(b, "\"%s\"", prefix_text(&n->subnet[f].prefix, text));
		nat |= n->subnet[f].nat;
	}
	strbuf_addc(b, ']');
	if (n->on_host) {
		put_key(b, "gateway");
		strbuf_addc(b, '[');
		for (int f = 0; f < IP_FAMILIES; f++) {
			if (!n->subnet[f].gateway.set)
				continue;
			put_comma(b);
			strbuf_printf(b, "\"%s\"", ip_text(&n->subnet[f].gateway, text));
		}
		strbuf_addc(b, ']');
		put_word(b, "nat", nat ? "true" : "false");
	}
	if (n->mtu_set)
		put_uint(b, "mtu", n->mtu);
	if (n->on_host)
		put_text(b, "device", n->device);
	strbuf_addc(b, '}');
}

/* An interface on a network: {"NETWORK": {…}}. */
static void put_port(struct strbuf *b, const struct model *m, const struct iface *i)
{
	strbuf_addc(b, '{');
	put_key(b, m->networks.items[i->index].name);
	strbuf_addc(b, '{');
	if (i->addresses.n) {
		put_key(b, "address");
		put_addresses(b, i);
	}
	put_text(b, "interface", i->name);
	put_key(b, "mac");
	put_mac(b, &i->mac);
	put_uint(b, "mtu", i->mtu);
	put_text(b, "port", i->port);
	strbuf_adds(b, "}}");
}

static void put_ports(struct strbuf *b, const struct model *m, const struct node *n)
{
	put_key(b, "networks");
	strbuf_addc(b, '[');
	for (size_t i = 0; i < n->ifaces.n; i++) {
		if (n->ifaces.items[i].attach != ATTACH_NETWORK)
			continue;
		put_comma(b);
		put_port(b, m, &n->ifaces.items[i]);
	}
	strbuf_addc(b, ']');
}

/* The routes that the file gave. */
static void put_routes(struct strbuf *b, const struct node *n)
{
	char to[PREFIX_TEXT_MAX], via[IP_TEXT_MAX];
	bool begun = false;

	for (size_t i = 0; i < n->routes.n; i++) {
		const struct route *r = &n->routes.items[i];

		for (uint32_t h = 0; r->reason == ROUTE_FILE && h < r->n_hops; h++) {
			if (!begun) {
				put_key(b, "routes");
				strbuf_addc(b, '[');
				begun = true;
			}
			put_comma(b);
			strbuf_printf(b, "{\"to\": \"%s\", \"via\": \"%s\"}",
			              r->to.len ? prefix_text(&r->to, to) : "default", ip_text(&r->hops[h].via, via));
		}
	}
	if (begun)
		strbuf_addc(b, ']');
}

static void put_sysctls(struct strbuf *b, const struct node *n)
{
	if (!n->sysctls.n)
		return;
	put_key(b, "sysctl");
	strbuf_addc(b, '{');
	for (size_t i = 0; i < n->sysctls.n; i++)
		put_text(b, n->sysctls.items[i].key, n->sysctls.items[i].value);
	strbuf_addc(b, '}');
}

static void put_published(struct strbuf *b, const struct node *n)
{
	if (!n->published.n)
		return;
	put_key(b, "publish");
	strbuf_addc(b, '[');
	for (size_t i = 0; i < n->published.n; i++) {
		char text[PUBLISH_TEXT_MAX];

		put_comma(b);
		put_string(b, publish_text(&n->published.items[i], text));
	}
	strbuf_addc(b, ']');
}

static void put_node(struct strbuf *b, const struct model *m, const struct node *n)
{
	strbuf_addc(b, '{');
	put_word(b, "router", n->router ? "true" : "false");
	if (n->routing != m->routing)
		put_text(b, "routing", n->routing ? "auto" : "none");
	put_ports(b, m, n);
	put_routes(b, n);
	put_sysctls(b, n);
	put_published(b, n);
	strbuf_addc(b, '}');
}

static const struct iface *end_iface(const struct model *m, const struct link_end *e)
{
	return &m->nodes.items[e->node].ifaces.items[e->iface];
}

static bool has_ipv6(const struct iface *i)
{
	for (size_t n = 0; n < i->addresses.n; n++) {
		if (i->addresses.items[n].ip.family == IP6)
			return true;
	}
	return false;
}

static void put_link(struct strbuf *b, const struct model *m, const struct link *l)
{
	const struct iface *end[2] = {end_iface(m, &l->end[0]), end_iface(m, &l->end[1])};
	bool link_local = false;

	strbuf_adds(b, "{\"endpoints\": [");
	for (int i = 0; i < 2; i++) {
		put_comma(b);
		strbuf_printf(b, "\"%s:%s\"", m->nodes.items[l->end[i].node].name, end[i]->name);
		/* One that follows from another IPv6 address need not be asked for. */
		link_local |= end[i]->link_local && !has_ipv6(end[i]);
	}
	strbuf_adds(b, "]");
	if (end[0]->addresses.n || end[1]->addresses.n) {
		put_key(b, "addresses");
		strbuf_addc(b, '[');
		put_addresses(b, end[0]);
		put_comma(b);
		put_addresses(b, end[1]);
		strbuf_addc(b, ']');
	}
	put_key(b, "mac");
	strbuf_addc(b, '[');
	put_mac(b, &end[0]->mac);
	put_comma(b);
	put_mac(b, &end[1]->mac);
	strbuf_addc(b, ']');
	put_uint(b, "mtu", end[0]->mtu);
	if (link_local)
		put_text(b, "ipv6", "link-local");
	strbuf_addc(b, '}');
}

/* `  "NAME": `, the beginning of a line. */
static void put_entry(struct strbuf *b, const char *name)
{
	strbuf_adds(b, "  ");
	put_string(b, name);
	strbuf_adds(b, ": ");
}

void topology_write(const struct model *m, struct strbuf *b)
{
	strbuf_adds(b, "{\n\"name\": ");
	put_string(b, m->name);
	strbuf_printf(b, ",\n\"routing\": \"%s\",\n", m->routing ? "auto" : "none");
	if (m->raise_limits)
		strbuf_adds(b, "\"limits\": \"raise\",\n");
	strbuf_adds(b, "\"networks\": {\n");
	for (size_t i = 0; i < m->networks.n; i++) {
		put_entry(b, m->networks.items[i].name);
		put_network(b, &m->networks.items[i]);
		put_line_end(b, i + 1 == m->networks.n);
	}
	strbuf_adds(b, "},\n\"nodes\": {\n");
	for (size_t i = 0; i < m->nodes.n; i++) {
		put_entry(b, m->nodes.items[i].name);
		put_node(b, m, &m->nodes.items[i]);
		put_line_end(b, i + 1 == m->nodes.n);
	}
	strbuf_adds(b, "},\n\"links\": [\n");
	for (size_t i = 0; i < m->links.n; i++) {
		strbuf_adds(b, "  ");
		put_link(b, m, &m->links.items[i]);
		put_line_end(b, i + 1 == m->links.n);
	}
	strbuf_adds(b, "]\n}\n");
}
