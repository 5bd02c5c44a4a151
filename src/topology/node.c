/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what stands in a node: its networks, routes and sysctls. */
#include "keys.h"

#include "text.h"

/* One network of a node: its name (a key or an item) and what stands behind it (may be NULL). */
static void read_port(struct reader *r, const struct value *name, const struct value *v, struct spec_node *n)
{
	const struct key *address = find_key(&port_keyset, "address");
	struct spec_port p = {.network = key_text(r, name)};

	if (v && v->kind == VALUE_MAP)
		read_keys(r, &port_keyset, v, &p);
	else if (v && v->kind != VALUE_NULL)
		read_addresses(r, address, v, &p.addresses);
	*vec_push(r->arena, &n->ports) = p;
}

void read_ports(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_node *n = field;

	if (v->kind != VALUE_MAP && v->kind != VALUE_LIST && v->kind != VALUE_NULL) {
		fault_type(r, k, v);
		r->gaps++;
		if (v->kind == VALUE_SCALAR)
			fault_hint(r->faults, "write \"networks: [%.80s]\"", v->text);
		return;
	}
	reserve(r->arena, &n->ports, v->n);
	for (const struct value *at = v->first; at; at = at->next) {
		if (at->kind == VALUE_SCALAR) {
			read_port(r, at, at->value, n);
		} else if (v->kind == VALUE_LIST && at->kind == VALUE_MAP && at->n == 1 &&
		           at->first->kind == VALUE_SCALAR) {
			read_port(r, at->first, at->first->value, n);
		} else if (v->kind == VALUE_LIST && at->kind == VALUE_MAP && at->n > 1) {
			fault_value(r, at, "an item of \"networks\" is one network, this has %zu keys", at->n);
			fault_hint(
				r->faults,
				"write \"- NETWORK: {KEY: VALUE, …}\"; in a block, indent the keys below the network");
			r->gaps++;
		} else {
			fault_item(r, k, "NETWORK or {NETWORK: ADDRESS}", at);
			r->gaps++;
		}
	}
}

void read_destination(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_route *route = field;
	struct key host = *k;
	struct ip ip;

	if (v->kind == VALUE_SCALAR && streq(v->text, "default")) {
		route->is_default = true;
		return;
	}
	if (v->kind == VALUE_SCALAR && ip_parse(v->text, &ip))
		host.form = ADDRESS_BARE;
	read_address(r, &host, v, &route->to);
}

/* Complains about what a route lacks. */
static bool is_whole_route(struct reader *r, const struct value *item, const struct spec_route *rt)
{
	bool to = rt->is_default || rt->to.value.ip.set;

	if (to && rt->via.value.ip.set)
		return true;
	fault_value(r, item, "a route needs \"%s\"", to ? "via" : "to");
	fault_hint(r->faults, "write {to: SUBNET, via: ADDRESS}");
	return false;
}

void read_routes(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_node *n = field;

	if (v->kind != VALUE_LIST && v->kind != VALUE_NULL) {
		fault_type(r, k, v);
		if (v->kind == VALUE_MAP)
			fault_hint(r->faults, "put the map into a list: [{to: …, via: …}]");
		return;
	}
	reserve(r->arena, &n->routes, v->n);
	for (const struct value *item = v->first; item; item = item->next) {
		struct spec_route rt = {.pos = reader_pos(r, item)};
		size_t gaps = r->gaps;

		if (item->kind != VALUE_MAP) {
			fault_item(r, k, "{to: SUBNET, via: ADDRESS}", item);
			continue;
		}
		if (read_keys(r, &route_keyset, item, &rt) || r->gaps > gaps)
			continue;
		if (is_whole_route(r, item, &rt))
			*vec_push(r->arena, &n->routes) = rt;
	}
}

void read_sysctls(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_node *n = field;

	if (v->kind != VALUE_MAP && v->kind != VALUE_NULL) {
		fault_type(r, k, v);
		return;
	}
	reserve(r->arena, &n->sysctls, v->n);
	for (const struct value *key = v->first; key; key = key->next) {
		struct key value = {.name = key->text, .expects = "a number or a text"};

		if (key->kind != VALUE_SCALAR)
			continue;
		if (key->value->kind != VALUE_SCALAR) {
			fault_type(r, &value, key->value);
			if (key->value->kind == VALUE_MAP)
				fault_hint(r->faults, "write the whole key in one: net.ipv4.ip_forward: 1");
			continue;
		}

		struct spec_sysctl *s = vec_push(r->arena, &n->sysctls);

		s->key = key_text(r, key);
		s->value = key_text(r, key->value);
	}
}
