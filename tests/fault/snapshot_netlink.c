/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices, addresses, routes, nf_tables as lines: every attribute in hexadecimal, but for those named here. */
#include "snapshot_netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/ipv6.h>
#include <linux/net_namespace.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { END = 0 };                              /* of a list of attributes; no list has attribute 0 */
enum { BR_FDB_N_LEARNED = 48 };                /* of IFLA_BR_*, since Linux 6.7 */
enum { TSO_MAX_SIZE = 59, TSO_MAX_SEGS = 60 }; /* of IFLA_*, since 5.19: a bridge keeps those of ports that it had */

struct reading {
	struct net_dump *d;
	struct net_space *sp;
	unsigned order;  /* rules of nf_tables stand in an order, within their chain: */
	char chain[256]; /* this one */
};

/* ---- requests -------------------------------------------------------------------------------------- */

static int sock_open(int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), one = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	return fd;
}

/* Sends, reads all of the answer. A dump that was changed meanwhile counts all the same: nobody else is at work here. */
static int ask(int fd, struct nlmsghdr *m, mnl_cb_t fn, void *data)
{
	static char buf[256 << 10];
	int r = MNL_CB_OK;

	m->nlmsg_seq = 1;
	if (send(fd, m, m->nlmsg_len, 0) < 0)
		die("send");
	while (r > 0) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);

		if (n < 0)
			die("recv");
		r = mnl_cb_run(buf, (size_t)n, 1, 0, fn, data);
	}
	return r;
}

/* ---- text ------------------------------------------------------------------------------------------ */

static bool among(int type, const int *list)
{
	for (; *list != END; list++)
		if (*list == type)
			return true;
	return false;
}

static void hex(struct strbuf *out, const void *data, size_t len)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		strbuf_addc(out, digit[((const uint8_t *)data)[i] >> 4]);
		strbuf_addc(out, digit[((const uint8_t *)data)[i] & 15]);
	}
}

static void one_attr(struct strbuf *out, const struct nlattr *attr)
{
	strbuf_printf(out, " %u:", mnl_attr_get_type(attr));
	hex(out, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
}

static void nested(struct strbuf *out, const struct nlattr *nest, const int *without)
{
	const struct nlattr *attr;

	strbuf_printf(out, " %u{", mnl_attr_get_type(nest));
	mnl_attr_for_each_nested(attr, nest) if (!among(mnl_attr_get_type(attr), without)) one_attr(out, attr);
	strbuf_adds(out, " }");
}

static const char *name_of(const struct net_space *sp, uint32_t index)
{
	for (size_t i = 0; i < sp->n; i++)
		if (sp->links[i].index == index)
			return sp->links[i].name;
	return index ? "?" : "-";
}

/* ---- devices --------------------------------------------------------------------------------------- */

static int learn_name(const struct nlmsghdr *m, void *data)
{
	struct net_space *sp = ((struct reading *)data)->sp;
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(m);
	struct net_link link = {.index = (uint32_t)info->ifi_index, .peer_nsid = -1};
	const struct nlattr *attr;
	void *links = realloc(sp->links, (sp->n + 1) * sizeof(*sp->links));

	if (!links)
		die("realloc");
	sp->links = links;
	mnl_attr_for_each(attr, m, sizeof(*info))
	{
		if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			snprintf(link.name, sizeof(link.name), "%s", mnl_attr_get_str(attr));
		if (mnl_attr_get_type(attr) == IFLA_LINK)
			link.peer = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == IFLA_LINK_NETNSID)
			link.peer_nsid = (int32_t)mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == IFLA_MASTER)
			link.port = true;
	}
	sp->links[sp->n++] = link;
	return MNL_CB_OK;
}

static void link_info(struct strbuf *out, const struct nlattr *info)
{
	static const int bridge_timers[] = {
		IFLA_BR_HELLO_TIMER,
		IFLA_BR_TCN_TIMER,
		IFLA_BR_TOPOLOGY_CHANGE_TIMER,
		IFLA_BR_GC_TIMER,
		IFLA_BR_TOPOLOGY_CHANGE,
		IFLA_BR_TOPOLOGY_CHANGE_DETECTED,
		BR_FDB_N_LEARNED,
		END,
	};
	static const int port_states[] = {
		IFLA_BRPORT_STATE,
		IFLA_BRPORT_NO,
		IFLA_BRPORT_ID,
		IFLA_BRPORT_DESIGNATED_PORT,
		IFLA_BRPORT_MESSAGE_AGE_TIMER,
		IFLA_BRPORT_FORWARD_DELAY_TIMER,
		IFLA_BRPORT_HOLD_TIMER,
		IFLA_BRPORT_CONFIG_PENDING,
		IFLA_BRPORT_TOPOLOGY_CHANGE_ACK,
		IFLA_BRPORT_COST,
		IFLA_BRPORT_DESIGNATED_COST,
		END,
	};
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, info)
	{
		if (mnl_attr_get_type(attr) == IFLA_INFO_DATA)
			nested(out, attr, bridge_timers);
		else if (mnl_attr_get_type(attr) == IFLA_INFO_SLAVE_DATA)
			nested(out, attr, port_states);
		else if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
			strbuf_printf(out, " kind=%s", mnl_attr_get_str(attr));
	}
}

/* The sysctls of the device, as the kernel shows them here. On a port of a bridge accept_ra means nothing, and depends on whether
 * the host's switches were borrowed when it was made. */
static void af_spec(struct strbuf *out, const struct nlattr *spec, bool port)
{
	static const int not6[] = {IFLA_INET6_FLAGS, IFLA_INET6_STATS, IFLA_INET6_CACHEINFO, IFLA_INET6_ICMP6STATS,
	                           END};
	static const int none[] = {END};
	const struct nlattr *family;

	mnl_attr_for_each_nested(family, spec)
	{
		const struct nlattr *attr;

		mnl_attr_for_each_nested(attr, family) if (port && mnl_attr_get_type(family) == AF_INET6 &&
		                                           mnl_attr_get_type(attr) == IFLA_INET6_CONF)(
			(int32_t *)mnl_attr_get_payload(attr))[DEVCONF_ACCEPT_RA] = 0;
		nested(out, family, mnl_attr_get_type(family) == AF_INET6 ? not6 : none);
	}
}

bool net_is_device(const struct net_dump *d, const char *name)
{
	const struct net_space *sp = &d->spaces[d->n - 1];

	for (size_t i = 0; i < sp->n; i++)
		if (strcmp(sp->links[i].name, name) == 0)
			return true;
	return false;
}

static bool is_port(const struct net_space *sp, uint32_t index)
{
	for (size_t i = 0; i < sp->n; i++)
		if (sp->links[i].index == index)
			return sp->links[i].port;
	return false;
}

static int take_link(const struct nlmsghdr *m, void *data)
{
	static const int without[] = {
		IFLA_STATS,
		IFLA_STATS64,
		IFLA_CARRIER,
		IFLA_CARRIER_CHANGES,
		IFLA_CARRIER_UP_COUNT,
		IFLA_CARRIER_DOWN_COUNT,
		IFLA_OPERSTATE,
		IFLA_QDISC,
		IFLA_LINK,
		IFLA_LINK_NETNSID,
		IFLA_PROTINFO,
		TSO_MAX_SIZE,
		TSO_MAX_SEGS,
		END,
	};
	struct reading *r = data;
	struct strbuf *out = &r->d->out;
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr;

	strbuf_printf(out, "%s link %s type=%u flags=%x", r->sp->place, name_of(r->sp, (uint32_t)info->ifi_index),
	              info->ifi_type,
	              info->ifi_flags & ~(unsigned)(IFF_RUNNING | 1 << 16 /* LOWER_UP */ | 1 << 17 /* DORMANT */));
	mnl_attr_for_each(attr, m, sizeof(*info))
	{
		int type = mnl_attr_get_type(attr);

		if (type == IFLA_MASTER)
			strbuf_printf(out, " master=%s", name_of(r->sp, mnl_attr_get_u32(attr)));
		else if (type == IFLA_LINKINFO)
			link_info(out, attr);
		else if (type == IFLA_AF_SPEC)
			af_spec(out, attr, is_port(r->sp, (uint32_t)info->ifi_index));
		else if (!among(type, without))
			one_attr(out, attr);
	}
	strbuf_addc(out, '\n');
	return MNL_CB_OK;
}

static void dump_links(struct reading *r, mnl_cb_t fn)
{
	char buf[128];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);

	m->nlmsg_type = RTM_GETLINK;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(m, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	ask(r->sp->sock, m, fn, r);
}

/* ---- addresses, routes, rules ---------------------------------------------------------------------- */

static int take_address(const struct nlmsghdr *m, void *data)
{
	static const int without[] = {IFA_CACHEINFO, END};
	struct reading *r = data;
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr;

	strbuf_printf(&r->d->out, "%s address %s family=%u len=%u flags=%x scope=%u", r->sp->place,
	              name_of(r->sp, info->ifa_index), info->ifa_family, info->ifa_prefixlen, info->ifa_flags,
	              info->ifa_scope);
	mnl_attr_for_each(attr, m, sizeof(*info)) if (!among(mnl_attr_get_type(attr), without))
		one_attr(&r->d->out, attr);
	strbuf_addc(&r->d->out, '\n');
	return MNL_CB_OK;
}

static void hops(struct reading *r, const struct nlattr *multipath)
{
	const struct rtnexthop *nh = mnl_attr_get_payload(multipath);

	for (int left = mnl_attr_get_payload_len(multipath); left >= (int)sizeof(*nh) && nh->rtnh_len >= sizeof(*nh);
	     left -= (int)RTNH_ALIGN(nh->rtnh_len), nh = RTNH_NEXT((struct rtnexthop *)nh)) {
		strbuf_printf(&r->d->out, " hop=%s/%u/", name_of(r->sp, (uint32_t)nh->rtnh_ifindex), nh->rtnh_hops);
		hex(&r->d->out, nh + 1, nh->rtnh_len - sizeof(*nh));
	}
}

static int take_route(const struct nlmsghdr *m, void *data)
{
	static const int without[] = {RTA_CACHEINFO, END};
	struct reading *r = data;
	const struct rtmsg *rt = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr;

	/* The kernel makes ff00::/8 or not, as carriers of a bridge without IPv6 came and went; the anycast addresses of a router are
	 * counted twice where forwarding goes on while an address is being added, and stay when it goes off. */
	if (rt->rtm_family == AF_INET6 && rt->rtm_table == RT_TABLE_LOCAL &&
	    (rt->rtm_type == RTN_MULTICAST || rt->rtm_type == RTN_ANYCAST))
		return MNL_CB_OK;
	strbuf_printf(&r->d->out, "%s route family=%u len=%u/%u tos=%u table=%u proto=%u scope=%u type=%u",
	              r->sp->place, rt->rtm_family, rt->rtm_dst_len, rt->rtm_src_len, rt->rtm_tos, rt->rtm_table,
	              rt->rtm_protocol, rt->rtm_scope, rt->rtm_type);
	mnl_attr_for_each(attr, m, sizeof(*rt))
	{
		if (mnl_attr_get_type(attr) == RTA_OIF)
			strbuf_printf(&r->d->out, " dev=%s", name_of(r->sp, mnl_attr_get_u32(attr)));
		else if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
			hops(r, attr);
		else if (!among(mnl_attr_get_type(attr), without))
			one_attr(&r->d->out, attr);
	}
	strbuf_addc(&r->d->out, '\n');
	return MNL_CB_OK;
}

static int take_policy(const struct nlmsghdr *m, void *data)
{
	struct reading *r = data;
	const struct fib_rule_hdr *rule = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr;

	strbuf_printf(&r->d->out, "%s rule ", r->sp->place);
	hex(&r->d->out, rule, sizeof(*rule));
	mnl_attr_for_each(attr, m, sizeof(*rule)) one_attr(&r->d->out, attr);
	strbuf_addc(&r->d->out, '\n');
	return MNL_CB_OK;
}

/* A dump whose request is a header of zeroes but for the family. */
static void dump(struct reading *r, uint16_t type, size_t header, int family, mnl_cb_t fn)
{
	char buf[128];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);

	m->nlmsg_type = type;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	*(uint8_t *)mnl_nlmsg_put_extra_header(m, header) = (uint8_t)family;
	ask(r->sp->sock, m, fn, r);
}

void net_dump_space(struct net_dump *d, const char *place, int ns)
{
	struct net_space *sp = &d->spaces[d->n++];
	struct reading r = {.d = d, .sp = sp};

	if (d->n > sizeof(d->spaces) / sizeof(*d->spaces))
		die("too many namespaces");
	*sp = (struct net_space){.ns = ns, .sock = sock_open(NETLINK_ROUTE)};
	snprintf(sp->place, sizeof(sp->place), "%s", place);
	strbuf_printf(&d->out, "namespace %s\n", place);
	dump_links(&r, learn_name);
	dump_links(&r, take_link);
	dump(&r, RTM_GETADDR, sizeof(struct ifaddrmsg), AF_UNSPEC, take_address);
	dump(&r, RTM_GETROUTE, sizeof(struct rtmsg), AF_INET, take_route);
	dump(&r, RTM_GETROUTE, sizeof(struct rtmsg), AF_INET6, take_route);
	dump(&r, RTM_GETRULE, sizeof(struct fib_rule_hdr), AF_INET, take_policy);
	dump(&r, RTM_GETRULE, sizeof(struct fib_rule_hdr), AF_INET6, take_policy);
}

/* ---- cables ---------------------------------------------------------------------------------------- */

static int take_nsid(const struct nlmsghdr *m, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, m, sizeof(struct rtgenmsg)) if (mnl_attr_get_type(attr) == NETNSA_NSID) *
		(int32_t *)data = (int32_t)mnl_attr_get_u32(attr);
	return MNL_CB_STOP;
}

static int32_t nsid(const struct net_space *from, const struct net_space *to)
{
	char buf[128];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	int32_t id = -1;

	m->nlmsg_type = RTM_GETNSID;
	m->nlmsg_flags = NLM_F_REQUEST;
	mnl_nlmsg_put_extra_header(m, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(m, NETNSA_FD, (uint32_t)to->ns);
	ask(from->sock, m, take_nsid, &id);
	return id;
}

static void say_peers(struct net_dump *d, const struct net_space *sp)
{
	for (size_t o = 0; o < d->n; o++) {
		const struct net_space *other = &d->spaces[o];
		int32_t id = other == sp ? -1 : nsid(sp, other);

		for (size_t i = 0; (id >= 0 || other == sp) && i < sp->n; i++)
			if (sp->links[i].peer && sp->links[i].peer_nsid == id)
				strbuf_printf(&d->out, "%s cable %s to %s %s\n", sp->place, sp->links[i].name,
				              other->place, name_of(other, sp->links[i].peer));
	}
}

void net_dump_end(struct net_dump *d)
{
	for (size_t i = 0; i < d->n; i++)
		say_peers(d, &d->spaces[i]);
	for (size_t i = 0; i < d->n; i++) {
		close(d->spaces[i].ns);
		close(d->spaces[i].sock);
		free(d->spaces[i].links);
	}
	d->n = 0;
}

/* ---- nf_tables ------------------------------------------------------------------------------------- */

static unsigned rule_number(struct reading *r, const struct nlmsghdr *m)
{
	const char *table = "", *name = "";
	const struct nlattr *attr;
	char chain[sizeof(r->chain)];

	mnl_attr_for_each(attr, m, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) == NFTA_RULE_TABLE)
			table = mnl_attr_get_str(attr);
		if (mnl_attr_get_type(attr) == NFTA_RULE_CHAIN)
			name = mnl_attr_get_str(attr);
	}
	snprintf(chain, sizeof(chain), "%.100s %.100s", table, name);
	if (strcmp(chain, r->chain) != 0)
		r->order = 0;
	memcpy(r->chain, chain, sizeof(chain));
	return r->order++;
}

static int take_nft(const struct nlmsghdr *m, void *data)
{
	static const int table[] = {NFTA_TABLE_HANDLE, NFTA_TABLE_USE, END};
	static const int chain[] = {NFTA_CHAIN_HANDLE, NFTA_CHAIN_USE, NFTA_CHAIN_ID, NFTA_CHAIN_COUNTERS, END};
	static const int flowtable[] = {NFTA_FLOWTABLE_HANDLE, NFTA_FLOWTABLE_USE, END};
	static const int rule[] = {NFTA_RULE_HANDLE, NFTA_RULE_POSITION, NFTA_RULE_ID, END};
	struct reading *r = data;
	int type = m->nlmsg_type & 0xff;
	const int *without = type == NFT_MSG_NEWTABLE       ? table
	                     : type == NFT_MSG_NEWCHAIN     ? chain
	                     : type == NFT_MSG_NEWFLOWTABLE ? flowtable
	                                                    : rule;
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr;

	strbuf_printf(&r->d->out, "nft %d family=%u", type, nfg->nfgen_family);
	mnl_attr_for_each(attr, m, sizeof(*nfg)) if (!among(mnl_attr_get_type(attr), without) &&
	                                             mnl_attr_get_type(attr) <= 3) one_attr(&r->d->out, attr);
	if (type == NFT_MSG_NEWRULE)
		strbuf_printf(&r->d->out, " #%u", rule_number(r, m));
	mnl_attr_for_each(attr, m, sizeof(*nfg)) if (!among(mnl_attr_get_type(attr), without) &&
	                                             mnl_attr_get_type(attr) > 3) one_attr(&r->d->out, attr);
	strbuf_addc(&r->d->out, '\n');
	return MNL_CB_OK;
}

void net_dump_nft(struct net_dump *d)
{
	static const int what[] = {NFT_MSG_GETTABLE, NFT_MSG_GETCHAIN, NFT_MSG_GETRULE,
	                           NFT_MSG_GETSET,   NFT_MSG_GETOBJ,   NFT_MSG_GETFLOWTABLE};
	struct net_space sp = {.sock = sock_open(NETLINK_NETFILTER)};

	for (size_t i = 0; i < sizeof(what) / sizeof(*what); i++) {
		struct reading r = {.d = d, .sp = &sp};

		dump(&r, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | what[i]), sizeof(struct nfgenmsg), AF_UNSPEC, take_nft);
	}
	close(sp.sock);
}
