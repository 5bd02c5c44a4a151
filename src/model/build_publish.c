/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building a model: `publish:`, the ports of the host that lead to a node.
 *
 * A node can be reached from the host by an address on a network whose gateway is on the
 * host. Which of them is taken is decided last, when routes are known.
 */
#include "build.h"

#include <stdio.h>
#include <string.h>

/* What a lab may publish in all: each is an entry of a map in the kernel. */
enum { PUBLISHED_MAX = UINT16_MAX };

struct publisher {
	struct build *b;
	struct map *taken; /* protocol, port and address (or just the family) → struct publish */
	size_t n;
};

/* "8080", "8000-8010" */
static int put_ports(char *buf, size_t size, unsigned first, unsigned count)
{
	return count == 1 ? snprintf(buf, size, "%u", first) : snprintf(buf, size, "%u-%u", first, first + count - 1);
}

static int put_host(const struct publish *p, char *buf)
{
	bool v6 = p->host.family == IP6;
	char ip[IP_TEXT_MAX];
	int n = snprintf(buf, PUBLISH_TEXT_MAX, "%s%s%s:", v6 ? "[" : "", ip_text(&p->host, ip), v6 ? "]" : "");

	return n + put_ports(buf + n, (size_t)(PUBLISH_TEXT_MAX - n), p->port, p->count);
}

const char *publish_text(const struct publish *p, char *buf)
{
	int n = put_host(p, buf);

	buf[n++] = ':';
	n += put_ports(buf + n, (size_t)(PUBLISH_TEXT_MAX - n), p->to, p->count);
	snprintf(buf + n, (size_t)(PUBLISH_TEXT_MAX - n), "%s", p->udp ? "/udp" : "");
	return buf;
}

const char *publish_host_text(const struct publish *p, char *buf)
{
	int n = put_host(p, buf);

	snprintf(buf + n, (size_t)(PUBLISH_TEXT_MAX - n), "/%s", p->udp ? "udp" : "tcp");
	return buf;
}

/* ---- where on the host ----------------------------------------------------------------------------- */

static bool has_reachable(const struct build *b, const struct node *n, enum ip_family f)
{
	for (size_t i = 0; i < n->ifaces.n; i++) {
		const struct iface *iface = &n->ifaces.items[i];

		if (iface->attach != ATTACH_NETWORK || !b->m->networks.items[iface->index].subnet[f].gateway.set)
			continue;
		for (size_t k = 0; k < iface->addresses.n; k++)
			if (iface->addresses.items[k].ip.family == f)
				return true;
	}
	return false;
}

static struct ip loopback(enum ip_family f)
{
	struct ip ip;

	ip_parse(f == IP6 ? "::1" : "127.0.0.1", &ip);
	return ip;
}

/* The network of the lab in whose subnet an address lies without being its gateway. */
static const struct network *inside(const struct build *b, const struct ip *ip)
{
	for (size_t i = 0; i < b->m->networks.n; i++) {
		const struct subnet *s = &b->m->networks.items[i].subnet[ip->family];

		if (s->prefix.ip.set && prefix_contains(&s->prefix, ip) && !ip_equal(&s->gateway, ip))
			return &b->m->networks.items[i];
	}
	return NULL;
}

static bool host_sound(struct build *b, const struct ip *host, struct nsl_pos pos)
{
	struct ip own = loopback((enum ip_family)host->family);
	const struct network *net = inside(b, host);
	char text[IP_TEXT_MAX];

	ip_text(host, text);
	if (ip_loopback(host) && !ip_equal(host, &own)) {
		fault(b->faults, pos, "nothing can be published on %s: of the loopback addresses only on 127.0.0.1",
		      text);
	} else if (ip_multicast(host) || (host->family == IP4 && host->b[0] == 255)) {
		fault(b->faults, pos, "%s is no address of a host", text);
	} else if (host->family == IP6 && ip_link_local(host)) {
		fault(b->faults, pos, "a link-local address does not say on which interface to publish");
	} else if (net) {
		fault(b->faults, pos, "%s belongs to network \"%s\", and is no address of the host's", text, net->name);
		fault_hint(b->faults, "an address of the host goes here, not one of the node's");
	} else {
		return true;
	}
	return false;
}

/* The address on the host: as written, else the loopback address of a family that the node has. */
static bool choose_host(struct build *b, const struct node *n, const struct spec_publish *s, struct ip *host)
{
	bool given = s->host.value.ip.set;
	enum ip_family f;

	*host = given ? s->host.value.ip : loopback(has_reachable(b, n, IP4) || !has_reachable(b, n, IP6) ? IP4 : IP6);
	f = (enum ip_family)host->family;
	if (given && !host_sound(b, host, s->host.pos))
		return false;
	if (has_reachable(b, n, f))
		return true;
	if (b->unsound || b->incomplete)
		return false;
	fault(b->faults, s->pos,
	      "node \"%s\" has no %s address on a network with a gateway on the host: its ports "
	      "cannot be reached from there",
	      n->name, ip_family_name(f));
	fault_hint(b->faults, "give one of its networks \"gateway: true\", or \"nat: true\"");
	return false;
}

/* ---- conflicts ------------------------------------------------------------------------------------- */

/* Takes a port; returns who has it already. */
static struct publish *claim(struct publisher *x, const struct publish *p, uint16_t port, bool family_only,
                             struct publish *value)
{
	struct {
		uint16_t port;
		uint8_t udp, family, only, b[16];
	} key;

	memset(&key, 0, sizeof(key));
	key.port = port;
	key.udp = p->udp;
	key.family = p->host.family;
	key.only = family_only;
	if (!family_only)
		memcpy(key.b, p->host.b, sizeof(key.b));
	return value ? map_put(x->taken, &key, sizeof(key), value) : map_get(x->taken, &key, sizeof(key));
}

/* Who has a port where this one would be: on the same address, or one of the two on all addresses. */
static const struct publish *claimed(struct publisher *x, struct publish *p, uint16_t port)
{
	struct publish all = *p, *other;

	memset(all.host.b, 0, sizeof(all.host.b));
	other = claim(x, &all, port, false, NULL);
	if (!other && ip_unspecified(&p->host))
		other = claim(x, p, port, true, NULL);
	return other ? other : claim(x, p, port, false, NULL);
}

static bool take_ports(struct publisher *x, struct publish *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		uint16_t port = (uint16_t)(p->port + i);
		const struct publish *other = claimed(x, p, port);

		if (other) {
			fault(x->b->faults, p->pos,
			      "port %u/%s of the host is published twice; the first time in line %u", port,
			      p->udp ? "udp" : "tcp", other->pos.line);
			return false;
		}
	}
	for (unsigned i = 0; i < p->count; i++) {
		claim(x, p, (uint16_t)(p->port + i), false, p);
		claim(x, p, (uint16_t)(p->port + i), true, p);
	}
	return true;
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static bool ranges_sound(struct publisher *x, const struct spec_publish *s)
{
	unsigned n = s->port.last - s->port.first + 1U, m = s->to.last - s->to.first + 1U;

	if (s->to.set && n != m) {
		fault(x->b->faults, s->pos, "%u %s of the host cannot lead to %u of the node", n,
		      n == 1 ? "port" : "ports", m);
		fault_hint(x->b->faults, "both ranges must have the same length");
		return false;
	}
	x->n += n;
	if (x->n <= PUBLISHED_MAX)
		return true;
	if (x->n - n <= PUBLISHED_MAX)
		fault(x->b->faults, s->pos, "the lab publishes more than %d ports", (int)PUBLISHED_MAX);
	return false;
}

static void add_publish(struct publisher *x, struct node *n, const struct spec_publish *s)
{
	struct publish p = {.pos = s->pos, .udp = s->udp.set && s->udp.value, .port = s->port.first};
	struct publish *kept;

	p.to = s->to.set ? s->to.first : s->port.first;
	p.count = (uint16_t)(s->port.last - s->port.first + 1);
	if (!choose_host(x->b, n, s, &p.host) || !ranges_sound(x, s))
		return;
	kept = vec_push(x->b->a, &n->published);
	*kept = p;
	take_ports(x, kept);
}

void build_publish(struct build *b)
{
	struct publisher x = {b, map_new(b->a), 0};

	for (size_t i = 0; i < b->m->nodes.n; i++) {
		const struct spec_node *s = &b->spec->nodes.items[i];

		if (s->published.n)
			vec_reserve(b->a, &b->m->nodes.items[i].published, s->published.n);
		for (size_t k = 0; k < s->published.n; k++)
			add_publish(&x, &b->m->nodes.items[i], &s->published.items[k]);
	}
}

/* Whether all of a node's default routes of a family lead to a gateway. */
static bool leads_to(const struct node *n, const struct ip *gateway)
{
	for (size_t i = 0; i < n->routes.n; i++) {
		const struct route *r = &n->routes.items[i];

		if (r->to.len == 0 && r->to.ip.family == gateway->family)
			return r->n_hops == 1 && ip_equal(&r->hops[0].via, gateway);
	}
	return false;
}

static void settle(const struct model *m, const struct node *n, struct publish *p)
{
	enum ip_family f = (enum ip_family)p->host.family;

	for (size_t i = 0; i < n->ifaces.n && !p->transparent; i++) {
		const struct iface *iface = &n->ifaces.items[i];
		const struct subnet *s =
			iface->attach == ATTACH_NETWORK ? &m->networks.items[iface->index].subnet[f] : NULL;

		for (size_t k = 0; s && s->gateway.set && k < iface->addresses.n; k++) {
			bool back = leads_to(n, &s->gateway);

			if (iface->addresses.items[k].ip.family != f || (p->address.set && !back))
				continue;
			p->address = iface->addresses.items[k].ip;
			p->network = iface->index;
			p->transparent = back;
			break;
		}
	}
}

void publish_settle(struct model *m)
{
	for (size_t i = 0; i < m->nodes.n; i++)
		for (size_t k = 0; k < m->nodes.items[i].published.n; k++)
			settle(m, &m->nodes.items[i], &m->nodes.items[i].published.items[k]);
}
