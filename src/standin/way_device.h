/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stand-in host's side of the way out: its device, and where its resolver is. */
#ifndef STANDIN_WAY_DEVICE_H
#define STANDIN_WAY_DEVICE_H

#include "ip.h"

#define WAY_ADDRESS4 "192.0.0.2"
#define WAY_PREFIX4 "29"
#define WAY_GATEWAY4 "192.0.0.1"
#define WAY_SLIRP4 "192.0.0.0/24" /* slirp4netns gives the device .100, and has .2 and .3 itself */
#define WAY_ADDRESS6 "fd6e:736c:6f6f:6d::2"
#define WAY_PREFIX6 64
#define WAY_GATEWAY6 "fe80::1"
#define WAY_MAC "0e:6e:73:6c:6f:01" /* of all that is behind the device */

/* Addresses, default routes, up. Where the host has a default route already, that one stays. 0 or -errno. */
int way_device_configure(const bool family[IP_FAMILIES]);

/* A name server on the machine's loopback is out of reach from here: then /etc/resolv.conf names one that the way out leads to. */
void way_resolver_set(const bool family[IP_FAMILIES]);
void way_resolver_unset(void);

#endif
