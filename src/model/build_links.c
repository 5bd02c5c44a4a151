/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building a model, step 4 for cables: the subnet of a link, from the file or
 * from what its ends agree on, and the ends' addresses in it: .1 and .2 in
 * endpoint order, as far as the file does not say otherwise.
 */
#include "build.h"

/* `subnet:` of a link. */
static void link_subnets(struct build *b, uint32_t index)
{
	const struct spec_link *s = &b->spec->links.items[index];
	struct link *link = &b->m->links.items[index];

	for (size_t i = 0; i < s->subnets.n; i++) {
		const struct spec_address *sa = &s->subnets.items[i];
		struct ip_prefix *p = &link->subnet[sa->value.ip.family];
		char text[PREFIX_TEXT_MAX];

		if (!sa->value.ip.set) {
			b->incomplete = true;
		} else if (p->ip.set) {
			fault(b->faults, sa->pos, "a link has one %s subnet at most",
			      ip_family_name(sa->value.ip.family));
		} else if (subnet_sound(b, sa)) {
			*p = sa->value;
			if (p->len == ip_bits(sa->value.ip.family))
				fault(b->faults, sa->pos, "%s has one address, and a link has two ends",
				      prefix_text(p, text));
		}
	}
}

/* Gives an end of a link with a subnet its .1 or .2, or the next that is free. */
static void choose_link(struct build *b, const struct link *link, unsigned e, enum ip_family f)
{
	const struct ip_prefix *subnet = &link->subnet[f];
	struct node *node = &b->m->nodes.items[link->end[e].node];
	struct iface *iface = &node->ifaces.items[link->end[e].iface];
	struct taken *who = arena_new_of(b->a, struct taken);
	unsigned bits = ip_bits(f);
	struct ip ip;

	*who = (struct taken){node->name, iface->pos};
	for (uint64_t n = e + (subnet->len < bits - 1); prefix_nth(subnet, n, &ip); n++) {
		if (prefix_usable(subnet, &ip) && !address_claim(b, iface, &ip, who)) {
			address_push(b, iface, &ip, subnet->len);
			return;
		}
	}
	/* The other end has what this one would have. */
	for (uint64_t n = 0; n < 2 && prefix_nth(subnet, n, &ip); n++) {
		if (prefix_usable(subnet, &ip) && !address_claim(b, iface, &ip, who)) {
			address_push(b, iface, &ip, subnet->len);
			return;
		}
	}
}

/* Without `subnet:`, a link has the subnet that its ends' addresses agree on. */
static void agreed_subnet(const struct build *b, struct link *link, enum ip_family f)
{
	const struct iface *ends[2];

	for (unsigned e = 0; e < 2; e++)
		ends[e] = &b->m->nodes.items[link->end[e].node].ifaces.items[link->end[e].iface];
	for (size_t i = 0; i < ends[0]->addresses.n; i++) {
		struct ip_prefix p = prefix_subnet(&ends[0]->addresses.items[i]);

		for (size_t k = 0; k < ends[1]->addresses.n && p.ip.family == f; k++) {
			struct ip_prefix q = prefix_subnet(&ends[1]->addresses.items[k]);

			if (prefix_cmp(&p, &q) == 0) {
				link->subnet[f] = p;
				return;
			}
		}
	}
}

static void link_addresses(struct build *b, struct link *link)
{
	if (link->end[0].node == NOWHERE || link->end[1].node == NOWHERE)
		return;
	for (int f = 0; f < IP_FAMILIES; f++) {
		for (unsigned e = 0; e < 2 && link->subnet[f].ip.set; e++) {
			struct iface *iface = &b->m->nodes.items[link->end[e].node].ifaces.items[link->end[e].iface];

			if (wishes_family(&b->wishes[link->end[e].node][link->end[e].iface], f))
				continue;
			choose_link(b, link, e, f);
			if (f == IP4)
				addresses_ipv4_first(iface);
		}
		if (!link->subnet[f].ip.set)
			agreed_subnet(b, link, f);
	}
}

void build_link_subnets(struct build *b)
{
	for (uint32_t i = 0; i < b->m->links.n; i++)
		link_subnets(b, i);
}

void build_link_addresses(struct build *b)
{
	for (size_t i = 0; i < b->m->links.n; i++)
		link_addresses(b, &b->m->links.items[i]);
}
