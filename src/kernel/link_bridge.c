/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bridges. No spanning tree, for a lab's networks have no loops of their own;
 * no multicast snooping, which needs a querier to be right and costs a third
 * of the time of a large network's start.
 */
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "messages.h"

void bridge_create(struct nl_batch *b, uint32_t seq, const struct device *dev)
{
	struct nlmsghdr *m = nl_batch_begin(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, seq);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(m, sizeof(*info));
	struct nlattr *link, *data;
	struct device common = *dev;

	info->ifi_index = (int)dev->ifindex;
	common.mtu = 0; /* set later: see plan/create.c */
	link_put_common(m, &common);
	link = mnl_attr_nest_start(m, IFLA_LINKINFO);
	mnl_attr_put_strz(m, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(m, IFLA_INFO_DATA);
	mnl_attr_put_u32(m, IFLA_BR_STP_STATE, 0);
	mnl_attr_put_u8(m, IFLA_BR_MCAST_SNOOPING, 0);
	mnl_attr_nest_end(m, data);
	mnl_attr_nest_end(m, link);
	nl_batch_end(b);
}
