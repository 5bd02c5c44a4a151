/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network with a gateway puts its subnet into the host's own routing table.
 * Where the host has other ideas about these addresses, that is said before
 * anything changes: it is an error where another lab has them, or where the host would lose
 * its way out or the SSH connection that nsloom was started over, else a warning.
 */
#include "diff.h"
#include "text.h"

static const char *route_words(struct arena *a, const struct space *host, const struct kroute *r)
{
	const struct khop *h = r->hops.n ? &r->hops.items[0] : NULL;
	char to[PREFIX_TEXT_MAX], via[IP_TEXT_MAX];

	return arena_printf(a, "%s%s%s%s%s", r->to.len ? prefix_text(&r->to, to) : "default",
	                    h && h->via.set ? " via " : "", h && h->via.set ? ip_text(&h->via, via) : "",
	                    h && h->device >= 0 ? " dev " : "",
	                    h && h->device >= 0 ? host->devices.items[h->device].name : "");
}

static const struct device *route_device(const struct space *host, const struct kroute *r)
{
	return r->hops.n && r->hops.items[0].device >= 0 ? &host->devices.items[r->hops.items[0].device] : NULL;
}

/* "nsloom:LAB/…" → LAB */
static const char *lab_of(struct arena *a, const struct device *dev)
{
	const char *name = dev->alias && has_prefix(dev->alias, MARK_ALIAS) ? dev->alias + sizeof(MARK_ALIAS) - 1 : "?";
	size_t len = 0;

	while (name[len] && name[len] != '/')
		len++;
	return arena_strndup(a, name, len);
}

static void check_route(struct diff *d, const struct ip_prefix *subnet, struct nsl_pos pos, const struct kroute *r)
{
	const struct space *host = &d->have->spaces.items[HOST_SPACE];
	const struct device *dev = route_device(host, r);
	char text[PREFIX_TEXT_MAX];

	if (r->to.ip.family != subnet->ip.family || (dev && dev->owner == OWNER_LAB))
		return;
	prefix_text(subnet, text);
	if (r->to.len == 0) {
		for (size_t i = 0; i < r->hops.n; i++)
			if (r->hops.items[i].via.set && prefix_contains(subnet, &r->hops.items[i].via)) {
				diff_obstacle(d, pos, "subnet %s would cut off the host's way out (%s)", text,
				              route_words(d->arena, host, r));
				error_hint(&d->last_obstacle, "choose a subnet that the host does not use");
			}
		return;
	}
	if (!prefix_overlaps(subnet, &r->to))
		return;
	if (dev && dev->owner == OWNER_OTHER_LAB) {
		diff_obstacle(d, pos, "subnet %s is taken on the host by lab \"%s\" (%s)", text, lab_of(d->arena, dev),
		              route_words(d->arena, host, r));
		error_hint(&d->last_obstacle, "choose another subnet, or take that lab down");
	} else {
		diff_warn(d, "line %u: subnet %s overlaps a route of the host: %s", pos.line, text,
		          route_words(d->arena, host, r));
	}
}

static void check_subnet(struct diff *d, const struct ip_prefix *subnet, struct nsl_pos pos)
{
	const struct space *host = &d->have->spaces.items[HOST_SPACE];
	char text[PREFIX_TEXT_MAX], peer[IP_TEXT_MAX];

	if (d->have->session_peer.set && d->have->session_peer.family == subnet->ip.family &&
	    prefix_contains(subnet, &d->have->session_peer)) {
		diff_obstacle(d, pos, "subnet %s would cut off your SSH connection (from %s)",
		              prefix_text(subnet, text), ip_text(&d->have->session_peer, peer));
		error_hint(&d->last_obstacle, "choose another subnet");
	}
	for (size_t i = 0; i < host->others.n; i++)
		check_route(d, subnet, pos, &host->others.items[i]);
}

/* Only what is new on the host: what stands already cannot be in the way. */
static bool is_new(const struct diff *d, uint32_t device, const struct ip_prefix *ip)
{
	const struct device *was = d->match[HOST_SPACE][device].was;

	for (size_t i = 0; was && i < was->addresses.n; i++)
		if (prefix_cmp(&was->addresses.items[i].ip, ip) == 0)
			return false;
	return true;
}

void diff_conflicts(struct diff *d)
{
	const struct space *ws = &d->want->spaces.items[HOST_SPACE];

	for (uint32_t i = 0; i < ws->devices.n; i++)
		for (size_t k = 0; k < ws->devices.items[i].addresses.n; k++) {
			const struct ifaddr *addr = &ws->devices.items[i].addresses.items[k];
			struct ip_prefix subnet = prefix_subnet(&addr->ip);

			if (!ip_link_local(&addr->ip.ip) && is_new(d, i, &addr->ip))
				check_subnet(d, &subnet, addr->pos);
		}
	for (size_t i = 0; i < ws->routes.n; i++)
		if (!space_route(&d->have->spaces.items[HOST_SPACE], &ws->routes.items[i].to))
			check_subnet(d, &ws->routes.items[i].to, ws->routes.items[i].pos);
}
