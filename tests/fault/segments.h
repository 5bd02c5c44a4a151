/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Networks of more than one bridge, as a snapshot shows them: which bridge a port hangs on depends on what stood before, and so is
 * no part of what is compared where two labs have another past. It is checked by itself.
 */
#ifndef FAULT_SEGMENTS_H
#define FAULT_SEGMENTS_H

#include "model.h"
#include "snapshot.h"
#include "state.h"

/*
 * Whether the bridges and cables of a lab make each of its networks one segment: all its ports and its own bridge in
 * one piece, no other network's, no loop; none has more ports than the limits say; no leaf without ports. Says why not.
 */
bool segments_sound(const struct snapshot *s, const struct model *m, const struct thresholds *thresholds, FILE *out);

/* Whether a network moves between the host and the fabric: ports stay where they are, and it has a leaf for them then. */
bool segments_change_place(const struct model *from, const struct model *to);

/* Takes out the lines that tell which bridge a port hangs on, and those of bridges and ports that there may or may not be. */
void segments_forget(struct snapshot *s, const struct model *m);

#endif
