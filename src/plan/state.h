/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state: a lab in the kernel's own words - namespaces, devices, addresses,
 * routes, sysctls, nf_tables. One type says both what shall stand (made from a
 * model by state_of_model()) and what does stand (observed by src/kernel), so
 * that planning is a comparison of like with like.
 *
 * What belongs to a lab can be told from the kernel alone; these are the marks:
 *
 *   namespaces       the alias of `lo`: "nsloom:LAB/NODE", the fabric's "nsloom:LAB/@fabric", "nsloom:LAB/@fabric+1", …
 *   host devices     group: one number for each lab, from MARK_GROUP_HOST on,
 *                    given out under the host's lock; MAC: lab_mac_mark();
 *                    alias "nsloom:LAB/…"
 *   devices inside   group MARK_GROUP_INSIDE
 *   on their way out group | MARK_LEAVING
 *   addresses        IFA_PROTO MARK_PROTOCOL (kernels before 5.18 do not keep it)
 *   routes           protocol MARK_PROTOCOL
 *   nf_tables        table "nsloom-LAB" of family inet; in chains of others a
 *                    rule with the comment "nsloom:LAB"
 *
 * Spaces: [0] is the host, then come the parts of the fabric, one at least, then the nodes.
 */
#ifndef PLAN_STATE_H
#define PLAN_STATE_H

#include "arena.h"
#include "ip.h"
#include "model.h"
#include "ports.h"

enum {
	MARK_PROTOCOL = 0x6e,         /* 'n'; rtnetlink.h and iproute2's rt_protos leave it free */
	MARK_GROUP_INSIDE = 0x6e736c, /* "nsl" */
	MARK_GROUP_HOST = 0x6e730000, /* "ns" and a number of 1…65535 */
	MARK_GROUP_HOST_LAST = 0x6e73ffff,
	MARK_LEAVING = 1 << 24, /* in either group: a device that is about to be deleted, together with others */
	MARK_PACKET = 0x6e736c, /* packets that a lab's own rules let pass */
};
#define MARK_ALIAS "nsloom:"
#define MARK_TABLE "nsloom-"
#define FABRIC_NAME "@fabric"

enum space_kind { SPACE_HOST, SPACE_FABRIC, SPACE_NODE };
enum { HOST_SPACE = 0, FABRIC_SPACE = 1 /* the first part */ };

enum device_kind { DEVICE_LO, DEVICE_VETH, DEVICE_BRIDGE, DEVICE_OTHER, DEVICE_KIND_COUNT };

/* Whose a device is that was found. */
enum owner { OWNER_LAB, OWNER_OTHER_LAB, OWNER_STRANGER };

struct ifaddr {
	struct ip_prefix ip;
	bool ours; /* carries the mark (wanted: always) */
	struct nsl_pos pos;
};

/* Where a device of a state stands. */
struct device_ref {
	int32_t space, device; /* -1: nowhere, or out of sight */
};

struct device {
	const char *name;
	const char *altname; /* wanted: to be given too, or NULL. Found: the first one, or NULL */
	const char *alias;   /* or NULL */
	enum device_kind kind;
	enum owner owner;
	uint32_t ifindex; /* wanted: 0 until the plan or the kernel gives one */
	struct mac mac;
	bool any_mac;   /* wanted: the MAC matters at creation only */
	uint32_t mtu;   /* wanted: 0 leaves it to the kernel */
	uint32_t group; /* without MARK_LEAVING */
	bool leaving;   /* found: its group is marked so (a crash came before its end) */
	bool up;
	bool no_autoconf;       /* makes no IPv6 addresses by itself (addr_gen_mode none) */
	bool accept_ra;         /* found: obeys router advertisements */
	int32_t master;         /* index of the bridge among the space's devices; -1: none */
	uint32_t master_index;  /* found: its ifindex, where the master is none of the state's devices; else 0 */
	struct device_ref peer; /* veth: the other end */
	bool trunk;             /* veth: a cable between two bridges of the lab */
	bool lower; /* wanted: its end that is farther from the network's own bridge: it is made from that */
	VEC(struct ifaddr) addresses;
	struct nsl_pos pos;
};

struct khop {
	struct ip via;
	int32_t device; /* index among the space's devices; -1: found, unknown */
};

struct kroute {
	struct ip_prefix to;
	VEC(struct khop) hops;
	uint8_t protocol; /* found: who made it (RTPROT_*); ours: MARK_PROTOCOL */
	uint32_t metric;  /* found */
	struct nsl_pos pos;
};

/* A sysctl, by its path below /proc/sys. */
struct setting {
	const char *path;
	const char *value; /* found: NULL where the kernel has none of that name */
	bool user;         /* the file asks for it (else nsloom does) */
	struct nsl_pos pos;
};

struct space {
	enum space_kind kind;
	const char *name;           /* of the node; "@fabric", "@fabric+1", …; "host" */
	uint32_t part;              /* of the fabric: its number */
	bool present;               /* found: it stands; wanted: it shall */
	bool named;                 /* found: its name below /run/netns leads to it */
	bool name_taken;            /* found: that name is somebody else's */
	VEC(struct device) devices; /* [0] is lo, except on the host */
	VEC(struct kroute) routes;  /* ours only; sorted by prefix_cmp(), unique */
	VEC(struct kroute)
	others; /* found, main table: on the host all that are not ours; in nodes those that a person or a program made */
	VEC(struct setting) settings;
	struct map *by_name; /* of the devices, where they are many */
	struct nsl_pos pos;
};

/* A network as the firewall sees it. */
struct rule_network {
	const char *device;            /* its bridge on the host */
	VEC(struct ip_prefix) sources; /* what may come out of it: its subnets and those behind it */
	bool nat[IP_FAMILIES];
	struct nsl_pos pos;
};

/* Ports of the host that lead to a node. */
struct rule_publish {
	const struct publish *publish;
	const struct publish
		*asked; /* as the file has it: on a stand-in host it is another one, see publish_on_standin() */
	const char *node;
	struct ip gateway; /* the host's address on the network that they lead by */
};

/* What an nf_tables table of the lab holds. */
struct rules {
	VEC(struct rule_network) networks; /* empty: no table */
	VEC(struct rule_publish) published;
	bool forward[IP_FAMILIES]; /* the host's forwarding switch is needed */
	/* Once what stands is known: devices between which established flows skip the rules; sorted, none: no flow does. */
	VEC(const char *) flow_devices;
	bool without_flows; /* the kernel has no flowtables */
};

/* A chain of somebody else's firewall that forwarded packets pass on the host. */
struct foreign_chain {
	uint8_t family; /* NFPROTO_* */
	const char *table, *name;
	bool drops;   /* would drop what nothing in it lets pass */
	bool accepts; /* has the lab's accept rule */
};

/* One port of the host that was found published. */
struct published_port {
	struct ip host; /* unspecified: all addresses, loopback too */
	bool udp;
	uint16_t port, to;
	struct ip address; /* of the node */
	const char *lab;
};
typedef VEC(struct published_port) published_ports;
/* By the host's address, protocol and port. */
int published_cmp(const struct published_port *a, const struct published_port *b);

/* A socket of the host that waits for connections, or for datagrams. */
struct listener {
	struct ip ip; /* unspecified: on all addresses (of both families, where it is an IPv6 one that says so) */
	bool udp;
	uint16_t port;
};

typedef VEC(struct listener) listeners;

typedef VEC(struct port_range) port_ranges;

/* The program by which a stand-in host is connected to the machine's network. */
struct way_out {
	bool standin;        /* found: the host is one */
	const char *runs;    /* found: the program, or NULL */
	const char *can;     /* found: which one can be started, or NULL */
	const char *lacks;   /* found: why none can; "": that is as it was chosen */
	bool takes_ports;    /* found: the one that runs, or can, leads ports in */
	bool shared;         /* found: another lab needs it */
	port_ranges ports;   /* found: of the machine, that are led in; tidied */
	unsigned port_start; /* found: the machine's first port that is not for root only */
};

/* Limits of the whole machine (limit.h); those that end in a number go with the one that does not. */
enum limit {
	LIMIT_NEIGHBOURS4_1,
	LIMIT_NEIGHBOURS4_2,
	LIMIT_NEIGHBOURS4,
	LIMIT_NEIGHBOURS6_1,
	LIMIT_NEIGHBOURS6_2,
	LIMIT_NEIGHBOURS6,
	LIMIT_CONNECTIONS,
	LIMIT_FILES,
	LIMIT_INSTANCES,
	LIMIT_WATCHES,
	LIMIT_BACKLOG,
	LIMIT_COUNT
};

struct limit_found {
	bool known;    /* it can be read here */
	bool writable; /* and set */
	uint64_t value;
	bool noted;      /* a lab has raised it: */
	uint64_t was;    /* what it was before */
	uint64_t claim;  /* what this lab noted that it needs; 0: nothing */
	uint64_t stale;  /* what it noted before, and a crash left; 0: nothing */
	uint64_t others; /* what other labs need, together */
};

/* What a lab asks of kernel and host, in numbers. */
struct demand {
	size_t nodes;
	size_t ports;                     /* of the largest bridge */
	const struct device *largest;     /* that bridge, or NULL */
	size_t broadcast;                 /* ports of nodes on the largest network */
	size_t forwarded;                 /* nodes that the host forwards for */
	uint64_t neighbours[IP_FAMILIES]; /* entries where all talk to all */
	bool family[IP_FAMILIES];         /* has addresses of it */
	struct nsl_pos pos, pos6;         /* of the first node, the first IPv6 address */
	struct nsl_pos pos_cable;         /* of the first cable */
};

enum rules_found { RULES_ABSENT, RULES_DIFFER, RULES_MATCH };

struct state {
	struct arena *arena;
	const char *lab;
	VEC(struct space) spaces;
	size_t first_node;                   /* index of the first node's space, or of the one that would be */
	struct map *names;                   /* of node or part → index of its space + 1, as a pointer */
	struct rules rules;                  /* wanted */
	bool without_flows;                  /* found: the lab's table says that the kernel has no flowtables */
	enum rules_found rules_found;        /* found: what stands, beside the rules wanted */
	published_ports published;           /* found: what the lab's table publishes, sorted by published_cmp() */
	published_ports published_elsewhere; /* found, where ports shall be published: those of other labs */
	listeners listeners;                 /* found, where ports shall be published */
	listeners machine_listeners;         /* the same, where the host is a stand-in, of the machine */
	VEC(struct foreign_chain) foreign;   /* found: those that drop, or hold our rule */
	bool forwarding[IP_FAMILIES];        /* found: the host's switch */
	bool filters_bridged
		[IP_FAMILIES];   /* found: br_netfilter sends the host's bridged packets through its firewall */
	struct way_out way_out;  /* found */
	struct ip session_peer;  /* the far end of the SSH connection that we run in; !set: none */
	bool lends[IP_FAMILIES]; /* found: this lab's table says that it needs the switch */
	uint32_t host_group;     /* found: the lab's group on the host; 0: none yet */
	bool any;                /* found: anything of the lab at all */
	bool cascaded;           /* wanted: a network has more than one bridge, or the fabric more than one part */
	struct demand demand;    /* wanted */
	uint64_t limits_needed[LIMIT_COUNT];    /* wanted; 0: what any machine has does */
	bool raise_limits;                      /* wanted: `limits: raise` */
	struct nsl_pos limits_pos;              /* wanted */
	struct limit_found limits[LIMIT_COUNT]; /* found: of those that are needed, or that a lab has raised */
};

/* From what size on a lab is treated as a large one; 0: the default. Tests have small ones. */
struct thresholds {
	uint32_t host, bridge; /* how many ports bridges take (cascade.h) */
	uint32_t ample;        /* what is needed of a limit, and no more than any machine has (limit.h) */
};

/* An empty state of a lab: host (present) and the fabric's first part (absent), in an arena that has a landing. */
struct state *state_new(struct arena *a, const char *lab);

/* What shall stand for a model; it refers to the model's memory. Ports of large networks stay on the bridges where they stand in
 * `have` (NULL: nothing stands). thresholds NULL: the default ones. Adds to the arena. */
struct state *state_of_model(struct arena *a, const struct model *m, const struct thresholds *thresholds,
                             const struct state *have);

/* The part of state_of_model() that is about published ports. In publish.c. */
void publish_lower(struct state *s, const struct model *m);

/* On a stand-in host, ports are published on all addresses where the file says one: which of the machine's it is, the way out sees
 * to. In way_out.c. */
void publish_on_standin(struct state *want);
/* The first network whose sources are masqueraded; NULL: none's are. */
const struct rule_network *rules_nat_network(const struct rules *r);
/* Completes the rules by what stands: which devices established flows pass between. In flows.c. */
void rules_add_flows(struct arena *a, struct rules *r, const struct state *have);

/* Fills the demand of a wanted state. In needs.c. */
void demand_count(struct state *s);

struct space *state_space(const struct state *s, enum space_kind kind, const char *name);
/* The parts of the fabric are all added before the first node. `part`: its number, from 1 on. */
struct space *state_add_part(struct state *s, uint32_t part);
const char *state_part_name(struct arena *a, uint32_t part);
/* Whether this is the name of a part of the fabric. */
bool state_part_parse(const char *name, uint32_t *part);
struct space *state_add_node(struct state *s, const char *name);
/* Leaves out of a found state what another lab has on the host, as if it were gone. */
void state_without_lab(struct state *s, const char *lab);
/* Index of a device by name, -1: none. */
int32_t space_device(const struct space *sp, const char *name);
/* The route to a destination, or NULL. */
const struct kroute *space_route(const struct space *sp, const struct ip_prefix *to);
struct device *space_add_device(struct arena *a, struct space *sp, const char *name, enum device_kind kind);

#endif
