/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nsloom/scope.h - every network namespace of the machine, and what ties them
 *
 * A census is read from the kernel alone: namespaces by their mounts, processes
 * and descriptors (proc(5), nsfs), devices by RTM_GETLINK in each of them.
 * nsloom's own labs, Docker's, podman's, Mininet's and hand-made networks
 * appear in it alike. It is a snapshot: a namespace that vanished while it was
 * read has `errnum` ENOENT and no devices; one that may not be entered EPERM.
 *
 * Everything in a census belongs to it and is freed with it. Indexes
 * (`nsl_place`) stay valid as long. Names come from others: they may hold any
 * byte but NUL and '/'; whoever prints them must escape them.
 */
#ifndef NSLOOM_SCOPE_H
#define NSLOOM_SCOPE_H

#include <nsloom/nsloom.h>

/* How a namespace is kept alive. */
enum nsl_keeper {
	NSL_KEPT_BY_NAME,       /* a mount (or a link to one) below /run/netns; `path` */
	NSL_KEPT_BY_MOUNT,      /* an nsfs mount elsewhere; `path` */
	NSL_KEPT_BY_PROCESS,    /* a process (or thread) is in it; `pid`, `command` */
	NSL_KEPT_BY_DESCRIPTOR, /* a process has it open; `pid`, `command`, `path` is /proc/PID/fd/N */
	NSL_KEPT_BY_DEVICE,     /* known only as the other side of a device, by its nsid there */
	NSL_KEEPER_COUNT
};

struct nsl_hold {
	enum nsl_keeper by;
	const char *path;    /* or NULL */
	int pid;             /* or 0 */
	const char *command; /* /proc/PID/comm, or NULL */
};

/* A device of a census: index of its namespace, index within that. ns < 0: none or unknown. */
struct nsl_place {
	int32_t ns, device;
};

/* What a device is tied to. */
enum nsl_tie {
	NSL_TIE_NONE,
	NSL_TIE_PEER,   /* veth, netkit: the other end */
	NSL_TIE_PARENT, /* vlan, macvlan, ipvlan, and tunnels bound to a device; or to a namespace: tied.device < 0 */
	NSL_TIE_LOST,   /* to something where we cannot look, or that is unknown: see tie_ifindex, tie_nsid */
	NSL_TIE_COUNT
};

struct nsl_tunnel { /* vxlan, geneve, gre, ipip, sit, wireguard, …; NULL where it does not have one */
	const char *local, *remote, *group;
	uint32_t id; /* VNI, key */
	uint16_t port;
};

struct nsl_counters {
	uint64_t rx_packets, rx_bytes, rx_errors, rx_dropped, tx_packets, tx_bytes, tx_errors, tx_dropped;
};

struct nsl_device {
	uint32_t ifindex;
	const char *name;
	const char *kind; /* IFLA_INFO_KIND: "veth", "bridge", …; "loopback", "tun", "tap"; "" for physical devices */
	const char *mac;  /* or NULL */
	const char *alias;   /* or NULL */
	const char *altname; /* the first alternative name, or NULL */
	const char *lab;     /* of the lab that made it outside its namespaces, from its alias; or NULL */
	unsigned mtu;
	bool up;      /* IFF_UP */
	bool carrier; /* IFF_LOWER_UP */
	size_t n_addresses;
	const char **addresses;  /* with prefix length */
	struct nsl_place master; /* of a bridge, bond or vrf, in the same namespace */
	enum nsl_tie tie;
	struct nsl_place tied; /* NSL_TIE_PEER, NSL_TIE_PARENT */
	uint32_t tie_ifindex;  /* IFLA_LINK, 0: none */
	int32_t tie_nsid;      /* IFLA_LINK_NETNSID, -1: the same namespace */
	uint16_t vlan;         /* vlan: its id */
	const char *mode;      /* macvlan, ipvlan: "bridge", "private", "l2", …; or NULL */
	struct nsl_tunnel *tunnel;
	int holder; /* tun, tap: the process that has it open; 0: unknown */
	const char *holder_command;
	struct nsl_counters counters;
};

/* Where what no other route is for leaves a namespace: its route to the root of the internet's names. */
struct nsl_way_out {
	int32_t device;  /* index in the namespace's devices; -1: there is no such route */
	const char *via; /* the next hop, or NULL */
};

struct nsl_netns {
	uint64_t inode; /* of nsfs; 0: unknown (NSL_KEPT_BY_DEVICE) */
	int32_t nsid;   /* as the namespace that the census was taken in numbers it; -1: it has none */
	/* How tables call it; unique in the census: "host" for the one of the caller, else its name below /run/netns, else
	 * LAB.NODE, else the container's, else where it is mounted, "pid:PID", "fd:PID/N", "inode:N" or "nsid:N@NAME". */
	const char *name;
	/* nsloom's: from the mark on its lo; node "@fabric", "@fabric+1", … for a fabric's; or NULL. */
	const char *lab, *node;
	/* "docker", "podman", "kubernetes", "mininet", "lxc", "systemd", …; NULL: unknown or none. */
	const char *engine;
	const char *container;    /* its name there, or its id; or NULL */
	const char *container_id; /* NULL where the engine has names only */
	uint64_t userns;          /* inode of the user namespace that owns it (NS_GET_USERNS); 0: unknown */
	int64_t owner;            /* uid that made that user namespace (NS_GET_OWNER_UID); -1: unknown */
	size_t n_holds, n_processes;
	struct nsl_hold *holds; /* in the order of enum nsl_keeper; each process once, those by pid */
	size_t n_devices;
	struct nsl_device *devices; /* by ifindex */
	bool forwards[2];           /* IPv4, IPv6: its forwarding switch is on */
	struct nsl_way_out out[2];  /* IPv4, IPv6; -1 where it was not asked for */
	bool nat;                   /* some nf_tables (or iptables-nft) rule masquerades or translates sources there */
	int errnum;                 /* why it could not be looked into; 0: it could */
};

struct nsl_census {
	size_t n;
	struct nsl_netns *items; /* the caller's own first, then by name, in natural order */
	size_t n_hidden;         /* processes whose namespaces could not be read (another user's, without root) */
	size_t n_unsearched; /* mount namespaces of others that were not looked through: there are too many mounts */
};

struct nsl_census_options {
	bool no_devices; /* only which there are, and who keeps them */
	bool counters;   /* also nsl_device.counters (else 0) */
	bool ways_out;   /* also nsl_netns.out */
	const char *lab; /* only the namespaces of this lab, and what they are tied to; NULL: all */
};

NSLOOM_EXPORT int nsloom_census(struct nsloom *ns, const struct nsl_census_options *options, struct nsl_census **out,
                                struct nsl_error **err);
NSLOOM_EXPORT void nsloom_census_free(struct nsl_census *census);

/*
 * Finds one by what a user types: "host"; its name; LAB.NODE; a path of an nsfs
 * file; "pid:N" or N (a process); "inode:N"; a container's name or id (or the
 * beginning of it). -1: none.
 */
NSLOOM_EXPORT int32_t nsloom_census_find(const struct nsl_census *census, const char *what);
/* The same, or an error that says what there is. */
NSLOOM_EXPORT int nsloom_census_need(const struct nsl_census *census, const char *what, int32_t *out,
                                     struct nsl_error **err);

/* ---- names, as ip-netns(8) keeps them below /run/netns ------------------------------------------ */

/* Names a new namespace, or (pid > 0) that of a process. NSL_E_TAKEN: there is one of this name. */
NSLOOM_EXPORT int nsloom_ns_add(struct nsloom *ns, const char *name, int pid, struct nsl_error **err);
/* Takes a name away; the namespace lives on while something else keeps it. NSL_E_TAKEN: it is a lab's node, which goes by
 * nsloom_down() only. */
NSLOOM_EXPORT int nsloom_ns_delete(struct nsloom *ns, const char *name, struct nsl_error **err);

/*
 * Becomes the command argv in a namespace (`what` as in nsloom_census_find()), as
 * `ip netns exec` does: with its network, a /sys that shows its devices, and what
 * lies in /etc/netns/NAME over /etc. Returns on failure only; errors as those of nsloom_exec().
 */
NSLOOM_EXPORT int nsloom_ns_exec(struct nsloom *ns, const char *what, char *const argv[], struct nsl_error **err);

/* Calls fn for each name that comes or goes, until it returns something else than 0, which is returned, or nsloom_cancel()
 * is called (0). */
NSLOOM_EXPORT int nsloom_ns_monitor(struct nsloom *ns, int (*fn)(void *data, bool added, const char *name), void *data,
                                    struct nsl_error **err);

/* ---- two namespaces side by side ------------------------------------------------------------------- */

enum nsl_aspect {
	NSL_ASPECT_ISOLATION, /* what they share, and what ties them directly */
	NSL_ASPECT_PROCESSES,
	NSL_ASPECT_DEVICES,
	NSL_ASPECT_ADDRESSES,
	NSL_ASPECT_ROUTES, /* but those of the table "local", which follow from the addresses */
	NSL_ASPECT_RULES,  /* policy rules */
	NSL_ASPECT_NEIGHBOURS,
	NSL_ASPECT_SOCKETS,  /* TCP that listens, UDP that is bound */
	NSL_ASPECT_UNIX,     /* abstract unix sockets */
	NSL_ASPECT_NFTABLES, /* chains; rules in the words of nft(8), else as the kernel's expressions; no counters */
	NSL_ASPECT_SYSCTLS,  /* below net */
	NSL_ASPECT_COUNT
};

struct nsl_row {
	enum nsl_aspect aspect;
	const char *what;     /* "eth0", "10.0.0.0/24", "net/ipv4/ip_forward" */
	const char *value[2]; /* on either side; NULL: it has none */
	bool differs;
	bool told; /* worth knowing, but no difference of the networks: isolation, processes */
};

struct nsl_diff {
	const char *name[2]; /* as a census calls them */
	bool one;            /* they are one and the same namespace: there are no rows */
	size_t n, n_differ;
	struct nsl_row *rows; /* by aspect, then by `what` in natural order */
};

/*
 * Lays two namespaces side by side (`a`, `b` as in nsloom_census_find()). All rows
 * are there, those that are the same too. What cannot be read has a row
 * "(cannot be read)" that says why.
 */
NSLOOM_EXPORT int nsloom_ns_diff(struct nsloom *ns, const char *a, const char *b, struct nsl_diff **out,
                                 struct nsl_error **err);
NSLOOM_EXPORT void nsloom_ns_diff_free(struct nsl_diff *diff);

#endif
