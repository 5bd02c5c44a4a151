/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building a model, step 4: addresses. Those that the file gives are reserved
 * first, on every network and link; then each interface that has none of a
 * family takes the lowest free IPv4 address, or an IPv6 address out of a hash of
 * its name, in file order. So a node appended to a file renumbers nobody.
 */
#include "build.h"

#include <string.h>

/* One family of one network, while its free addresses are given out. */
struct pool {
	const struct subnet *subnet;
	uint64_t next;  /* IPv4: the first that may still be free */
	uint64_t asked; /* addresses of it that are taken or wanted, gateway included */
	bool full;
};

const struct taken *address_claim(struct build *b, const struct iface *iface, const struct ip *ip, struct taken *who)
{
	uint8_t key[24] = {(uint8_t)iface->attach, ip->family};

	memcpy(key + 4, &iface->index, sizeof(iface->index));
	memcpy(key + 8, ip->b, sizeof(ip->b));
	return map_put(b->taken, key, sizeof(key), who);
}

void address_push(struct build *b, struct iface *iface, const struct ip *ip, uint8_t len)
{
	*vec_push(b->a, &iface->addresses) = (struct ip_prefix){*ip, len};
	iface->link_local |= ip->family == IP6;
}

/* The number of addresses that may be given to interfaces (and the gateway); UINT64_MAX: beyond counting. */
static uint64_t subnet_holds(const struct ip_prefix *p)
{
	unsigned bits = ip_bits(p->ip.family) - p->len;

	if (bits >= 63)
		return UINT64_MAX;
	if (bits <= 1)
		return 1ULL << bits;
	return (1ULL << bits) - (p->ip.family == IP4 ? 2 : 1);
}

/* Whether an address that the file gives fits into a subnet; reports it where not. */
static bool fits(struct build *b, const struct spec_address *sa, const struct ip_prefix *subnet, const char *owner)
{
	const struct ip *ip = &sa->value.ip;
	char text[IP_TEXT_MAX], prefix[PREFIX_TEXT_MAX];

	ip_text(ip, text);
	prefix_text(subnet, prefix);
	if (!prefix_contains(subnet, ip))
		fault(b->faults, sa->pos, "%s is not in %s, the subnet of %s", text, prefix, owner);
	else if (sa->has_len && sa->value.len != subnet->len)
		fault(b->faults, sa->pos, "%s/%u is not as long as its subnet %s", text, (unsigned)sa->value.len,
		      prefix);
	else if (!prefix_usable(subnet, ip))
		fault(b->faults, sa->pos, "%s cannot be an interface's: it is the first or the last address of %s",
		      text, prefix);
	else
		return true;
	return false;
}

/* The subnet of an address that the file gives: that of the network or link, else what its own length says. */
static bool given_subnet(struct build *b, const struct iface *iface, const struct spec_address *sa,
                         const struct ip_prefix *declared, bool any_declared, struct ip_prefix *out)
{
	const struct network *net = iface->attach == ATTACH_NETWORK ? &b->m->networks.items[iface->index] : NULL;
	const char *owner = net ? arena_printf(b->a, "network \"%s\"", net->name) : "this link";
	char text[IP_TEXT_MAX];

	if (declared) {
		*out = *declared;
		return fits(b, sa, declared, owner);
	}
	ip_text(&sa->value.ip, text);
	if (net && any_declared) {
		fault(b->faults, sa->pos, "%s is in no subnet: %s has no %s subnet", text, owner,
		      ip_family_name(sa->value.ip.family));
		return false;
	}
	if (!sa->has_len) {
		if (!b->unsound) {
			fault(b->faults, sa->pos, "%s needs a prefix length: %s has no subnet", text, owner);
			fault_hint(b->faults, "write \"%s/%s\", or give %s a subnet", text,
			           sa->value.ip.family == IP4 ? "24" : "64", owner);
		}
		return false;
	}
	*out = prefix_subnet(&sa->value);
	return address_sound(b, sa) && fits(b, sa, out, owner);
}

/* Reserves one address that the file gives and adds it to the interface. */
static void give(struct build *b, uint32_t node, struct iface *iface, const struct spec_address *sa,
                 const struct ip_prefix *declared, bool any_declared, const struct ip *gateway)
{
	struct ip_prefix subnet;
	char text[IP_TEXT_MAX];

	if (!sa->value.ip.set) {
		b->incomplete = true;
		return;
	}
	if (!given_subnet(b, iface, sa, declared, any_declared, &subnet))
		return;
	ip_text(&sa->value.ip, text);
	if (gateway && ip_equal(gateway, &sa->value.ip)) {
		fault(b->faults, sa->pos, "%s is the gateway's address", text);
		return;
	}

	struct taken *who = arena_new_of(b->a, struct taken);

	*who = (struct taken){b->m->nodes.items[node].name, sa->pos};

	const struct taken *first = address_claim(b, iface, &sa->value.ip, who);

	if (first) {
		fault(b->faults, sa->pos, "%s is taken: node \"%s\" has it, in line %u", text, first->node,
		      first->pos.line);
		return;
	}
	address_push(b, iface, &sa->value.ip, subnet.len);
}

bool wishes_family(const struct wish *w, enum ip_family f)
{
	for (size_t i = 0; i < w->addresses->n; i++) {
		if (w->addresses->items[i].value.ip.set && w->addresses->items[i].value.ip.family == f)
			return true;
	}
	return false;
}

/* The declared subnets of what an interface is attached to; !ip.set where there is none. */
static void declared_subnets(const struct build *b, const struct iface *iface, struct ip_prefix out[IP_FAMILIES])
{
	for (int f = 0; f < IP_FAMILIES; f++)
		out[f] = iface->attach == ATTACH_NETWORK ? b->m->networks.items[iface->index].subnet[f].prefix
		                                         : b->m->links.items[iface->index].subnet[f];
}

static void give_all(struct build *b, uint32_t node, uint32_t index)
{
	const struct wish *w = &b->wishes[node][index];
	struct iface *iface = &b->m->nodes.items[node].ifaces.items[index];
	struct ip_prefix declared[IP_FAMILIES];
	size_t chosen = 0;

	declared_subnets(b, iface, declared);
	for (int f = 0; f < IP_FAMILIES; f++)
		chosen += declared[f].ip.set && !wishes_family(w, f);
	if (w->addresses->n + chosen)
		vec_reserve(b->a, &iface->addresses, w->addresses->n + chosen);
	for (int f = 0; f < IP_FAMILIES; f++) {
		const struct ip *gateway =
			iface->attach == ATTACH_NETWORK ? &b->m->networks.items[iface->index].subnet[f].gateway : NULL;

		for (size_t i = 0; i < w->addresses->n; i++) {
			const struct spec_address *sa = &w->addresses->items[i];

			if (sa->value.ip.set ? sa->value.ip.family == f : f == IP4)
				give(b, node, iface, sa, declared[f].ip.set ? &declared[f] : NULL,
				     declared[IP4].ip.set || declared[IP6].ip.set, gateway);
		}
	}
}

/* The lowest free IPv4 address. */
static bool take_lowest(struct build *b, struct pool *pool, const struct iface *iface, struct taken *who,
                        struct ip *out)
{
	while (prefix_nth(&pool->subnet->prefix, pool->next++, out)) {
		if (prefix_usable(&pool->subnet->prefix, out) && !ip_equal(out, &pool->subnet->gateway) &&
		    !address_claim(b, iface, out, who))
			return true;
	}
	return false;
}

/* An IPv6 address whose last 64 bits (or as many as the subnet leaves) are a hash. */
static struct ip hashed_address(const struct ip_prefix *subnet, uint64_t id)
{
	unsigned bits = 128u - subnet->len;
	struct ip ip;

	if (bits < 64)
		id &= (1ULL << bits) - 1;
	ip = subnet->ip;
	for (unsigned i = 0; i < 8; i++)
		ip.b[15 - i] |= (uint8_t)(id >> (8 * i));
	return ip;
}

static bool take_hashed(struct build *b, struct pool *pool, const struct node *node, const struct iface *iface,
                        struct taken *who, struct ip *out)
{
	enum { HASHES = 64 }; /* then one after the other: the subnet is small */
	uint64_t id = 0;

	if (pool->asked >= subnet_holds(&pool->subnet->prefix))
		return false;
	for (unsigned attempt = 0;; attempt++) {
		id = attempt < HASHES ? model_hash(b->m, HASH_ADDRESS, node->name, iface->name, attempt) : id + 1;
		*out = hashed_address(&pool->subnet->prefix, id);
		if (prefix_usable(&pool->subnet->prefix, out) && !ip_equal(out, &pool->subnet->gateway) &&
		    !address_claim(b, iface, out, who))
			return true;
	}
}

/* Chooses an address of the pool for an interface. */
static void choose(struct build *b, struct pool *pool, const struct node *node, struct iface *iface)
{
	struct taken *who = arena_new_of(b->a, struct taken);
	const struct ip_prefix *p = &pool->subnet->prefix;
	struct ip ip;
	bool found;

	*who = (struct taken){node->name, iface->pos};
	found = p->ip.family == IP4 ? take_lowest(b, pool, iface, who, &ip)
	                            : take_hashed(b, pool, node, iface, who, &ip);
	pool->asked++;
	if (found) {
		address_push(b, iface, &ip, p->len);
	} else if (!pool->full) {
		char text[PREFIX_TEXT_MAX];
		uint64_t holds = subnet_holds(p) - pool->subnet->gateway.set;

		fault(b->faults, iface->pos, "network \"%s\" is full: %s holds %llu interface%s",
		      b->m->networks.items[iface->index].name, prefix_text(p, text), (unsigned long long)holds,
		      holds == 1 ? "" : "s");
		pool->full = true;
	}
}

static size_t family_count(const struct iface *iface, enum ip_family f)
{
	size_t n = 0;

	for (size_t i = 0; i < iface->addresses.n; i++)
		n += iface->addresses.items[i].ip.family == f;
	return n;
}

void addresses_ipv4_first(struct iface *iface)
{
	struct ip_prefix *v = iface->addresses.items;
	size_t last = iface->addresses.n - 1;

	if (last == 0 || iface->addresses.n == 0 || v[last].ip.family == IP6 || v[0].ip.family == IP4)
		return;

	struct ip_prefix chosen = v[last];

	memmove(v + 1, v, last * sizeof(*v));
	v[0] = chosen;
}

static void network_addresses(struct build *b, const struct network *net, enum ip_family f)
{
	struct pool pool = {.subnet = &net->subnet[f], .asked = net->subnet[f].gateway.set};

	if (!net->subnet[f].prefix.ip.set)
		return;
	for (size_t i = 0; i < net->ports.n; i++) {
		const struct port *p = &net->ports.items[i];

		pool.asked += family_count(&b->m->nodes.items[p->node].ifaces.items[p->iface], f);
	}
	for (size_t i = 0; i < net->ports.n; i++) {
		const struct port *p = &net->ports.items[i];
		struct node *node = &b->m->nodes.items[p->node];

		if (wishes_family(&b->wishes[p->node][p->iface], f))
			continue;
		choose(b, &pool, node, &node->ifaces.items[p->iface]);
		if (f == IP4)
			addresses_ipv4_first(&node->ifaces.items[p->iface]);
	}
}

static bool has_link_local(const struct build *b, const struct link_end *end)
{
	return end->node != NOWHERE && b->m->nodes.items[end->node].ifaces.items[end->iface].link_local;
}

/* IPv6 needs an MTU of 1,280. Where a network with an IPv6 subnet has a smaller one, that was reported there; of a
 * link, at its first end. */
static void check_mtu(struct build *b, uint32_t node, uint32_t index)
{
	const struct iface *iface = &b->m->nodes.items[node].ifaces.items[index];
	const struct wish *w = &b->wishes[node][index];

	bool too_small = iface->mtu < 1280 && (!w->mtu->set || iface->mtu >= MTU_MIN);
	bool reported;

	if (iface->attach == ATTACH_NETWORK)
		reported = !w->mtu->set && b->m->networks.items[iface->index].subnet[IP6].prefix.ip.set;
	else
		reported = iface->end == 1 && has_link_local(b, &b->m->links.items[iface->index].end[0]);
	if (iface->link_local && too_small && !reported)
		fault(b->faults, w->mtu->set ? w->mtu->pos : iface->pos,
		      "mtu %u is too small for IPv6, which needs 1280", iface->mtu);
}

void build_addresses(struct build *b)
{
	struct model *m = b->m;

	build_link_subnets(b);
	for (uint32_t i = 0; i < m->nodes.n; i++) {
		for (uint32_t k = 0; k < m->nodes.items[i].ifaces.n; k++)
			give_all(b, i, k);
	}
	for (size_t i = 0; i < m->networks.n; i++) {
		for (int f = 0; f < IP_FAMILIES; f++)
			network_addresses(b, &m->networks.items[i], f);
	}
	build_link_addresses(b);
	for (uint32_t i = 0; i < m->nodes.n; i++) {
		for (uint32_t k = 0; k < m->nodes.items[i].ifaces.n; k++)
			check_mtu(b, i, k);
	}
}
