/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Large networks: which of its bridges each port of a network hangs on.
 *
 * A network has a bridge of its own, on the host or in the fabric. A bridge takes
 * 1,023 ports at most, and each that it has makes the next one dearer; a port on the
 * host costs half a millisecond when it goes, and stands in the host's list of devices. So
 *
 *   - a network on the host that has more than `host` ports has them in the fabric, on leaf 1, from which one cable
 *     (trunk) leads to the host's bridge;
 *   - a bridge in the fabric takes `bridge` ports; what is beyond hangs on leaves (model/leaf.h), and each of these, by a
 *     trunk, on the network's first bridge in the fabric: its own, or leaf 1. That one keeps the rest of its 1,023 ports
 *     for trunks.
 *
 * A port that hangs on any bridge of its network stays there: a network that grows past a limit, or shrinks below it, moves
 * nothing. What is new fills the lowest bridge that has room, in the order of the file; a leaf without ports goes.
 * So the same file and the same that stands give the same, and nothing ever overflows.
 *
 * The fabric is divided, too, into parts, each a namespace. For each change of a device that the kernel tells of, it
 * looks for the namespace at the device's other end among all that its own one has a number for (peernet2id(), one by
 * one): with all ports of ten thousand nodes in one namespace that is what takes longest. So a part takes bridges with `bridge`
 * ports together. A bridge that stands stays in its part; a new one goes to the lowest part that has room for it.
 *
 * The limits were measured: docs/performance.md.
 */
#ifndef PLAN_CASCADE_H
#define PLAN_CASCADE_H

#include "leaf.h"
#include "state.h"

enum { CASCADE_HOST = 64, CASCADE_BRIDGE = 512 };

/* Where a port hangs: 0 is the network's own bridge, n its leaf n. */
enum {
	CASCADE_NEW = -1,       /* nowhere yet */
	CASCADE_IN_FABRIC = -2, /* in the fabric, and on no bridge of its network */
};

/* at[]: where each of n ports hangs, in the order of the file; becomes where it is to hang. Adds to the arena. */
void cascade_place(struct arena *a, const struct thresholds *thresholds, bool on_host, int32_t *at, size_t n);

/* The bridges of one network. */
struct cascade {
	int32_t *at;     /* of each port, in the model's order */
	uint32_t leaves; /* the highest number in use */
	size_t *ports;   /* [0…leaves]: how many of the network's hang on it */
	/* [0…leaves]: HOST_SPACE, or FABRIC_SPACE and the number of a part; space -1: there is no such leaf. The device is lower.c's
	 * to say. */
	struct device_ref *bridges;
	size_t lowered; /* ports that have been */
};

struct cascades {
	struct cascade *items; /* of each network of the model */
	uint32_t parts;        /* of the fabric, one at least */
};

/* `have`: what stands; NULL: nothing. */
void cascades_of(struct arena *a, const struct model *m, const struct thresholds *thresholds, const struct state *have,
                 struct cascades *out);

/* The bridge that a leaf hangs on. */
uint32_t cascade_above(const struct network *net, uint32_t leaf);

/* Whether lowering with what stands could give another state than without. */
bool cascade_matters(const struct state *want, const struct state *have);

#endif
