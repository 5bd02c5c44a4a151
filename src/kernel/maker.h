/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second thread of a run. Making a namespace and putting devices into it cost
 * the kernel about the same, and the two hinder each other little: so where a plan
 * makes several namespaces, which stand in a row in it, a thread of its own makes them, in
 * the plan's order, while the caller goes on with what comes after the row and waits
 * where it needs a namespace that does not stand yet. Two threads, no more: further ones
 * only queue for the same lock of the kernel (RTNL).
 *
 * The result is that of doing one after the other. The thread does all of its row, or up
 * to the first refusal; a refusal of its comes before one of the caller's, as it does in the
 * plan; and before anything is taken back the thread has ended. What it shares with
 * the caller does not change while it runs, but for each space's socket, which
 * maker_await() hands over. It blocks all signals.
 */
#ifndef KERNEL_MAKER_H
#define KERNEL_MAKER_H

#include "context.h"

struct maker;

/* Starts with the operation `first`; *n is how many there are in the row. 0, with *out NULL where a thread is not worth
 * its while or not to be had: then the caller does them. -errno: refused before anything was made; it is about `first`. */
int maker_start(struct kernel *k, const struct plan *p, size_t first, size_t *n, struct maker **out);
/* Until the space stands. False: it never will, see maker_end(). */
bool maker_await(struct maker *m, const struct kspace *s);
/* How many of the row have been done. */
size_t maker_done(struct maker *m);
/* Waits for the thread and frees it. 0, or the -errno of the operation *at (-ECANCELED: stopped by kernel_hooks.cancel). */
int maker_end(struct maker *m, size_t *at);

#endif
