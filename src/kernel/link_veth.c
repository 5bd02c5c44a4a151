/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cables: veth pairs, made whole by one message and in place: nothing is made in
 * one namespace and moved to another, which would wait for RCU.
 *
 * The kernel makes the peer (VETH_INFO_PEER) first, in its namespace, then the
 * device of the message itself, which alone may have a master and be born up.
 * So the message's own device is the far end (the port of a bridge), and
 * the peer is the near one: in the namespace of the socket.
 */
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "messages.h"

static void put_queues(struct nlmsghdr *m)
{
	mnl_attr_put_u32(m, IFLA_NUM_TX_QUEUES, 1);
	mnl_attr_put_u32(m, IFLA_NUM_RX_QUEUES, 1);
}

static void put_peer(struct nlmsghdr *m, const struct device *near)
{
	struct nlattr *peer = mnl_attr_nest_start(m, VETH_INFO_PEER);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(m, sizeof(*info));

	info->ifi_index = (int)near->ifindex;
	link_put_common(m, near);
	put_queues(m);
	mnl_attr_nest_end(m, peer);
}

void veth_create(struct nl_batch *b, uint32_t seq, const struct device *near, const struct device *far, int far_ns,
                 uint32_t far_master, bool far_up)
{
	struct nlmsghdr *m = nl_batch_begin(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, seq);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(m, sizeof(*info));
	struct nlattr *link, *data;

	info->ifi_index = (int)far->ifindex;
	if (far_up)
		info->ifi_flags = info->ifi_change = IFF_UP;
	link_put_common(m, far);
	put_queues(m);
	if (far_ns >= 0)
		mnl_attr_put_u32(m, IFLA_NET_NS_FD, (uint32_t)far_ns);
	if (far_master)
		mnl_attr_put_u32(m, IFLA_MASTER, far_master);
	link = mnl_attr_nest_start(m, IFLA_LINKINFO);
	mnl_attr_put_strz(m, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(m, IFLA_INFO_DATA);
	put_peer(m, near);
	mnl_attr_nest_end(m, data);
	mnl_attr_nest_end(m, link);
	nl_batch_end(b);
}
