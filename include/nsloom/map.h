/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nsloom/map.h - what connects the namespaces of the machine: a graph, and drawings of it
 *
 *     struct nsl_map *map = NULL;
 *     char *svg = NULL;
 *
 *     if (nsloom_map(ns, NULL, NULL, &map, &err) < 0 ||
 *         nsloom_map_draw(map, NSL_MAP_SVG, &svg, &err) < 0)
 *             …nsl_error_text(err)…
 *
 * A map is made of a census (<nsloom/scope.h>) and refers to it. Its nodes are
 * namespaces, the switches in them, and what lies beyond: the outside, far ends of
 * tunnels, what nobody here may look into, the programs that hold a tun or tap.
 * Everything in it belongs to it and is freed with it. As in a census, names come
 * from others and may hold any byte; the drawings escape them.
 */
#ifndef NSLOOM_MAP_H
#define NSLOOM_MAP_H

#include <nsloom/scope.h>

enum nsl_map_node_kind {
	NSL_MAP_SPACE,   /* a namespace */
	NSL_MAP_SWITCH,  /* a bridge, a bond, whatever devices are ports of */
	NSL_MAP_OUTSIDE, /* what lies beyond the machine's own devices */
	NSL_MAP_REMOTE,  /* the far end of a tunnel, of which no namespace was found */
	NSL_MAP_DARK,    /* where a device leads, and nsloom cannot look */
	NSL_MAP_PROCESS, /* a program that has a tun or tap open */
	NSL_MAP_NODE_KIND_COUNT
};

struct nsl_map_node {
	enum nsl_map_node_kind kind;
	const char *name;  /* of a namespace: as the census has it; of a switch: its device's; else what it is called */
	const char *label; /* the same, without what `group` says: "one" of "tutorial.one"; a container's name */
	const char *group; /* what it belongs to: "lab tutorial", "docker"; NULL: to nothing known */
	/* A namespace, device -1; a switch: its device, and the namespace that it stands in; else -1, -1. */
	struct nsl_place at;
	/* Namespaces: the devices worth a line (not the ports of switches, nor what only lies there), by index. */
	size_t n_devices;
	int32_t *devices;
	size_t n_edges;
	int pid; /* NSL_MAP_PROCESS */
};

enum nsl_map_edge_kind {
	NSL_MAP_CABLE,  /* veth, netkit */
	NSL_MAP_OWN,    /* a switch's own device: by it the namespace that it stands in takes part */
	NSL_MAP_PORT,   /* a port that leads nowhere else */
	NSL_MAP_PARENT, /* vlan, macvlan, ipvlan, …, and what it stands on: the second end */
	NSL_MAP_TUNNEL, /* vxlan, gre, … to its far end */
	NSL_MAP_UPLINK, /* a physical device, or the way out where it leads out of sight */
	NSL_MAP_HELD,   /* tun, tap: who holds it */
	NSL_MAP_LOST,   /* to where nsloom cannot look */
	NSL_MAP_EDGE_KIND_COUNT
};

enum nsl_map_state {
	NSL_MAP_UP,
	NSL_MAP_NO_CARRIER, /* both ends are up, but nothing is carried */
	NSL_MAP_DOWN,       /* an end is down */
	NSL_MAP_STATE_COUNT
};

struct nsl_map_end {
	int32_t node;
	int32_t device; /* in the namespace of the node (of a switch: a port, or its own device); -1: none in particular */
};

struct nsl_map_edge {
	enum nsl_map_edge_kind kind;
	enum nsl_map_state state;
	struct nsl_map_end end[2];
	const char *label; /* "vlan 10", "macvlan bridge", "vxlan 42", "nat"; or NULL */
};

struct nsl_map {
	const struct nsl_census *census;
	const char *lab; /* the one that it is of; NULL: of the machine */
	bool planned;    /* the lab is not up: drawn as `up` would make it */
	size_t n_nodes, n_edges;
	struct nsl_map_node *nodes; /* first the namespaces, in the census's order */
	struct nsl_map_edge *edges;
};

/* A map of the machine (target NULL, or empty), or of a lab and what it is tied to: from the kernel where the lab is up,
 * else from its file. */
NSLOOM_EXPORT int nsloom_map(struct nsloom *ns, const struct nsloom_target *target, struct nsl_map **out,
                             struct nsl_error **err);
NSLOOM_EXPORT void nsloom_map_free(struct nsl_map *map);

/* Follows what a map is of. The context must not be freed before it. `interval` says after how many milliseconds is looked again
 * at what the kernel does not tell of; 0: one second. */
struct nsl_map_watch;
NSLOOM_EXPORT int nsloom_map_watch_new(struct nsloom *ns, const struct nsloom_target *target, int interval,
                                       struct nsl_map_watch **out, struct nsl_error **err);
NSLOOM_EXPORT void nsloom_map_watch_free(struct nsl_map_watch *watch);

enum nsl_map_news {
	NSL_MAP_CHANGED,   /* *out is a map that says something else than the one before; the first is one too */
	NSL_MAP_SAME,      /* the time is over, or a signal came */
	NSL_MAP_CANCELLED, /* nsloom_cancel() was called */
};

/*
 * Waits for a change, at most `ms`. What the kernel tells of is seen at once, the
 * rest (nameless namespaces that nothing is connected to, nf_tables, containers'
 * names) after the interval; counters and processes alone are no change. A lab may come and
 * go meanwhile: where it is not up and has no file, the map is empty. < 0: -errno, with *err set.
 */
NSLOOM_EXPORT int nsloom_map_watch_next(struct nsl_map_watch *watch, int ms, struct nsl_map **out,
                                        struct nsl_error **err);

enum nsl_map_format { NSL_MAP_SVG, NSL_MAP_HTML, NSL_MAP_DOT, NSL_MAP_MERMAID, NSL_MAP_FORMAT_COUNT };

/* Draws it. SVG and HTML need Graphviz's library (NSL_E_MISSING where it is not there). *out is the caller's, to be freed with free(). */
NSLOOM_EXPORT int nsloom_map_draw(const struct nsl_map *map, enum nsl_map_format format, char **out,
                                  struct nsl_error **err);

#endif
