/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink messages of the yardstick. See floor_messages.h. */
#include "floor_messages.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 32 << 10, PROTOCOL = 0x6e, ATTR_PROTO = 11 /* IFA_PROTO; older headers lack it */ };

/* ---- sockets --------------------------------------------------------------------------------------- */

int netlink_open(int protocol)
{
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (sock < 0)
		die("socket");
	return sock;
}

void netlink_close(int sock)
{
	char buf[4096];
	ssize_t n = recv(sock, buf, sizeof(buf), MSG_DONTWAIT);
	const struct nlmsghdr *m = (void *)buf;

	if (n >= (ssize_t)NLMSG_LENGTH(sizeof(int)) && m->nlmsg_type == NLMSG_ERROR) {
		errno = -((const struct nlmsgerr *)mnl_nlmsg_get_payload(m))->error;
		die("the kernel refused a request");
	}
	close(sock);
}

void batch_send(struct batch *b, int sock)
{
	if (b->len && send(sock, b->buf, b->len, 0) != (ssize_t)b->len)
		die("send");
	b->len = 0;
}

static struct nlmsghdr *begin(struct batch *b, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *m;

	if (b->cap - b->len < ROOM) {
		b->cap = 2 * b->cap + 2 * ROOM;
		b->buf = realloc(b->buf, b->cap);
		if (!b->buf)
			die("realloc");
	}
	m = mnl_nlmsg_put_header(b->buf + b->len);
	m->nlmsg_type = type;
	m->nlmsg_flags = NLM_F_REQUEST | flags;
	return m;
}

static void end(struct batch *b, const struct nlmsghdr *m)
{
	b->len += NLMSG_ALIGN(m->nlmsg_len);
}

/* ---- devices --------------------------------------------------------------------------------------- */

static struct nlmsghdr *begin_link(struct batch *b, uint16_t type, uint16_t flags, uint32_t ifindex, bool up)
{
	struct nlmsghdr *m = begin(b, type, flags);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(m, sizeof(*info));

	info->ifi_index = (int)ifindex;
	if (up)
		info->ifi_flags = info->ifi_change = IFF_UP;
	return m;
}

static void put_common(struct nlmsghdr *m, const struct end *e)
{
	mnl_attr_put_strz(m, IFLA_IFNAME, e->name);
	mnl_attr_put(m, IFLA_ADDRESS, sizeof(e->mac), e->mac);
	mnl_attr_put_u32(m, IFLA_GROUP, e->group);
}

/* Which is what an end has that nobody says anything about. */
static void put_cable(struct nlmsghdr *m, const struct end *e)
{
	put_common(m, e);
	if (e->mtu && e->mtu != 1500)
		mnl_attr_put_u32(m, IFLA_MTU, e->mtu);
	mnl_attr_put_u32(m, IFLA_NUM_TX_QUEUES, 1);
	mnl_attr_put_u32(m, IFLA_NUM_RX_QUEUES, 1);
}

static void put_none(struct nlmsghdr *m)
{
	struct nlattr *spec = mnl_attr_nest_start(m, IFLA_AF_SPEC);
	struct nlattr *inet6 = mnl_attr_nest_start(m, AF_INET6);

	mnl_attr_put_u8(m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(m, inet6);
	mnl_attr_nest_end(m, spec);
}

void put_bridge(struct batch *b, const struct end *e)
{
	struct nlmsghdr *m = begin_link(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, e->ifindex, false);
	struct nlattr *info, *data;

	put_common(m, e);
	info = mnl_attr_nest_start(m, IFLA_LINKINFO);
	mnl_attr_put_strz(m, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(m, IFLA_INFO_DATA);
	mnl_attr_put_u32(m, IFLA_BR_STP_STATE, 0);
	mnl_attr_put_u8(m, IFLA_BR_MCAST_SNOOPING, 0);
	mnl_attr_nest_end(m, data);
	mnl_attr_nest_end(m, info);
	end(b, m);
}

static void put_altname(struct batch *b, const struct end *e)
{
	struct nlmsghdr *m = begin_link(b, RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_APPEND, e->ifindex, false);
	struct nlattr *props = mnl_attr_nest_start(m, IFLA_PROP_LIST);

	mnl_attr_put_strz(m, IFLA_ALT_IFNAME, e->altname);
	mnl_attr_nest_end(m, props);
	end(b, m);
}

/* In two messages: of one the kernel raises the device first, which has an address then. */
void put_end(struct batch *b, const struct end *e)
{
	struct nlmsghdr *m;

	if (e->alias || e->none) {
		m = begin_link(b, RTM_SETLINK, 0, e->ifindex, false);
		if (e->alias)
			mnl_attr_put_strz(m, IFLA_IFALIAS, e->alias);
		if (e->none)
			put_none(m);
		end(b, m);
	}
	if (e->altname)
		put_altname(b, e);
	if (e->up && e->none) /* else it was made up */
		end(b, begin_link(b, RTM_SETLINK, 0, e->ifindex, true));
}

void put_on_bridge(struct batch *b, const struct end *e)
{
	struct nlmsghdr *m = begin_link(b, RTM_SETLINK, 0, e->ifindex, e->up);

	mnl_attr_put_u32(m, IFLA_MASTER, e->master);
	end(b, m);
}

void put_raise_bridge(struct batch *b, const struct end *e)
{
	struct end quiet = *e;
	struct nlmsghdr *m;

	quiet.up = false;
	put_end(b, &quiet);
	m = begin_link(b, RTM_SETLINK, 0, e->ifindex, e->up);
	mnl_attr_put_u32(m, IFLA_MTU, e->mtu);
	end(b, m);
}

void put_veth(struct batch *b, const struct veth *v, int ns)
{
	const struct end *near = &v->end[0], *far = &v->end[1];
	struct nlmsghdr *m = begin_link(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, far->ifindex, far->up && !far->none);
	struct nlattr *info, *data, *peer;
	struct ifinfomsg *there;

	put_cable(m, far);
	if (ns >= 0)
		mnl_attr_put_u32(m, IFLA_NET_NS_FD, (uint32_t)ns);
	if (far->master)
		mnl_attr_put_u32(m, IFLA_MASTER, far->master);
	info = mnl_attr_nest_start(m, IFLA_LINKINFO);
	mnl_attr_put_strz(m, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(m, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(m, VETH_INFO_PEER);
	there = mnl_nlmsg_put_extra_header(m, sizeof(*there));
	there->ifi_index = (int)near->ifindex;
	put_cable(m, near);
	mnl_attr_nest_end(m, peer);
	mnl_attr_nest_end(m, data);
	mnl_attr_nest_end(m, info);
	end(b, m);
}

void put_lo(struct batch *b, bool up, const char *alias)
{
	struct nlmsghdr *m = begin_link(b, RTM_SETLINK, 0, 1, up);

	mnl_attr_put_strz(m, IFLA_IFALIAS, alias);
	end(b, m);
}

void put_delete_group(struct batch *b, uint32_t group)
{
	struct nlmsghdr *m = begin_link(b, RTM_DELLINK, 0, 0, false);

	mnl_attr_put_u32(m, IFLA_GROUP, group);
	end(b, m);
}

static int take_link(const struct nlmsghdr *m)
{
	return m->nlmsg_type == RTM_NEWLINK;
}

bool netlink_has_link(int sock, const char *name)
{
	struct batch b = {0};
	char buf[16 << 10];
	struct nlmsghdr *m = begin_link(&b, RTM_GETLINK, 0, 0, false);

	mnl_attr_put_strz(m, IFLA_IFNAME, name);
	end(&b, m);
	batch_send(&b, sock);
	free(b.buf);
	if (recv(sock, buf, sizeof(buf), 0) < 0)
		die("recv");
	return take_link((void *)buf);
}

/* ---- addresses and routes -------------------------------------------------------------------------- */

static size_t bytes(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

static uint8_t scope(const struct address *a)
{
	if (a->family == AF_INET)
		return a->ip[0] == 127                      ? RT_SCOPE_HOST
		       : a->ip[0] == 169 && a->ip[1] == 254 ? RT_SCOPE_LINK
		                                            : RT_SCOPE_UNIVERSE;
	return a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

void put_address(struct batch *b, const struct address *a)
{
	struct nlmsghdr *m = begin(b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
	struct ifaddrmsg *i = mnl_nlmsg_put_extra_header(m, sizeof(*i));

	i->ifa_family = a->family;
	i->ifa_prefixlen = a->len;
	i->ifa_scope = scope(a);
	i->ifa_index = a->ifindex;
	mnl_attr_put(m, IFA_LOCAL, bytes(a->family), a->ip);
	mnl_attr_put(m, IFA_ADDRESS, bytes(a->family), a->ip);
	if (a->family == AF_INET6)
		mnl_attr_put_u32(m, IFA_FLAGS, IFA_F_NODAD);
	mnl_attr_put_u8(m, ATTR_PROTO, PROTOCOL);
	end(b, m);
}

static void put_hops(struct nlmsghdr *m, const struct route *r)
{
	struct nlattr *multi = mnl_attr_nest_start(m, RTA_MULTIPATH);

	for (size_t i = 0; i < r->n; i++) {
		struct rtnexthop *nh = (void *)((char *)m + m->nlmsg_len);

		memset(nh, 0, sizeof(*nh));
		m->nlmsg_len += sizeof(*nh);
		nh->rtnh_ifindex = (int)r->hops[i].ifindex;
		mnl_attr_put(m, RTA_GATEWAY, bytes(r->family), r->hops[i].ip);
		nh->rtnh_len = (unsigned short)((char *)m + m->nlmsg_len - (char *)nh);
	}
	mnl_attr_nest_end(m, multi);
}

void put_route(struct batch *b, const struct route *r)
{
	struct nlmsghdr *m = begin(b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(m, sizeof(*rt));

	rt->rtm_family = r->family;
	rt->rtm_dst_len = r->len;
	rt->rtm_table = RT_TABLE_MAIN;
	rt->rtm_protocol = PROTOCOL;
	rt->rtm_type = RTN_UNICAST;
	if (r->len)
		mnl_attr_put(m, RTA_DST, bytes(r->family), r->to);
	if (r->n > 1) {
		put_hops(m, r);
	} else {
		mnl_attr_put(m, RTA_GATEWAY, bytes(r->family), r->hops[0].ip);
		mnl_attr_put_u32(m, RTA_OIF, r->hops[0].ifindex);
	}
	end(b, m);
}

/* ---- nf_tables ------------------------------------------------------------------------------------- */

static void put_mark(struct batch *b, uint16_t type)
{
	struct nlmsghdr *m = begin(b, type, 0);
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(m, sizeof(*g));

	g->nfgen_family = AF_UNSPEC;
	g->res_id = htons(NFNL_SUBSYS_NFTABLES);
	end(b, m);
}

void put_transaction(struct batch *b, const struct nft *messages, size_t n)
{
	put_mark(b, NFNL_MSG_BATCH_BEGIN);
	for (size_t i = 0; i < n; i++) {
		struct nlmsghdr *m = begin(b, messages[i].type, messages[i].flags);

		memcpy(mnl_nlmsg_put_extra_header(m, messages[i].len), messages[i].data, messages[i].len);
		end(b, m);
	}
	put_mark(b, NFNL_MSG_BATCH_END);
}
