/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model: the checked, complete description of a lab. Every name, address,
 * MAC and route is decided; nothing in it is optional that the kernel will ask
 * for. A model does not change once it is built, and the same spec gives the
 * same model on every machine.
 *
 * Networks, nodes and links stand in the order of the file and are referred to
 * by their index. Everything lives in the model's arena.
 *
 * What is decided for the writer of a file, and how:
 *  - interfaces: eth0, eth1, … per node; its networks in the node's order, then
 *    its links in file order; names that the file gives are left out.
 *  - IPv4 on a network: explicit addresses (and the gateway) are reserved
 *    first, then each interface takes the lowest free one, in file order.
 *  - IPv6 on a network, MACs, host-side names: from stable_hash() of lab, node
 *    and interface; where two fall together, the later one hashes again.
 *  - links: .1 and .2, ::1 and ::2 in endpoint order (/31, /127: .0 and .1).
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "arena.h"
#include "ip.h"
#include "map.h"
#include "source.h"
#include "spec.h"

enum { NAME_MAX_LEN = 63, DEVICE_NAME_MAX = 15, ALTNAME_MAX = 127, MTU_DEFAULT = 1500, MTU_MAX = 65535 };

/* One family of a network. Absent where !prefix.ip.set. */
struct subnet {
	struct ip_prefix prefix;
	struct ip gateway; /* the host's address on it; !set: none */
	bool nat;          /* masqueraded behind the host; implies a gateway */
	struct nsl_pos pos;
};

struct network {
	const char *name;
	struct nsl_pos pos;
	struct subnet subnet[IP_FAMILIES];
	unsigned mtu;       /* of its ports; MTU_DEFAULT where not written */
	bool mtu_set;       /* the file says so */
	bool on_host;       /* has a gateway: the bridge stands on the host; else in the fabric */
	const char *device; /* name of the bridge, at most DEVICE_NAME_MAX */
	/* The long name: "LAB.NETWORK" on the host, NETWORK in the fabric. NULL where device equals NETWORK, or where that
	 * name is taken. */
	const char *altname;
	struct mac mac; /* of the bridge */
	/* Where the bridge stands on the host, the one cable by which it reaches ports in the fabric (leaf.h): its end on the host,
	 * "LAB.NETWORK+1". */
	const char *trunk, *trunk_altname;
	struct mac trunk_mac;
	/* Subnets whose way out passes a router of the lab and then this nat network: masqueraded too, and admitted by
	 * anti-spoofing. */
	VEC(struct ip_prefix) behind;
	VEC(struct port) ports; /* in file order */
};

/* An interface as its network sees it. */
struct port {
	uint32_t node, iface; /* node: index in model; iface: index in node */
};

enum attach { ATTACH_NETWORK, ATTACH_LINK };

struct iface {
	const char *name;
	struct nsl_pos pos;
	enum attach attach;
	uint32_t index; /* of the network or link in the model */
	unsigned end;   /* links: which endpoint, 0 or 1 */
	struct mac mac;
	unsigned mtu;
	VEC(struct ip_prefix) addresses; /* with the prefix length of their subnet; global ones, IPv4 before IPv6 */
	/* Has an IPv6 link-local address, made of its MAC (EUI-64): where it has another IPv6 address or the file asks for it. */
	bool link_local;
	/* The bridge-side end, where attach is ATTACH_NETWORK. No other device of the lab has its name, on the host or in the
	 * fabric: a port of a large network on the host stands in the fabric. */
	const char *port; /* device name, at most DEVICE_NAME_MAX */
	/* The long name: "LAB.NODE.IFACE" on the host, "NODE.IFACE" in the fabric. NULL where port equals it, or where it is
	 * taken or longer than ALTNAME_MAX. */
	const char *port_altname;
	struct mac port_mac;
};

enum route_reason {
	ROUTE_FILE,    /* `routes:` of the node */
	ROUTE_LAB,     /* automatic: a subnet of the lab behind a router */
	ROUTE_DEFAULT, /* automatic: the way out, to the nearest nat gateway */
	ROUTE_REASON_COUNT
};

struct hop {
	struct ip via;
	uint32_t iface; /* index in the node's ifaces; in host_routes: index of a network */
};

/* A route other than those the kernel makes itself for a connected subnet. */
struct route {
	struct ip_prefix to; /* len 0: default */
	struct hop *hops;    /* more than one: equal-cost */
	uint32_t n_hops;
	enum route_reason reason;
	struct nsl_pos pos; /* ROUTE_FILE: its line; else the line of what it leads to (the network or link) */
};

struct sysctl {
	const char *key; /* with dots or slashes as written, begins with "net" */
	const char *value;
	struct nsl_pos pos;
};

/* Ports of the host that lead to a node, `count` in a row. */
struct publish {
	struct nsl_pos pos;
	struct ip host; /* where they are on the host: loopback, an address of its own, or (unspecified) all of them */
	bool udp;       /* else TCP */
	uint16_t port;  /* the first of the host's */
	uint16_t to;    /* the first of the node's */
	uint16_t count;
	/* The node's address that they lead to: on the network by which the node's default route goes, so that answers find back by
	 * themselves; else the first, in the node's order, on a network with a gateway. */
	struct ip address;
	uint32_t network; /* whose it is */
	/* The node answers by that network's gateway: who calls from outside keeps his address. Else he gets the gateway's. */
	bool transparent;
};

struct node {
	const char *name;
	struct nsl_pos pos;
	bool router;
	bool routing; /* takes part in automatic routes */
	VEC(struct iface) ifaces;
	VEC(struct route) routes; /* sorted by family, then prefix; unique by destination */
	VEC(struct sysctl) sysctls;
	VEC(struct publish) published;
};

struct link_end {
	uint32_t node, iface;
};

struct link {
	struct nsl_pos pos;
	struct link_end end[2];
	struct ip_prefix subnet[IP_FAMILIES]; /* !ip.set: none */
};

struct model {
	struct arena *arena;
	struct source source; /* of the file; text may be NULL (a record) */
	const char *name;
	uint64_t hash; /* of the name: see model_hash() */
	struct nsl_pos name_pos;
	bool routing;
	bool raise_limits; /* `limits: raise` */
	struct nsl_pos limits_pos;
	VEC(struct network) networks;
	VEC(struct node) nodes;
	VEC(struct link) links;
	VEC(struct route) host_routes; /* by a router of the lab, to subnets behind nat networks */
	struct map *node_index;        /* name → struct node * */
	struct map *network_index;     /* name → struct network * */
};

/*
 * Checks a spec and completes it into a model. The model takes over the spec's
 * arena: on success *out owns it, on failure it is left to the caller.
 * Reports every fault at once (code NSL_E_FILE, -EINVAL) in file order; -ENOMEM.
 */
int model_build(struct spec *spec, struct model **out, struct nsl_error **err);
void model_free(struct model *m); /* NULL is fine */

/*
 * The same for a caller who collects faults of his own beside those of the
 * model: the arena of the spec must have a landing (see arena.h). Adds every
 * fault to `faults`; returns true and the model if there was none in the spec
 * (those that `faults` held before do not count). What syntax faults left
 * unset is tolerated.
 */
bool model_build_into(struct spec *spec, struct faults *faults, struct model **out);

/* "127.0.0.1:8000-8010:9000-9010/udp", as `publish:` takes it, written to buf (PUBLISH_TEXT_MAX), which is returned. The
 * host's side alone: "127.0.0.1:8000-8010/udp"; "tcp" is said there too. */
enum { PUBLISH_TEXT_MAX = IP_TEXT_MAX + 40 };
const char *publish_text(const struct publish *p, char *buf);
const char *publish_host_text(const struct publish *p, char *buf);

const struct node *model_node(const struct model *m, const char *name);
const struct network *model_network(const struct model *m, const char *name);

/* What a hash is for: the seeds differ, so that an interface's MAC tells nothing of its address. */
enum hash_use {
	HASH_MAC = 1,
	HASH_PORT_MAC,
	HASH_BRIDGE_MAC,
	HASH_PORT_NAME,
	HASH_BRIDGE_NAME,
	HASH_ADDRESS,
	HASH_LEAF_NAME,
	HASH_LEAF_MAC
};
/* A hash of the lab's name, one or two more names (second may be NULL), and the attempt (0, then 1, … after a collision). */
uint64_t model_hash(const struct model *m, enum hash_use use, const char *first, const char *second, unsigned attempt);

/* The first four bytes of every host-side MAC of a lab: 0e, and 24 bits of a hash of its name. The fabric's devices have them
 * too. */
enum { LAB_MAC_MARK_LEN = 4 };
void lab_mac_mark(const char *lab, uint8_t out[LAB_MAC_MARK_LEN]);

/*
 * Writes the path below /proc/sys of a sysctl key, as sysctl(8) reads it: where the first separator is a dot, dots
 * separate and "/" stands for a dot ("net.ipv4.conf.eth0/10.mtu"); where it is a slash, slashes separate. Returns its
 * length, or -ENAMETOOLONG.
 */
int sysctl_path(const char *key, char *buf, size_t size);

/* The link-local address of a MAC: fe80:: and the modified EUI-64 (RFC 4291, appendix A). */
struct ip link_local_of(const struct mac *mac);

/* Whether a string may name a lab, a node or a network: [A-Za-z0-9][A-Za-z0-9_-]{0,62}, not "host". */
bool name_valid(const char *s);
/* Why the kernel (or nsloom) would refuse an interface name; NULL if it would not. A phrase: "is longer than 15 bytes". */
const char *device_name_fault(const char *s);
/* Turns any text (a folder's name) into a valid name. */
const char *name_fit(struct arena *a, const char *s);

static inline void model_freep(struct model **m)
{
	model_free(*m);
}
#define _cleanup_model_ __attribute__((cleanup(model_freep)))

#endif
