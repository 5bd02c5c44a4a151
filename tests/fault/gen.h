/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random labs, valid by construction: networks in the fabric and on the host, nat, IPv4, IPv6 or both, routers, cables of all sorts,
 * routes, sysctls, MTUs, MACs, names, limits. Kept as a table of switches and small numbers,
 * so that one can be edited at random, and made smaller switch by switch.
 */
#ifndef FAULT_GEN_H
#define FAULT_GEN_H

#include <stdbool.h>
#include <stdint.h>

#include "strbuf.h"

enum { GEN_NETWORKS = 4, GEN_NODES = 6, GEN_PORTS = 3, GEN_LINKS = 4 };

enum gen_kind { GEN_FABRIC, GEN_GATEWAY, GEN_NAT, GEN_KIND_COUNT };

struct gen_network {
	uint8_t on, kind, families /* 1: IPv4, 2: IPv6, 3: both */, mtu, device;
};

struct gen_port {
	uint8_t on, network, address, mac, mtu, name, port;
};

struct gen_node {
	uint8_t on, router, no_routing, route, sysctl;
	struct gen_port ports[GEN_PORTS];
};

struct gen_link {
	uint8_t on, a, b, subnet /* 0: none, 1: IPv4, 2: IPv6, 3: both, 4: link-local */, mtu, names, mac;
};

struct gen_lab {
	uint8_t no_routing, limits;
	struct gen_network networks[GEN_NETWORKS];
	struct gen_node nodes[GEN_NODES];
	struct gen_link links[GEN_LINKS];
};

/* splitmix64: the same numbers everywhere. */
uint64_t gen_next(uint64_t *state);

void gen_lab(struct gen_lab *lab, uint64_t *state);
/* Changes one thing. */
void gen_edit(struct gen_lab *lab, uint64_t *state);
/* The file. */
void gen_write(const struct gen_lab *lab, const char *name, struct strbuf *out);
/* The n-th way to make it smaller; false: there is none. Many change nothing. */
bool gen_shrink(struct gen_lab *lab, unsigned n);

#endif
