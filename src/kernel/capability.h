/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this kernel can: each thing is tried, never guessed from a version.
 *
 * A kind of device or qdisc is asked for in a way in which no kernel can grant
 * it (a name that is no name, no parameters): one that lacks the kind says
 * so, one that has it complains of the rest. So nothing is made, it takes some
 * 20 microseconds, and a module is loaded just as it would be by really making one.
 * nf_tables rules are really made, and go with the namespace that they are in.
 *
 * Kinds whose module puts devices into every namespace when it is loaded (sit,
 * ip6tnl, gre, bond, ifb) are not asked for: a doctor leaves no trace.
 */
#ifndef KERNEL_CAPABILITY_H
#define KERNEL_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

enum capability {
	CAN_VETH,
	CAN_BRIDGE,
	CAN_DUMMY,
	CAN_MACVLAN,
	CAN_IPVLAN,
	CAN_VLAN,
	CAN_VRF,
	CAN_VXLAN,
	CAN_GENEVE,
	CAN_WIREGUARD,
	CAN_NETEM,
	CAN_TBF,
	CAN_HTB,
	CAN_FQ_CODEL,
	CAN_NFT,
	CAN_CONNTRACK,
	CAN_REJECT,
	CAN_MARK,
	CAN_NAT,
	CAN_MASQUERADE,
	CAN_CT_MARK,
	CAN_FIB,
	CAN_FLOWTABLE,
	CAN_ADDRESS_PROTOCOL,
	CAPABILITY_COUNT
};

enum capability_group { GROUP_LINK, GROUP_QDISC, GROUP_NFT, GROUP_ADDRESS, CAPABILITY_GROUPS };

/* A set of them. */
#define CAN(c) (1u << (c))
enum { CAN_ALL = CAN(CAPABILITY_COUNT) - 1 };

const char *capability_name(enum capability c);
enum capability_group capability_group(enum capability c);
/* The module that brings it, for modprobe(8); NULL where it is no module's matter. */
const char *capability_module(enum capability c);

/*
 * Tries those of `set` in the namespace that the thread is in. For anything but GROUP_LINK it must be one to throw away.
 * *have gets those that are there. 0, or -errno where asking itself failed (-EPERM).
 */
int capability_try(uint32_t set, uint32_t *have);

#endif
