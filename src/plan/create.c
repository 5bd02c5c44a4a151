/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second half of a plan: what must come, and what must change in place.
 *
 * Nodes are worked in their order. A cable is made from the later one of its
 * two nodes, for then both stand, and its end there goes up; as soon as a node's last cable lies,
 * the rest of the node follows: so that for a node which hangs on networks alone all of it travels
 * in one send, and that few devices have addresses and routes when their carrier comes.
 */
#include <linux/netfilter.h>
#include <string.h>

#include "diff.h"
#include "text.h"

static uint32_t n_spaces(const struct diff *d)
{
	return (uint32_t)d->want->spaces.n;
}

static uint32_t first_node(const struct diff *d)
{
	return (uint32_t)d->want->first_node;
}

static struct space *wanted(const struct diff *d, uint32_t space)
{
	return &d->want->spaces.items[space];
}

static struct device *peer_of(const struct diff *d, const struct device *dev)
{
	return &wanted(d, (uint32_t)dev->peer.space)->devices.items[dev->peer.device];
}

/* ---- settings ---------------------------------------------------------------------------------- */

/* A sysctl of one device can be written when the device is there; any other at once. */
static bool of_device(const struct setting *s)
{
	const char *conf = strstr(s->path, "/conf/"), *neigh = strstr(s->path, "/neigh/");
	const char *name = conf ? conf + 6 : neigh ? neigh + 7 : NULL;

	return name && !has_prefix(name, "all/") && !has_prefix(name, "default/");
}

static const struct setting *setting_of(const struct space *sp, const char *path)
{
	for (size_t i = 0; sp && i < sp->settings.n; i++)
		if (streq(sp->settings.items[i].path, path))
			return &sp->settings.items[i];
	return NULL;
}

/* The kernel separates numbers by tabs where people write blanks. */
static bool same_value(const char *a, const char *b)
{
	if (!a || !b)
		return false;
	for (; *a || *b; a++, b++) {
		bool ta = *a == ' ' || *a == '\t', tb = *b == ' ' || *b == '\t';

		if (ta != tb || (!ta && *a != *b))
			return false;
	}
	return true;
}

static void add_settings(struct diff *d, uint32_t space, bool device)
{
	const struct space *ws = wanted(d, space), *hs = found_space(d, space);

	for (size_t i = 0; i < ws->settings.n; i++) {
		const struct setting *s = &ws->settings.items[i];
		const struct setting *was = setting_of(hs ? hs : d->born, s->path);
		struct op *op;

		if (of_device(s) != device || (was && same_value(was->value, s->value)))
			continue;
		op = diff_op(d, OP_SETTING, hs && was && was->value ? ACTION_CHANGE : ACTION_CREATE, space, s->pos);
		op->setting = s;
		op->setting_was = hs ? was : NULL;
		op->quiet = !s->user && !(hs && was && was->value);
	}
}

/* What the file asked for once goes back to what a new namespace has. */
static void restore_settings(struct diff *d, uint32_t space)
{
	const struct space *ws = wanted(d, space), *hs = found_space(d, space);

	for (size_t i = 0; hs && ws->kind == SPACE_NODE && i < hs->settings.n; i++) {
		const struct setting *was = &hs->settings.items[i];
		const struct setting *born = setting_of(d->born, was->path);
		struct op *op;

		if (setting_of(ws, was->path) || !born || !born->value || !was->value ||
		    same_value(born->value, was->value))
			continue;
		op = diff_op(d, OP_SETTING, ACTION_CHANGE, space, ws->pos);
		op->setting = born;
		op->setting_was = was;
		op->why = "the file no longer asks for it";
	}
}

/* ---- devices ----------------------------------------------------------------------------------- */

static void give_index(struct diff *d, uint32_t space, struct device *dev)
{
	if (wanted(d, space)->kind == SPACE_FABRIC) /* its ports are far ends all of them: one row of numbers */
		dev->ifindex = d->next_far++;
	else if (d->next_index[space])
		dev->ifindex = d->next_index[space]++;
}

/* What is left to set on a device just made. */
static void finish_device(struct diff *d, uint32_t space, struct device *dev)
{
	uint32_t set = 0;
	struct op *op;

	if (dev->alias)
		set |= SET_ALIAS;
	if (dev->altname)
		set |= SET_ALTNAME;
	if (wanted(d, space)->kind == SPACE_FABRIC) { /* without IPv6; a far end is born up, on its bridge */
		if (dev->lower)
			set |= SET_MASTER | SET_UP;
		if (dev->kind == DEVICE_LO)
			set |= SET_UP;
	} else {
		set |= SET_UP;
		if (dev->kind != DEVICE_LO)
			set |= SET_AUTOCONF;
	}
	if (dev->kind == DEVICE_BRIDGE) /* an MTU that it is born with would follow those of its ports */
		set = (set & ~(uint32_t)SET_UP) | (dev->mtu != MTU_DEFAULT ? SET_MTU : 0);
	if (!set)
		return;
	op = diff_op(d, OP_DEVICE_SET, ACTION_CREATE, space, dev->pos);
	op->dev = dev;
	op->set = set;
	op->quiet = true;
}

static uint32_t differences(const struct diff *d, uint32_t space, const struct device *dev, const struct device *was)
{
	const struct space *ws = wanted(d, space), *hs = found_space(d, space);
	uint32_t set = 0;

	if (dev->kind != DEVICE_LO) {
		if (!dev->any_mac && mac_cmp(&dev->mac, &was->mac))
			set |= SET_MAC;
		if (dev->mtu && dev->mtu != was->mtu)
			set |= SET_MTU;
		if (dev->no_autoconf && !was->no_autoconf)
			set |= SET_AUTOCONF;
	}
	if (dev->up && !was->up)
		set |= SET_UP;
	if (dev->alias && !(was->alias && streq(dev->alias, was->alias)))
		set |= SET_ALIAS;
	if (dev->altname && !(was->altname && streq(dev->altname, was->altname)))
		set |= SET_ALTNAME;
	if (dev->master >= 0 &&
	    (was->master < 0 || !streq(ws->devices.items[dev->master].name, hs->devices.items[was->master].name)))
		set |= SET_MASTER;
	return set;
}

static void change_device(struct diff *d, uint32_t space, struct device *dev, struct device *was)
{
	uint32_t set = differences(d, space, dev, was);
	struct op *op;

	for (uint32_t bit = 1; bit <= set; bit <<= 1) { /* one line each: a person reads old and new */
		if (!(set & bit))
			continue;
		op = diff_op(d, OP_DEVICE_SET, ACTION_CHANGE, space, dev->pos);
		op->dev = dev;
		op->was = was;
		op->set = bit;
	}
}

static void add_bridges(struct diff *d, uint32_t space)
{
	struct space *ws = wanted(d, space);

	for (size_t i = 0; i < ws->devices.n; i++) {
		struct device *dev = &ws->devices.items[i];

		if (dev->kind != DEVICE_BRIDGE || d->match[space][i].was)
			continue;
		give_index(d, space, dev);
		if (space == HOST_SPACE)
			dev->group = d->have->host_group;
		diff_op(d, OP_BRIDGE_ADD, ACTION_CREATE, space, dev->pos)->dev = dev;
		finish_device(d, space, dev);
	}
}

/* What somebody else has plugged into a bridge of the lab comes off. */
static void detach_strangers(struct diff *d, uint32_t space)
{
	const struct space *hs = found_space(d, space);

	for (size_t i = 0; hs && i < hs->devices.n; i++) {
		struct device *was = &hs->devices.items[i];
		struct op *op;

		if (was->owner == OWNER_LAB || was->master < 0 || hs->devices.items[was->master].owner != OWNER_LAB)
			continue;
		op = diff_op(d, OP_DEVICE_SET, ACTION_CHANGE, space, hs->devices.items[was->master].pos);
		op->dev = arena_new_of(d->arena, struct device);
		*op->dev = *was;
		op->dev->master = -1;
		op->dev->master_index = 0;
		op->was = was;
		op->set = SET_MASTER;
	}
}

static void raise_bridges(struct diff *d, uint32_t space)
{
	struct space *ws = wanted(d, space);

	for (size_t i = 0; i < ws->devices.n; i++) {
		struct device *dev = &ws->devices.items[i];
		struct op *op;

		if (dev->kind != DEVICE_BRIDGE || d->match[space][i].was)
			continue;
		op = diff_op(d, OP_DEVICE_SET, ACTION_CREATE, space, dev->pos);
		op->dev = dev;
		op->set = SET_UP;
		op->quiet = true;
	}
}

/* The same cable, as the node at its other end sees it: shown there, and done already. */
static void show_far_end(struct diff *d, const struct op *cable, struct device *peer)
{
	const char *why = cable->why;
	struct op *op = diff_op(d, OP_VETH_ADD, ACTION_CREATE, (uint32_t)cable->dev->peer.space, peer->pos);

	op->dev = peer;
	op->why = why;
	op->done = true;
}

static void add_cable(struct diff *d, uint32_t space, struct device *dev, struct match *m)
{
	struct device *peer = peer_of(d, dev);
	struct match *at_peer = &d->match[dev->peer.space][dev->peer.device];
	struct op *op;

	if (dev->peer.space != HOST_SPACE) {
		peer->ifindex = d->next_far++;
		give_index(d, space, dev);
	} else {
		peer->group = d->have->host_group;
		/* The kernel heeds it only where nothing has come from elsewhere: see match.c. */
		if (wanted(d, space)->kind == SPACE_NODE)
			give_index(d, space, dev);
	}
	m->lies = at_peer->lies = true;
	op = diff_op(d, OP_VETH_ADD, ACTION_CREATE, space, dev->pos);
	op->dev = dev;
	op->why = m->remake ? m->remake : at_peer->remake;
	if (wanted(d, (uint32_t)dev->peer.space)->kind == SPACE_NODE)
		show_far_end(d, op, peer);
}

/* The last touch of the ends that lie and have not had it. */
static void finish_ends(struct diff *d, uint32_t space)
{
	struct space *ws = wanted(d, space);

	for (size_t i = 1; i < ws->devices.n; i++) {
		struct match *m = &d->match[space][i];

		if (!m->lies || m->finished)
			continue;
		m->finished = true;
		finish_device(d, space, &ws->devices.items[i]);
	}
}

/* The cables that are made from this node: those to a network, and those to a node before it (or to itself). Its own ends go
 * up at once, the others with the rest of their node: a carrier that comes to a bare device costs the
 * kernel less than one that comes to a device with addresses and routes. */
static void add_cables(struct diff *d, uint32_t space)
{
	struct space *ws = wanted(d, space);

	for (size_t i = 1; i < ws->devices.n; i++) {
		struct device *dev = &ws->devices.items[i];

		if (!d->match[space][i].was && (uint32_t)dev->peer.space <= space &&
		    ((uint32_t)dev->peer.space != space || dev->peer.device <= (int32_t)i))
			add_cable(d, space, dev, &d->match[space][i]);
	}
	finish_ends(d, space);
}

/* The cables between bridges of one network. */
static void add_trunks(struct diff *d, uint32_t space)
{
	struct space *ws = wanted(d, space);

	for (size_t i = 1; i < ws->devices.n; i++) {
		struct device *dev = &ws->devices.items[i];
		struct match *m = &d->match[space][i];

		if (dev->lower && !m->was)
			add_cable(d, space, dev, m);
	}
}

/* The host's and the fabric's ends of the cables of a node: their last touch comes after the cable, on another socket. */
static void finish_ports(struct diff *d, uint32_t space)
{
	struct space *ws = wanted(d, space);

	for (size_t i = 0; i < ws->devices.n; i++)
		if (ws->devices.items[i].kind == DEVICE_VETH && !d->match[space][i].was)
			finish_device(d, space, &ws->devices.items[i]);
}

/* ---- addresses and routes ---------------------------------------------------------------------- */

static bool has_address(const struct device *was, const struct ip_prefix *ip)
{
	for (size_t i = 0; was && i < was->addresses.n; i++)
		if (prefix_cmp(&was->addresses.items[i].ip, ip) == 0)
			return true;
	return false;
}

static void add_addresses(struct diff *d, uint32_t space)
{
	struct space *ws = wanted(d, space);

	for (size_t i = 0; i < ws->devices.n; i++) {
		struct device *dev = &ws->devices.items[i];

		for (size_t k = 0; k < dev->addresses.n; k++) {
			const struct ifaddr *addr = &dev->addresses.items[k];
			struct op *op;

			if (has_address(d->match[space][i].was, &addr->ip))
				continue;
			op = diff_op(d, OP_ADDRESS_ADD, ACTION_CREATE, space, addr->pos);
			op->dev = dev;
			op->address = addr;
			op->quiet = ip_link_local(&addr->ip.ip) && addr->ip.ip.family == IP6;
		}
	}
}

static bool same_hops(const struct space *ws, const struct kroute *r, const struct space *hs, const struct kroute *was)
{
	if (r->hops.n != was->hops.n)
		return false;
	for (size_t i = 0; i < r->hops.n; i++) {
		bool found = false;

		for (size_t k = 0; k < was->hops.n && !found; k++)
			found = was->hops.items[k].device >= 0 &&
			        ip_equal(&r->hops.items[i].via, &was->hops.items[k].via) &&
			        streq(ws->devices.items[r->hops.items[i].device].name,
			              hs->devices.items[was->hops.items[k].device].name);
		if (!found)
			return false;
	}
	return true;
}

/* The kernel drops the routes over a device that is made anew, or loses its last address. */
static bool route_disturbed(const struct diff *d, uint32_t space, const struct kroute *r)
{
	for (size_t i = 0; i < r->hops.n; i++) {
		const struct match *m = &d->match[space][r->hops.items[i].device];

		if (!m->was || m->readdressed)
			return true;
	}
	return false;
}

static void add_routes(struct diff *d, uint32_t space)
{
	struct space *ws = wanted(d, space);
	const struct space *hs = found_space(d, space);

	for (size_t i = 0; i < ws->routes.n; i++) {
		const struct kroute *r = &ws->routes.items[i];
		const struct kroute *was = hs ? space_route(hs, &r->to) : NULL;
		bool same = was && same_hops(ws, r, hs, was);
		struct op *op;

		if (same && !route_disturbed(d, space, r))
			continue;
		op = diff_op(d, OP_ROUTE_SET, was && !same ? ACTION_CHANGE : ACTION_CREATE, space, r->pos);
		op->route = r;
		op->quiet = same;
	}
}

/* ---- spaces ------------------------------------------------------------------------------------ */

static bool all_cables_lie(const struct diff *d, uint32_t space)
{
	const struct space *ws = wanted(d, space);

	for (size_t i = 1; i < ws->devices.n; i++)
		if (!d->match[space][i].was && !d->match[space][i].lies)
			return false;
	return true;
}

static void complete_space(struct diff *d, uint32_t space)
{
	struct space *ws = wanted(d, space);

	for (size_t i = 0; i < ws->devices.n; i++) {
		struct device *dev = &ws->devices.items[i], *was = d->match[space][i].was;

		if (was)
			change_device(d, space, dev, was);
		else if (dev->kind == DEVICE_LO)
			finish_device(d, space, dev);
	}
	if (ws->kind == SPACE_NODE)
		finish_ends(d, space);
	if (space != HOST_SPACE) /* there they come before bridges go up */
		add_settings(d, space, true);
	add_addresses(d, space);
	add_routes(d, space);
}

static void add_space(struct diff *d, uint32_t space)
{
	struct space *ws = wanted(d, space);
	const struct plan_space *ps = &d->plan->spaces.items[space];

	if (!found_space(d, space)) {
		diff_op(d, OP_SPACE_ADD, ACTION_CREATE, space, ws->pos);
		add_settings(d, space, false);
	} else {
		add_settings(d, space, false);
		restore_settings(d, space);
		if (ws->kind == SPACE_NODE && !ps->found->named)
			diff_op(d, OP_NAME_SET, ACTION_CREATE, space, ws->pos);
	}
}

/* Nodes in their order; each is completed when its last cable lies. */
static void add_nodes(struct diff *d)
{
	bool *completed = arena_array(d->arena, n_spaces(d), bool);

	for (uint32_t i = first_node(d); i < n_spaces(d); i++) {
		struct space *ws = wanted(d, i);

		add_cables(d, i);
		for (size_t k = 1; k < ws->devices.n; k++) {
			uint32_t other = (uint32_t)ws->devices.items[k].peer.space;

			if (other >= first_node(d) && other < i && !completed[other] && all_cables_lie(d, other)) {
				completed[other] = true;
				complete_space(d, other);
			}
		}
		if (!completed[i] && all_cables_lie(d, i)) {
			completed[i] = true;
			complete_space(d, i);
		}
	}
}

static void add_rules(struct diff *d)
{
	if (d->want->rules.networks.n && d->have->rules_found != RULES_MATCH)
		diff_op(d, OP_RULES_SET, d->have->rules_found == RULES_ABSENT ? ACTION_CREATE : ACTION_CHANGE,
		        HOST_SPACE, d->want->rules.networks.items[0].pos);
}

/* A chain matters where the lab's packets of its family are forwarded, or bridged ones are sent through it. */
static bool chain_matters(const struct diff *d, const struct foreign_chain *c)
{
	for (int f = 0; f < IP_FAMILIES; f++) {
		bool passes = c->family == NFPROTO_INET || c->family == (f == IP6 ? NFPROTO_IPV6 : NFPROTO_IPV4);

		if (passes && (d->want->rules.forward[f] || d->have->filters_bridged[f]))
			return true;
	}
	return false;
}

/* Where another's firewall would drop what ours lets pass. */
static void add_accepts(struct diff *d)
{
	for (size_t i = 0; d->want->rules.networks.n && i < d->have->foreign.n; i++) {
		const struct foreign_chain *c = &d->have->foreign.items[i];
		struct op *op;

		if (!c->drops || c->accepts || !chain_matters(d, c))
			continue;
		op = diff_op(d, OP_ACCEPT_ADD, ACTION_CREATE, HOST_SPACE, d->want->rules.networks.items[0].pos);
		op->chain = c;
	}
}

static void take_switch(struct diff *d)
{
	struct rules *r = &d->want->rules;

	for (int f = 0; f < IP_FAMILIES; f++)
		if (r->forward[f] && !(d->have->forwarding[f] && d->have->lends[f])) {
			struct op *op = diff_op(d, OP_FORWARD_ON, ACTION_CHANGE, HOST_SPACE, r->networks.items[0].pos);

			op->family = (enum ip_family)f;
			op->quiet = d->have->forwarding[f]; /* is on: only counted */
		}
}

void diff_create(struct diff *d)
{
	diff_limits_create(d);
	for (uint32_t i = FABRIC_SPACE; i < n_spaces(d); i++)
		if (wanted(d, i)->present)
			add_space(d, i);
	for (uint32_t i = FABRIC_SPACE; i < first_node(d); i++)
		add_bridges(d, i);
	add_bridges(d, HOST_SPACE);
	add_settings(d, HOST_SPACE, true);
	add_rules(d);
	diff_publish_create(d);
	add_accepts(d);
	for (uint32_t i = FABRIC_SPACE; i < first_node(d); i++)
		add_trunks(d, i);
	add_nodes(d);
	for (uint32_t space = HOST_SPACE; space < first_node(d); space++) {
		detach_strangers(d, space);
		finish_ports(d, space);
		raise_bridges(d, space);
		if (wanted(d, space)->present)
			complete_space(d, space);
	}
	take_switch(d);
}
