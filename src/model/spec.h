/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lab as somebody wrote it: typed, but neither checked nor completed. The
 * readers of formats (src/topology) and the generators (src/gen) make it,
 * model_build() turns it into a model. Everything lives in one arena.
 *
 * Each value carries the place where it was written. A value that was not
 * written has `set == false` (text: s == NULL). Values have the right type and
 * the right spelling (an address is an address); whether they make sense
 * together is for model_build() to find out: that includes the syntax of names.
 */
#ifndef MODEL_SPEC_H
#define MODEL_SPEC_H

#include "arena.h"
#include "ip.h"
#include "source.h"

struct spec_text {
	const char *s;
	struct nsl_pos pos;
};

struct spec_bool {
	bool set, value;
	struct nsl_pos pos;
};

struct spec_uint {
	bool set;
	uint32_t value;
	struct nsl_pos pos;
};

struct spec_mac {
	bool set;
	struct mac value;
	struct nsl_pos pos;
};

/* An address ("10.0.0.1"), or with has_len an address and its prefix length, or a subnet ("10.0.0.0/24"). */
struct spec_address {
	struct ip_prefix value;
	bool has_len;
	struct nsl_pos pos;
};
typedef VEC(struct spec_address) spec_addresses;

struct spec_route {
	bool is_default;        /* to: default */
	struct spec_address to; /* else; an address alone stands for /32 or /128 */
	struct spec_address via;
	struct nsl_pos pos;
};

struct spec_sysctl {
	struct spec_text key;
	struct spec_text value; /* numbers and booleans are taken as written */
};

/* One interface of a node that plugs into a network. */
struct spec_port {
	struct spec_text network;
	spec_addresses addresses; /* empty: nsloom chooses */
	struct spec_text interface;
	struct spec_text port; /* name of the bridge-side end */
	struct spec_mac mac;
	struct spec_uint mtu;
};

/* A port, or a range of them: "8080", "8000-8010". */
struct spec_ports {
	bool set;
	uint16_t first, last;
	struct nsl_pos pos;
};

/* Ports of the host that lead to ports of the node. */
struct spec_publish {
	struct nsl_pos pos;
	struct spec_address host; /* !value.ip.set: the loopback address */
	struct spec_ports port;   /* of the host */
	struct spec_ports to;     /* of the node; !set: the same */
	struct spec_bool udp;     /* else TCP */
};

struct spec_node {
	struct spec_text name;
	VEC(struct spec_port) ports;
	struct spec_bool router;
	struct spec_bool routing; /* false: `routing: none` */
	VEC(struct spec_route) routes;
	VEC(struct spec_sysctl) sysctls;
	VEC(struct spec_publish) published;
};

struct spec_network {
	struct spec_text name;
	spec_addresses subnets;
	struct spec_bool gateway_first; /* `gateway: true` (or false) */
	spec_addresses gateways;
	struct spec_bool nat;
	struct spec_uint mtu;
	struct spec_text device;
};

struct spec_endpoint {
	struct spec_text node;
	struct spec_text interface; /* of NODE:INTERFACE */
	spec_addresses addresses;
	struct spec_mac mac;
};

struct spec_link {
	struct nsl_pos pos;
	struct spec_endpoint end[2];
	spec_addresses subnets;
	bool link_local; /* `ipv6: link-local` */
	struct spec_uint mtu;
};

struct spec {
	struct arena *arena;
	struct source source;
	struct spec_text name;    /* pos.line == 0: taken from the folder */
	struct spec_bool routing; /* false: `routing: none` */
	struct spec_bool limits;  /* true: `limits: raise` */
	VEC(struct spec_network) networks;
	VEC(struct spec_node) nodes;
	VEC(struct spec_link) links;
};

#endif
