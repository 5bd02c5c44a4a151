/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

static void put_interface(json_t *o, const struct nsloom_interface *i)
{
	put_text(o, "name", i->name);
	put_text(o, "mac", i->mac);
	put_known(o, "mtu", i->mtu);
	put_texts(o, "addresses", i->addresses, i->n_addresses);
	put_text(o, "network", i->network);
	put_text(o, "port", i->port);
	put_text(o, "peer_node", i->peer_node);
	put_text(o, "peer_interface", i->peer_interface);
	put_known(o, "line", i->line);
}

static void put_routes(json_t *o, const char *key, const struct nsloom_route *routes, size_t n)
{
	json_t *array = put_array(o, key);

	for (size_t i = 0; i < n; i++) {
		const struct nsloom_route *r = &routes[i];
		json_t *route = add_object(array), *hops;

		put_text(route, "to", r->to);
		put_number(route, "family", r->family);
		hops = put_array(route, "hops");
		for (size_t h = 0; h < r->n_hops; h++) {
			json_t *hop = add_object(hops);

			put_text(hop, "via", r->hops[h].via);
			put_text(hop, "interface", r->hops[h].interface);
		}
		put_text(route, "reason", r->reason);
		put_known(route, "line", r->line);
	}
}

static void put_published(json_t *o, const struct nsloom_published *p)
{
	put_text(o, "host", p->host);
	put_text(o, "protocol", p->protocol);
	put_number(o, "port", p->port);
	put_number(o, "to", p->to);
	put_number(o, "count", p->count);
	put_text(o, "address", p->address);
	put_bool(o, "sees_client", p->sees_client);
	put_known(o, "line", p->line);
}

static void put_node(json_t *o, const struct nsloom_node *n)
{
	json_t *interfaces, *sysctls, *published;

	put_text(o, "name", n->name);
	put_text(o, "netns", n->netns);
	put_bool(o, "router", n->router);
	interfaces = put_array(o, "interfaces");
	for (size_t i = 0; i < n->n_interfaces; i++)
		put_interface(add_object(interfaces), &n->interfaces[i]);
	put_routes(o, "routes", n->routes, n->n_routes);
	sysctls = put_array(o, "sysctls");
	for (size_t i = 0; i < n->n_sysctls; i++) {
		json_t *sysctl = add_object(sysctls);

		put_text(sysctl, "key", n->sysctls[i].key);
		put_text(sysctl, "value", n->sysctls[i].value);
	}
	published = put_array(o, "published");
	for (size_t i = 0; i < n->n_published; i++)
		put_published(add_object(published), &n->published[i]);
	put_known(o, "line", n->line);
}

static void put_network(json_t *o, const struct nsloom_network *n)
{
	json_t *subnets, *bridges;

	put_text(o, "name", n->name);
	put_text(o, "device", n->device);
	put_bool(o, "on_host", n->on_host);
	put_known(o, "mtu", n->mtu);
	put_number(o, "ports", (long long)n->n_ports);
	subnets = put_array(o, "subnets");
	for (size_t i = 0; i < n->n_subnets; i++) {
		json_t *subnet = add_object(subnets);

		put_text(subnet, "prefix", n->subnets[i].prefix);
		put_number(subnet, "family", n->subnets[i].family);
		put_text(subnet, "gateway", n->subnets[i].gateway);
		put_bool(subnet, "nat", n->subnets[i].nat);
	}
	bridges = put_array(o, "bridges");
	for (size_t i = 0; i < n->n_bridges; i++) {
		json_t *bridge = add_object(bridges);

		put_text(bridge, "device", n->bridges[i].device);
		put_bool(bridge, "on_host", n->bridges[i].on_host);
		put_text(bridge, "netns", n->bridges[i].netns);
		put_number(bridge, "ports", (long long)n->bridges[i].n_ports);
	}
	put_known(o, "line", n->line);
}

static void put_link(json_t *o, const struct nsloom_link *l)
{
	json_t *ends = put_array(o, "ends");

	for (size_t i = 0; i < 2; i++) {
		json_t *end = add_object(ends);

		put_text(end, "node", l->end[i].node);
		put_text(end, "interface", l->end[i].interface);
		put_texts(end, "addresses", l->end[i].addresses, l->end[i].n_addresses);
	}
	put_known(o, "mtu", l->mtu);
	put_known(o, "line", l->line);
}

json_t *lab_json(const struct nsloom_lab *lab)
{
	json_t *document = json_object(), *array;

	put_text(document, "lab", lab->name);
	put_text(document, "file", lab->file);
	put_bool(document, "up", lab->up);
	array = put_array(document, "nodes");
	for (size_t i = 0; i < lab->n_nodes; i++)
		put_node(add_object(array), &lab->nodes[i]);
	array = put_array(document, "networks");
	for (size_t i = 0; i < lab->n_networks; i++)
		put_network(add_object(array), &lab->networks[i]);
	array = put_array(document, "links");
	for (size_t i = 0; i < lab->n_links; i++)
		put_link(add_object(array), &lab->links[i]);
	put_routes(document, "host_routes", lab->host_routes, lab->n_host_routes);
	return document;
}
