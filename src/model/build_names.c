/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building a model, step 1: the names of the lab, its networks and its nodes; by name, which index they have. */
#include <string.h>

#include "build.h"
#include "text.h"

/* Whether a name will do; reports it where not. */
static bool name_sound(struct build *b, const struct spec_text *name, const char *what)
{
	if (!name->s) {
		b->incomplete = true;
		return false;
	}
	if (name_valid(name->s))
		return true;
	if (streq(name->s, "host")) {
		fault(b->faults, name->pos, "a %s cannot be called \"host\": that is the namespace nsloom runs in",
		      what);
		return false;
	}
	fault(b->faults, name->pos, "\"%s\" cannot be the name of a %s", name->s, what);
	fault_hint(b->faults,
	           "a name has 1 to 63 letters, digits, \"-\" and \"_\", and begins with a letter or a digit");
	return false;
}

/* Puts an object under its name; reports a second one of that name. */
static bool name_claim(struct build *b, struct map *index, const struct spec_text *name, const char *what, void *object,
                       struct nsl_pos (*pos_of)(const void *))
{
	const void *first = map_puts(index, name->s, object);

	if (!first)
		return true;
	fault(b->faults, name->pos, "there are two %ss called \"%s\"; the first is in line %u", what, name->s,
	      pos_of(first).line);
	return false;
}

static struct nsl_pos network_pos(const void *n)
{
	return ((const struct network *)n)->pos;
}

static struct nsl_pos node_pos(const void *n)
{
	return ((const struct node *)n)->pos;
}

static void name_lab(struct build *b)
{
	const struct spec_text *name = &b->spec->name;

	b->m->name = name->s ? name->s : "";
	b->m->name_pos = name->pos;
	b->m->hash = stable_hash(b->m->name, strlen(b->m->name) + 1, 0);
	name_sound(b, name, "lab");
}

static void name_network(struct build *b, size_t i)
{
	const struct spec_text *name = &b->spec->networks.items[i].name;
	struct network *n = &b->m->networks.items[i];

	n->name = name->s ? name->s : "";
	n->pos = name->pos;
	if (name->s)
		name_claim(b, b->m->network_index, name, "network", n, network_pos);
	name_sound(b, name, "network");
}

static void name_node(struct build *b, size_t i)
{
	const struct spec_node *sn = &b->spec->nodes.items[i];
	struct node *n = &b->m->nodes.items[i];

	n->name = sn->name.s ? sn->name.s : "";
	n->pos = sn->name.pos;
	n->router = sn->router.set && sn->router.value;
	n->routing = b->m->routing && (!sn->routing.set || sn->routing.value);
	if (sn->name.s)
		name_claim(b, b->m->node_index, &sn->name, "node", n, node_pos);
	name_sound(b, &sn->name, "node");
}

void build_names(struct build *b)
{
	name_lab(b);
	for (size_t i = 0; i < b->m->networks.n; i++)
		name_network(b, i);
	for (size_t i = 0; i < b->m->nodes.n; i++)
		name_node(b, i);
}
