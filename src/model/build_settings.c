/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building a model, last step: the routes and sysctls that the file gives to a node. */
#include "build.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { SYSCTL_MAX = 255 };

/* While the routes and sysctls of all nodes are read. */
struct settings {
	struct build *b;
	struct map *routes;  /* node index and destination → struct route's position */
	struct map *sysctls; /* node index and path → position */
};

/* The interface of a node whose subnet (the longest, if several) has an address; NOWHERE. Tells whether it is the node's own. */
static uint32_t iface_towards(const struct node *n, const struct ip *ip, struct ip_prefix *subnet, bool *own)
{
	uint32_t found = NOWHERE;

	*own = false;
	for (uint32_t i = 0; i < n->ifaces.n; i++) {
		const struct iface *iface = &n->ifaces.items[i];

		for (size_t k = 0; k < iface->addresses.n; k++) {
			const struct ip_prefix *a = &iface->addresses.items[k];

			*own |= ip_equal(&a->ip, ip);
			if (!prefix_contains(a, ip) || (found != NOWHERE && a->len <= subnet->len))
				continue;
			found = i;
			*subnet = prefix_subnet(a);
		}
	}
	return found;
}

static bool is_connected(const struct node *n, const struct ip_prefix *to)
{
	for (size_t i = 0; i < n->ifaces.n; i++) {
		for (size_t k = 0; k < n->ifaces.items[i].addresses.n; k++) {
			struct ip_prefix p = prefix_subnet(&n->ifaces.items[i].addresses.items[k]);

			if (prefix_cmp(&p, to) == 0)
				return true;
		}
	}
	return false;
}

/* The destination of a route of the file; reports it if it is none. */
static bool route_to(struct settings *s, const struct node *n, const struct spec_route *r, struct ip_prefix *to)
{
	struct faults *faults = s->b->faults;
	enum ip_family family = r->via.value.ip.family;
	char text[PREFIX_TEXT_MAX], right[PREFIX_TEXT_MAX], via[IP_TEXT_MAX];

	if (r->is_default) {
		*to = (struct ip_prefix){{.set = true, .family = family}, 0};
		return true;
	}
	*to = r->to.value;
	if (!r->to.has_len)
		to->len = (uint8_t)ip_bits(to->ip.family);

	struct ip_prefix subnet = prefix_subnet(to);

	prefix_text(to, text);
	if (prefix_cmp(&subnet, to) != 0) {
		fault(faults, r->to.pos, "%s has host bits set", text);
		fault_hint(faults, "did you mean %s?", prefix_text(&subnet, right));
	} else if (to->ip.family != family) {
		fault(faults, r->via.pos, "%s is %s and cannot be reached via %s, which is %s", text,
		      ip_family_name(to->ip.family), ip_text(&r->via.value.ip, via), ip_family_name(family));
	} else if (to->len && (ip_multicast(&to->ip) || ip_loopback(&to->ip))) {
		fault(faults, r->to.pos, "there is no route to %s addresses",
		      ip_multicast(&to->ip) ? "multicast" : "loopback");
	} else if (is_connected(n, to)) {
		fault(faults, r->to.pos, "node \"%s\" is on %s already and needs no route to it", n->name, text);
	} else {
		return true;
	}
	return false;
}

/* The next hop of a route of the file; reports it if it is none. */
static bool route_via(struct settings *s, const struct node *n, const struct spec_route *r, struct hop *hop)
{
	struct faults *faults = s->b->faults;
	const struct ip *via = &r->via.value.ip;
	struct ip_prefix subnet;
	char text[IP_TEXT_MAX];
	bool own;

	ip_text(via, text);
	if (r->via.has_len) {
		fault(faults, r->via.pos, "the next hop of a route is an address, without a prefix length");
		fault_hint(faults, "write \"%s\"", text);
		return false;
	}
	if (via->family == IP6 && ip_link_local(via)) {
		fault(faults, r->via.pos, "a link-local next hop does not say which interface it is behind");
		fault_hint(faults, "use an address of one of the node's subnets");
		return false;
	}
	*hop = (struct hop){*via, iface_towards(n, via, &subnet, &own)};
	if (hop->iface == NOWHERE) {
		if (!s->b->unsound && !s->b->incomplete) {
			fault(faults, r->via.pos, "%s is in no subnet that node \"%s\" is on", text, n->name);
		}
		return false;
	}
	if (own) {
		fault(faults, r->via.pos, "%s is an address of node \"%s\" itself", text, n->name);
		return false;
	}
	if (!prefix_usable(&subnet, via)) {
		fault(faults, r->via.pos, "%s is the first or the last address of its subnet: nobody has it", text);
		return false;
	}
	return true;
}

/* Remembers a key of a node. Returns where it stood before, or NULL. */
static const struct nsl_pos *remember(struct build *b, struct map *map, uint32_t node, const void *key, size_t len,
                                      const struct nsl_pos *pos)
{
	char *full = arena_alloc(b->a, sizeof(node) + len);

	memcpy(full, &node, sizeof(node));
	memcpy(full + sizeof(node), key, len);
	return map_put(map, full, sizeof(node) + len, (void *)pos);
}

static void add_route(struct settings *s, uint32_t node, const struct spec_route *r)
{
	struct build *b = s->b;
	struct node *n = &b->m->nodes.items[node];
	struct route route = {.n_hops = 1, .reason = ROUTE_FILE, .pos = r->pos};
	struct hop hop;
	char text[PREFIX_TEXT_MAX];

	if (!r->via.value.ip.set || (!r->is_default && !r->to.value.ip.set)) {
		b->incomplete = true;
		return;
	}
	/* One by one, so that both faults are told. */
	bool to_sound = route_to(s, n, r, &route.to);

	if (!route_via(s, n, r, &hop) || !to_sound)
		return;

	struct {
		uint8_t family, len, b[16];
	} key = {route.to.ip.family, route.to.len, {0}};

	memcpy(key.b, route.to.ip.b, sizeof(key.b));

	const struct nsl_pos *first = remember(b, s->routes, node, &key, sizeof(key), &r->pos);

	if (first) {
		fault(b->faults, r->pos, "node \"%s\" has two routes to %s; the first is in line %u", n->name,
		      route.to.len ? prefix_text(&route.to, text) : "default", first->line);
		return;
	}
	route.hops = arena_new_of(b->a, struct hop);
	*route.hops = hop;
	*vec_push(b->a, &n->routes) = route;
}

static int by_destination(const void *a, const void *b)
{
	return prefix_cmp(&((const struct route *)a)->to, &((const struct route *)b)->to);
}

/* What is wrong with a key, as a phrase; NULL if it is well. `path` is its path below /proc/sys. */
static const char *sysctl_fault(const char *key, const char *path)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-:@";

	if (!has_prefix(key, "net.") && !has_prefix(key, "net/"))
		return "begins with neither \"net.\" nor \"net/\"";
	if (key[strspn(key, allowed)])
		return "has a character that no key has";
	for (const char *p = path; p; p = strchr(p, '/')) {
		p += *p == '/';

		size_t len = strcspn(p, "/");

		if (len == 0)
			return "has an empty part";
		if ((len == 1 && p[0] == '.') || (len == 2 && p[0] == '.' && p[1] == '.'))
			return "has a part that leads elsewhere";
	}
	return NULL;
}

static void add_sysctl(struct settings *s, uint32_t node, const struct spec_sysctl *given)
{
	struct build *b = s->b;
	struct node *n = &b->m->nodes.items[node];
	char path[SYSCTL_MAX + 1];

	if (!given->key.s || !given->value.s) {
		b->incomplete = true;
		return;
	}
	const char *key = given->key.s;
	const char *why = sysctl_path(key, path, sizeof(path)) < 0 ? "is too long" : sysctl_fault(key, path);

	if (why) {
		fault(b->faults, given->key.pos, "\"%s\" is no sysctl of a network namespace: it %s", key, why);
		return;
	}
	const struct nsl_pos *first = remember(b, s->sysctls, node, path, strlen(path), &given->key.pos);

	if (first) {
		fault(b->faults, given->key.pos, "node \"%s\" sets %s twice; the first time in line %u", n->name, key,
		      first->line);
		return;
	}
	*vec_push(b->a, &n->sysctls) = (struct sysctl){key, given->value.s, given->key.pos};
}

void build_settings(struct build *b)
{
	struct settings s = {b, map_new(b->a), map_new(b->a)};

	for (uint32_t i = 0; i < b->m->nodes.n; i++) {
		const struct spec_node *sn = &b->spec->nodes.items[i];
		struct node *n = &b->m->nodes.items[i];

		if (sn->routes.n)
			vec_reserve(b->a, &n->routes, sn->routes.n);
		for (size_t k = 0; k < sn->routes.n; k++)
			add_route(&s, i, &sn->routes.items[k]);
		if (n->routes.n > 1)
			qsort(n->routes.items, n->routes.n, sizeof(n->routes.items[0]), by_destination);
		if (sn->sysctls.n)
			vec_reserve(b->a, &n->sysctls, sn->sysctls.n);
		for (size_t k = 0; k < sn->sysctls.n; k++)
			add_sysctl(&s, i, &sn->sysctls.items[k]);
	}
}
