/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netlink half of a snapshot. */
#ifndef FAULT_SNAPSHOT_NETLINK_H
#define FAULT_SNAPSHOT_NETLINK_H

#include <linux/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "strbuf.h"

struct net_link {
	uint32_t index, peer;
	int32_t peer_nsid; /* -1: the same namespace */
	bool port;         /* of a bridge */
	char name[IFNAMSIZ];
};

struct net_space {
	char place[128];
	int ns, sock;
	struct net_link *links;
	size_t n;
};

struct net_dump {
	struct strbuf out;
	struct net_space spaces[64];
	size_t n;
};

/* Writes "WHAT: strerror(errno)" and exits. */
void die(const char *what) __attribute__((noreturn));

/* Dumps the namespace the thread is in. Takes `ns` over. */
void net_dump_space(struct net_dump *d, const char *place, int ns);
/* Whether the space dumped last has such a device. */
bool net_is_device(const struct net_dump *d, const char *name);
/* All of nf_tables, where the thread is. */
void net_dump_nft(struct net_dump *d);
/* Says which devices are two ends of one cable; closes everything. */
void net_dump_end(struct net_dump *d);

#endif
