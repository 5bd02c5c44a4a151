/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of the host that a published port would take the callers from. */
#ifndef KERNEL_LISTENERS_H
#define KERNEL_LISTENERS_H

#include "kernel.h"

/* Adds those on ports that are to be published: of the host, where the thread is; or of the machine behind a stand-in (machine not
 * NULL). Takes memory of the arena, which has a landing. */
void listeners_observe(struct arena *a, const struct rules *wanted, const struct kernel_machine *machine,
                       listeners *out);

#endif
