/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking a namespace's kernel: which route, which neighbour, which setting (rtnetlink(7), linux/rtnetlink.h). */
#include <errno.h>
#include <fcntl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "census.h"
#include "explain.h"
#include "fd.h"
#include "netlink.h"
#include "sysctl.h"

int trip_enter(struct trip *t, int32_t ns)
{
	int r;

	if (t->ns_fd >= 0)
		close(take_fd(&t->ns_fd));
	t->ns_fd = census_open(t->census, ns);
	r = t->ns_fd < 0 ? t->ns_fd : setns(t->ns_fd, CLONE_NEWNET) < 0 ? -errno : 0;
	if (r < 0)
		trip_fault(t, ns, NULL, NULL, "%s cannot be looked into: %s", trip_ns(t, ns)->name, strerror(-r));
	return r;
}

int trip_sysctl(int otherwise, const char *fmt, ...)
{
	char path[256], value[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return sysctl_read(path, value, sizeof(value)) == 0 ? atoi(value) : otherwise;
}

/* ---- routes ------------------------------------------------------------------------------------ */

static void take_ip(const struct nlattr *attr, enum ip_family f, struct ip *out)
{
	*out = (struct ip){.set = 1, .family = (uint8_t)f};
	if (mnl_attr_get_payload_len(attr) == ip_bytes(f))
		memcpy(out->b, mnl_attr_get_payload(attr), ip_bytes(f));
}

/* The first of several equal ways. */
static void take_multipath(const struct nlattr *multi, enum ip_family f, struct route_answer *out)
{
	const struct rtnexthop *nh = mnl_attr_get_payload(multi);
	const struct rtattr *attr;
	int left;

	if (mnl_attr_get_payload_len(multi) < sizeof(*nh) || nh->rtnh_len > mnl_attr_get_payload_len(multi))
		return;
	out->oif = (uint32_t)nh->rtnh_ifindex;
	left = nh->rtnh_len - (int)sizeof(*nh);
	for (attr = RTNH_DATA(nh); RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if (attr->rta_type == RTA_GATEWAY && RTA_PAYLOAD(attr) == ip_bytes(f)) {
			out->via = (struct ip){.set = 1, .family = (uint8_t)f};
			memcpy(out->via.b, RTA_DATA(attr), ip_bytes(f));
		}
}

static int take_route(const struct nlmsghdr *m, void *data)
{
	struct route_answer *out = data;
	const struct rtmsg *rt = mnl_nlmsg_get_payload(m);
	enum ip_family f = rt->rtm_family == AF_INET6 ? IP6 : IP4;
	const struct nlattr *attr;

	out->type = rt->rtm_type;
	out->protocol = rt->rtm_protocol;
	out->table = rt->rtm_table;
	out->match = (struct ip_prefix){.ip = {.set = 1, .family = (uint8_t)f}, .len = rt->rtm_dst_len};
	mnl_attr_for_each(attr, m, sizeof(*rt))
	{
		int type = mnl_attr_get_type(attr);

		if (type == RTA_DST)
			take_ip(attr, f, &out->match.ip);
		else if (type == RTA_GATEWAY)
			take_ip(attr, f, &out->via);
		else if (type == RTA_PREFSRC)
			take_ip(attr, f, &out->src);
		else if (type == RTA_OIF)
			out->oif = mnl_attr_get_u32(attr);
		else if (type == RTA_PRIORITY)
			out->metric = mnl_attr_get_u32(attr);
		else if (type == RTA_TABLE)
			out->table = mnl_attr_get_u32(attr);
		else if (type == RTA_MULTIPATH && !out->oif)
			take_multipath(attr, f, out);
	}
	return 0;
}

static void put_ip(struct nlmsghdr *m, uint16_t type, const struct ip *ip)
{
	mnl_attr_put(m, type, ip_bytes((enum ip_family)ip->family), ip->b);
}

static int ask(const struct ip *dst, const struct ip *src, uint32_t iif, uint32_t mark, bool match,
               struct route_answer *out)
{
	_cleanup_fd_ int fd = nl_open(NETLINK_ROUTE);
	char buf[512];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(m, sizeof(*rt));

	m->nlmsg_type = RTM_GETROUTE;
	m->nlmsg_flags = NLM_F_REQUEST;
	m->nlmsg_seq = 1;
	rt->rtm_family = (uint8_t)ip_af((enum ip_family)dst->family);
	rt->rtm_dst_len = (uint8_t)ip_bits((enum ip_family)dst->family);
	rt->rtm_flags = match ? RTM_F_FIB_MATCH : 0;
	put_ip(m, RTA_DST, dst);
	if (iif) {
		mnl_attr_put_u32(m, RTA_IIF, iif);
		rt->rtm_src_len = rt->rtm_dst_len;
		put_ip(m, RTA_SRC, src);
	}
	if (mark)
		mnl_attr_put_u32(m, RTA_MARK, mark);
	return fd < 0 ? fd : nl_request(fd, m, take_route, out, NULL);
}

void route_ask(struct trip *t, const struct ip *dst, const struct ip *src, uint32_t iif, struct route_answer *out)
{
	struct route_answer match = {0};
	int r;

	*out = (struct route_answer){0};
	r = ask(dst, src, iif, t->packet.mark, false, out);
	if (r < 0 && iif && r != -ENETUNREACH) { /* what else may be wrong with it is looked at one by one */
		*out = (struct route_answer){0};
		r = ask(dst, src, 0, t->packet.mark, false, out);
	}
	out->errnum = r < 0 ? -r : 0;
	if (r == 0 && ask(dst, src, 0, t->packet.mark, true, &match) == 0) {
		out->match = match.match;
		out->protocol = match.protocol;
		out->table = match.table;
		out->metric = match.metric;
		out->known_match = true;
		if (!out->oif)
			out->oif = match.oif;
	}
}

/* ---- neighbours -------------------------------------------------------------------------------- */

static int take_neighbour(const struct nlmsghdr *m, void *data)
{
	struct neighbour_answer *out = data;
	const struct ndmsg *nd = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr;

	out->found = true;
	out->state = nd->ndm_state;
	mnl_attr_for_each(attr, m, sizeof(*nd)) if (mnl_attr_get_type(attr) == NDA_LLADDR &&
	                                            mnl_attr_get_payload_len(attr) == MAC_LEN)
		memcpy(out->mac.b, mnl_attr_get_payload(attr), MAC_LEN);
	return 0;
}

void neighbour_ask(const struct ip *ip, uint32_t ifindex, struct neighbour_answer *out)
{
	_cleanup_fd_ int fd = nl_open(NETLINK_ROUTE);
	char buf[256];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct ndmsg *nd = mnl_nlmsg_put_extra_header(m, sizeof(*nd));

	*out = (struct neighbour_answer){0};
	m->nlmsg_type = RTM_GETNEIGH;
	m->nlmsg_flags = NLM_F_REQUEST;
	m->nlmsg_seq = 1;
	nd->ndm_family = (uint8_t)ip_af((enum ip_family)ip->family);
	nd->ndm_ifindex = (int)ifindex;
	put_ip(m, NDA_DST, ip);
	if (fd >= 0 && nl_request(fd, m, take_neighbour, out, NULL) < 0)
		*out = (struct neighbour_answer){0};
}
