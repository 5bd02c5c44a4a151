/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the devices that stand are those that are wanted. Names decide; what
 * has the right name but is of another kind, or a cable to somewhere else, must be
 * made anew; what is not the lab's own is an obstacle.
 */
#include "diff.h"

#include "text.h"

enum { FAR_INDEX = 1 << 16 };

static void foreign_device(struct diff *d, const struct space *sp, const struct device *want, const struct device *was)
{
	struct nsl_error **e;

	if (sp->kind != SPACE_HOST) {
		e = diff_obstacle(d, want->pos, "an interface \"%s\" that nsloom did not make stands in %s", want->name,
		                  sp->name);
		error_hint(e, "remove it, or give the interface another name");
		return;
	}
	if (was->owner == OWNER_OTHER_LAB)
		e = diff_obstacle(d, want->pos, "the host's device \"%s\" belongs to another lab", want->name);
	else
		e = diff_obstacle(d, want->pos, "the host already has a device \"%s\"", want->name);
	error_hint(e, want->kind == DEVICE_BRIDGE ? "give the network another name, or its bridge one with `device:`"
	                                          : "give the port another name");
}

/* The other end of a cable is where it is wanted. */
static bool same_peer(const struct diff *d, const struct device *want, const struct device *was)
{
	const struct space *ws, *hs;

	if (was->peer.space < 0 || was->peer.device < 0)
		return false;
	ws = &d->want->spaces.items[want->peer.space];
	hs = &d->have->spaces.items[was->peer.space];
	return ws->kind == hs->kind && streq(ws->name, hs->name) &&
	       streq(ws->devices.items[want->peer.device].name, hs->devices.items[was->peer.device].name);
}

static const char *unfit(const struct diff *d, const struct device *want, const struct device *was)
{
	if (want->kind != was->kind)
		return "it is of another kind";
	if (want->kind == DEVICE_VETH && !same_peer(d, want, was))
		return "its other end is elsewhere";
	return NULL;
}

static void match_space(struct diff *d, uint32_t space)
{
	struct space *ws = &d->want->spaces.items[space];
	const struct space *hs = found_space(d, space);
	size_t found_at;

	if (!hs)
		return;
	found_at = (size_t)(hs - d->have->spaces.items);
	for (size_t i = 0; i < ws->devices.n; i++) {
		struct device *want = &ws->devices.items[i];
		struct match *m = &d->match[space][i];
		int32_t at = space_device(hs, want->name);
		struct device *was = at < 0 ? NULL : &hs->devices.items[at];

		if (!was)
			continue;
		if (was->owner != OWNER_LAB && want->kind != DEVICE_LO) {
			foreign_device(d, ws, want, was);
			continue;
		}
		m->remake = unfit(d, want, was);
		if (m->remake)
			continue;
		m->was = was;
		d->kept[found_at][at] = true;
		want->ifindex = was->ifindex;
	}
}

static void check_name(struct diff *d, uint32_t space)
{
	const struct plan_space *ps = &d->plan->spaces.items[space];

	if (ps->found && ps->found->name_taken && ps->wanted->present)
		error_hint(diff_obstacle(d, ps->wanted->pos,
		                         "a network namespace of the name of node \"%s\" (%s.%s) exists already, and "
		                         "it is not this lab's",
		                         ps->name, d->plan->lab, ps->name),
		           "rename the node or the lab, or remove that namespace");
}

/*
 * The first ifindex that nothing in a space has. In a new namespace the kernel would count the same way,
 * which matters: of a cable to the host it chooses both ends (veth_newlink() heeds the peer's ifindex only where the
 * device itself comes with one). So on the host and in nodes that stand, where there may have been others before, the
 * choice is the kernel's, and devices are asked for theirs by name.
 */
static uint32_t first_index(enum space_kind kind, const struct space *found, const struct space *born)
{
	const struct space *sp = found ? found : born; /* a new namespace may be born with tunnels in it */
	uint32_t max = 1;

	if (kind == SPACE_HOST || (kind == SPACE_NODE && found))
		return 0;

	for (size_t i = 0; sp && i < sp->devices.n; i++)
		if (sp->devices.items[i].ifindex > max)
			max = sp->devices.items[i].ifindex;
	return max + 1;
}

/*
 * Kernels up to 6.1 at least look for the ifindex that a far end is to have among
 * the devices of the near end's namespace too, and refuse it (EEXIST) where one has it. So
 * far ends count from where no namespace of the lab has got to.
 */
static uint32_t first_far(const struct state *have)
{
	uint32_t next = FAR_INDEX;

	for (size_t i = FABRIC_SPACE; i < have->spaces.n; i++) {
		const struct space *sp = &have->spaces.items[i];

		for (size_t k = 0; k < sp->devices.n; k++)
			if (sp->devices.items[k].ifindex >= next)
				next = sp->devices.items[k].ifindex + 1;
	}
	return next;
}

void diff_match(struct diff *d)
{
	size_t n = d->want ? d->want->spaces.n : 0;

	d->match = arena_array(d->arena, n, struct match *);
	d->next_index = arena_array(d->arena, n, uint32_t);
	d->next_far = first_far(d->have);
	d->kept = arena_array(d->arena, d->have->spaces.n, bool *);
	for (size_t i = 0; i < d->have->spaces.n; i++)
		d->kept[i] = arena_array(d->arena, d->have->spaces.items[i].devices.n, bool);
	for (uint32_t i = 0; i < n; i++) {
		d->match[i] = arena_array(d->arena, d->want->spaces.items[i].devices.n, struct match);
		d->next_index[i] = first_index(d->want->spaces.items[i].kind, found_space(d, i), d->born);
		match_space(d, i);
		check_name(d, i);
	}
}
