/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets inside network namespaces. A socket belongs for good to the namespace
 * that its thread was in when it was opened: so the thread enters each place
 * once, opens what is needed there, and goes back.
 */
#ifndef PROBE_SOCKETS_H
#define PROBE_SOCKETS_H

#include <stdbool.h>
#include <sys/resource.h>

#include "ping.h"

/* What is open in one place; -1: nothing. */
struct place_sockets {
	int echo[IP_FAMILIES]; /* raw ICMP: echo replies and errors come in, stamped with CLOCK_REALTIME of their arrival */
	int netlink;           /* rtnetlink */
};

struct sockets {
	struct place_sockets *at; /* by place */
	size_t n;
	struct rlimit limit; /* as it was before: put back by sockets_close() */
	bool limit_raised;
};

/*
 * Opens the sockets of n places: of each the echo sockets of the families in
 * needs[place] (bit 1 << family) and, where `netlink`, a netlink socket for
 * each place that needs any. The thread is back in its own namespace
 * afterwards, on failure too, where nothing stays open. Raises the soft limit
 * on descriptors to the hard one if it is too low. 0 or -errno.
 */
int sockets_open(struct sockets *s, const struct ping_place *places, size_t n, const uint8_t *needs, bool netlink,
                 struct nsl_error **err);
void sockets_close(struct sockets *s);

#endif
