/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Published ports in a plan. They are part of the lab's table, which is
 * replaced as a whole (OP_RULES_SET): the operations made here only show what
 * that means, and are done already.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

/* ---- wanted ---------------------------------------------------------------------------------------- */

void publish_lower(struct state *s, const struct model *m)
{
	for (size_t i = 0; i < m->nodes.n; i++) {
		const struct node *n = &m->nodes.items[i];

		for (size_t k = 0; k < n->published.n; k++) {
			const struct publish *p = &n->published.items[k];
			const struct ip *gateway = &m->networks.items[p->network].subnet[p->host.family].gateway;

			*vec_push(s->arena, &s->rules.published) = (struct rule_publish){p, p, n->name, *gateway};
			s->rules.forward[p->host.family] |= !ip_loopback(&p->host);
		}
	}
}

/* One port of those wanted, and to which entry of the file it belongs. */
struct wish {
	struct published_port port; /* first: sorted by it */
	size_t of;
};
typedef VEC(struct wish) wishes;

static int by_port(const void *a, const void *b)
{
	return published_cmp(a, b);
}

static void list_wishes(const struct diff *d, wishes *out)
{
	size_t n = d->want ? d->want->rules.published.n : 0;

	for (size_t i = 0; i < n; i++) {
		const struct publish *p = d->want->rules.published.items[i].publish;

		for (unsigned k = 0; k < p->count; k++)
			*vec_push(d->arena, out) = (struct wish){
				{p->host, p->udp, (uint16_t)(p->port + k), (uint16_t)(p->to + k), p->address, NULL}, i};
	}
	if (out->n)
		qsort(out->items, out->n, sizeof(*out->items), by_port);
}

static const struct published_port *find_found(const struct state *have, const struct published_port *p)
{
	const published_ports *all = &have->published;

	return all->n ? bsearch(p, all->items, all->n, sizeof(*all->items), by_port) : NULL;
}

/* ---- what changes ---------------------------------------------------------------------------------- */

static bool leads_alike(const struct published_port *a, const struct published_port *b)
{
	return a->to == b->to && ip_equal(&a->address, &b->address);
}

/* Ports in a row that were found, as one entry. */
static struct publish *row_of(struct diff *d, const struct published_port *p, size_t n)
{
	struct publish *row = arena_new_of(d->arena, struct publish);

	*row = (struct publish){.host = p->host,
	                        .udp = p->udp,
	                        .port = p->port,
	                        .to = p->to,
	                        .count = (uint16_t)n,
	                        .address = p->address};
	return row;
}

static bool continues(const struct published_port *p, const struct published_port *next)
{
	return ip_equal(&p->host, &next->host) && p->udp == next->udp && next->port == p->port + 1 &&
	       next->to == p->to + 1 && ip_equal(&p->address, &next->address);
}

static bool is_wished(const wishes *w, const struct published_port *p)
{
	return w->n && bsearch(p, w->items, w->n, sizeof(*w->items), by_port);
}

void diff_publish_remove(struct diff *d)
{
	const published_ports *found = &d->have->published;
	wishes w = {0};

	list_wishes(d, &w);
	for (size_t i = 0, n; i < found->n; i += n) {
		const struct published_port *p = &found->items[i];

		n = 1;
		if (is_wished(&w, p))
			continue;
		while (i + n < found->n && continues(&p[n - 1], &p[n]) && !is_wished(&w, &p[n]))
			n++;

		struct op *op = diff_op(d, OP_PUBLISH_DEL, ACTION_REMOVE, HOST_SPACE, (struct nsl_pos){0});

		op->published = row_of(d, p, n);
		op->done = true;
	}
}

void diff_publish_create(struct diff *d)
{
	for (size_t i = 0; i < d->want->rules.published.n; i++) {
		const struct rule_publish *rp = &d->want->rules.published.items[i];
		const struct publish *p = rp->publish;
		const struct published_port *other = NULL; /* one that leads elsewhere */
		size_t same = 0, changed = 0;
		struct op *op;

		for (unsigned k = 0; k < p->count; k++) {
			struct published_port port = {
				p->host, p->udp, (uint16_t)(p->port + k), (uint16_t)(p->to + k), p->address, NULL};
			const struct published_port *was = find_found(d->have, &port);

			same += was && leads_alike(was, &port);
			changed += was && !leads_alike(was, &port);
			if (was && !other && !leads_alike(was, &port))
				other = was;
		}
		if (same == p->count)
			continue;
		op = diff_op(d, OP_PUBLISH_SET, same + changed ? ACTION_CHANGE : ACTION_CREATE, HOST_SPACE, p->pos);
		op->publish = rp;
		op->published = other ? row_of(d, other, 1) : NULL;
		op->done = true;
	}
}

/* ---- who else has the port ------------------------------------------------------------------------- */

/* Whether two addresses of the host are one, or one of them stands for all. */
static bool same_host(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && (ip_unspecified(a) || ip_unspecified(b) || ip_equal(a, b));
}

static bool covers(const struct publish *p, bool udp, uint16_t port)
{
	return p->udp == udp && port >= p->port && port - p->port < p->count;
}

/* Whether the lab has published the port before: then nobody is in the way. */
static bool stands(const struct diff *d, const struct publish *p, uint16_t port)
{
	return find_found(d->have, &(struct published_port){.host = p->host, .udp = p->udp, .port = port}) != NULL;
}

static void check_labs(struct diff *d, const struct publish *p)
{
	for (size_t i = 0; i < d->have->published_elsewhere.n; i++) {
		const struct published_port *other = &d->have->published_elsewhere.items[i];
		char ip[IP_TEXT_MAX];

		if (!covers(p, other->udp, other->port) || !same_host(&p->host, &other->host) ||
		    stands(d, p, other->port))
			continue;
		diff_obstacle(d, p->pos, "port %u/%s of the host is published by lab \"%s\", on %s", other->port,
		              p->udp ? "udp" : "tcp", other->lab,
		              ip_unspecified(&other->host) ? "all addresses" : ip_text(&other->host, ip));
		error_hint(&d->last_obstacle, "choose another port, or take that lab down");
		return;
	}
}

/* A socket on :: hears IPv4 too, most of the time. */
static bool hears(const struct listener *l, const struct ip *host)
{
	return (ip_unspecified(&l->ip) && l->ip.family == IP6) || same_host(&l->ip, host);
}

static void check_listeners(struct diff *d, const struct publish *p)
{
	for (size_t i = 0; i < d->have->listeners.n; i++) {
		const struct listener *l = &d->have->listeners.items[i];
		char ip[IP_TEXT_MAX];

		if (!covers(p, l->udp, l->port) || !hears(l, &p->host) || stands(d, p, l->port))
			continue;
		diff_warn(d,
		          "line %u: a program of the host listens on port %u/%s (%s): it will not be heard while the "
		          "lab has the port",
		          p->pos.line, l->port, p->udp ? "udp" : "tcp",
		          ip_unspecified(&l->ip) ? "all addresses" : ip_text(&l->ip, ip));
		return;
	}
}

void diff_publish_conflicts(struct diff *d)
{
	for (size_t i = 0; i < d->want->rules.published.n; i++) {
		check_labs(d, d->want->rules.published.items[i].publish);
		check_listeners(d, d->want->rules.published.items[i].publish);
	}
}
