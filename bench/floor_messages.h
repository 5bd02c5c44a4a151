/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the yardstick says to the kernel: requests gathered in a batch, sent at once, without asking for acknowledgements. */
#ifndef BENCH_FLOOR_MESSAGES_H
#define BENCH_FLOOR_MESSAGES_H

#include <linux/netlink.h>

#include "floor_list.h"

struct batch {
	char *buf;
	size_t len, cap;
};

int netlink_open(int protocol);
/* Closes a socket; exits with a message if the kernel refused anything that was sent on it. */
void netlink_close(int sock);
bool netlink_has_link(int sock, const char *name);
/* Sends what is in the batch, if anything, and empties it. */
void batch_send(struct batch *b, int sock);

void put_bridge(struct batch *b, const struct end *e);
void put_raise_bridge(struct batch *b, const struct end *e);
/* The whole cable, to be sent inside the space of end[0]; `ns`: the namespace of end[1], -1 for the same. */
void put_veth(struct batch *b, const struct veth *v, int ns);
/* Puts a near end on its bridge, up: of a cable only the far end can be born on one. */
void put_on_bridge(struct batch *b, const struct end *e);
/* What could not be said when the end was made. */
void put_end(struct batch *b, const struct end *e);
void put_lo(struct batch *b, bool up, const char *alias);
void put_address(struct batch *b, const struct address *a);
void put_route(struct batch *b, const struct route *r);
void put_delete_group(struct batch *b, uint32_t group);
void put_transaction(struct batch *b, const struct nft *messages, size_t n);

#endif
