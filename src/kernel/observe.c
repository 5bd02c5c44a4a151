/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Observing: which of a lab's namespaces stand, what the host has of it, and how the
 * two ends of cables find each other. Reading one namespace is dump.c's.
 */
#include "dump.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "foreign.h"
#include "forwarding.h"
#include "limit_notes.h"
#include "listeners.h"
#include "netns.h"
#include "rules.h"
#include "settings.h"
#include "sysctl.h"
#include "text.h"

struct observer {
	struct kernel *k;
	struct arena *a;
	const struct state *want, *before;
	struct state *s;
	VEC(struct raw_space) raw; /* of each space, what only matters here */
	DIR *dir;
	const char *what; /* is being done, for an error */
};

static const struct space *expected(const struct state *s, const struct space *sp)
{
	return s ? state_space(s, sp->kind, sp->name) : NULL;
}

/* All parts of the fabric have the same, also those that nobody expected. */
static const struct space *whose_settings(const struct state *s, const struct space *sp)
{
	return s && sp->kind == SPACE_FABRIC ? &s->spaces.items[FABRIC_SPACE] : expected(s, sp);
}

/* ---- spaces ---------------------------------------------------------------------------------------- */

static int read_space(struct observer *o, size_t space)
{
	struct space *sp = &o->s->spaces.items[space];
	struct kspace *ks = kspace_get(o->k, sp->kind, sp->name);
	struct dump d = {
		.a = o->a,
		.sp = sp,
		.raw = &o->raw.items[space],
		.lab = o->k->lab,
		.want = expected(o->want, sp),
		.before = expected(o->before, sp),
		.around = space < o->s->first_node ? o->want : NULL,
	};
	int r = ks ? kspace_enter(o->k, ks) : -ENOMEM;

	if (r == -ENOENT && sp->kind != SPACE_HOST) { /* an empty file: what was mounted here is lost */
		sp->present = false;
		return 0;
	}
	if (r == 0)
		r = kspace_socket(o->k, ks);
	if (r < 0)
		return r;
	sp->present = true;
	settings_read(o->a, &o->k->sysctls, ks->sock, sp, whose_settings(o->want, sp));
	settings_read(o->a, &o->k->sysctls, ks->sock, sp, whose_settings(o->before, sp));
	return dump_space(&d, ks->sock);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in the lab's folder of namespaces, sorted. */
static int list_spaces(struct observer *o)
{
	VEC(const char *) names = {0};
	uint32_t part;
	int fd, r = netns_open_dir(o->k, false);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	fd = openat(o->k->spaces_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	o->dir = fd < 0 ? NULL : fdopendir(fd);
	if (!o->dir)
		return -errno;
	for (struct dirent *e; (e = readdir(o->dir));)
		if (e->d_name[0] != '.')
			*vec_push(o->a, &names) = arena_strdup(o->a, e->d_name);
	if (names.n)
		qsort(names.items, names.n, sizeof(*names.items), by_name);
	o->s->any = true;
	for (size_t i = 0; i < names.n; i++) /* before the nodes */
		if (state_part_parse(names.items[i], &part))
			(part ? state_add_part(o->s, part) : &o->s->spaces.items[FABRIC_SPACE])->present = true;
	for (size_t i = 0; i < names.n; i++)
		if (!state_part_parse(names.items[i], &part))
			state_add_node(o->s, names.items[i])->present = true;
	return 0;
}

/* Names below /run/netns, of nodes that stand and of those that shall. */
static void read_names(struct observer *o)
{
	for (size_t i = o->want ? o->want->first_node : 0; o->want && i < o->want->spaces.n; i++)
		if (!state_space(o->s, SPACE_NODE, o->want->spaces.items[i].name))
			state_add_node(o->s, o->want->spaces.items[i].name);
	for (size_t i = o->s->first_node; i < o->s->spaces.n; i++) {
		struct space *sp = &o->s->spaces.items[i];
		enum netns_name name = netns_name_state(o->k, sp->name);

		sp->named = name == NAME_OURS;
		sp->name_taken = name == NAME_TAKEN;
	}
}

static int read_inside(struct observer *o)
{
	int r = 0;

	while (o->raw.n < o->s->spaces.n)
		vec_push(o->a, &o->raw);
	for (size_t i = FABRIC_SPACE; r == 0 && i < o->s->spaces.n; i++)
		if (o->s->spaces.items[i].present)
			r = read_space(o, i);
	return r;
}

/* ---- the host -------------------------------------------------------------------------------------- */

/* The lab's group: that of its devices, else the lowest that no device of the host has. */
static uint32_t find_group(const struct space *host)
{
	uint32_t group = MARK_GROUP_HOST + 1;
	bool again = true;

	for (size_t i = 0; i < host->devices.n; i++)
		if (host->devices.items[i].owner == OWNER_LAB)
			return host->devices.items[i].group;
	while (again) {
		again = false;
		for (size_t i = 0; i < host->devices.n && !again; i++)
			again = host->devices.items[i].group == group;
		group += again;
	}
	return group;
}

static const char *const bridged_path[IP_FAMILIES] = {"net/bridge/bridge-nf-call-iptables",
                                                      "net/bridge/bridge-nf-call-ip6tables"};

static int read_limits(struct observer *o)
{
	_cleanup_fd_ int dir = kernel_run_dir(o->k);

	return limits_observe(o->k->lab, dir, o->want, o->s);
}

/* Where a flush took the tables that claimed the host's switches, the next lab that is worked on sees to them. */
static void adopt_orphans(struct observer *o)
{
	_cleanup_fd_ int dir = kernel_run_dir(o->k);

	for (int f = 0; f < IP_FAMILIES; f++)
		o->s->lends[f] |= forwarding_is_orphaned((enum ip_family)f, dir);
}

static int read_host(struct observer *o)
{
	struct space *host = &o->s->spaces.items[HOST_SPACE];
	int r = read_space(o, HOST_SPACE);

	if (r < 0)
		return r;
	o->s->host_group = find_group(host);
	for (size_t i = 0; i < host->devices.n; i++)
		o->s->any |= host->devices.items[i].owner == OWNER_LAB;
	for (int f = 0; f < IP_FAMILIES; f++) {
		o->s->forwarding[f] = forwarding_is_on((enum ip_family)f);
		o->s->filters_bridged[f] = sysctl_is_on(bridged_path[f]);
	}
	if (o->k->paths.machine)
		o->k->paths.machine->look(o->k->paths.machine->data, o->a, &o->s->way_out);
	r = rules_observe(o->a, o->k->lab, o->want ? &o->want->rules : NULL, o->s);
	if (r == 0)
		adopt_orphans(o);
	if (r == 0 && o->want)
		listeners_observe(o->a, &o->want->rules, NULL, &o->s->listeners);
	if (r == 0 && o->want && o->s->way_out.takes_ports)
		listeners_observe(o->a, &o->want->rules, o->k->paths.machine, &o->s->machine_listeners);
	o->s->any |= o->s->rules_found != RULES_ABSENT;
	if (r == 0)
		r = foreign_observe(o->a, o->k->lab, o->s);
	return r < 0 ? r : read_limits(o);
}

/* ---- cables ---------------------------------------------------------------------------------------- */

static int take_nsid(const struct nlmsghdr *m, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, m, sizeof(struct rtgenmsg)) if (mnl_attr_get_type(attr) == NETNSA_NSID) *
		(int32_t *)data = (int32_t)mnl_attr_get_u32(attr);
	return 0;
}

/* What a space calls another one; NSID_UNKNOWN: nothing. */
static int32_t ask_nsid(struct observer *o, size_t from, size_t to)
{
	struct kspace *f = kspace_get(o->k, o->s->spaces.items[from].kind, o->s->spaces.items[from].name);
	struct kspace *t = kspace_get(o->k, o->s->spaces.items[to].kind, o->s->spaces.items[to].name);
	char buf[128];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	int32_t nsid = NSID_UNKNOWN;
	bool owned = false;
	int fd = f && t ? kspace_open(o->k, t, &owned) : -1;

	if (fd < 0 || f->sock < 0)
		return NSID_UNKNOWN;
	m->nlmsg_type = RTM_GETNSID;
	m->nlmsg_flags = NLM_F_REQUEST;
	mnl_nlmsg_put_extra_header(m, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(m, NETNSA_FD, (uint32_t)fd);
	if (nl_request(f->sock, m, take_nsid, &nsid, NULL) < 0)
		nsid = NSID_UNKNOWN;
	if (owned)
		close(fd);
	return nsid;
}

/* The same, asked once. */
static int32_t nsid_of(struct observer *o, size_t from, size_t to)
{
	struct raw_space *raw = &o->raw.items[from];
	int32_t nsid;

	for (size_t i = 0; i < raw->nsids.n; i++)
		if (raw->nsids.items[i].space == (int32_t)to)
			return raw->nsids.items[i].nsid;
	nsid = ask_nsid(o, from, to);
	*vec_push(o->a, &raw->nsids) = (struct known_nsid){nsid, (int32_t)to};
	return nsid;
}

/* The space (found) where a state (wanted, or as last applied) has the other end of this device. */
static int32_t peer_by(const struct observer *o, const struct state *s, const struct space *sp, const char *device)
{
	const struct space *es = expected(s, sp), *other, *found;
	int32_t at = es ? space_device(es, device) : -1;

	if (at < 0 || es->devices.items[at].peer.space < 0)
		return -1;
	other = &s->spaces.items[es->devices.items[at].peer.space];
	found = state_space(o->s, other->kind, other->name);
	return found && found->present ? (int32_t)(found - o->s->spaces.items) : -1;
}

/* Whether a device's other end is in this space. Only where one has its ifindex is the kernel asked. */
static bool leads_to(struct observer *o, size_t space, const struct raw_device *raw, int32_t to)
{
	return to >= 0 && raw_by_index(&o->raw.items[to], raw->link) >= 0 && nsid_of(o, space, (size_t)to) == raw->nsid;
}

/* In which space a device has its other end: the likeliest are asked first. -1: in none that is known. */
static int32_t find_space(struct observer *o, size_t space, const char *device, const struct raw_device *raw)
{
	const struct space *sp = &o->s->spaces.items[space];
	int32_t likely[] = {peer_by(o, o->want, sp, device), peer_by(o, o->before, sp, device)};

	for (size_t i = 0; i < ARRAY_SIZE(likely); i++)
		if (leads_to(o, space, raw, likely[i]))
			return likely[i];
	for (size_t i = o->s->first_node; i-- > HOST_SPACE;)
		if (leads_to(o, space, raw, (int32_t)i))
			return (int32_t)i;
	return -1;
}

static void join(struct observer *o, size_t space, size_t device)
{
	struct device *d = &o->s->spaces.items[space].devices.items[device];
	const struct raw_device *raw = &o->raw.items[space].devices.items[device];
	struct device *peer;
	int32_t other, at;

	if (d->kind != DEVICE_VETH || !raw->link || d->peer.space >= 0)
		return;
	other = raw->nsid == NSID_UNKNOWN ? (int32_t)space : find_space(o, space, d->name, raw);
	at = other < 0 ? -1 : raw_by_index(&o->raw.items[other], raw->link);
	if (at < 0)
		return;
	peer = &o->s->spaces.items[other].devices.items[at];
	d->peer = (struct device_ref){other, at};
	peer->peer = (struct device_ref){(int32_t)space, (int32_t)device};
	d->trunk = peer->trunk = space < o->s->first_node && other < (int32_t)o->s->first_node;
}

static void join_space(struct observer *o, size_t space)
{
	for (size_t k = 0; k < o->s->spaces.items[space].devices.n; k++)
		join(o, space, k);
}

/* From the nodes' side, then what lies between fabric and host: what remains without a peer has lost it. */
static void join_cables(struct observer *o)
{
	for (size_t i = o->s->first_node; i < o->s->spaces.n; i++)
		join_space(o, i);
	for (size_t i = FABRIC_SPACE; i < o->s->first_node; i++)
		join_space(o, i);
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static int observe(struct observer *o)
{
	int r;

	o->s = state_new(o->a, arena_strdup(o->a, o->k->lab));
	o->what = "list the namespaces of";
	r = list_spaces(o);
	if (r < 0)
		return r;
	o->what = "read the namespaces of";
	if (o->want) {
		read_names(o);
		r = read_inside(o);
	} else {
		while (o->raw.n < o->s->spaces.n)
			vec_push(o->a, &o->raw);
	}
	if (r < 0)
		return r;
	o->what = "read what the host has of";
	r = kspace_enter(o->k, o->k->host);
	if (r == 0)
		r = read_host(o);
	if (r == 0 && o->want)
		join_cables(o);
	return r;
}

static int observe_bridges(struct observer *o)
{
	int r;

	o->s = state_new(o->a, arena_strdup(o->a, o->k->lab));
	o->what = "read the bridges of";
	r = list_spaces(o);
	while (o->raw.n < o->s->spaces.n)
		vec_push(o->a, &o->raw);
	for (size_t i = FABRIC_SPACE; r == 0 && i < o->s->first_node; i++)
		if (o->s->spaces.items[i].present)
			r = read_space(o, i);
	return r < 0 ? r : read_space(o, HOST_SPACE);
}

static int observe_into(struct observer *o, int (*what)(struct observer *))
{
	return arena_exhausted(o->a) ? -ENOMEM : what(o);
}

static int observe_by(int (*what)(struct observer *), struct kernel *k, struct arena *a, const struct state *want,
                      const struct state *before, struct state **out, struct nsl_error **err)
{
	struct observer *o = calloc(1, sizeof(*o));
	int r;

	if (!o)
		return error_oom(err);
	*o = (struct observer){.k = k, .a = a, .want = want, .before = before, .what = ""};
	r = observe_into(o, what);
	arena_settle(a);
	if (o->dir)
		closedir(o->dir);
	kspace_enter(k, k->host);
	if (r < 0)
		r = error_errno(err, -r, "cannot %s lab \"%s\"", o->what, k->lab);
	else
		*out = o->s;
	free(o);
	return r;
}

int kernel_observe(struct kernel *k, struct arena *a, const struct state *want, const struct state *before,
                   struct state **out, struct nsl_error **err)
{
	return observe_by(observe, k, a, want, before, out, err);
}

int kernel_observe_bridges(struct kernel *k, struct arena *a, struct state **out, struct nsl_error **err)
{
	return observe_by(observe_bridges, k, a, NULL, NULL, out, err);
}

/* Where modules of tunnels are loaded, lo is not alone in it. */
static int born_devices(struct arena *a, struct space *born, int sock)
{
	struct raw_space raw = {0};
	struct dump d = {.a = a, .sp = born, .raw = &raw, .lab = ""};

	return dump_space(&d, sock);
}

static int read_born(struct kernel *kernel, struct arena *a, const struct state *want, const struct state *before,
                     int sock, struct space **out)
{
	const struct state *const states[] = {want, before};

	if (sock < 0)
		return sock;
	if (arena_exhausted(a))
		return -ENOMEM;
	*out = arena_new_of(a, struct space);
	(*out)->kind = SPACE_NODE;
	for (size_t k = 0; k < ARRAY_SIZE(states); k++)
		for (size_t i = FABRIC_SPACE; states[k] && i < states[k]->spaces.n; i++)
			settings_read(a, &kernel->sysctls, sock, *out, &states[k]->spaces.items[i]);
	return born_devices(a, *out, sock);
}

int kernel_born(struct kernel *k, struct arena *a, const struct state *want, const struct state *before,
                struct space **out, struct nsl_error **err)
{
	int r = unshare(CLONE_NEWNET) < 0 ? -errno : 0;

	if (r < 0)
		return error_errno(err, -r, "cannot make a network namespace");
	k->inside = NULL;
	fd_closep(&k->born);
	k->born = nl_open(NETLINK_ROUTE);
	r = read_born(k, a, want, before, k->born, out);
	arena_settle(a);
	kspace_enter(k, k->host);
	return r < 0 ? error_errno(err, -r, "cannot look at a new network namespace") : 0;
}
