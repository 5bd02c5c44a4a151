/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the cables carry.
 *
 * That both ends of a cable are up the kernel finds out at once, and tells it
 * to those concerned a little later, in a worker of its own (link watch): a
 * bridge, which until then drops what its port brings; and the queue of the end that
 * was raised first, which drops what is sent. On a busy machine that takes
 * long enough for the first packet of a fresh lab to be lost, and what is lost
 * is the question for the neighbour, which is asked again after a second.
 *
 * The worker takes the devices in the order in which they came up, so those that
 * were raised last tell of all, and few of them are looked at. Kernels since
 * 6.7 do the worker's part themselves for a device that they are asked
 * about (not in a dump); older ones are asked until it is done.
 */
#ifndef KERNEL_CARRIER_H
#define KERNEL_CARRIER_H

#include "kernel.h"

/* After a plan was applied: returns when what it raised carries, or after half a second. */
void carriers_await(struct kernel *k, const struct plan *p);

#endif
