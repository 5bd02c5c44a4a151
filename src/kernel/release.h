/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting until the kernel has freed namespaces that were dropped. */
#ifndef KERNEL_RELEASE_H
#define KERNEL_RELEASE_H

#include "error.h"

/*
 * Returns when all namespaces are gone from the kernel's memory that nothing held any more
 * when it was called. Leaves the thread in the namespace it was in. *cancel (may be NULL): not 0 stops it.
 * 0 or -errno (-ECANCELED).
 */
int release_await(const volatile int *cancel, struct nsl_error **err);

#endif
