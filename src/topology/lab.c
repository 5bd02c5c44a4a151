/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a tree of values to a spec: the tables of the keys that each map of a
 * topology takes, and the readers of those values that are more than one word.
 *
 * A faulty value is left unset, and reading goes on. At the end everything is
 * taken out of the spec whose checks would only repeat a fault in other words:
 * where a subnet or gateway of a network could not be read, the others with
 * the addresses on it; where any address could not, all routes, since nobody
 * can tell which addresses they could reach.
 */
#include "keys.h"

#include "fd.h"
#include "model.h"

static const struct word routing_words[] = {{"none", false}, {"auto", true}, {NULL, false}};
static const struct word limits_words[] = {{"warn", false}, {"raise", true}, {NULL, false}};
static const struct word protocol_words[] = {{"tcp", false}, {"udp", true}, {NULL, false}};
static const struct word link_local_words[] = {{"link-local", true}, {NULL, false}};

#define A_NAME "a name"
#define A_BOOL "true or false"
#define AN_MTU "a number from 68 to 65535"
#define A_MAC "a MAC such as 02:00:00:00:00:01"
#define AN_ADDRESS "an address such as 10.0.0.1 or fd00::1"
#define A_SUBNET "a subnet such as 10.0.0.0/24 or fd00::/64"
#define A_PORT "a port such as 8080, or a range such as 8000-8010"
#define MTU .expects = AN_MTU, .min = 68, .max = MTU_MAX
#define ROUTING .expects = "\"none\" or \"auto\"", .words = routing_words

static read_fn read_networks, read_nodes;
static read_fn read_gateway;

#define AT(type, member) .offset = offsetof(struct type, member)
#define KEYSET(id, what_) \
	const struct keyset id##_keyset = {.name = #id, .what = what_, .keys = id##_keys, .n = ARRAY_SIZE(id##_keys)}

static const struct key lab_keys[] = {
	{"name", read_text, AT(spec, name), .expects = A_NAME},
	{"networks", read_networks, .expects = "a map of networks by name"},
	{"nodes", read_nodes, .expects = "a map of nodes by name"},
	{"links", read_links, .expects = "a list of links such as [ENDPOINT, ENDPOINT]"},
	{"routing", read_choice, AT(spec, routing), ROUTING},
	{"limits", read_choice, AT(spec, limits), .expects = "\"warn\" or \"raise\"", .words = limits_words},
};
KEYSET(lab, "a topology");

static const struct key network_keys[] = {
	{"subnet", read_addresses, AT(spec_network, subnets), .expects = A_SUBNET, .form = ADDRESS_SUBNET},
	{"gateway", read_gateway, .expects = "an address without prefix length, a list of these, true or false",
         .form = ADDRESS_BARE},
	{"nat", read_bool, AT(spec_network, nat), .expects = A_BOOL},
	{"mtu", read_uint, AT(spec_network, mtu), MTU},
	{"device", read_text, AT(spec_network, device), .expects = "the name of the bridge"},
};
KEYSET(network, "a network");

static const struct key node_keys[] = {
	{"networks", read_ports, .expects = "a list of networks, or a map from network to address"},
	{"router", read_bool, AT(spec_node, router), .expects = A_BOOL},
	{"routing", read_choice, AT(spec_node, routing), ROUTING},
	{"routes", read_routes, .expects = "a list of {to: SUBNET, via: ADDRESS}"},
	{"publish", read_publish, .expects = "a list such as [8080:80, \"127.0.0.1:53:53/udp\"]"},
	{"sysctl", read_sysctls, .expects = "a map such as {net.ipv4.ip_forward: 1}"},
};
KEYSET(node, "a node");

static const struct key port_keys[] = {
	{"address", read_addresses, AT(spec_port, addresses), .expects = AN_ADDRESS, .form = ADDRESS_EITHER},
	{"addresses", read_addresses, AT(spec_port, addresses), .expects = AN_ADDRESS, .form = ADDRESS_EITHER,
         .same_as = "address"},
	{"interface", read_text, AT(spec_port, interface), .expects = "the name of an interface"},
	{"mac", read_mac, AT(spec_port, mac), .expects = A_MAC},
	{"mtu", read_uint, AT(spec_port, mtu), MTU},
	{"port", read_text, AT(spec_port, port), .expects = "the name of the bridge-side end"},
};
KEYSET(port, "a node's network");

static const struct key route_keys[] = {
	{"to", read_destination, .expects = "a subnet such as 10.0.0.0/24, an address, or \"default\"",
         .form = ADDRESS_SUBNET},
	{"via", read_address, AT(spec_route, via), .expects = "an address without prefix length", .form = ADDRESS_BARE},
};
KEYSET(route, "a route");

static const struct key publish_keys[] = {
	{"host", read_address, AT(spec_publish, host), .expects = "an address of the host", .form = ADDRESS_BARE},
	{"port", read_port_range, AT(spec_publish, port), .expects = A_PORT},
	{"to", read_port_range, AT(spec_publish, to), .expects = A_PORT},
	{"protocol", read_choice, AT(spec_publish, udp), .expects = "\"tcp\" or \"udp\"", .words = protocol_words},
};
KEYSET(publish, "a published port");

static const struct key link_keys[] = {
	{"endpoints", read_endpoints, .expects = "a list of two endpoints"},
	{"subnet", read_addresses, AT(spec_link, subnets), .expects = A_SUBNET, .form = ADDRESS_SUBNET},
	{"addresses", read_link_addresses, .expects = "a list of two, an item for each endpoint", .form = ADDRESS_LEN},
	{"mac", read_link_macs, .expects = "a list of two, an item for each endpoint"},
	{"mtu", read_uint, AT(spec_link, mtu), MTU},
	{"ipv6", read_link_local, .expects = "\"link-local\"", .words = link_local_words},
};
KEYSET(link, "a link");

const struct keyset *const topology_keysets[] = {&lab_keyset,   &network_keyset, &node_keyset, &port_keyset,
                                                 &route_keyset, &publish_keyset, &link_keyset, NULL};

/* ---- networks ---- */

static void read_networks(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec *spec = field;

	if (!is_name_map(r, k, v))
		return;
	reserve(r->arena, &spec->networks, v->n);
	for (const struct value *key = v->first; key; key = key->next) {
		size_t gaps = r->gaps;

		if (key->kind != VALUE_SCALAR) {
			r->lost++;
			continue;
		}

		struct spec_network *n = vec_push(r->arena, &spec->networks);

		n->name = key_text(r, key);
		if (is_key_map(r, &network_keyset, key->text, key->value))
			read_keys(r, &network_keyset, key->value, n);
		else if (key->value->kind != VALUE_NULL)
			r->gaps++;
		if (r->gaps > gaps)
			map_puts(r->bad_networks, key->text, n);
	}
}

static void read_gateway(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_network *n = field;
	bool first;

	if (value_is_bool(v, &first))
		n->gateway_first = (struct spec_bool){.set = true, .value = first, .pos = reader_pos(r, v)};
	else
		read_addresses(r, k, v, &n->gateways);
}

/* ---- nodes ---- */

static void read_nodes(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec *spec = field;

	if (!is_name_map(r, k, v))
		return;
	reserve(r->arena, &spec->nodes, v->n);
	for (const struct value *key = v->first; key; key = key->next) {
		if (key->kind != VALUE_SCALAR) {
			r->lost++;
			continue;
		}

		struct spec_node *n = vec_push(r->arena, &spec->nodes);

		n->name = key_text(r, key);
		if (is_key_map(r, &node_keyset, key->text, key->value))
			read_keys(r, &node_keyset, key->value, n);
		else if (key->value->kind != VALUE_NULL)
			r->gaps++;
	}
}

/* ---- the whole ---- */

/* Takes out what hangs on addresses that could not be read. Links without two endpoints never came in. */
static void prune(struct reader *r)
{
	struct spec *spec = r->spec;

	for (size_t i = 0; i < spec->networks.n; i++) {
		struct spec_network *n = &spec->networks.items[i];

		if (!map_gets(r->bad_networks, n->name.s))
			continue;
		n->subnets.n = n->gateways.n = 0;
		n->gateway_first.set = n->nat.set = false;
	}
	for (size_t i = 0; i < spec->nodes.n; i++) {
		struct spec_node *n = &spec->nodes.items[i];

		n->routes.n = 0;
		for (size_t j = 0; j < n->ports.n; j++) {
			if (map_gets(r->bad_networks, n->ports.items[j].network.s))
				n->ports.items[j].addresses.n = 0;
		}
	}
}

void read_lab(struct reader *r, const struct value *root)
{
	r->bad_networks = map_new(r->arena);
	if (root->kind != VALUE_MAP) {
		r->lost++;
		if (root->kind != VALUE_FAULTY) {
			fault_value(r, root, "a topology is a map of keys, not %s",
			            root->kind == VALUE_LIST ? "a list" : "a single text");
			fault_hint(r->faults, "it takes these keys: name, networks, nodes, links, routing, limits");
		}
		return;
	}
	r->lost += read_keys(r, &lab_keyset, root, r->spec);
	if (r->gaps)
		prune(r);
}
