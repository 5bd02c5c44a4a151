/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first half of a plan: what must go. */
#include "diff.h"

#include "text.h"

static bool wanted_address(const struct device *want, const struct ip_prefix *ip)
{
	for (size_t i = 0; i < want->addresses.n; i++)
		if (prefix_cmp(&want->addresses.items[i].ip, ip) == 0)
			return true;
	return false;
}

static void remove_addresses(struct diff *d, uint32_t space)
{
	struct space *ws = &d->want->spaces.items[space];

	for (size_t i = 0; i < ws->devices.n; i++) {
		struct match *m = &d->match[space][i];

		if (!m->was || ws->devices.items[i].kind == DEVICE_LO)
			continue;
		for (size_t k = 0; k < m->was->addresses.n; k++) {
			const struct ifaddr *addr = &m->was->addresses.items[k];
			struct op *op;

			if (wanted_address(&ws->devices.items[i], &addr->ip) || !(addr->ours || d->options->prune))
				continue;
			op = diff_op(d, OP_ADDRESS_DEL, ACTION_REMOVE, space, (struct nsl_pos){0});
			op->dev = m->was;
			op->address = addr;
			m->readdressed = true;
		}
	}
}

static void remove_routes(struct diff *d, uint32_t space, const struct space *hs)
{
	struct space *ws = &d->want->spaces.items[space];

	for (size_t i = 0; i < hs->routes.n; i++) {
		if (space_route(ws, &hs->routes.items[i].to))
			continue;
		diff_op(d, OP_ROUTE_DEL, ACTION_REMOVE, space, (struct nsl_pos){0})->route = &hs->routes.items[i];
	}
}

/* Marks both ends of a cable as dealt with. */
static void forget(struct diff *d, size_t space, size_t device)
{
	const struct device *dev = &d->have->spaces.items[space].devices.items[device];

	d->kept[space][device] = true;
	if (dev->peer.space >= 0 && dev->peer.device >= 0)
		d->kept[dev->peer.space][dev->peer.device] = true;
}

static const char *remake_reason(const struct diff *d, uint32_t space, const struct device *was)
{
	int32_t at = d->want ? space_device(&d->want->spaces.items[space], was->name) : -1;

	return at < 0 ? NULL : d->match[space][at].remake;
}

static bool removable(const struct diff *d, const struct device *was)
{
	return was->kind != DEVICE_LO &&
	       (was->owner == OWNER_LAB || (d->options->prune && was->owner == OWNER_STRANGER));
}

static bool goes(const struct diff *d, const struct space *hs, size_t device)
{
	const struct device *was = &hs->devices.items[device];

	return !d->kept[hs - d->have->spaces.items][device] && removable(d, was) &&
	       (hs->kind != SPACE_HOST || was->owner == OWNER_LAB);
}

/*
 * One device after the other takes the kernel 20 ms each, all of a group little more than one. So several get a group
 * of their own first; and what a crash left in that group, but stays, leaves it.
 */
static void set_group(struct diff *d, uint32_t space, struct device *was, bool leaving)
{
	struct op *op;

	if (was->leaving == leaving)
		return;
	op = diff_op(d, OP_DEVICE_SET, ACTION_REMOVE, space, (struct nsl_pos){0});
	op->dev = was;
	op->set = SET_GROUP;
	op->group = was->group | (leaving ? MARK_LEAVING : 0);
	op->quiet = true;
}

static void remove_device(struct diff *d, uint32_t space, struct device *was, uint32_t group, bool first)
{
	struct op *op = diff_op(d, OP_DEVICE_DEL, ACTION_REMOVE, space, (struct nsl_pos){0});

	op->dev = was;
	op->why = remake_reason(d, space, was);
	op->whole = group && first;
	op->group = group;
	op->done = group && !first;
}

/* Whole: every device of the lab on the host goes. */
static void remove_devices(struct diff *d, uint32_t space, const struct space *hs, bool whole)
{
	VEC(struct device *) leaving = {0};
	uint32_t group = 0;

	for (size_t i = 0; i < hs->devices.n; i++) {
		struct device *was = &hs->devices.items[i];

		if (goes(d, hs, i)) {
			*vec_push(d->arena, &leaving) = was;
			forget(d, (size_t)(hs - d->have->spaces.items), i);
		} else if (was->owner == OWNER_LAB) {
			set_group(d, space, was, false);
		}
	}
	if (whole || leaving.n > 1) {
		for (size_t i = 0; i < leaving.n; i++)
			set_group(d, space, leaving.items[i], !whole);
		group = leaving.n ? leaving.items[0]->group | (whole ? 0 : MARK_LEAVING) : 0;
	}
	for (size_t i = 0; i < leaving.n; i++) {
		remove_device(d, space, leaving.items[i], group, i == 0);
		d->plan->ops.items[d->plan->ops.n - 1].quiet = whole && leaving.items[i]->kind == DEVICE_VETH;
	}
}

static void remove_spaces(struct diff *d)
{
	bool whole = !d->want, first = true;

	for (uint32_t i = FABRIC_SPACE; i < d->plan->spaces.n; i++) {
		const struct plan_space *ps = &d->plan->spaces.items[i];
		bool stands = ps->found && (ps->found->present || ps->found->named);
		struct op *op;

		if (!stands || (ps->wanted && ps->wanted->present))
			continue;
		op = diff_op(d, OP_SPACE_DEL, ACTION_REMOVE, i, (struct nsl_pos){0});
		op->whole = whole && first;
		op->done = whole && !first;
		first = false;
	}
	if (whole && first && d->have->any) { /* a crash left the place, and nothing in it */
		struct op *op = diff_op(d, OP_SPACE_DEL, ACTION_REMOVE, FABRIC_SPACE, (struct nsl_pos){0});

		op->whole = op->quiet = true;
	}
}

static void give_switch_back(struct diff *d)
{
	for (int f = 0; f < IP_FAMILIES; f++)
		if (d->have->lends[f] && !(d->want && d->want->rules.forward[f]))
			diff_op(d, OP_FORWARD_OFF, ACTION_REMOVE, HOST_SPACE, (struct nsl_pos){0})->family =
				(enum ip_family)f;
}

/* Our rule in chains that let everything pass by now, or when the lab has no more part in the host. */
static void remove_accepts(struct diff *d)
{
	bool needed = d->want && d->want->rules.networks.n;

	for (size_t i = 0; i < d->have->foreign.n; i++) {
		const struct foreign_chain *c = &d->have->foreign.items[i];

		if (c->accepts && !(needed && c->drops))
			diff_op(d, OP_ACCEPT_DEL, ACTION_REMOVE, HOST_SPACE, (struct nsl_pos){0})->chain = c;
	}
}

void diff_remove(struct diff *d)
{
	size_t n = d->want ? d->want->spaces.n : 0;

	give_switch_back(d);
	for (uint32_t i = 0; i < n; i++) {
		const struct space *hs = found_space(d, i);

		if (!hs)
			continue;
		remove_routes(d, i, hs);
		remove_addresses(d, i);
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct space *hs = found_space(d, i);

		if (hs && d->want->spaces.items[i].present)
			remove_devices(d, i, hs, false);
	}
	if (!d->want)
		remove_devices(d, HOST_SPACE, &d->have->spaces.items[HOST_SPACE], true);
	remove_accepts(d);
	diff_publish_remove(d);
	if (d->have->rules_found != RULES_ABSENT && !(d->want && d->want->rules.networks.n))
		diff_op(d, OP_RULES_DEL, ACTION_REMOVE, HOST_SPACE, (struct nsl_pos){0});
	remove_spaces(d);
	diff_limits_remove(d);
}
