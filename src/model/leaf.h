/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Further bridges of a network that is too large for one. They stand in the
 * lab's fabric and are called after the network: "lan+1", "lan+2", … A cable, the
 * trunk, leads from each to the bridge above it: from "lan+1.up" on the leaf to
 * "lan+1.down" there, or, where that is the host's, to the network's trunk end.
 *
 * How many there are and which ports hang on them is the plan's to say
 * (plan/cascade.h); what they are called, the model's. No node, network or port of a lab can have such a name.
 */
#ifndef MODEL_LEAF_H
#define MODEL_LEAF_H

#include "model.h"

struct leaf_device {
	const char *name, *altname; /* altname: the long name where `name` is a hashed one, else NULL */
	struct mac mac;
};

struct leaf {
	struct leaf_device bridge, up, down;
};

/* Adds to the arena, which has a landing. number: from 1 on. */
void leaf_of(struct arena *a, const struct model *m, const struct network *net, uint32_t number, struct leaf *out);

/* Whether this is the name (or long name) of a leaf or trunk of the lab. `net` and `number` may be NULL. */
bool leaf_parse(const struct model *m, const char *name, const struct network **net, uint32_t *number);

#endif
