/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: the operations that turn a state into another, in an order in
 * which they succeed. Pure: no kernel, no clock, no files; the same states
 * give the same plan.
 *
 * Order. What goes, goes first (the forwarding switch, routes, addresses,
 * devices, rules, namespaces, limits of the machine), so that what comes finds its place free. Then
 * limits, for nothing may be lost for want of them; namespaces; bridges, down; rules, which name some of these, before anything that they
 * guard is up; node by node its cables, whose ends on its side go up at once, and, as soon as all of a node's cables lie, what is on them;
 * bridges go up when their ports are in, for a raised bridge floods every new
 * one; the forwarding switch is turned last, and the way out of a stand-in host is started.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "state.h"

enum op_kind {
	OP_WAY_OUT_DEL, /* the program that is a stand-in host's way out */
	OP_FORWARD_OFF, /* gives the host's forwarding switch back */
	OP_ROUTE_DEL,
	OP_ADDRESS_DEL,
	OP_DEVICE_DEL,
	OP_ACCEPT_DEL,  /* the accept rule in a foreign chain */
	OP_PUBLISH_DEL, /* published ports are shown; OP_RULES_* does it */
	OP_RULES_DEL,
	OP_SPACE_DEL,
	OP_LIMIT_BACK, /* puts a limit of the machine back, in as far as no other lab needs it */
	OP_LIMIT_SET,  /* to what this lab and others need together */
	OP_RULES_SET,
	OP_PUBLISH_SET,
	OP_ACCEPT_ADD,
	OP_SPACE_ADD,
	OP_NAME_SET, /* the name below /run/netns */
	OP_BRIDGE_ADD,
	OP_VETH_ADD,   /* a whole cable; dev is the end in op->space, the other one dev->peer */
	OP_DEVICE_SET, /* changes attributes in place */
	OP_ADDRESS_ADD,
	OP_ROUTE_SET, /* adds or replaces */
	OP_SETTING,
	OP_FORWARD_ON,
	OP_WAY_OUT_SET, /* starts it; in the place of what runs, with other ports */
	OP_KIND_COUNT
};

enum action { ACTION_CREATE, ACTION_CHANGE, ACTION_REMOVE };

/* What OP_DEVICE_SET sets. Changes are made in this order: a device goes up when all else is as it should be. */
enum {
	SET_MAC = 1 << 0,
	SET_MTU = 1 << 1,
	SET_AUTOCONF = 1 << 2,
	SET_MASTER = 1 << 3,
	SET_ALIAS = 1 << 4,
	SET_ALTNAME = 1 << 5,
	SET_UP = 1 << 6,
	SET_GROUP = 1 << 7, /* only whether it is leaving: op->group */
};

struct op {
	enum op_kind kind;
	enum action action;
	uint32_t space; /* index in plan->spaces: whose socket and place it is */
	uint32_t set;   /* OP_DEVICE_SET */
	bool quiet;     /* belongs to an operation that is shown: not shown itself */
	bool done;      /* shown, but an earlier operation does it as well (whole == true there) */
	/* OP_DEVICE_DEL: all devices of op->group in the space; OP_SPACE_DEL: all namespaces of the lab; OP_LIMIT_*: writes the
	 * notes of all (before it raises a limit, after it lowers one), or takes them away. */
	bool whole;
	uint32_t group; /* OP_DEVICE_DEL, whole; OP_DEVICE_SET, SET_GROUP */
	union {
		struct {                          /* OP_BRIDGE_ADD, OP_VETH_ADD, OP_DEVICE_*, OP_ADDRESS_* */
			struct device *dev, *was; /* wanted, found */
			const struct ifaddr *address;
		};
		const struct kroute *route;
		struct {
			const struct setting *setting, *setting_was;
		};
		struct {                   /* OP_LIMIT_* */
			uint64_t from, to; /* the same where only the note changes */
			enum limit limit;
		};
		const struct foreign_chain *chain; /* OP_ACCEPT_* */
		struct {
			const struct rule_publish *publish; /* OP_PUBLISH_SET */
			const struct publish *published; /* what was found: OP_PUBLISH_DEL; or in its place, or NULL */
		};
		port_ranges *ports;    /* OP_WAY_OUT_*: led in */
		enum ip_family family; /* OP_FORWARD_* */
	};
	const char *why; /* why it must be made anew, or NULL */
	struct nsl_pos pos;
};

/* A space that operations happen in. */
struct plan_space {
	enum space_kind kind;
	const char *name;
	const struct space *wanted, *found; /* either may be NULL */
};

struct plan {
	struct arena *arena;
	const char *lab;
	const struct state *want, *have;
	VEC(struct plan_space)
	spaces; /* first those wanted, in their order (host, fabric, nodes), then those only found */
	VEC(struct op) ops;
	VEC(const char *) warnings;
};

/*
 * Compares. `want` NULL: nothing of the lab shall stand. It is completed on the way (it learns the ifindexes of what is
 * there, and gets those of what is to be made inside the lab's own namespaces).
 * `born`: what a new namespace's sysctls are, as found (settings of its one
 * space): only what differs need be written. Fails with NSL_E_TAKEN where something
 * that is not the lab's stands in the way; all such obstacles are reported.
 * Adds to the arena, which has a landing.
 */
struct plan_options {
	bool prune; /* remove what users added to devices and namespaces of the lab */
};
int plan_diff(struct arena *a, struct state *want, const struct state *have, const struct space *born,
              const struct plan_options *options, struct plan **out, struct nsl_error **err);
/* Whether the host has a device of this name that is a lab's: this one's, now or as planned, or another's. */
bool plan_is_labs(const struct plan *p, const char *device);
/* The operations that a person is shown. */
size_t plan_shown(const struct plan *p);

/* An operation in words. Strings live in the arena or in the states. */
struct op_text {
	const char *place; /* node, "host", "fabric" */
	const char *kind;  /* "namespace", "interface", "bridge", "port", "address", … */
	const char *object;
	const char *was, *now, *why; /* may be NULL */
};
void op_describe(struct arena *a, const struct plan *p, const struct op *op, struct op_text *out);
/* Place and kind alone. */
void op_describe_briefly(const struct plan *p, const struct op *op, struct op_text *out);

#endif
