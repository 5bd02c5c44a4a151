/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far two namespaces are apart: what else than the network their processes
 * have in common, and where a device of the one meets the other: by a cable, on one
 * bridge, on one parent.
 */
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "compare.h"
#include "fd.h"
#include "text.h"

static void add(struct comparing *d, enum nsl_aspect aspect, const char *what, const char *x, const char *y)
{
	*vec_push(d->a, &d->rows) = (struct nsl_row){.aspect = aspect, .what = what, .value = {x, y}, .told = true};
}

static const struct nsl_netns *side(const struct comparing *d, int n)
{
	return &d->census->items[d->at[n]];
}

/* ---- other namespaces of their processes ----------------------------------------------------------- */

static const struct {
	const char *file, *what;
} kinds[] = {
	{"mnt", "mount namespace"}, {"pid", "pid namespace"}, {"user", "user namespace"},
	{"ipc", "ipc namespace"},   {"uts", "uts namespace"}, {"cgroup", "cgroup namespace"},
};

static const struct nsl_hold *first_process(const struct nsl_netns *ns)
{
	for (size_t i = 0; i < ns->n_holds; i++)
		if (ns->holds[i].by == NSL_KEPT_BY_PROCESS)
			return &ns->holds[i];
	return NULL;
}

static uint64_t inode_of(int pid, const char *file)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, file);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* By the first process of each: those of a container are alike. */
static void add_kinds(struct comparing *d)
{
	const struct nsl_hold *x = first_process(side(d, 0)), *y = first_process(side(d, 1));

	for (size_t i = 0; x && y && i < ARRAY_SIZE(kinds); i++) {
		uint64_t a = inode_of(x->pid, kinds[i].file), b = inode_of(y->pid, kinds[i].file);

		if (a && b)
			add(d, NSL_ASPECT_ISOLATION, kinds[i].what, arena_printf(d->a, "%" PRIu64, a),
			    arena_printf(d->a, "%" PRIu64, b));
	}
}

/* ---- where they meet ------------------------------------------------------------------------------- */

static bool same_place(struct nsl_place a, struct nsl_place b)
{
	return a.ns >= 0 && a.device >= 0 && a.ns == b.ns && a.device == b.device;
}

/* What a device is plugged into: its own bridge, or that of the other end of its cable. */
static struct nsl_place bridge_of(const struct comparing *d, const struct nsl_device *dev)
{
	if (dev->master.device >= 0 || dev->tie != NSL_TIE_PEER || dev->tied.device < 0)
		return dev->master;
	return d->census->items[dev->tied.ns].devices[dev->tied.device].master;
}

static const char *place_text(struct comparing *d, struct nsl_place p)
{
	const struct nsl_netns *ns = &d->census->items[p.ns];

	return arena_printf(d->a, "%s:%s", ns->name, ns->devices[p.device].name);
}

static void add_meeting(struct comparing *d, size_t i, size_t k)
{
	const struct nsl_device *x = &side(d, 0)->devices[i], *y = &side(d, 1)->devices[k];
	struct nsl_place here = {d->at[0], (int32_t)i}, there = {d->at[1], (int32_t)k};
	struct nsl_place bridge = bridge_of(d, x);

	if (same_place(x->tied, there) || same_place(y->tied, here))
		add(d, NSL_ASPECT_ISOLATION, x->tie == NSL_TIE_PEER ? "cable" : "parent", x->name, y->name);
	else if (bridge.ns != d->at[0] && bridge.ns != d->at[1] && same_place(bridge, bridge_of(d, y)))
		add(d, NSL_ASPECT_ISOLATION, arena_printf(d->a, "both on bridge %s", place_text(d, bridge)), x->name,
		    y->name);
	else if (same_place(bridge, there) || same_place(bridge_of(d, y), here))
		add(d, NSL_ASPECT_ISOLATION, "bridge", x->name, y->name);
	else if (x->tie == NSL_TIE_PARENT && y->tie == NSL_TIE_PARENT && same_place(x->tied, y->tied))
		add(d, NSL_ASPECT_ISOLATION, arena_printf(d->a, "both on %s", place_text(d, x->tied)), x->name,
		    y->name);
}

void compare_isolation(struct comparing *d)
{
	add(d, NSL_ASPECT_ISOLATION, "network namespace", arena_printf(d->a, "%" PRIu64, side(d, 0)->inode),
	    arena_printf(d->a, "%" PRIu64, side(d, 1)->inode));
	if (side(d, 0)->userns && side(d, 1)->userns)
		add(d, NSL_ASPECT_ISOLATION, "owning user namespace",
		    arena_printf(d->a, "%" PRIu64, side(d, 0)->userns),
		    arena_printf(d->a, "%" PRIu64, side(d, 1)->userns));
	add_kinds(d);
	for (size_t i = 0; i < side(d, 0)->n_devices; i++)
		for (size_t k = 0; k < side(d, 1)->n_devices; k++)
			add_meeting(d, i, k);
}

void compare_processes(struct comparing *d)
{
	for (int n = 0; n < 2; n++)
		for (size_t i = 0; i < side(d, n)->n_holds; i++) {
			const struct nsl_hold *h = &side(d, n)->holds[i];
			const char *command = h->command ? h->command : "?";

			if (h->by == NSL_KEPT_BY_PROCESS)
				add(d, NSL_ASPECT_PROCESSES, arena_printf(d->a, "%d", h->pid), n ? NULL : command,
				    n ? command : NULL);
		}
}
