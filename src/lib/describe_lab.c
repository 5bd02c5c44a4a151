/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A model, as its readers outside see it: everything as text. */
#include <string.h>

#include "api.h"
#include "text.h"

struct describer {
	struct arena *a;
	const struct model *m;
	struct nsloom_lab *out;
};

static const char *copy(struct describer *d, const char *s)
{
	return s ? arena_strdup(d->a, s) : NULL;
}

static const char *ip_word(struct describer *d, const struct ip *ip)
{
	char buf[IP_TEXT_MAX];

	return ip->set ? arena_strdup(d->a, ip_text(ip, buf)) : NULL;
}

static const char *prefix_word(struct describer *d, const struct ip_prefix *p)
{
	char buf[PREFIX_TEXT_MAX];

	return arena_strdup(d->a, prefix_text(p, buf));
}

static const char **addresses(struct describer *d, const struct iface *i, size_t *n)
{
	const char **list = arena_array(d->a, i->addresses.n, const char *);

	*n = i->addresses.n;
	for (size_t k = 0; k < *n; k++)
		list[k] = prefix_word(d, &i->addresses.items[k]);
	return list;
}

/* ---- interfaces ------------------------------------------------------------------------------------ */

static void describe_interface(struct describer *d, const struct iface *i, struct nsloom_interface *out)
{
	char mac[MAC_TEXT_MAX];

	*out = (struct nsloom_interface){
		.name = copy(d, i->name),
		.mac = copy(d, mac_text(&i->mac, mac)),
		.mtu = i->mtu,
		.line = i->pos.line,
	};
	out->addresses = addresses(d, i, &out->n_addresses);
	if (i->attach == ATTACH_NETWORK) {
		out->network = copy(d, d->m->networks.items[i->index].name);
		out->port = copy(d, i->port);
	} else {
		const struct link_end *peer = &d->m->links.items[i->index].end[!i->end];
		const struct node *node = &d->m->nodes.items[peer->node];

		out->peer_node = copy(d, node->name);
		out->peer_interface = copy(d, node->ifaces.items[peer->iface].name);
	}
}

/* ---- routes ---------------------------------------------------------------------------------------- */

static const char *const reasons[] = {[ROUTE_FILE] = "file", [ROUTE_LAB] = "lab", [ROUTE_DEFAULT] = "default"};
_Static_assert(sizeof(reasons) / sizeof(reasons[0]) == ROUTE_REASON_COUNT, "every reason has a word");

static void describe_route(struct describer *d, const struct node *n, const struct route *r, struct nsloom_route *out)
{
	*out = (struct nsloom_route){
		.to = r->to.len ? prefix_word(d, &r->to) : "default",
		.family = r->to.ip.family == IP6 ? 6 : 4,
		.n_hops = r->n_hops,
		.hops = arena_array(d->a, r->n_hops, struct nsloom_hop),
		.reason = reasons[r->reason],
		.line = r->pos.line,
	};
	for (uint32_t i = 0; i < r->n_hops; i++)
		out->hops[i] = (struct nsloom_hop){
			.via = ip_word(d, &r->hops[i].via),
			.interface = copy(d, n ? n->ifaces.items[r->hops[i].iface].name
		                               : d->m->networks.items[r->hops[i].iface].device),
		};
}

/* The routes that the kernel makes itself, one for each address. */
static size_t describe_connected(struct describer *d, const struct node *n, struct nsloom_route *out)
{
	size_t count = 0;

	for (size_t i = 0; i < n->ifaces.n; i++) {
		const struct iface *iface = &n->ifaces.items[i];

		for (size_t k = 0; k < iface->addresses.n; k++) {
			struct ip_prefix subnet = prefix_subnet(&iface->addresses.items[k]);
			struct nsloom_route *r = &out[count++];

			*r = (struct nsloom_route){
				.to = prefix_word(d, &subnet),
				.family = subnet.ip.family == IP6 ? 6 : 4,
				.n_hops = 1,
				.hops = arena_new_of(d->a, struct nsloom_hop),
				.reason = "connected",
				.line = iface->pos.line,
			};
			r->hops[0].interface = copy(d, iface->name);
		}
	}
	return count;
}

static size_t count_addresses(const struct node *n)
{
	size_t count = 0;

	for (size_t i = 0; i < n->ifaces.n; i++)
		count += n->ifaces.items[i].addresses.n;
	return count;
}

/* ---- published ports ------------------------------------------------------------------------------- */

static void describe_published(struct describer *d, const struct node *n, struct nsloom_node *out)
{
	out->n_published = n->published.n;
	out->published = arena_array(d->a, n->published.n, struct nsloom_published);
	for (size_t i = 0; i < n->published.n; i++) {
		const struct publish *p = &n->published.items[i];

		out->published[i] = (struct nsloom_published){
			.host = ip_word(d, &p->host),
			.protocol = p->udp ? "udp" : "tcp",
			.port = p->port,
			.to = p->to,
			.count = p->count,
			.address = ip_word(d, &p->address),
			.sees_client = p->transparent && !ip_loopback(&p->host),
			.line = p->pos.line,
		};
	}
}

/* ---- nodes, networks, links ------------------------------------------------------------------------ */

static void describe_node(struct describer *d, const struct node *n, struct nsloom_node *out)
{
	*out = (struct nsloom_node){
		.name = copy(d, n->name),
		.netns = arena_printf(d->a, "%s.%s", d->m->name, n->name),
		.router = n->router,
		.n_interfaces = n->ifaces.n,
		.interfaces = arena_array(d->a, n->ifaces.n, struct nsloom_interface),
		.routes = arena_array(d->a, n->routes.n + count_addresses(n), struct nsloom_route),
		.n_sysctls = n->sysctls.n,
		.sysctls = arena_array(d->a, n->sysctls.n, struct nsloom_sysctl),
		.line = n->pos.line,
	};
	for (size_t i = 0; i < n->ifaces.n; i++)
		describe_interface(d, &n->ifaces.items[i], &out->interfaces[i]);
	describe_published(d, n, out);
	out->n_routes = describe_connected(d, n, out->routes);
	for (size_t i = 0; i < n->routes.n; i++)
		describe_route(d, n, &n->routes.items[i], &out->routes[out->n_routes++]);
	for (size_t i = 0; i < n->sysctls.n; i++)
		out->sysctls[i] =
			(struct nsloom_sysctl){copy(d, n->sysctls.items[i].key), copy(d, n->sysctls.items[i].value)};
}

static void describe_network(struct describer *d, const struct network *n, struct nsloom_network *out)
{
	*out = (struct nsloom_network){
		.name = copy(d, n->name),
		.device = copy(d, n->device),
		.on_host = n->on_host,
		.mtu = n->mtu,
		.subnets = arena_array(d->a, IP_FAMILIES, struct nsloom_subnet),
		.n_ports = n->ports.n,
		.line = n->pos.line,
	};
	for (int f = 0; f < IP_FAMILIES; f++) {
		const struct subnet *s = &n->subnet[f];

		if (s->prefix.ip.set)
			out->subnets[out->n_subnets++] = (struct nsloom_subnet){
				f == IP6 ? 6 : 4, prefix_word(d, &s->prefix), ip_word(d, &s->gateway), s->nat};
	}
}

static void describe_link(struct describer *d, const struct link *l, struct nsloom_link *out)
{
	*out = (struct nsloom_link){.line = l->pos.line};
	for (int e = 0; e < 2; e++) {
		const struct node *n = &d->m->nodes.items[l->end[e].node];
		const struct iface *i = &n->ifaces.items[l->end[e].iface];

		out->end[e].node = copy(d, n->name);
		out->end[e].interface = copy(d, i->name);
		out->end[e].addresses = addresses(d, i, &out->end[e].n_addresses);
		out->mtu = i->mtu;
	}
}

static void describe_all(struct describer *d)
{
	const struct model *m = d->m;
	struct nsloom_lab *out = d->out;

	out->name = copy(d, m->name);
	out->n_nodes = m->nodes.n;
	out->nodes = arena_array(d->a, m->nodes.n, struct nsloom_node);
	for (size_t i = 0; i < m->nodes.n; i++)
		describe_node(d, &m->nodes.items[i], &out->nodes[i]);
	out->n_networks = m->networks.n;
	out->networks = arena_array(d->a, m->networks.n, struct nsloom_network);
	for (size_t i = 0; i < m->networks.n; i++)
		describe_network(d, &m->networks.items[i], &out->networks[i]);
	out->n_links = m->links.n;
	out->links = arena_array(d->a, m->links.n, struct nsloom_link);
	for (size_t i = 0; i < m->links.n; i++)
		describe_link(d, &m->links.items[i], &out->links[i]);
	out->n_host_routes = m->host_routes.n;
	out->host_routes = arena_array(d->a, m->host_routes.n, struct nsloom_route);
	for (size_t i = 0; i < m->host_routes.n; i++)
		describe_route(d, NULL, &m->host_routes.items[i], &out->host_routes[i]);
}

int describe_lab(struct nsloom *ns, const struct model *m, const char *file, bool up, bool as_it_stands,
                 struct nsloom_lab **out, struct nsl_error **err)
{
	struct arena *a = arena_new();
	struct describer d = {.a = a, .m = m};
	struct lab_box *box;

	if (!a || arena_exhausted(a)) {
		arena_free(a);
		return error_oom(err);
	}
	box = arena_new_of(a, struct lab_box);
	box->arena = a;
	d.out = &box->lab;
	describe_all(&d);
	box->lab.file = file && *file ? arena_strdup(a, file) : NULL;
	box->lab.up = up;
	arena_settle(a);
	describe_bridges(ns, a, m, as_it_stands, &box->lab);
	*out = &box->lab;
	return 0;
}

void nsloom_lab_free(struct nsloom_lab *lab)
{
	if (lab)
		arena_free(((struct lab_box *)lab)->arena);
}
