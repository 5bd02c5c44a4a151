/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all kinds of devices have in common. A kind of its own is a file link_KIND.c. */
#include "messages.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

void link_put_common(struct nlmsghdr *m, const struct device *dev)
{
	mnl_attr_put_strz(m, IFLA_IFNAME, dev->name);
	mnl_attr_put(m, IFLA_ADDRESS, MAC_LEN, dev->mac.b);
	if (dev->mtu)
		mnl_attr_put_u32(m, IFLA_MTU, dev->mtu);
	mnl_attr_put_u32(m, IFLA_GROUP, dev->group);
}

static struct nlmsghdr *begin(struct nl_batch *b, uint16_t type, uint16_t flags, uint32_t seq, const struct device *dev)
{
	struct nlmsghdr *m = nl_batch_begin(b, type, flags, seq);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(m, sizeof(*info));

	info->ifi_family = AF_UNSPEC;
	info->ifi_index = (int)dev->ifindex;
	if (!dev->ifindex)
		mnl_attr_put_strz(m, IFLA_IFNAME, dev->name);
	return m;
}

/* IPv6 makes no address of the device by itself: neither link-local nor by router advertisement. */
static void put_no_autoconf(struct nlmsghdr *m)
{
	struct nlattr *spec = mnl_attr_nest_start(m, IFLA_AF_SPEC);
	struct nlattr *inet6 = mnl_attr_nest_start(m, AF_INET6);

	mnl_attr_put_u8(m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(m, inet6);
	mnl_attr_nest_end(m, spec);
}

void link_change(struct nl_batch *b, uint32_t seq, const struct device *dev, uint32_t set, uint32_t master)
{
	struct nlmsghdr *m = begin(b, RTM_SETLINK, 0, seq, dev);
	struct ifinfomsg *info = mnl_nlmsg_get_payload(m);

	if (set & SET_UP) {
		info->ifi_flags = dev->up ? IFF_UP : 0;
		info->ifi_change = IFF_UP;
	}
	if (set & SET_MAC)
		mnl_attr_put(m, IFLA_ADDRESS, MAC_LEN, dev->mac.b);
	if (set & SET_MTU)
		mnl_attr_put_u32(m, IFLA_MTU, dev->mtu);
	if (set & SET_MASTER)
		mnl_attr_put_u32(m, IFLA_MASTER, master);
	if (set & SET_ALIAS)
		mnl_attr_put_strz(m, IFLA_IFALIAS, dev->alias ? dev->alias : "");
	if (set & SET_AUTOCONF)
		put_no_autoconf(m);
	nl_batch_end(b);
}

void link_add_altname(struct nl_batch *b, uint32_t seq, const struct device *dev)
{
	struct nlmsghdr *m = begin(b, RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_APPEND, seq, dev);
	struct nlattr *list = mnl_attr_nest_start(m, IFLA_PROP_LIST);

	mnl_attr_put_strz(m, IFLA_ALT_IFNAME, dev->altname);
	mnl_attr_nest_end(m, list);
	nl_batch_end(b);
}

void link_set_group(struct nl_batch *b, uint32_t seq, const struct device *dev, uint32_t group)
{
	mnl_attr_put_u32(begin(b, RTM_SETLINK, 0, seq, dev), IFLA_GROUP, group);
	nl_batch_end(b);
}

void link_delete(struct nl_batch *b, uint32_t seq, const struct device *dev)
{
	begin(b, RTM_DELLINK, 0, seq, dev);
	nl_batch_end(b);
}

void link_delete_group(struct nl_batch *b, uint32_t seq, uint32_t group)
{
	struct nlmsghdr *m = nl_batch_begin(b, RTM_DELLINK, 0, seq);

	mnl_nlmsg_put_extra_header(m, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(m, IFLA_GROUP, group);
	nl_batch_end(b);
}
