/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations as rtnetlink messages (rtnetlink(7), linux/if_link.h,
 * linux/if_addr.h, linux/rtnetlink.h). Pure: each fills a message of a batch.
 * A device whose ifindex is not known is named by IFLA_IFNAME where the kernel
 * takes that, and must be resolved before where it does not.
 */
#ifndef KERNEL_MESSAGES_H
#define KERNEL_MESSAGES_H

#include "netlink.h"
#include "plan.h"

/* RTM_NEWLINK for a bridge, down. In link_bridge.c. */
void bridge_create(struct nl_batch *b, uint32_t seq, const struct device *dev);

/*
 * RTM_NEWLINK for a whole cable, sent inside the namespace of `near`. The far
 * end is placed by the descriptor of its namespace (-1: the same one), and on a
 * bridge where it has a master. In link_veth.c.
 */
void veth_create(struct nl_batch *b, uint32_t seq, const struct device *near, const struct device *far, int far_ns,
                 uint32_t far_master, bool far_up);

/* RTM_SETLINK (RTM_NEWLINK) for the attributes in `set`; `master`: ifindex for SET_MASTER, 0 takes it off. In link.c. */
void link_change(struct nl_batch *b, uint32_t seq, const struct device *dev, uint32_t set, uint32_t master);
/* RTM_NEWLINKPROP: the alternative name. */
void link_add_altname(struct nl_batch *b, uint32_t seq, const struct device *dev);
void link_set_group(struct nl_batch *b, uint32_t seq, const struct device *dev, uint32_t group);
void link_delete(struct nl_batch *b, uint32_t seq, const struct device *dev);
/* Every device of a group, in one go. */
void link_delete_group(struct nl_batch *b, uint32_t seq, uint32_t group);

/* What every new device has: name, ifindex (0: the kernel's choice), MAC, MTU, group, queues. In link.c. */
void link_put_common(struct nlmsghdr *m, const struct device *dev);

/* In address.c, route.c. The devices' ifindexes must be known. */
void address_change(struct nl_batch *b, uint32_t seq, bool add, const struct device *dev, const struct ip_prefix *ip);
void route_change(struct nl_batch *b, uint32_t seq, bool add, const struct space *sp, const struct kroute *r);

#endif
