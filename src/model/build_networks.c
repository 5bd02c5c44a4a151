/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building a model, step 2: a network's subnets, its gateways, nat, and where its bridge stands. */
#include "build.h"

static void network_subnets(struct build *b, const struct spec_network *s, struct network *n)
{
	for (size_t i = 0; i < s->subnets.n; i++) {
		const struct spec_address *sa = &s->subnets.items[i];
		struct subnet *subnet = &n->subnet[sa->value.ip.family];

		if (!sa->value.ip.set) {
			b->incomplete = true;
			continue;
		}
		if (subnet->prefix.ip.set) {
			fault(b->faults, sa->pos, "network \"%s\" has two %s subnets; the first is in line %u", n->name,
			      ip_family_name(sa->value.ip.family), subnet->pos.line);
			continue;
		}
		if (subnet_sound(b, sa))
			*subnet = (struct subnet){.prefix = sa->value, .pos = sa->pos};
	}
}

/* One address of `gateway:`. */
static void network_gateway(struct build *b, struct network *n, const struct spec_address *sa)
{
	const struct ip *ip = &sa->value.ip;
	struct subnet *subnet = &n->subnet[ip->family];
	char text[IP_TEXT_MAX], prefix[PREFIX_TEXT_MAX];

	if (!subnet->prefix.ip.set) {
		fault(b->faults, sa->pos, "the gateway %s is in no subnet: network \"%s\" has no %s subnet",
		      ip_text(ip, text), n->name, ip_family_name(ip->family));
		return;
	}
	prefix_text(&subnet->prefix, prefix);
	ip_text(ip, text);
	if (subnet->gateway.set)
		fault(b->faults, sa->pos, "network \"%s\" has two %s gateways", n->name, ip_family_name(ip->family));
	else if (!prefix_contains(&subnet->prefix, ip))
		fault(b->faults, sa->pos, "the gateway %s is not in %s, the subnet of network \"%s\"", text, prefix,
		      n->name);
	else if (!prefix_usable(&subnet->prefix, ip))
		fault(b->faults, sa->pos, "%s cannot be a gateway: it is the first or the last address of %s", text,
		      prefix);
	else if (sa->has_len && sa->value.len != subnet->prefix.len)
		fault(b->faults, sa->pos, "the length of the gateway %s/%u is not that of its subnet %s", text,
		      (unsigned)sa->value.len, prefix);
	else
		subnet->gateway = *ip;
}

static void network_gateways(struct build *b, const struct spec_network *s, struct network *n)
{
	bool nat = s->nat.set && s->nat.value;
	bool first = (s->gateway_first.set && s->gateway_first.value) || (nat && !s->gateway_first.set);
	bool gateway_wanted = s->gateways.n > 0 || (s->gateway_first.set && s->gateway_first.value);
	struct nsl_pos pos = s->gateways.n > 0 ? s->gateways.items[0].pos : s->gateway_first.pos;

	if (s->subnets.n == 0) {
		if ((nat || gateway_wanted) && !b->unsound) {
			fault(b->faults, nat ? s->nat.pos : pos, "network \"%s\" has %s but no subnet", n->name,
			      nat ? "nat" : "a gateway");
			fault_hint(b->faults, "give it one, for example \"subnet: 10.0.0.0/24\"");
		}
		return;
	}
	if (nat && s->gateway_first.set && !s->gateway_first.value && s->gateways.n == 0)
		fault(b->faults, s->nat.pos, "nat needs a gateway, and network \"%s\" says \"gateway: false\"",
		      n->name);
	for (size_t i = 0; i < s->gateways.n; i++) {
		if (s->gateways.items[i].value.ip.set)
			network_gateway(b, n, &s->gateways.items[i]);
		else
			b->incomplete = true;
	}
	for (int f = 0; f < IP_FAMILIES; f++) {
		struct subnet *subnet = &n->subnet[f];

		if (!subnet->prefix.ip.set)
			continue;
		if (first && s->gateways.n == 0)
			subnet->gateway = subnet_first(&subnet->prefix);
		subnet->nat = nat && subnet->gateway.set;
		n->on_host |= subnet->gateway.set;
	}
}

static void network_mtu(struct build *b, const struct spec_network *s, struct network *n)
{
	n->mtu = MTU_DEFAULT;
	n->mtu_set = s->mtu.set;
	if (!s->mtu.set || !mtu_sound(b, &s->mtu))
		return;
	n->mtu = s->mtu.value;
	if (n->subnet[IP6].prefix.ip.set && n->mtu < 1280)
		fault(b->faults, s->mtu.pos, "mtu %u is too small for IPv6, which needs 1280", n->mtu);
}

void build_networks(struct build *b)
{
	for (size_t i = 0; i < b->m->networks.n; i++) {
		const struct spec_network *s = &b->spec->networks.items[i];
		struct network *n = &b->m->networks.items[i];

		network_subnets(b, s, n);
		network_gateways(b, s, n);
		network_mtu(b, s, n);
	}
}
