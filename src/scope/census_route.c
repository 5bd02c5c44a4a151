/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way out of a namespace: the route that its kernel would choose to one
 * address that is certainly elsewhere. One question, whatever the size of its
 * tables, and policy rules are heeded. Nothing is sent there.
 */
#include <linux/rtnetlink.h>
#include <string.h>

#include "census.h"

/* a.root-servers.net: a service of the internet's, whose addresses no network may take for itself. */
static const struct ip elsewhere[IP_FAMILIES] = {
	[IP4] = {.set = 1, .family = IP4, .b = {198, 41, 0, 4}},
	[IP6] = {.set = 1,
                 .family = IP6,
                 .b = {0x20, 0x01, 0x05, 0x03, 0xba, 0x3e, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0x30}},
};

struct way {
	uint32_t oif;
	struct ip via;
};

static void take_via(const void *address, size_t len, enum ip_family family, struct ip *via)
{
	if (len != ip_bytes(family))
		return;
	*via = (struct ip){.set = 1, .family = (uint8_t)family};
	memcpy(via->b, address, len);
}

static int take_route(const struct nlmsghdr *m, void *data)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr;
	struct way *way = data;

	if (m->nlmsg_type != RTM_NEWROUTE || m->nlmsg_len < NLMSG_LENGTH(sizeof(*rt)) || rt->rtm_type != RTN_UNICAST)
		return 0;
	mnl_attr_for_each(attr, m, sizeof(*rt))
	{
		const unsigned char *payload = mnl_attr_get_payload(attr);
		size_t len = mnl_attr_get_payload_len(attr);
		int type = mnl_attr_get_type(attr);

		if (type == RTA_OIF && len == sizeof(uint32_t))
			way->oif = mnl_attr_get_u32(attr);
		else if (type == RTA_GATEWAY)
			take_via(payload, len, rt->rtm_family == AF_INET6 ? IP6 : IP4, &way->via);
		else if (type == RTA_VIA && len > sizeof(struct rtvia)) /* an IPv4 route by way of IPv6 */
			take_via(payload + sizeof(struct rtvia), len - sizeof(struct rtvia), IP6, &way->via);
	}
	return 0;
}

void survey_way_out(struct survey *s, struct seen *ns, enum ip_family family)
{
	char buf[128], text[IP_TEXT_MAX];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(m, sizeof(*rt));
	struct nsl_way_out *out = &ns->out.out[family];
	struct way way = {0};

	m->nlmsg_type = RTM_GETROUTE;
	m->nlmsg_flags = NLM_F_REQUEST;
	m->nlmsg_seq = 5;
	rt->rtm_family = (uint8_t)ip_af(family);
	rt->rtm_dst_len = (uint8_t)ip_bits(family);
	mnl_attr_put(m, RTA_DST, ip_bytes(family), elsewhere[family].b);
	if (nl_request(s->sock, m, take_route, &way, NULL) < 0)
		return;
	out->device = seen_device(ns, way.oif);
	if (out->device >= 0 && way.via.set)
		out->via = arena_strdup(s->a, ip_text(&way.via, text));
}
