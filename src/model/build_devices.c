/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building a model, step 5: what bridges and their ports are called where they
 * stand, on the host or in the fabric.
 *
 * Names that the file gives are claimed first. A bridge takes its network's
 * name, a port its long name, if that can be a device's and is free; else it
 * gets "nl-" and twelve digits of a hash, and the long name as alternative.
 *
 * Where a network on the host is large, its ports stand in the fabric. Which
 * networks are, and since when, only the plan knows: so no port has a name that is taken in
 * either place.
 */
#include "build.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "leaf.h"
#include "text.h"

/* The two places; an index of `names` below. A port of a network on the host may stand in either. */
enum place { ON_HOST, IN_FABRIC, PLACE_COUNT, IN_EITHER = PLACE_COUNT };

struct names {
	struct build *b;
	struct map *used[PLACE_COUNT]; /* device and alternative names → struct nsl_pos * */
};

static enum place place_of(const struct network *net)
{
	return net->on_host ? ON_HOST : IN_FABRIC;
}

static enum place place_of_ports(const struct network *net)
{
	return net->on_host ? IN_EITHER : IN_FABRIC;
}

static bool can_be_device(const char *name)
{
	return !device_name_fault(name) && !streq(name, "lo");
}

/* Claims a name if it is free. Else returns the place that has it, and where it was claimed. */
static const struct nsl_pos *claim(struct names *n, enum place place, const char *name, const struct nsl_pos *pos,
                                   enum place *where)
{
	const struct nsl_pos *first;

	*where = place == IN_FABRIC ? IN_FABRIC : ON_HOST;
	if (place != IN_EITHER)
		return map_puts(n->used[place], name, (void *)pos);
	first = map_gets(n->used[ON_HOST], name);
	if (first)
		return first;
	*where = IN_FABRIC;
	first = map_puts(n->used[IN_FABRIC], name, (void *)pos);
	if (!first)
		map_puts(n->used[ON_HOST], name, (void *)pos);
	return first;
}

static bool claimed(struct names *n, enum place place, const char *name, const struct nsl_pos *pos)
{
	enum place where;

	return !claim(n, place, name, pos, &where);
}

/* Claims a name that the file gives; reports it if it will not do. Returns whether it did. */
static bool claim_given(struct names *n, enum place place, const struct spec_text *given, const char *what)
{
	struct faults *faults = n->b->faults;
	const char *why = streq(given->s, "lo") ? "is the loopback interface" : device_name_fault(given->s);
	const struct nsl_pos *first;
	enum place where;

	if (!why && leaf_parse(n->b->m, given->s, NULL, NULL))
		why = "is kept for further bridges of that network";
	if (why) {
		fault(faults, given->pos, "\"%s\" cannot be the name of a %s: it %s", given->s, what, why);
		return false;
	}
	first = claim(n, place, given->s, &given->pos, &where);
	if (first)
		fault(faults, given->pos, "two devices %s would be called \"%s\"; the first is in line %u",
		      where == ON_HOST ? "on the host" : "in the fabric", given->s, first->line);
	if (first && where == IN_FABRIC && (place == IN_EITHER || map_gets(n->used[ON_HOST], given->s)))
		fault_hint(faults, "the ports of a large network stand in the fabric, also of one on the host");
	return !first;
}

/* Claims `own` if it can be a device's name and is free, else a hashed name. */
static const char *claim_decided(struct names *n, enum place place, const char *own, enum hash_use use,
                                 const char *first, const char *second, const struct nsl_pos *pos)
{
	char name[DEVICE_NAME_MAX + 1];

	if (can_be_device(own) && claimed(n, place, own, pos))
		return own;
	for (unsigned attempt = 0;; attempt++) {
		uint64_t h = model_hash(n->b->m, use, first, second, attempt);

		snprintf(name, sizeof(name), "nl-%012" PRIx64, h & ((UINT64_C(1) << 48) - 1));
		if (claimed(n, place, name, pos))
			return arena_strdup(n->b->a, name);
	}
}

/* The long name as alternative name, or NULL where it is the device's own, too long or taken. */
static const char *claim_altname(struct names *n, enum place place, const char *device, const char *name,
                                 const struct nsl_pos *pos)
{
	if (streq(device, name) || strlen(name) > ALTNAME_MAX || !claimed(n, place, name, pos))
		return NULL;
	return name;
}

static void given_bridge(struct names *n, size_t i)
{
	const struct spec_text *given = &n->b->spec->networks.items[i].device;
	struct network *net = &n->b->m->networks.items[i];

	if (!given->s)
		return;
	if (!net->on_host && !n->b->unsound) {
		fault(n->b->faults, given->pos,
		      "\"device\" names a bridge on the host, and network \"%s\" has no gateway: its bridge stands in "
		      "the fabric",
		      net->name);
		fault_hint(n->b->faults, "add \"gateway: true\", or leave \"device\" out");
	}
	if (claim_given(n, place_of(net), given, "bridge"))
		net->device = given->s;
}

static void given_port(struct names *n, uint32_t node, uint32_t index)
{
	const struct spec_text *given = n->b->wishes[node][index].port;
	struct iface *iface = &n->b->m->nodes.items[node].ifaces.items[index];

	if (given && given->s &&
	    claim_given(n, place_of_ports(&n->b->m->networks.items[iface->index]), given, "bridge port"))
		iface->port = given->s;
}

static void decide_bridge(struct names *n, struct network *net)
{
	enum place place = place_of(net);

	if (!net->device)
		net->device = claim_decided(n, place, net->name, HASH_BRIDGE_NAME, net->name, NULL, &net->pos);
}

/* LAB.NODE.IFACE on the host, where labs share the names, NODE.IFACE in the lab's own fabric. */
static const char *long_port_name(const struct names *n, enum place place, const struct node *node,
                                  const struct iface *iface)
{
	if (place != IN_FABRIC)
		return arena_printf(n->b->a, "%s.%s.%s", n->b->m->name, node->name, iface->name);
	return arena_printf(n->b->a, "%s.%s", node->name, iface->name);
}

static void decide_port(struct names *n, const struct node *node, struct iface *iface)
{
	enum place place = place_of_ports(&n->b->m->networks.items[iface->index]);
	const char *name = long_port_name(n, place, node, iface);

	if (!iface->port)
		iface->port = claim_decided(n, place, name, HASH_PORT_NAME, node->name, iface->name, &iface->pos);
	iface->port_altname = claim_altname(n, place, iface->port, name, &iface->pos);
}

static void bridge_altname(struct names *n, struct network *net)
{
	enum place place = place_of(net);
	const char *name = net->name;

	if (streq(net->device, name))
		return;
	if (place == ON_HOST)
		name = arena_printf(n->b->a, "%s.%s", n->b->m->name, name);
	net->altname = claim_altname(n, place, net->device, name, &net->pos);
}

/* The host's end of the cable to a large network's bridges in the fabric. */
static void decide_trunk(struct names *n, struct network *net)
{
	const char *name = arena_printf(n->b->a, "%s.%s+1", n->b->m->name, net->name);

	net->trunk = claim_decided(n, ON_HOST, name, HASH_LEAF_NAME, net->name, "host", &net->pos);
	net->trunk_altname = claim_altname(n, ON_HOST, net->trunk, name, &net->pos);
}

void build_devices(struct build *b)
{
	struct names names = {.b = b, .used = {map_new(b->a), map_new(b->a)}};
	struct model *m = b->m;

	for (size_t i = 0; i < m->networks.n; i++)
		given_bridge(&names, i);
	for (uint32_t i = 0; i < m->nodes.n; i++) {
		for (uint32_t k = 0; k < m->nodes.items[i].ifaces.n; k++)
			given_port(&names, i, k);
	}
	for (size_t i = 0; i < m->networks.n; i++)
		decide_bridge(&names, &m->networks.items[i]);
	for (size_t i = 0; i < m->networks.n; i++)
		bridge_altname(&names, &m->networks.items[i]);
	for (size_t i = 0; i < m->nodes.n; i++) {
		struct node *node = &m->nodes.items[i];

		for (size_t k = 0; k < node->ifaces.n; k++) {
			if (node->ifaces.items[k].attach == ATTACH_NETWORK)
				decide_port(&names, node, &node->ifaces.items[k]);
		}
	}
	for (size_t i = 0; i < m->networks.n; i++)
		if (m->networks.items[i].on_host)
			decide_trunk(&names, &m->networks.items[i]);
}
