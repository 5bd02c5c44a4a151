/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of the host that a published port would take the callers from. */
#ifndef KERNEL_LISTENERS_H
#define KERNEL_LISTENERS_H

#include "kernel.h"

/* Fills s->listeners with those on ports that are to be published: on the host, where the thread is; or where that is a stand-in,
 * on the machine. Adds to the arena, which has a landing. */
void listeners_observe(struct arena *a, const struct rules *wanted, const struct kernel_machine *machine,
                       struct state *s);

#endif
