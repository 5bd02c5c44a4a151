/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talking netlink: sockets bound to the namespace they were opened in, messages
 * built into batches, replies and refusals read back. Knows no lab.
 *
 * Requests that change something are sent without NLM_F_ACK: rtnetlink works a
 * send off before it returns, and answers only what it refuses. So a batch
 * costs one sendmsg() and one recv() that finds nothing. Every message carries
 * a sequence number of the caller's: a refusal names the operation it is about.
 * (linux/netlink.h, rtnetlink(7); extended ACK: NETLINK_EXT_ACK, since 4.12.)
 */
#ifndef NETLINK_NETLINK_H
#define NETLINK_NETLINK_H

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* A refusal of the kernel. */
struct nl_refusal {
	uint32_t seq;   /* of the message refused */
	int errnum;     /* positive */
	char text[160]; /* its extended ACK, or "" */
};

/* Opens a socket of a protocol (NETLINK_ROUTE, NETLINK_NETFILTER) in the calling thread's network namespace, with extended
 * ACKs, capped ACKs and strict checking of dump requests. Returns the descriptor or -errno. */
int nl_open(int protocol);

/* ---- batches --------------------------------------------------------------------------------- */

/* Messages on their way, in one buffer. Zero-initialise; nl_batch_done() when finished. */
struct nl_batch {
	char *buf;
	size_t len, cap;
	struct nlmsghdr *cur; /* the message being built */
	bool failed;          /* memory ran out */
	/* Whether a refusal does no harm (deleting what has gone already). NULL: each does. */
	bool (*benign)(void *data, uint32_t seq, int errnum);
	void *data;
};

/* Begins a message. The header stays valid until the next call on the batch; room for NL_MESSAGE_MAX bytes is ready. */
enum { NL_MESSAGE_MAX = 16 << 10 };
struct nlmsghdr *nl_batch_begin(struct nl_batch *b, uint16_t type, uint16_t flags, uint32_t seq);
/* Ends it: from now on it is part of the batch. */
void nl_batch_end(struct nl_batch *b);
void nl_batch_done(struct nl_batch *b);
/* Nothing to send, and no failure to tell. */
static inline bool nl_batch_empty(const struct nl_batch *b)
{
	return b->len == 0 && !b->failed;
}

/*
 * Sends what is in the batch and empties it (memory is kept). Returns the
 * number of harmful refusals (the first in *first), or -errno where the send itself
 * failed. -ENOMEM where building did.
 */
int nl_batch_send(int fd, struct nl_batch *b, struct nl_refusal *first);
/* The same in one piece, whatever its size: what nf_tables takes as one transaction. */
int nl_batch_send_whole(int fd, struct nl_batch *b, struct nl_refusal *first);

/* ---- requests that want an answer ------------------------------------------------------------ */

/* Called for each reply message; a value < 0 ends the reading and is returned. */
typedef int nl_reply_fn(const struct nlmsghdr *msg, void *data);

/* Replies are read into one buffer of the thread: fn must not make requests itself. It may jump away (an arena's landing).
 * Sends one request (its flags say whether it is a dump; NLM_F_ACK is added to anything else) and reads to the end of its
 * answer. -EINTR: a dump was changed while it was read: ask again. Returns 0 or -errno; *refusal (may be NULL) tells more. */
int nl_request(int fd, struct nlmsghdr *msg, nl_reply_fn *fn, void *data, struct nl_refusal *refusal);

/* Sends n requests that lie one behind the other, each of which is answered by one message (no dumps, no acknowledgements), in
 * one send. Refused ones go without saying. 0 or -errno. */
int nl_ask(int fd, const void *requests, size_t len, size_t n, nl_reply_fn *fn, void *data);

#endif
