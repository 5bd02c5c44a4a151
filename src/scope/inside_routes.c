/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes, policy rules and neighbours as text, near to what `ip` prints (rtnetlink(7)). */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "fd.h"
#include "inside.h"
#include "ip.h"
#include "netlink.h"

enum { TRIES = 50, TEXT = 128 };

struct collecting {
	struct facts *f;
	int family;
};

/* ---- words ----------------------------------------------------------------------------------------- */

static const char *device_name(uint32_t ifindex, char name[IF_NAMESIZE])
{
	return if_indextoname(ifindex, name) ? name : "?";
}

static const char *address_text(int family, const struct nlattr *attr, char text[INET6_ADDRSTRLEN])
{
	size_t want = family == AF_INET ? 4 : 16;

	if (mnl_attr_get_payload_len(attr) != want ||
	    !inet_ntop(family, mnl_attr_get_payload(attr), text, INET6_ADDRSTRLEN))
		return "?";
	return text;
}

static uint32_t attr_u32(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(uint32_t) ? mnl_attr_get_u32(attr) : 0;
}

static const struct nlattr *find(const struct nlmsghdr *m, size_t head, unsigned type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, m, head) if (mnl_attr_get_type(attr) == type) return attr;
	return NULL;
}

static const char *table_name(uint32_t table, char buf[16])
{
	switch (table) {
	case RT_TABLE_MAIN:
		return "main";
	case RT_TABLE_LOCAL:
		return "local";
	case RT_TABLE_DEFAULT:
		return "default";
	default:
		snprintf(buf, 16, "%u", table);
		return buf;
	}
}

/* ---- routes ---------------------------------------------------------------------------------------- */

static const char *const types[] = {
	[RTN_UNREACHABLE] = "unreachable ",
	[RTN_BLACKHOLE] = "blackhole ",
	[RTN_PROHIBIT] = "prohibit ",
	[RTN_THROW] = "throw ",
	[RTN_NAT] = "nat ",
};

/* Those of the local table follow from the addresses; what the kernel only remembers (clones) is no route. */
static bool is_told(const struct rtmsg *rt, uint32_t table)
{
	return table != RT_TABLE_LOCAL && !(rt->rtm_flags & RTM_F_CLONED) && rt->rtm_type != RTN_BROADCAST &&
	       rt->rtm_type != RTN_LOCAL && rt->rtm_type != RTN_ANYCAST && rt->rtm_type != RTN_MULTICAST;
}

static void add_via(struct strbuf *b, int family, const struct nlattr *attr)
{
	char text[INET6_ADDRSTRLEN];

	if (mnl_attr_get_type(attr) == RTA_GATEWAY) {
		strbuf_printf(b, " via %s", address_text(family, attr, text));
	} else if (mnl_attr_get_type(attr) == RTA_VIA && mnl_attr_get_payload_len(attr) > sizeof(struct rtvia)) {
		const struct rtvia *via = mnl_attr_get_payload(attr);
		size_t len = mnl_attr_get_payload_len(attr) - sizeof(*via);

		if (len == (via->rtvia_family == AF_INET ? 4 : 16) &&
		    inet_ntop(via->rtvia_family, via->rtvia_addr, text, sizeof(text)))
			strbuf_printf(b, " via %s", text);
	}
}

static void add_hops(struct strbuf *b, int family, const struct nlattr *multipath)
{
	const char *at = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath);
	char name[IF_NAMESIZE];

	while (left >= sizeof(struct rtnexthop)) {
		const struct rtnexthop *hop = (const void *)at;
		size_t len = RTNH_ALIGN(hop->rtnh_len);
		const struct nlattr *attr;

		if (hop->rtnh_len < sizeof(*hop) || hop->rtnh_len > left)
			return;
		strbuf_adds(b, " nexthop");
		mnl_attr_for_each_payload((void *)(hop + 1), hop->rtnh_len - sizeof(*hop)) add_via(b, family, attr);
		strbuf_printf(b, " dev %s weight %u", device_name((uint32_t)hop->rtnh_ifindex, name),
		              hop->rtnh_hops + 1);
		if (len > left)
			return;
		at += len;
		left -= len;
	}
}

static void add_ways(struct strbuf *b, const struct nlmsghdr *m, int family)
{
	const struct nlattr *attr;
	char text[INET6_ADDRSTRLEN], name[IF_NAMESIZE];

	mnl_attr_for_each(attr, m, sizeof(struct rtmsg))
	{
		add_via(b, family, attr);
		if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
			add_hops(b, family, attr);
	}
	attr = find(m, sizeof(struct rtmsg), RTA_OIF);
	if (attr)
		strbuf_printf(b, " dev %s", device_name(attr_u32(attr), name));
	attr = find(m, sizeof(struct rtmsg), RTA_PREFSRC);
	if (attr)
		strbuf_printf(b, " src %s", address_text(family, attr, text));
	attr = find(m, sizeof(struct rtmsg), RTA_PRIORITY);
	if (attr && attr_u32(attr))
		strbuf_printf(b, " metric %u", attr_u32(attr));
}

static int take_route(const struct nlmsghdr *m, void *data)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(m);
	struct collecting *c = data;
	_cleanup_strbuf_ struct strbuf ways = {0};
	char key[TEXT], to[INET6_ADDRSTRLEN], number[16];
	const struct nlattr *dst, *tab;
	uint32_t table;

	if (m->nlmsg_type != RTM_NEWROUTE || m->nlmsg_len < NLMSG_LENGTH(sizeof(*rt)))
		return 0;
	tab = find(m, sizeof(*rt), RTA_TABLE);
	table = tab ? attr_u32(tab) : rt->rtm_table;
	if (!is_told(rt, table))
		return 0;
	dst = find(m, sizeof(*rt), RTA_DST);
	if (dst)
		snprintf(key, sizeof(key), "%s/%u", address_text(c->family, dst, to), rt->rtm_dst_len);
	else
		snprintf(key, sizeof(key), "default%s", c->family == AF_INET6 ? " (IPv6)" : "");
	if (table != RT_TABLE_MAIN)
		snprintf(key + strlen(key), sizeof(key) - strlen(key), " table %s", table_name(table, number));
	if (rt->rtm_type < ARRAY_SIZE(types) && types[rt->rtm_type])
		strbuf_printf(&ways, " %s", types[rt->rtm_type]);
	add_ways(&ways, m, c->family);
	fact_add(c->f, NSL_ASPECT_ROUTES, key, "%s", ways.len ? ways.s + 1 : "");
	return 0;
}

/* ---- dumps ----------------------------------------------------------------------------------------- */

static int dump(uint16_t type, size_t head, nl_reply_fn *fn, struct collecting *c)
{
	_cleanup_fd_ int sock = nl_open(NETLINK_ROUTE);
	size_t before = c->f->text.len;
	int r = sock < 0 ? sock : -EINTR;

	for (uint32_t i = 1; r == -EINTR && i < TRIES; i++) {
		char buf[128];
		struct nlmsghdr *m = mnl_nlmsg_put_header(buf);

		/* The family is the first byte of each of these headers. */
		*(uint8_t *)mnl_nlmsg_put_extra_header(m, head) = (uint8_t)c->family;
		m->nlmsg_type = type;
		m->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		m->nlmsg_seq = i;
		c->f->text.len = before;
		r = nl_request(sock, m, fn, c, NULL);
	}
	return r == -EAFNOSUPPORT || r == -EOPNOTSUPP ? 0 : r; /* a kernel without IPv6, or without rules */
}

static int dump_families(struct facts *f, uint16_t type, size_t head, nl_reply_fn *fn)
{
	int r = dump(type, head, fn, &(struct collecting){f, AF_INET});

	return r < 0 ? r : dump(type, head, fn, &(struct collecting){f, AF_INET6});
}

int collect_routes(struct facts *f)
{
	return dump_families(f, RTM_GETROUTE, sizeof(struct rtmsg), take_route);
}

/* ---- rules ----------------------------------------------------------------------------------------- */

static void add_selector(struct strbuf *b, const struct nlmsghdr *m, int family, unsigned type, unsigned len,
                         const char *word)
{
	const struct nlattr *attr = find(m, sizeof(struct fib_rule_hdr), type);
	char text[INET6_ADDRSTRLEN];

	if (attr)
		strbuf_printf(b, " %s %s/%u", word, address_text(family, attr, text), len);
}

static void add_name(struct strbuf *b, const struct nlmsghdr *m, unsigned type, const char *word)
{
	const struct nlattr *attr = find(m, sizeof(struct fib_rule_hdr), type);

	if (attr)
		strbuf_printf(b, " %s %.*s", word, (int)mnl_attr_get_payload_len(attr),
		              (const char *)mnl_attr_get_payload(attr));
}

static int take_rule(const struct nlmsghdr *m, void *data)
{
	static const char *const actions[] = {
		[FR_ACT_BLACKHOLE] = "blackhole", [FR_ACT_UNREACHABLE] = "unreachable", [FR_ACT_PROHIBIT] = "prohibit"};
	const struct fib_rule_hdr *rule = mnl_nlmsg_get_payload(m);
	struct collecting *c = data;
	_cleanup_strbuf_ struct strbuf b = {0};
	const struct nlattr *attr;
	char key[TEXT], number[16];

	if (m->nlmsg_type != RTM_NEWRULE || m->nlmsg_len < NLMSG_LENGTH(sizeof(*rule)))
		return 0;
	snprintf(key, sizeof(key), "%s %u", c->family == AF_INET ? "IPv4" : "IPv6",
	         attr_u32(find(m, sizeof(*rule), FRA_PRIORITY)));
	if (rule->flags & FIB_RULE_INVERT)
		strbuf_adds(&b, " not");
	add_selector(&b, m, c->family, FRA_SRC, rule->src_len, "from");
	add_selector(&b, m, c->family, FRA_DST, rule->dst_len, "to");
	add_name(&b, m, FRA_IIFNAME, "iif");
	add_name(&b, m, FRA_OIFNAME, "oif");
	attr = find(m, sizeof(*rule), FRA_FWMARK);
	if (attr)
		strbuf_printf(&b, " fwmark 0x%x/0x%x", attr_u32(attr), attr_u32(find(m, sizeof(*rule), FRA_FWMASK)));
	if (find(m, sizeof(*rule), FRA_L3MDEV))
		strbuf_adds(&b, " l3mdev");
	attr = find(m, sizeof(*rule), FRA_TABLE);
	if (rule->action == FR_ACT_TO_TBL)
		strbuf_printf(&b, " lookup %s", table_name(attr ? attr_u32(attr) : rule->table, number));
	else if (rule->action < ARRAY_SIZE(actions) && actions[rule->action])
		strbuf_printf(&b, " %s", actions[rule->action]);
	else
		strbuf_printf(&b, " action %u", rule->action);
	fact_add(c->f, NSL_ASPECT_RULES, key, "%s", b.s ? b.s + 1 : "");
	return 0;
}

int collect_rules(struct facts *f)
{
	return dump_families(f, RTM_GETRULE, sizeof(struct fib_rule_hdr), take_rule);
}

/* ---- neighbours ------------------------------------------------------------------------------------ */

/* How fresh an entry is changes by itself: only whether it answers, and whether somebody has set it. */
static int take_neighbour(const struct nlmsghdr *m, void *data)
{
	const struct ndmsg *nd = mnl_nlmsg_get_payload(m);
	const struct nlattr *dst, *mac;
	struct collecting *c = data;
	char key[TEXT], text[INET6_ADDRSTRLEN], name[IF_NAMESIZE], hex[MAC_TEXT_MAX] = "no answer";

	if (m->nlmsg_type != RTM_NEWNEIGH || m->nlmsg_len < NLMSG_LENGTH(sizeof(*nd)) || (nd->ndm_state & NUD_NOARP))
		return 0;
	dst = find(m, sizeof(*nd), NDA_DST);
	mac = find(m, sizeof(*nd), NDA_LLADDR);
	if (!dst)
		return 0;
	if (mac && mnl_attr_get_payload_len(mac) == MAC_LEN && !(nd->ndm_state & (NUD_FAILED | NUD_INCOMPLETE)))
		mac_text(mnl_attr_get_payload(mac), hex);
	snprintf(key, sizeof(key), "%s dev %s", address_text(c->family, dst, text),
	         device_name((uint32_t)nd->ndm_ifindex, name));
	fact_add(c->f, NSL_ASPECT_NEIGHBOURS, key, "%s%s", hex, nd->ndm_state & NUD_PERMANENT ? " permanent" : "");
	return 0;
}

int collect_neighbours(struct facts *f)
{
	return dump_families(f, RTM_GETNEIGH, sizeof(struct ndmsg), take_neighbour);
}
