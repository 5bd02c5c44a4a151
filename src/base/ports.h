/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of ports on addresses of a host, as ranges. */
#ifndef BASE_PORTS_H
#define BASE_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ip.h"

/* Ports from first to last, both included. */
struct port_range {
	struct ip host; /* unspecified: all addresses */
	bool udp;       /* else TCP */
	uint16_t first, last;
};

/* By address, protocol and first port. */
int port_range_cmp(const struct port_range *a, const struct port_range *b);

/* Sorts n ranges and makes one of those that meet or overlap. Returns how many are left. Two sets that were tidied are the same
 * ports if they have the same ranges. */
size_t ports_tidy(struct port_range *ranges, size_t n);
bool ports_same(const struct port_range *a, size_t n, const struct port_range *b, size_t m);

/* Whether a port on an address is one of them. On all addresses is not on each: the address must be the range's. */
bool ports_have(const struct port_range *ranges, size_t n, const struct ip *host, bool udp, uint16_t port);

/* "80", "8000-8010". */
enum { PORT_RANGE_TEXT_MAX = 12 };
const char *port_range_text(const struct port_range *r, char buf[PORT_RANGE_TEXT_MAX]);
/* The same read: the ports only. */
bool port_range_parse(const char *text, struct port_range *out);

#endif
