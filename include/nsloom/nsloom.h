/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nsloom.h - labs of Linux network namespaces, from C
 *
 *     struct nsloom *ns;
 *     struct nsl_error *err = NULL;
 *     struct nsloom_target here = {0};               // the file in this folder
 *
 *     if (nsloom_new(&ns, &err) < 0 || nsloom_up(ns, &here, NULL, NULL, &err) < 0)
 *             …nsl_error_text(err)…
 *
 * Contract of every function: 0 on success, else a negative errno and *err set
 * (see error.h). What is handed out by a `**out` belongs to the caller, who
 * frees it with the function named beside it; strings inside belong to it.
 * Nothing is printed, nothing exits, no signal handler is installed. A context
 * is used by one thread at a time; several contexts may be used at once.
 * The calling thread's namespaces are the same after a call as before it (but
 * see nsloom_enter() and nsloom_exec()). All strings are UTF-8; addresses are in
 * the forms of RFC 5952 and dotted quad, MACs as aa:bb:cc:dd:ee:ff.
 */
#ifndef NSLOOM_H
#define NSLOOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nsloom/error.h>

#define NSLOOM_EXPORT __attribute__((visibility("default")))

struct nsloom; /* a context: everything hangs from it */

NSLOOM_EXPORT int nsloom_new(struct nsloom **out, struct nsl_error **err);
NSLOOM_EXPORT void nsloom_free(struct nsloom *ns); /* NULL is fine */
NSLOOM_EXPORT const char *nsloom_version(void);

/* Asks the call that is under way to stop, or else the next one; it takes back what it did and fails with NSL_E_CANCELLED. A
 * nsloom_down() that has begun to remove goes on to its end, and the next call stops. Async-signal-safe. */
NSLOOM_EXPORT void nsloom_cancel(struct nsloom *ns);

/*
 * Which lab is meant. Both NULL: the file nsloom.yaml (.yml, .json) in this
 * folder or the nearest one above; where there is none and one lab is up, that.
 */
struct nsloom_target {
	const char *
		file; /* a topology file, "-" is standard input. A signal that comes while a pipe or a terminal is read ends
	                   * it: NSL_E_CANCELLED */
	const char *lab; /* the name of a lab that is up */
};

/* ---- without root ------------------------------------------------------------------------------ */

/*
 * The labs of root stand on the host itself. Those of an ordinary user stand on a
 * stand-in for it: a user namespace in which the user is root, with a network and a mount
 * namespace of its own, kept by one small process (nsloom-holder). It is made when it is
 * needed, and ends when nothing is left in it.
 */
enum nsloom_entry {
	NSLOOM_ENTRY_LOOK, /* only files are to be read (check, show, ls): the process stays where it is */
	NSLOOM_ENTRY_JOIN, /* moves in, if a stand-in stands; else there are no labs */
	NSLOOM_ENTRY_WORK, /* the same, to change something: for down */
	NSLOOM_ENTRY_MAKE, /* moves in; makes one if there is none: for up */
	NSLOOM_ENTRY_TRY,  /* moves in; if there is none, into one that ends with the process: for plan */
};

struct nsloom_enter_options {
	enum nsloom_entry entry;
	bool isolated; /* with NSLOOM_ENTRY_MAKE: the lab gets a stand-in of its own */
};

/*
 * Gives a context what stands of the user's. To be called first, once, with the
 * target of the calls that follow; NULL: they are about the host, not about one
 * lab. As root (euid 0) it does nothing.
 *
 * With any but NSLOOM_ENTRY_LOOK the calling process moves, for good, into the
 * stand-in's user, network and mount namespace, and is root there. It must have
 * one thread. The working directory stays the same. Of a context that was
 * never entered, an ordinary user sees no labs. Fails with NSL_E_MISSING where the
 * system allows no user namespaces: the hint says what mends it.
 */
NSLOOM_EXPORT int nsloom_enter(struct nsloom *ns, const struct nsloom_target *target,
                               const struct nsloom_enter_options *options, struct nsl_error **err);
/* What is to be told about the stand-in: the i-th sentence, NULL: there are no more. */
NSLOOM_EXPORT const char *nsloom_enter_note(const struct nsloom *ns, size_t i);

/* ---- what a lab is: check and show --------------------------------------------------------- */

struct nsloom_interface {
	const char *name;
	const char *mac;
	unsigned mtu;
	size_t n_addresses;
	const char **addresses; /* with prefix length */
	const char *network;    /* the network it plugs into, or NULL */
	const char *port;       /* name of the bridge-side end, or NULL */
	const char *peer_node;  /* the node at the other end of a link, or NULL */
	const char *peer_interface;
	unsigned line; /* of the file; 0: unknown */
};

struct nsloom_hop {
	const char *via;       /* address of the next hop */
	const char *interface; /* that leads there; for the host's routes: its bridge */
};

struct nsloom_route {
	const char *to; /* "10.0.0.0/24", "default" (IPv4), "default" with family 6 */
	int family;     /* 4 or 6 */
	size_t n_hops;
	struct nsloom_hop *hops;
	const char *reason; /* "file", "connected", "lab" (a subnet behind a router), "default" (the way out) */
	unsigned line;      /* the line that asked for it or for what it leads to; 0: unknown */
};

struct nsloom_sysctl {
	const char *key, *value;
};

/* Ports of the host that lead to a node: `count` of them, from `port` on, to as many of the node's, from `to` on. */
struct nsloom_published {
	const char *host;     /* an address of the host's; "0.0.0.0" or "::": all of them */
	const char *protocol; /* "tcp" or "udp" */
	unsigned port, to, count;
	const char *address; /* of the node */
	bool sees_client; /* the node sees who calls from outside the host by his own address; else by the gateway's */
	unsigned line;
};

struct nsloom_node {
	const char *name;
	const char *netns; /* "LAB.NODE", as ip-netns(8) lists it */
	bool router;
	size_t n_interfaces;
	struct nsloom_interface *interfaces;
	size_t n_routes;
	struct nsloom_route *routes;
	size_t n_sysctls;
	struct nsloom_sysctl *sysctls;
	unsigned line;
	size_t n_published;
	struct nsloom_published *published;
};

struct nsloom_subnet {
	int family; /* 4 or 6 */
	const char *prefix;
	const char *gateway; /* or NULL */
	bool nat;
};

struct nsloom_bridge {
	const char *device;
	bool on_host;
	const char *netns; /* it stands in: "host", "LAB.@fabric", "LAB.@fabric+1", … */
	size_t n_ports;    /* of nodes: cables to other bridges do not count */
};

struct nsloom_network {
	const char *name;
	const char *device; /* its bridge */
	bool on_host;       /* where the bridge stands: on the host, or in the lab's fabric */
	unsigned mtu;
	size_t n_subnets;
	struct nsloom_subnet *subnets;
	size_t n_ports;
	unsigned line;
	/* All its bridges, the one named above first; a large network has several. Of a lab that is up: as they stand; none where
	 * the caller may not look. */
	size_t n_bridges;
	struct nsloom_bridge *bridges;
};

struct nsloom_link_end {
	const char *node, *interface;
	size_t n_addresses;
	const char **addresses;
};

struct nsloom_link {
	struct nsloom_link_end end[2];
	unsigned mtu;
	unsigned line;
};

struct nsloom_lab {
	const char *name;
	const char *file; /* absolute path; NULL where unknown */
	bool up;          /* a lab of this name stands now */
	size_t n_nodes, n_networks, n_links, n_host_routes;
	struct nsloom_node *nodes;
	struct nsloom_network *networks;
	struct nsloom_link *links;
	struct nsloom_route *host_routes; /* that the host has by a router of the lab */
};

/* Reads and checks the file that is meant and touches nothing. All its faults come in one chain of errors. */
NSLOOM_EXPORT int nsloom_check(struct nsloom *ns, const struct nsloom_target *target, struct nsloom_lab **out,
                               struct nsl_error **err);
/* The lab as last applied if it is up, else as its file describes it. */
NSLOOM_EXPORT int nsloom_show(struct nsloom *ns, const struct nsloom_target *target, struct nsloom_lab **out,
                              struct nsl_error **err);
NSLOOM_EXPORT void nsloom_lab_free(struct nsloom_lab *lab);

/* ---- up, plan, down ------------------------------------------------------------------------- */

enum nsloom_action { NSLOOM_CREATE, NSLOOM_CHANGE, NSLOOM_REMOVE };

/* One operation of a plan. */
struct nsloom_step {
	enum nsloom_action action;
	const char *place;  /* the node; "host"; "fabric" */
	const char *kind;   /* "namespace", "interface", "bridge", "port", "address", "route", "sysctl", "rules", … */
	const char *object; /* "eth0", "192.168.15.1/24 dev eth0", … */
	const char *was;    /* changes: the old value, or NULL */
	const char *now;    /* changes: the new value; creation: further words ("mac … mtu …"), or NULL */
	const char *reason; /* why it must be made anew, and the like; or NULL */
	unsigned line;      /* of the file; 0: none asks for it */
};

struct nsloom_plan {
	const char *lab;
	const char *file;
	size_t n_steps;
	struct nsloom_step *steps; /* in the order of doing */
	size_t n_create, n_change, n_remove;
	size_t n_warnings;
	const char **warnings;
};
NSLOOM_EXPORT void nsloom_plan_free(struct nsloom_plan *plan);

/* An operation that was done, or refused, as the commands that do the same by hand. Strings live for the call. */
struct nsloom_traced {
	const char *title;    /* what it is for */
	const char *commands; /* a line each */
	const char *file;     /* that asks for it, or NULL */
	unsigned line;        /* 0: none */
	int64_t ns;           /* how long the kernel took; < 0: it was done with one before */
	const char *refusal;  /* why it was refused, or NULL */
};
typedef void nsloom_trace_fn(void *data, const struct nsloom_traced *t);

struct nsloom_up_options {
	bool no_wait;       /* fail with NSL_E_BUSY where another nsloom is at work on the lab, instead of waiting */
	bool prune;         /* remove also what users added inside nodes */
	size_t brief_above; /* of a plan of more steps, these have an action, a place, a kind and a line only; 0: of none */
	/* Called as the work proceeds; done counts to total. step: what was done last, told now and then, else NULL. May be
	 * NULL. */
	void (*progress)(void *data, size_t done, size_t total, const struct nsloom_step *step);
	void *data;
	/* Called with each operation, which is then done by itself, not with others in one send. May be NULL. */
	nsloom_trace_fn *trace;
	void *trace_data;
};

/* What up would do. Does nothing. */
NSLOOM_EXPORT int nsloom_plan(struct nsloom *ns, const struct nsloom_target *target,
                              const struct nsloom_up_options *options, struct nsloom_plan **out,
                              struct nsl_error **err);
/* Makes the kernel look like the file: a transaction. *out (may be NULL): what was done. options may be NULL. */
NSLOOM_EXPORT int nsloom_up(struct nsloom *ns, const struct nsloom_target *target,
                            const struct nsloom_up_options *options, struct nsloom_plan **out, struct nsl_error **err);

/*
 * What up would do as a shell script of ip(8), sysctl(8) and nft(8) commands;
 * with `down`, the script that takes that away again, or the lab itself if it is up.
 * *out is the caller's, to be freed with free(). Does nothing.
 */
NSLOOM_EXPORT int nsloom_script(struct nsloom *ns, const struct nsloom_target *target,
                                const struct nsloom_up_options *options, bool down, char **out, struct nsl_error **err);

struct nsloom_down_options {
	bool no_wait;
	bool wait; /* return only when the kernel has freed everything */
	bool kill; /* end processes that still run in the nodes */
	void (*progress)(void *data, size_t done, size_t total, const struct nsloom_step *step);
	void *data;
	/* Called with each operation, which is then done by itself, not with others in one send. May be NULL. */
	nsloom_trace_fn *trace;
	void *trace_data;
};

/* A process that keeps a node's namespace alive. */
struct nsloom_process {
	int pid;
	const char *name;
	const char *node;
};

struct nsloom_down {
	const char *lab;
	bool was_up; /* false: there was nothing to take down */
	size_t n_removed;
	size_t n_processes; /* that run on in nodes that have lost their name */
	struct nsloom_process *processes;
};
NSLOOM_EXPORT void nsloom_down_free(struct nsloom_down *down);

/* Removes everything of the lab, and nothing else. Works without the file and without a record. Taking down what is not
 * up is a success. *out may be NULL. */
NSLOOM_EXPORT int nsloom_down(struct nsloom *ns, const struct nsloom_target *target,
                              const struct nsloom_down_options *options, struct nsloom_down **out,
                              struct nsl_error **err);

/* ---- what stands ------------------------------------------------------------------------------ */

struct nsloom_lab_summary {
	const char *name;
	const char *file;   /* or NULL where no record tells */
	const char *status; /* "up", "partial" (a crash left half of it), "busy" (being worked on) */
	size_t n_nodes, n_networks, n_links;
	int64_t since;    /* seconds since the epoch, of its last change; 0: unknown */
	const char *user; /* whose it is; NULL: the caller's own */
	bool isolated;    /* on a stand-in host of its own */
};

/* A named namespace of the machine that belongs to no lab of ours. */
struct nsloom_named {
	const char *name;
	const char *path;
	const char *user; /* as above */
};

struct nsloom_list {
	size_t n_labs, n_others;
	struct nsloom_lab_summary *labs;
	struct nsloom_named *others;
	size_t n_warnings;
	const char **warnings;
};

NSLOOM_EXPORT int nsloom_ls(struct nsloom *ns, struct nsloom_list **out, struct nsl_error **err);
NSLOOM_EXPORT void nsloom_list_free(struct nsloom_list *list);

/* ---- doctor ------------------------------------------------------------------------------------ */

enum nsloom_level {
	NSLOOM_OK,
	NSLOOM_INFO,    /* good to know; nothing is wrong */
	NSLOOM_WARNING, /* it will work, but not in every respect */
	NSLOOM_FAILURE, /* it will not work */
	NSLOOM_LEVEL_COUNT
};

struct nsloom_finding {
	enum nsloom_level level;
	const char *id;      /* what was looked at, in one word; stable. Several findings may have the same */
	const char *subject; /* the same for people */
	const char *text;    /* what was found */
	const char *mend;    /* a command that mends it, or NULL */
	unsigned line;       /* of the file: what needs it; 0: nothing in particular */
};

struct nsloom_diagnosis {
	const char *lab;  /* NULL: none was asked about */
	const char *file; /* or NULL */
	size_t n_findings;
	struct nsloom_finding *findings;
	size_t n_warnings, n_failures;
};
NSLOOM_EXPORT void nsloom_diagnosis_free(struct nsloom_diagnosis *diagnosis);

/*
 * What this kernel and host can and cannot do, and whether it is enough for the
 * lab of a file (target NULL: of the host alone). Changes nothing, but the
 * kernel may load modules that it is asked for. Tries things in a child
 * process, which it waits for. 0 also where something failed: see n_failures.
 */
NSLOOM_EXPORT int nsloom_doctor(struct nsloom *ns, const struct nsloom_target *target, struct nsloom_diagnosis **out,
                                struct nsl_error **err);

/* ---- generated topologies ----------------------------------------------------------------------- */

enum { NSLOOM_SHAPE_SIZES = 3 };

struct nsloom_shape {
	const char *name;                      /* "grid" */
	const char *help;                      /* what it is, in a line */
	const char *sizes[NSLOOM_SHAPE_SIZES]; /* "WIDTH", "HEIGHT"; NULL: no more */
};

/* The i-th shape there is; false: there are fewer. */
NSLOOM_EXPORT bool nsloom_shape(size_t i, struct nsloom_shape *out);

struct nsloom_gen_options {
	const char *name;   /* of the lab; NULL: that of the shape */
	const char *subnet; /* IPv4, which the addresses are taken from; NULL: 10.0.0.0/8 */
	bool nat;           /* star: a gateway on the host, and the way out */
	uint64_t seed;      /* random: which one; 0: 1 */
};

/* Writes a topology file of a shape with these sizes. *out: its text, to be freed with free(). options may be NULL. */
NSLOOM_EXPORT int nsloom_gen(const char *shape, const unsigned *sizes, size_t n,
                             const struct nsloom_gen_options *options, char **out, struct nsl_error **err);

/* ---- inside ------------------------------------------------------------------------------------ */

/*
 * Becomes the command argv (NULL-terminated) inside a node: its network, a /sys
 * that shows its devices, /etc/hosts with the lab's nodes, a resolv.conf that
 * works from there, its host name. `node` is NODE or LAB.NODE. argv NULL: a
 * shell ($SHELL, else /bin/sh). Returns only on failure; the process may then
 * be in other namespaces than before and should end. errnum in *err: ENOENT
 * with code NSL_E_FAILED where the command is not found, EACCES (and others) where it cannot
 * be run; any other code: the node could not be entered.
 */
NSLOOM_EXPORT int nsloom_exec(struct nsloom *ns, const struct nsloom_target *target, const char *node,
                              char *const argv[], struct nsl_error **err);

enum nsloom_reply {
	NSLOOM_REPLY,       /* it answered */
	NSLOOM_NO_ANSWER,   /* nothing came in time */
	NSLOOM_NO_ROUTE,    /* the sender has no route to it */
	NSLOOM_UNREACHABLE, /* an ICMP error came: `by` says from whom, `detail` what */
	NSLOOM_SEND_FAILED, /* the kernel would not send: `detail` */
	NSLOOM_REPLY_COUNT
};

struct nsloom_ping_pair {
	const char *from;    /* node, or "host" */
	const char *to;      /* node, "host", or NULL for a bare address */
	const char *address; /* NULL: `to` has no address at all */
	const char *source;  /* address that the kernel chose, or NULL */
	unsigned sent, received;
	uint32_t rtt_min_us, rtt_avg_us, rtt_max_us; /* of those received */
	enum nsloom_reply result;                    /* NSLOOM_REPLY only if all were answered */
	const char *by;                              /* NSLOOM_UNREACHABLE: who said so */
	const char *detail; /* "network unreachable", "host unreachable", "administratively prohibited", … or NULL */
};

struct nsloom_ping {
	const char *lab;
	size_t n_pairs;
	struct nsloom_ping_pair *pairs; /* by sender in the lab's order, then by target */
	size_t n_answered;
	size_t n_nodes;
	const char **nodes; /* names, in the lab's order: rows (and columns) of a matrix */
};
NSLOOM_EXPORT void nsloom_ping_free(struct nsloom_ping *ping);

struct nsloom_ping_options {
	const char
		*from;  /* NULL: every node. "host" is allowed. NODE or LAB.NODE; an address alone: every node to it */
	const char *to; /* NULL: every address of every other node; a node, NODE:INTERFACE, "host" or an address. */
	unsigned count; /* echo requests for each pair; 0: 1 */
	unsigned timeout_ms; /* wait for an answer at most; 0: 1000 */
};

/* ICMP and ICMPv6 echo from inside the nodes, all at once. 0 also when some did not answer: see n_answered. */
NSLOOM_EXPORT int nsloom_ping(struct nsloom *ns, const struct nsloom_target *target,
                              const struct nsloom_ping_options *options, struct nsloom_ping **out,
                              struct nsl_error **err);

#endif
