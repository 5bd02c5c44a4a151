/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the model: the steps of model_build(). Each step reads the spec and
 * what the steps before it have decided, reports every fault it can tell, and
 * goes on where a fault leaves something to go on with. Nodes, networks and
 * links of the model have the index that they have in the spec.
 */
#ifndef MODEL_BUILD_H
#define MODEL_BUILD_H

#include "model.h"

/* An index that is not there (an unknown node, …). */
#define NOWHERE UINT32_MAX

/* The least that IPv4 works with. */
enum { MTU_MIN = 68 };

/* What the file asks of one interface, in one form for a network's ports and the ends of cables. */
struct wish {
	const spec_addresses *addresses;
	const struct spec_text *interface;
	const struct spec_text *port; /* NULL: the end of a cable */
	const struct spec_mac *mac;
	const struct spec_uint *mtu;
};

struct build {
	struct arena *a;
	const struct spec *spec;
	struct faults *faults;
	struct model *m;
	bool unsound;            /* the reader had faults already: what is missing may have been written */
	bool incomplete;         /* something needed was left unset */
	struct wish **wishes;    /* by node and interface, as in the model */
	struct map *plugged;     /* indices of node and network → struct spec_port *, the first */
	struct map *iface_names; /* node index and name → struct iface * */
	struct map *taken;       /* network or link, and address → struct taken * */
};

/* n zeroed items that stay where they are. */
#define vec_fill(a, v, count) \
	((v)->items = arena_calloc((a), (count), sizeof(*(v)->items)), (v)->n = (v)->cap = (count))

/* The steps, in order. */
void build_names(struct build *b);      /* names.of labs, networks, nodes; the indices */
void build_networks(struct build *b);   /* subnets, gateways, nat, mtu */
void build_interfaces(struct build *b); /* which there are; their names and MTUs; ends of links */
void build_addresses(struct build *b);
void build_devices(struct build *b); /* names of bridges and ports on the host and in the fabric */
void build_macs(struct build *b);
void build_overlaps(struct build *b);
void build_settings(struct build *b); /* routes and sysctls of the file */
void build_publish(struct build *b);  /* `publish:` */

/* After routes_compute(): which address of a node its published ports lead to. */
void publish_settle(struct model *m);

/* Halves of build_addresses(): before and after the addresses that the file gives. */
void build_link_subnets(struct build *b);
void build_link_addresses(struct build *b);

/* Who has an address. */
struct taken {
	const char *node;
	struct nsl_pos pos;
};
/* Takes an address on the network or link of an interface. Returns who has it already, or NULL. */
const struct taken *address_claim(struct build *b, const struct iface *iface, const struct ip *ip, struct taken *who);
/* Adds an address to an interface; IPv6 brings the link-local one with it. */
void address_push(struct build *b, struct iface *iface, const struct ip *ip, uint8_t len);
/* Moves an address that was chosen after others were given where it belongs: IPv4 before IPv6. */
void addresses_ipv4_first(struct iface *iface);
/* Whether the file gives an interface an address of a family. */
bool wishes_family(const struct wish *w, enum ip_family f);

/* Adds "did you mean" to the fault just made, from the names of the nodes (or networks). */
void build_suggest(struct build *b, const char *word, bool nodes);

/* Whether an address may be an interface's: reports it where it is multicast, loopback, link-local or none at all. */
bool address_sound(struct build *b, const struct spec_address *sa);
/* The prefix as a subnet if it is one: reports a missing length, host bits, and those that no interface may have. */
bool subnet_sound(struct build *b, const struct spec_address *sa);
/* Whether an MTU is one: reports it if not. */
bool mtu_sound(struct build *b, const struct spec_uint *mtu);
/* The first usable address of a subnet. */
struct ip subnet_first(const struct ip_prefix *subnet);

#endif
