/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way out of a stand-in host in a plan: a program that labs with nat or published ports need, and that they share. It
 * is started with the ports of all of them, and anew when these change. A lab
 * is woven also where there can be none: that is a warning.
 */
#include "diff.h"

#include <string.h>

#include "text.h"

/* ---- ports ----------------------------------------------------------------------------------------- */

static bool published_by_others(const struct diff *d, const struct port_range *r)
{
	for (size_t i = 0; i < d->have->published_elsewhere.n; i++) {
		const struct published_port *p = &d->have->published_elsewhere.items[i];

		if (p->udp == r->udp && p->port >= r->first && p->port <= r->last &&
		    ip_loopback(&p->host) == ip_loopback(&r->host) && p->host.family == r->host.family)
			return true;
	}
	return false;
}

/* Of what is led in now, the single ports that other labs publish stay; and what this one wants is added. */
static void wanted_ports(const struct diff *d, port_ranges *out)
{
	const struct way_out *w = &d->have->way_out;

	for (size_t i = 0; i < w->ports.n; i++)
		for (unsigned port = w->ports.items[i].first; port <= w->ports.items[i].last; port++) {
			struct port_range one = w->ports.items[i];

			one.first = one.last = (uint16_t)port;
			if (published_by_others(d, &one))
				*vec_push(d->arena, out) = one;
		}
	for (size_t i = 0; d->want && i < d->want->rules.published.n; i++) {
		const struct publish *p = d->want->rules.published.items[i].asked;

		*vec_push(d->arena, out) =
			(struct port_range){p->host, p->udp, p->port, (uint16_t)(p->port + p->count - 1)};
	}
	out->n = ports_tidy(out->items, out->n);
}

/* ---- what it is for -------------------------------------------------------------------------------- */

static const struct rule_network *nat_network(const struct diff *d)
{
	return d->want ? rules_nat_network(&d->want->rules) : NULL;
}

static struct nsl_pos asked_by(const struct diff *d)
{
	const struct rule_network *n = nat_network(d);

	return n ? n->pos : d->want->rules.published.items[0].asked->pos;
}

static void warn(struct diff *d, bool nat, bool ports, const char *why)
{
	diff_warn(d, "line %u: there is no way %s the stand-in host%s%s: %s", asked_by(d).line,
	          nat && ports ? "out of and into"
	          : nat        ? "out of"
	                       : "into",
	          nat ? " for the network's nodes" : "", ports ? " for published ports" : "", why);
}

static struct op *add_op(struct diff *d, enum op_kind kind, enum action action, struct nsl_pos pos,
                         const port_ranges *ports)
{
	struct op *op = diff_op(d, kind, action, HOST_SPACE, pos);

	op->ports = arena_new_of(d->arena, port_ranges);
	*op->ports = *ports;
	return op;
}

/* ---- the plan -------------------------------------------------------------------------------------- */

void diff_way_out_remove(struct diff *d)
{
	const struct way_out *w = &d->have->way_out;
	port_ranges none = {0};

	if (w->standin && w->runs && !nat_network(d) && !(d->want && d->want->rules.published.n) && !w->shared)
		add_op(d, OP_WAY_OUT_DEL, ACTION_REMOVE, (struct nsl_pos){0}, &none);
	else if (w->standin && w->runs && !d->want) { /* a lab goes, others stay: its ports go */
		wanted_ports(d, &none);
		if (w->takes_ports && !ports_same(none.items, none.n, w->ports.items, w->ports.n))
			add_op(d, OP_WAY_OUT_SET, ACTION_CHANGE, (struct nsl_pos){0}, &none);
	}
}

void diff_way_out_create(struct diff *d)
{
	const struct way_out *w = &d->have->way_out;
	bool nat = nat_network(d) != NULL, publishes = d->want->rules.published.n > 0;
	port_ranges ports = {0};

	if (!w->standin || (!nat && !publishes && !w->runs))
		return;
	wanted_ports(d, &ports);
	if (publishes && (w->runs || w->can) && !w->takes_ports)
		warn(d, false, true, "it takes pasta: sudo apt install passt");
	if (w->runs) {
		if (w->takes_ports && w->can && !ports_same(ports.items, ports.n, w->ports.items, w->ports.n) &&
		    (nat || publishes || w->shared))
			add_op(d, OP_WAY_OUT_SET, ACTION_CHANGE, publishes ? asked_by(d) : (struct nsl_pos){0}, &ports);
		return;
	}
	if (w->can)
		add_op(d, OP_WAY_OUT_SET, ACTION_CREATE, asked_by(d), &ports);
	else if (*w->lacks)
		warn(d, nat, publishes, w->lacks);
}

/* ---- what is in the way ---------------------------------------------------------------------------- */

static bool led_in_already(const struct diff *d, const struct publish *p, uint16_t port)
{
	const port_ranges *have = &d->have->way_out.ports;

	return ports_have(have->items, have->n, &p->host, p->udp, port);
}

static bool hears(const struct listener *l, const struct ip *host)
{
	bool all = ip_unspecified(&l->ip) || ip_unspecified(host);

	return (ip_unspecified(&l->ip) && l->ip.family == IP6) ||
	       (l->ip.family == host->family && (all || ip_equal(&l->ip, host)));
}

static void check_taken(struct diff *d, const struct publish *p)
{
	for (size_t i = 0; i < d->have->machine_listeners.n; i++) {
		const struct listener *l = &d->have->machine_listeners.items[i];
		char ip[IP_TEXT_MAX];

		if (l->udp != p->udp || l->port < p->port || l->port - p->port >= p->count || !hears(l, &p->host) ||
		    led_in_already(d, p, l->port))
			continue;
		diff_obstacle(d, p->pos,
		              "a program of the machine listens on port %u/%s (%s): without root it cannot be "
		              "published",
		              l->port, p->udp ? "udp" : "tcp",
		              ip_unspecified(&l->ip) ? "all addresses" : ip_text(&l->ip, ip));
		error_hint(&d->last_obstacle, "choose another port, or end the program");
		return;
	}
}

static void check_low(struct diff *d, const struct publish *p)
{
	unsigned start = d->have->way_out.port_start;

	if (p->port >= start)
		return;
	diff_obstacle(d, p->pos, "port %u of the machine is for root: others may have those from %u on", p->port,
	              start);
	error_hint(&d->last_obstacle, "publish another one; or: sudo sysctl -w net.ipv4.ip_unprivileged_port_start=%u",
	           p->port);
}

static bool all_addresses(const struct ip *a, const struct ip *b)
{
	return ip_unspecified(a) && ip_unspecified(b);
}

static bool meet(const struct publish *p, bool udp, unsigned first, unsigned last)
{
	return p->udp == udp && first < (unsigned)p->port + p->count && p->port <= last;
}

/*
 * pasta leads a port in from one address, or from all; and what it leads in from an address that is not loopback's has lost which one
 * that was.
 */
static bool told_apart(const struct ip *a, const struct ip *b)
{
	return ip_equal(a, b) || all_addresses(a, b); /* the same is a conflict that is told elsewhere */
}

static void check_addresses(struct diff *d, size_t i)
{
	const struct publish *p = d->want->rules.published.items[i].asked;
	const port_ranges *led = &d->have->way_out.ports;
	char ip[IP_TEXT_MAX];

	for (size_t k = 0; k < i; k++) {
		const struct publish *other = d->want->rules.published.items[k].asked;

		if (!meet(p, other->udp, other->port, other->port + other->count - 1U) ||
		    told_apart(&p->host, &other->host))
			continue;
		diff_obstacle(d, p->pos,
		              "line %u publishes port %u too, on %s: without root a port leads in from one address, or "
		              "from all",
		              other->pos.line, p->port > other->port ? p->port : other->port,
		              ip_text(&other->host, ip));
		return;
	}
	for (size_t k = 0; k < led->n; k++) {
		const struct port_range *r = &led->items[k];

		if (!meet(p, r->udp, r->first, r->last) || told_apart(&p->host, &r->host) || !published_by_others(d, r))
			continue;
		diff_obstacle(d, p->pos,
		              "another lab publishes port %u too, on %s: without root a port leads in from one "
		              "address, or from all",
		              p->port > r->first ? p->port : r->first, ip_text(&r->host, ip));
		return;
	}
}

void diff_way_out_conflicts(struct diff *d)
{
	const struct way_out *w = &d->have->way_out;

	for (size_t i = 0; w->takes_ports && i < d->want->rules.published.n; i++) {
		check_addresses(d, i);
		check_low(d, d->want->rules.published.items[i].asked);
		check_taken(d, d->want->rules.published.items[i].asked);
	}
}

/* On a stand-in host the machine's addresses are not there. */
void publish_on_standin(struct state *want)
{
	for (size_t i = 0; i < want->rules.published.n; i++) {
		struct rule_publish *rp = &want->rules.published.items[i];
		struct publish *all = arena_new_of(want->arena, struct publish);

		*all = *rp->publish;
		if (ip_loopback(&all->host))
			continue;
		memset(all->host.b, 0, sizeof(all->host.b));
		rp->publish = all;
	}
}

const char *way_out_words(struct arena *a, const port_ranges *ports)
{
	size_t n = 0;

	for (size_t i = 0; i < ports->n; i++)
		n += ports->items[i].last - ports->items[i].first + 1U;
	return n == 0 ? "no ports led in" : arena_printf(a, "%zu port%s led in", n, n == 1 ? "" : "s");
}
