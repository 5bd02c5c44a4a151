/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes, in the main table, under nsloom's own protocol number. */
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "messages.h"

static void put_ip(struct nlmsghdr *m, uint16_t type, const struct ip *ip)
{
	mnl_attr_put(m, type, ip_bytes((enum ip_family)ip->family), ip->b);
}

/* RTA_MULTIPATH: a row of struct rtnexthop, each with its own attributes behind it. */
static void put_hops(struct nlmsghdr *m, const struct space *sp, const struct kroute *r)
{
	struct nlattr *multi = mnl_attr_nest_start(m, RTA_MULTIPATH);

	for (size_t i = 0; i < r->hops.n; i++) {
		const struct khop *h = &r->hops.items[i];
		struct rtnexthop *nh = (void *)((char *)m + m->nlmsg_len);

		memset(nh, 0, sizeof(*nh));
		m->nlmsg_len += sizeof(*nh);
		nh->rtnh_ifindex = (int)sp->devices.items[h->device].ifindex;
		put_ip(m, RTA_GATEWAY, &h->via);
		nh->rtnh_len = (unsigned short)((char *)m + m->nlmsg_len - (char *)nh);
	}
	mnl_attr_nest_end(m, multi);
}

void route_change(struct nl_batch *b, uint32_t seq, bool add, const struct space *sp, const struct kroute *r)
{
	struct nlmsghdr *m =
		nl_batch_begin(b, add ? RTM_NEWROUTE : RTM_DELROUTE, add ? NLM_F_CREATE | NLM_F_REPLACE : 0, seq);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(m, sizeof(*rt));

	rt->rtm_family = (uint8_t)ip_af((enum ip_family)r->to.ip.family);
	rt->rtm_dst_len = r->to.len;
	rt->rtm_table = RT_TABLE_MAIN;
	rt->rtm_protocol = add ? MARK_PROTOCOL : r->protocol;
	rt->rtm_type = RTN_UNICAST;
	rt->rtm_scope = add ? RT_SCOPE_UNIVERSE : RT_SCOPE_NOWHERE;
	if (r->to.len)
		put_ip(m, RTA_DST, &r->to.ip);
	if (!add && r->metric)
		mnl_attr_put_u32(m, RTA_PRIORITY, r->metric);
	if (add && r->hops.n == 1) {
		put_ip(m, RTA_GATEWAY, &r->hops.items[0].via);
		mnl_attr_put_u32(m, RTA_OIF, sp->devices.items[r->hops.items[0].device].ifindex);
	} else if (add) {
		put_hops(m, sp, r);
	}
	nl_batch_end(b);
}
