/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Neighbour entries for pings by the ten thousand.
 *
 * Two costs of address resolution grow out of hand where all nodes of a large
 * network ping all. Measured, star of N nodes on one bridge (2 cores, 6.18):
 *
 *  - Each pair asks by broadcast, and a broadcast on a bridge is one copy for
 *    each port: 2.6 µs a copy, so 0.26 ms a pair at N=100 and 1 ms at N=300,
 *    against 15-20 µs for the ping itself. All pairs: 1.3 s and 45 s.
 *  - The neighbour table has room for gc_thresh3 (1,024) entries of all
 *    namespaces together, can be enlarged in the first one only, and gives up
 *    no entry that is younger than 5 s. 300 nodes need 89,700. Beyond it,
 *    sendto() says ENOBUFS, and a node that cannot store whom to answer says
 *    nothing at all.
 *
 * So, from a certain number of probes on: some ping as they are, so many that
 * each interface is reached. Where the kernel's own resolution then found, for
 * an address of one place, the MAC of the interface that bears it, the two are
 * proven to be on one wire, and so is everything connected by such proofs.
 * Between interfaces proven to be on one wire the entries are put in by hand,
 * as STALE: as if the two had talked a while ago. They are taken out when
 * their pings are done, together with whatever dynamic entries came up since
 * the beginning, so that the table stays below its limit.
 *
 * What that means: the frames of every ping travel, to the right MAC, and
 * nobody but the pinged node answers; but not every pair's own ARP exchange is
 * carried out. Entries that were there before (and permanent or external
 * ones at any time) are neither altered nor removed. A dynamic
 * entry that somebody else's traffic brings up during the ping is removed with
 * the others, and costs its owner another ARP. After kill -9 at most a
 * table's half of stale entries remains, which the kernel drops by itself.
 */
#ifndef PROBE_NEIGH_H
#define PROBE_NEIGH_H

#include "sockets.h"

/* An address of a place's interface. */
struct neigh_address {
	struct ip_prefix prefix;
	uint32_t interface; /* index in `interfaces` */
};

struct neigh_interface {
	uint32_t place;
	uint32_t ifindex;
	struct mac mac;   /* zero: none, no Ethernet */
	uint32_t wire;    /* union-find: towards the one that stands for its wire */
	uint32_t attempt; /* the same, as if all pings for proof still under way were to succeed */
};

/* An entry of the kernel's, as far as it matters here. */
struct neigh_entry {
	uint32_t place, ifindex;
	struct ip ip;
	struct mac mac;
	uint16_t state;
	uint8_t flags;
};

struct neigh {
	const struct sockets *sockets;
	struct neigh_interface *interfaces; /* by place */
	size_t n_interfaces;
	struct neigh_address *addresses; /* by place */
	size_t n_addresses;
	size_t *first_address;              /* by place; one more than there are places */
	const struct neigh_address **by_ip; /* the same addresses, sorted */
	struct neigh_entry *before;         /* what was there at the beginning, by place */
	size_t n_before;
	size_t *first_before;
	size_t room[IP_FAMILIES]; /* entries that we may bring up at a time */
};

/* Both ends of a probe, as indices into `addresses`. */
struct neigh_pair {
	uint32_t from, to;
};

/* What lies between a place and an address. */
enum neigh_relation {
	NEIGH_FAR,  /* in none of the place's subnets: others resolve it */
	NEIGH_NEAR, /* in a subnet of the place's, and no one of the other places bears it, or more than one */
	NEIGH_PAIR, /* in a subnet of the place's, borne by another place */
	NEIGH_RELATION_COUNT
};

/* Reads addresses, interfaces and neighbours of all places with a netlink socket. 0 or -errno; neigh_done() in any case. */
int neigh_init(struct neigh *g, const struct sockets *sockets, struct nsl_error **err);
void neigh_done(struct neigh *g);

/* *pair is set for NEIGH_PAIR. */
enum neigh_relation neigh_relate(const struct neigh *g, uint32_t place, const struct ip *to, struct neigh_pair *pair);

/* Whether the ends of a pair are proven to be on one wire. */
bool neigh_proven(struct neigh *g, struct neigh_pair pair);
/* Begins a round of proofs. */
void neigh_proofs_begin(struct neigh *g);
/* Whether the pair, pinged as it is, could prove something that nothing else of this round would. */
bool neigh_proof_wanted(struct neigh *g, struct neigh_pair pair);
/* Looks what the kernel resolved for the pairs. 0 or -errno. */
int neigh_proofs_end(struct neigh *g, const struct neigh_pair *pairs, size_t n, struct nsl_error **err);

/* Puts in the entries of both ends for each pair; 0 or -errno. Those that the kernel refuses are not missed: it then resolves
 * by itself. */
int neigh_seed(struct neigh *g, const struct neigh_pair *pairs, size_t n, struct nsl_error **err);
/* Which entries are taken out beside those that hold a MAC or have failed: those still being resolved too, with the packets
 * that wait for them? */
enum neigh_sweep { NEIGH_FINISHED, NEIGH_UNFINISHED };

/* Takes out, at the places of both ends of n pairs, or everywhere, what came up since the beginning. 0 or -errno. */
int neigh_sweep_ends(struct neigh *g, const struct neigh_pair *pairs, size_t n, struct nsl_error **err);
int neigh_sweep_all(struct neigh *g, enum neigh_sweep what, struct nsl_error **err);

#endif
