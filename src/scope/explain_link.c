/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layer 2: from the device that a packet leaves by to the one that has the next
 * hop's address, by cables and bridges, as the census has them tied.
 *
 * The way is sought first as if every device were up, then each device of it is
 * looked at: so that what is in the way has a name.
 */
#include <string.h>

#include <linux/neighbour.h>

#include "explain.h"
#include "fd.h"
#include "text.h"

enum { WAY_MAX = 64 };

/* Devices that a frame passes, from the one it leaves by to the one it comes to. */
struct way {
	struct nsl_place at[WAY_MAX];
	size_t n;
};

static bool same(struct nsl_place a, struct nsl_place b)
{
	return a.ns == b.ns && a.device == b.device;
}

int32_t device_by_index(const struct nsl_netns *ns, uint32_t ifindex)
{
	for (size_t i = 0; i < ns->n_devices; i++)
		if (ns->devices[i].ifindex == ifindex)
			return (int32_t)i;
	return -1;
}

static bool has_address(const struct nsl_device *d, const struct ip *ip)
{
	for (size_t i = 0; i < d->n_addresses; i++) {
		struct ip_prefix p;

		if (prefix_parse(d->addresses[i], &p) && ip_equal(&p.ip, ip))
			return true;
	}
	return false;
}

bool device_covers(const struct nsl_device *d, const struct ip *ip)
{
	for (size_t i = 0; i < d->n_addresses; i++) {
		struct ip_prefix p;

		if (prefix_parse(d->addresses[i], &p) && p.ip.family == ip->family && prefix_contains(&p, ip))
			return true;
	}
	return false;
}

int32_t device_with(const struct nsl_netns *ns, const struct ip *ip)
{
	for (size_t i = 0; i < ns->n_devices; i++)
		if (has_address(&ns->devices[i], ip))
			return (int32_t)i;
	return -1;
}

/* ---- the way ----------------------------------------------------------------------------------- */

/* A host answers for each of its addresses, on whichever device it is asked. */
static bool answers(const struct trip *t, struct nsl_place at, const struct ip *hop)
{
	return device_with(trip_ns(t, at.ns), hop) >= 0 && trip_device(t, at)->master.ns < 0;
}

static bool seek(const struct trip *t, struct way *w, struct nsl_place at, const struct ip *hop);

/* Through a bridge: it itself, then each other port. */
static bool seek_bridge(const struct trip *t, struct way *w, struct nsl_place bridge, const struct ip *hop)
{
	const struct nsl_netns *ns = trip_ns(t, bridge.ns);
	size_t n = w->n;

	for (size_t i = 0; i < n; i++)
		if (same(w->at[i], bridge))
			return false;
	if (w->n == WAY_MAX)
		return false;
	w->at[w->n++] = bridge;
	if (has_address(trip_device(t, bridge), hop))
		return true;
	for (size_t i = 0; i < ns->n_devices; i++) {
		struct nsl_place port = {bridge.ns, (int32_t)i};

		if (!same(ns->devices[i].master, bridge) || (n && same(w->at[n - 1], port)) || w->n == WAY_MAX)
			continue;
		w->at[w->n++] = port;
		if (seek(t, w, port, hop))
			return true;
		w->n--;
	}
	w->n = n;
	return false;
}

/* From a device on: to its other end, and what that is part of. Cables alone: what rides on another device has rules of its own. */
static bool seek(const struct trip *t, struct way *w, struct nsl_place at, const struct ip *hop)
{
	const struct nsl_device *d = trip_device(t, at), *end;

	if (d->tie != NSL_TIE_PEER || d->tied.ns < 0 || d->tied.device < 0 || w->n == WAY_MAX)
		return false;
	end = trip_device(t, d->tied);
	w->at[w->n++] = d->tied;
	if (end->master.ns >= 0 ? seek_bridge(t, w, end->master, hop) : answers(t, d->tied, hop))
		return true;
	w->n--;
	return false;
}

/* ---- what is in the way ------------------------------------------------------------------------ */

static const char *port_words(struct trip *t, struct nsl_place at)
{
	const struct nsl_device *d = trip_device(t, at);

	return d->master.ns >= 0 ? arena_printf(t->a, "%s, a port of %s,", d->name, trip_device(t, d->master)->name)
	                         : d->name;
}

static bool check_up(struct trip *t, struct nsl_place at)
{
	const struct nsl_device *d = trip_device(t, at);

	if (d->up)
		return true;
	trip_fault(t, at.ns, d->name, arena_printf(t->a, "%s link set dev %s up", trip_ip(t, at.ns), d->name),
	           "%s is down", port_words(t, at));
	return false;
}

static bool is_bridge(const struct nsl_device *d)
{
	return streq(d->kind, "bridge");
}

static void note_mtu(struct trip *t, struct nsl_place from, struct nsl_place to)
{
	const struct nsl_device *a = trip_device(t, from), *b = trip_device(t, to);

	if (!is_bridge(a) && !is_bridge(b) && a->mtu > b->mtu && !same(from, to))
		trip_step(t, NSL_STEP_NOTE, to.ns, b->name,
		          "its MTU is %u, that of %s before it %u: larger packets are lost here", b->mtu, a->name,
		          a->mtu);
}

static void tell(struct trip *t, struct nsl_place at, bool last)
{
	const struct nsl_device *d = trip_device(t, at);

	if (is_bridge(d) && !last)
		trip_step(t, NSL_STEP_BRIDGE, at.ns, d->name, "passes the bridge %s", d->name);
	else
		trip_step(t, d->master.ns >= 0 ? NSL_STEP_BRIDGE : NSL_STEP_IN, at.ns, d->name, "%s %s",
		          d->master.ns >= 0 ? "the port" : "comes in by", d->name);
}

static bool check_way(struct trip *t, const struct way *w)
{
	struct nsl_place wire = w->at[0]; /* the last device that is no bridge */

	for (size_t i = 1; i < w->n; i++) {
		if (!check_up(t, w->at[i]))
			return false;
		tell(t, w->at[i], i + 1 == w->n);
		note_mtu(t, wire, w->at[i]);
		if (!is_bridge(trip_device(t, w->at[i])))
			wire = w->at[i];
	}
	return true;
}

/* ---- nobody has it ----------------------------------------------------------------------------- */

/* Where the address is, if it is anywhere. */
static struct nsl_place owner_of(const struct trip *t, const struct ip *ip)
{
	for (size_t i = 0; i < t->census->n; i++) {
		int32_t at = device_with(&t->census->items[i], ip);

		if (at >= 0 && !streq(t->census->items[i].devices[at].kind, "loopback"))
			return (struct nsl_place){(int32_t)i, at};
	}
	return (struct nsl_place){-1, -1};
}

/* A cable of the owner's lies with its other end on no bridge. */
static bool tell_unplugged(struct trip *t, struct nsl_place owner, const struct nsl_device *out)
{
	const struct nsl_device *d = trip_device(t, owner), *end;

	if (d->tie != NSL_TIE_PEER || d->tied.ns < 0 || d->tied.device < 0)
		return false;
	end = trip_device(t, d->tied);
	if (end->master.ns >= 0 || end->n_addresses)
		return false;
	trip_fault(t, d->tied.ns, end->name,
	           arena_printf(t->a, "nsloom up, or: %s link set dev %s master BRIDGE", trip_ip(t, d->tied.ns),
	                        end->name),
	           "%s, the other end of %s:%s, is on no bridge: %s does not lead there", end->name,
	           trip_ns(t, owner.ns)->name, d->name, out->name);
	return true;
}

/* A namespace that stands, has a device on the way and lacks the address: who it should be is not known. */
static void nobody(struct trip *t, struct nsl_place from, const struct ip *hop)
{
	const struct nsl_device *d = trip_device(t, from);
	struct nsl_place owner = owner_of(t, hop);
	const char *up = trip_up(t, from.ns);

	if (owner.ns < 0) {
		trip_fault(t, from.ns, d->name,
		           arena_printf(t->a, "%s%sgive the address to somebody", up, *up ? " " : ""),
		           "nobody has the address %s", trip_word(t, hop));
		return;
	}
	if (tell_unplugged(t, owner, d))
		return;
	trip_fault(t, from.ns, d->name, NULL, "%s is at %s:%s, where %s does not lead", trip_word(t, hop),
	           trip_ns(t, owner.ns)->name, trip_device(t, owner)->name, d->name);
}

/* Our own end, where it is a port: then the other end's bridge is not the way. */
static bool sees_all(const struct trip *t, struct nsl_place from)
{
	const struct nsl_device *d = trip_device(t, from);

	return (d->tie == NSL_TIE_PEER && d->tied.ns >= 0 && d->tied.device >= 0) || is_bridge(d);
}

/* Whether a port of the bridge leads where nobody sees. */
static bool leaks(const struct trip *t, struct nsl_place bridge)
{
	const struct nsl_netns *ns = trip_ns(t, bridge.ns);

	for (size_t i = 0; i < ns->n_devices; i++)
		if (same(ns->devices[i].master, bridge) && !sees_all(t, (struct nsl_place){bridge.ns, (int32_t)i}))
			return true;
	return false;
}

static bool out_of_sight(const struct trip *t, struct nsl_place from)
{
	const struct nsl_device *d = trip_device(t, from);
	struct nsl_place bridge = is_bridge(d)        ? from
	                          : sees_all(t, from) ? trip_device(t, d->tied)->master
	                                              : (struct nsl_place){-1, -1};

	return !sees_all(t, from) || (bridge.ns >= 0 && leaks(t, bridge));
}

/* An entry of the neighbour table that was put there by hand, and is wrong. */
static bool check_neighbour(struct trip *t, struct nsl_place from, const struct ip *hop, struct nsl_place to)
{
	const struct nsl_device *d = trip_device(t, from), *end = trip_device(t, to);
	struct neighbour_answer n;
	struct mac mac;
	char text[MAC_TEXT_MAX];

	neighbour_ask(hop, d->ifindex, &n);
	if (!n.found || !(n.state & (NUD_PERMANENT | NUD_NOARP)) || !end->mac || !mac_parse(end->mac, &mac) ||
	    mac_is_zero(&n.mac) || mac_cmp(&n.mac, &mac) == 0)
		return true;
	trip_fault(t, from.ns, d->name,
	           arena_printf(t->a, "%s neighbour delete %s dev %s", trip_ip(t, from.ns), trip_word(t, hop), d->name),
	           "the neighbour table says for good that %s has %s, but it has %s", trip_word(t, hop),
	           mac_text(&n.mac, text), end->mac);
	return false;
}

static bool lost_end(struct trip *t, struct nsl_place from)
{
	const struct nsl_device *d = trip_device(t, from);

	if (d->tie != NSL_TIE_PEER || d->tied.ns < 0 || d->tied.device < 0 || trip_device(t, d->tied)->up)
		return false;
	return true;
}

bool link_follow(struct trip *t, struct nsl_place from, const struct ip *hop, struct nsl_place *to)
{
	const struct nsl_device *d = trip_device(t, from);
	struct way w = {.at = {from}, .n = 1};
	bool found;

	if (!check_up(t, from))
		return false;
	trip_step(t, NSL_STEP_OUT, from.ns, d->name, "leaves by %s, to %s", d->name, trip_word(t, hop));
	if (is_bridge(d)) {
		w.n = 0;
		found = seek_bridge(t, &w, from, hop);
	} else {
		found = seek(t, &w, from, hop);
	}
	if (!found && lost_end(t, from))
		return check_up(t, d->tied);
	if (!found && out_of_sight(t, from)) {
		trip_step(t, NSL_STEP_LEAVE, from.ns, d->name,
		          d->tie == NSL_TIE_PARENT ? "goes on by the device below it, and is not followed any further"
		                                   : "goes on where this machine does not see");
		t->left = true;
		return false;
	}
	if (!found) {
		nobody(t, from, hop);
		return false;
	}
	*to = w.at[w.n - 1];
	return check_neighbour(t, from, hop, *to) && check_way(t, &w);
}
