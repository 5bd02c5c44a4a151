/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building a model, step 6: MACs.
 *
 *   02:HH:HH:HH:HH:HH  a node's interface, unless the file gives one
 *   0e:LL:LL:LL:OO:OO  a bridge or a bridge's port: LL is the lab's mark, by
 *                      which its devices on the host are known, OO the object's
 *   0a:HH:HH:HH:HH:HH  a further bridge of a network, in the fabric, and its cable (leaf.h)
 *
 * The lower-case bits of both first bytes say "locally administered, not a
 * group". A lab can have 65,536 bridges and ports.
 */
#include "build.h"

#include <string.h>

enum { OBJECTS = 65536, OBJECT_HASHES = 32 };

struct macs {
	struct build *b;
	struct map *used; /* of nodes: MAC → struct nsl_pos * */
	uint8_t mark[LAB_MAC_MARK_LEN];
	uint64_t *objects; /* one bit for each OO:OO in use */
	unsigned n_objects;
	bool full;
};

void lab_mac_mark(const char *lab, uint8_t out[LAB_MAC_MARK_LEN])
{
	uint64_t h = stable_hash(lab, strlen(lab) + 1, 0);

	out[0] = 0x0e;
	for (unsigned i = 1; i < LAB_MAC_MARK_LEN; i++)
		out[i] = (uint8_t)(h >> (64 - 8 * i));
}

struct ip link_local_of(const struct mac *mac)
{
	const uint8_t *b = mac->b;

	return (struct ip){
		.set = true,
		.family = IP6,
		.b = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, b[0] ^ 0x02, b[1], b[2], 0xff, 0xfe, b[3], b[4], b[5]},
	};
}

static bool object_claim(struct macs *s, unsigned o)
{
	uint64_t bit = 1ULL << (o % 64), *word = &s->objects[o / 64];

	if (*word & bit)
		return false;
	*word |= bit;
	s->n_objects++;
	return true;
}

static struct mac object_mac(struct macs *s, enum hash_use use, const char *first, const char *second,
                             struct nsl_pos pos)
{
	struct mac mac = {{0}};
	unsigned o = 0, attempt = 0;

	if (s->n_objects == OBJECTS) {
		if (!s->full)
			fault(s->b->faults, pos, "a lab has room for %d bridges and bridge ports, and this is one more",
			      (int)OBJECTS);
		s->full = true;
		return mac;
	}
	do {
		o = attempt < OBJECT_HASHES ? model_hash(s->b->m, use, first, second, attempt) & (OBJECTS - 1)
		                            : (o + 1) % OBJECTS;
		attempt++;
	} while (!object_claim(s, o));
	memcpy(mac.b, s->mark, LAB_MAC_MARK_LEN);
	mac.b[4] = (uint8_t)(o >> 8);
	mac.b[5] = (uint8_t)o;
	return mac;
}

/* A MAC that the file gives. */
static void given_mac(struct macs *s, uint32_t node, uint32_t index)
{
	const struct spec_mac *given = s->b->wishes[node][index].mac;
	struct faults *faults = s->b->faults;
	char text[MAC_TEXT_MAX];

	if (!given->set)
		return;
	mac_text(&given->value, text);
	s->b->m->nodes.items[node].ifaces.items[index].mac = given->value;
	if (mac_is_zero(&given->value)) {
		fault(faults, given->pos, "%s is no MAC that an interface can have", text);
		return;
	}
	if (mac_multicast(&given->value)) {
		fault(faults, given->pos, "%s is a multicast MAC: no interface can have it", text);
		fault_hint(faults, "the first byte must be even, for example 02");
		return;
	}
	const struct nsl_pos *first = map_put(s->used, given->value.b, MAC_LEN, (void *)&given->pos);

	if (first)
		fault(faults, given->pos, "the MAC %s is in use twice; the first time in line %u", text, first->line);
	if (memcmp(given->value.b, s->mark, LAB_MAC_MARK_LEN) == 0)
		object_claim(s, (unsigned)given->value.b[4] << 8 | given->value.b[5]);
}

static void decide_mac(struct macs *s, const struct node *node, struct iface *iface, bool given)
{
	for (unsigned attempt = 0; !given; attempt++) {
		uint64_t h = model_hash(s->b->m, HASH_MAC, node->name, iface->name, attempt);

		iface->mac.b[0] = 0x02;
		for (unsigned i = 1; i < MAC_LEN; i++)
			iface->mac.b[i] = (uint8_t)(h >> (64 - 8 * i));
		if (!map_put(s->used, iface->mac.b, MAC_LEN, &iface->pos))
			break;
	}
	if (iface->attach == ATTACH_NETWORK)
		iface->port_mac = object_mac(s, HASH_PORT_MAC, node->name, iface->name, iface->pos);
}

void build_macs(struct build *b)
{
	struct model *m = b->m;
	struct macs s = {.b = b, .used = map_new(b->a), .objects = arena_array(b->a, OBJECTS / 64, uint64_t)};

	lab_mac_mark(m->name, s.mark);
	for (uint32_t i = 0; i < m->nodes.n; i++) {
		for (uint32_t k = 0; k < m->nodes.items[i].ifaces.n; k++)
			given_mac(&s, i, k);
	}
	for (size_t i = 0; i < m->networks.n; i++) {
		struct network *net = &m->networks.items[i];

		net->mac = object_mac(&s, HASH_BRIDGE_MAC, net->name, NULL, net->pos);
	}
	for (uint32_t i = 0; i < m->nodes.n; i++) {
		struct node *node = &m->nodes.items[i];

		for (uint32_t k = 0; k < node->ifaces.n; k++)
			decide_mac(&s, node, &node->ifaces.items[k], b->wishes[i][k].mac->set);
	}
	for (size_t i = 0; i < m->networks.n; i++) { /* last: nothing else has another MAC because of them */
		struct network *net = &m->networks.items[i];

		if (net->on_host)
			net->trunk_mac = object_mac(&s, HASH_LEAF_MAC, net->name, NULL, net->pos);
	}
}
