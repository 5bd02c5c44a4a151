/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting what a lab needs, and what is in use. See preflight.h. */
#include "preflight.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fd.h"

/* ---- of a state ------------------------------------------------------------------------------------ */

/* What hangs on a bridge; of a network's own bridge also what hangs on its leaves. */
struct stations {
	size_t ports;               /* of this bridge alone */
	size_t all;                 /* devices that a broadcast comes to */
	uint64_t with[IP_FAMILIES]; /* that have an address of the family, the bridge itself included */
	struct stations *above;     /* leaves: of the bridge that they hang on */
};

struct segments {
	const struct state *want;
	struct stations *of[FABRIC_SPACE + 1]; /* of each device of host and fabric, bridges or not */
};

static void count_families(const struct device *d, uint64_t with[IP_FAMILIES])
{
	bool has[IP_FAMILIES] = {false};

	for (size_t i = 0; i < d->addresses.n; i++)
		has[d->addresses.items[i].ip.ip.family] = true;
	for (int f = 0; f < IP_FAMILIES; f++)
		with[f] += has[f];
}

/* A trunk is made from its lower end, which stands before the upper one where both are in the fabric. */
static bool leads_up(struct device_ref from, struct device_ref to)
{
	return from.space == FABRIC_SPACE && (to.space == HOST_SPACE || to.device > from.device);
}

static void count_port(struct segments *s, struct device_ref at)
{
	const struct device *port = &s->want->spaces.items[at.space].devices.items[at.device], *peer;
	struct stations *st = &s->of[at.space][port->master];

	st->ports++;
	st->all++;
	if (port->peer.space < 0)
		return;
	peer = &s->want->spaces.items[port->peer.space].devices.items[port->peer.device];
	if (port->peer.space <= FABRIC_SPACE && peer->master >= 0) {
		if (leads_up(at, port->peer))
			st->above = &s->of[port->peer.space][peer->master];
		return;
	}
	count_families(peer, st->with);
}

static void each_device(struct segments *s, struct lab_needs *n,
                        void (*visit)(struct segments *s, struct lab_needs *n, struct device_ref at))
{
	for (int32_t space = HOST_SPACE; space <= FABRIC_SPACE; space++)
		for (size_t i = 0; i < s->want->spaces.items[space].devices.n; i++)
			visit(s, n, (struct device_ref){space, (int32_t)i});
}

static void visit_port(struct segments *s, struct lab_needs *n, struct device_ref at)
{
	if (s->want->spaces.items[at.space].devices.items[at.device].master >= 0)
		count_port(s, at);
}

static void visit_leaf(struct segments *s, struct lab_needs *n, struct device_ref at)
{
	struct stations *leaf = &s->of[at.space][at.device], *top = leaf;

	while (top->above)
		top = top->above;
	if (top == leaf)
		return;
	top->all += leaf->ports;
	for (int f = 0; f < IP_FAMILIES; f++)
		top->with[f] += leaf->with[f];
}

static void visit_bridge(struct segments *s, struct lab_needs *n, struct device_ref at)
{
	const struct device *bridge = &s->want->spaces.items[at.space].devices.items[at.device];
	struct stations *st = &s->of[at.space][at.device];

	if (bridge->kind != DEVICE_BRIDGE)
		return;
	if (!n->largest || st->ports > n->ports) {
		n->largest = bridge;
		n->ports = st->ports;
	}
	n->broadcast = st->all > n->broadcast ? st->all : n->broadcast;
	count_families(bridge, st->with);
	for (int f = 0; f < IP_FAMILIES && !st->above; f++)
		if (st->with[f] > 1)
			n->neighbours[f] += st->with[f] * (st->with[f] - 1);
}

static void count_bridges(struct lab_needs *n)
{
	size_t host = n->want->spaces.items[HOST_SPACE].devices.n,
	       fabric = n->want->spaces.items[FABRIC_SPACE].devices.n;
	_cleanup_free_ struct stations *all = calloc(host + fabric + 1, sizeof(*all));
	struct segments s = {n->want, {all, all + host}};

	if (!all)
		return;
	each_device(&s, n, visit_port);
	each_device(&s, n, visit_leaf);
	each_device(&s, n, visit_bridge);
}

/* A cable between two nodes: each knows the other. */
static void count_cables(struct lab_needs *n, const struct space *sp)
{
	for (size_t i = 0; i < sp->devices.n; i++) {
		const struct device *d = &sp->devices.items[i];

		if (d->kind == DEVICE_VETH && !n->pos_cable.line)
			n->pos_cable = d->pos;
		if (d->kind == DEVICE_VETH && d->peer.space >= FIRST_NODE_SPACE)
			count_families(d, n->neighbours);
		for (size_t k = 0; k < d->addresses.n; k++) {
			enum ip_family f = (enum ip_family)d->addresses.items[k].ip.ip.family;

			if (f == IP6 && !n->family[IP6])
				n->pos6 = d->addresses.items[k].pos;
			n->family[f] = true;
		}
	}
}

static void count_state(const struct state *want, struct lab_needs *n)
{
	n->want = want;
	count_bridges(n);
	for (size_t i = 0; i < want->spaces.n; i++) {
		const struct space *sp = &want->spaces.items[i];

		n->sockets += sp->present;
		count_cables(n, sp);
		if (!n->pos.line && sp->kind == SPACE_NODE)
			n->pos = sp->pos;
	}
}

void needs_of_state(const struct state *want, bool standing, struct lab_needs *out)
{
	*out = (struct lab_needs){.does = DOES_SPACES | DOES_DEVICES | DOES_RULES};
	if (!want)
		return;
	count_state(want, out);
	out->new_spaces = standing || !out->sockets ? 0 : out->sockets - 1; /* the host is there */
}

void needs_of_plan(const struct plan *p, struct lab_needs *out)
{
	*out = (struct lab_needs){0};
	if (!p->want)
		return;
	for (size_t i = 0; i < p->ops.n; i++) {
		const struct op *op = &p->ops.items[i];

		out->new_spaces += op->kind == OP_SPACE_ADD;
		out->does |= op->kind == OP_SPACE_ADD ? DOES_SPACES : 0;
		out->does |= op->kind == OP_BRIDGE_ADD || op->kind == OP_VETH_ADD ? DOES_DEVICES : 0;
		out->does |= op->kind == OP_PUBLISH_SET ? DOES_RULES : 0;
		out->does |= op->kind == OP_RULES_SET && p->have->rules_found == RULES_ABSENT ? DOES_RULES : 0;
	}
	if (out->does)
		count_state(p->want, out);
	out->sockets = p->spaces.n;
}

/* ---- in use ---------------------------------------------------------------------------------------- */

struct inodes {
	unsigned long long *items;
	size_t n, cap;
};

static void add_inode(struct inodes *set, unsigned long long inode)
{
	if (set->n == set->cap) {
		size_t cap = set->cap ? 2 * set->cap : 256;
		void *items = realloc(set->items, cap * sizeof(*set->items));

		if (!items)
			return;
		set->items = items;
		set->cap = cap;
	}
	set->items[set->n++] = inode;
}

static void add_processes(struct inodes *set)
{
	DIR *proc = opendir("/proc");

	for (struct dirent *e; proc && (e = readdir(proc));) {
		char path[300];
		struct stat st;

		snprintf(path, sizeof(path), "/proc/%s/ns/net", e->d_name);
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && stat(path, &st) == 0)
			add_inode(set, st.st_ino);
	}
	if (proc)
		closedir(proc);
}

/* "… net:[4026532000] /run/… - nsfs …" */
static void add_mounts(struct inodes *set)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	while (mounts && getline(&line, &size, mounts) > 0) {
		const char *at = strstr(line, " net:[");
		unsigned long long inode;

		if (at && strstr(line, " - nsfs ") && sscanf(at, " net:[%llu]", &inode) == 1)
			add_inode(set, inode);
	}
	if (mounts)
		fclose(mounts);
}

static int by_number(const void *a, const void *b)
{
	unsigned long long x = *(const unsigned long long *)a, y = *(const unsigned long long *)b;

	return (x > y) - (x < y);
}

size_t netns_in_use(void)
{
	struct inodes set = {0};
	size_t unique = 0;

	add_processes(&set);
	add_mounts(&set);
	if (set.n)
		qsort(set.items, set.n, sizeof(*set.items), by_number);
	for (size_t i = 0; i < set.n; i++)
		unique += i == 0 || set.items[i] != set.items[i - 1];
	free(set.items);
	return unique;
}
