/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages with descriptors on a socket, and the holder's waiting. */
#ifndef STANDIN_SERVE_H
#define STANDIN_SERVE_H

#include <stddef.h>

enum { PASSED_MAX = 8 }; /* descriptors in one message */

/* Sends bytes and n descriptors, as one message. 0 or -errno. */
int pass_fds(int sock, const void *data, size_t len, const int *fds, size_t n);
/* Receives them. The bytes (0: the other end has gone), or -errno; *n is how many descriptors came, at most `max`: the caller's. */
long take_fds(int sock, void *data, size_t len, int *fds, size_t max, size_t *n);

/*
 * Answers on `sock` until it is asked to end: then it exits. `self` is a pidfd of the
 * process. It needs SERVE_CALLS and no memory.
 */
_Noreturn void serve(int sock, int self);
extern const int serve_calls[];
extern const size_t n_serve_calls;

#endif
