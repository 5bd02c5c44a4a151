/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses. IPv6 ones are usable at once: no duplicate-address detection, for the model has made sure of that. */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "messages.h"

enum { ATTR_PROTO = 11 }; /* IFA_PROTO, since Linux 5.18; older headers lack it */

static uint8_t scope_of(const struct ip *ip)
{
	if (ip_loopback(ip))
		return RT_SCOPE_HOST;
	return ip_link_local(ip) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

void address_change(struct nl_batch *b, uint32_t seq, bool add, const struct device *dev, const struct ip_prefix *ip)
{
	struct nlmsghdr *m =
		nl_batch_begin(b, add ? RTM_NEWADDR : RTM_DELADDR, add ? NLM_F_CREATE | NLM_F_REPLACE : 0, seq);
	struct ifaddrmsg *a = mnl_nlmsg_put_extra_header(m, sizeof(*a));
	size_t len = ip_bytes((enum ip_family)ip->ip.family);

	a->ifa_family = (uint8_t)ip_af((enum ip_family)ip->ip.family);
	a->ifa_prefixlen = ip->len;
	a->ifa_scope = scope_of(&ip->ip);
	a->ifa_index = dev->ifindex;
	mnl_attr_put(m, IFA_LOCAL, len, ip->ip.b);
	mnl_attr_put(m, IFA_ADDRESS, len, ip->ip.b);
	if (add) {
		if (ip->ip.family == IP6)
			mnl_attr_put_u32(m, IFA_FLAGS, IFA_F_NODAD);
		mnl_attr_put_u8(m, ATTR_PROTO, MARK_PROTOCOL);
	}
	nl_batch_end(b);
}
