/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps of devices, addresses and routes, filtered by the kernel where it can (NETLINK_GET_STRICT_CHK). */
#include "dump.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fd.h"
#include "text.h"

enum { ATTR_IFA_PROTO = 11, MAX_TRIES = 50 };

static int compare_index(const void *a, const void *b)
{
	uint32_t x = ((const struct by_index *)a)->ifindex, y = ((const struct by_index *)b)->ifindex;

	return x < y ? -1 : x > y;
}

int32_t raw_by_index(const struct raw_space *raw, uint32_t ifindex)
{
	struct by_index key = {.ifindex = ifindex};
	const struct by_index *found =
		raw->n_index ? bsearch(&key, raw->index, raw->n_index, sizeof(key), compare_index) : NULL;

	return found ? found->device : -1;
}

static void make_index(struct dump *d)
{
	size_t n = d->sp->devices.n;

	d->raw->index = arena_array(d->a, n, struct by_index);
	d->raw->n_index = n;
	for (size_t i = 0; i < n; i++)
		d->raw->index[i] = (struct by_index){d->sp->devices.items[i].ifindex, (int32_t)i};
	if (n)
		qsort(d->raw->index, n, sizeof(struct by_index), compare_index);
}

/* ---- devices --------------------------------------------------------------------------------------- */

/* Attributes shorter than their type says count as zero. */
static uint32_t attr_u32(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) < sizeof(uint32_t) ? 0 : mnl_attr_get_u32(attr);
}

static uint8_t attr_u8(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) < sizeof(uint8_t) ? 0 : mnl_attr_get_u8(attr);
}

/* Whether a string attribute, with its NUL or without, says this. */
static bool attr_says(const struct nlattr *attr, const char *word)
{
	const char *s = mnl_attr_get_payload(attr);
	size_t len = strnlen(s, mnl_attr_get_payload_len(attr));

	return len == strlen(word) && memcmp(s, word, len) == 0;
}

/* A message is long enough for the header that its type has. */
static bool has_header(const struct nlmsghdr *m, size_t size)
{
	return m->nlmsg_len >= NLMSG_LENGTH(size);
}

static const char *attr_string(struct arena *a, const struct nlattr *attr)
{
	return arena_strndup(a, mnl_attr_get_payload(attr),
	                     strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr)));
}

static enum device_kind kind_of(const struct nlattr *linkinfo)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, linkinfo)
	{
		if (mnl_attr_get_type(attr) != IFLA_INFO_KIND)
			continue;
		if (attr_says(attr, "veth"))
			return DEVICE_VETH;
		if (attr_says(attr, "bridge"))
			return DEVICE_BRIDGE;
	}
	return DEVICE_OTHER;
}

/* IFLA_AF_SPEC: IFLA_INET6_ADDR_GEN_MODE, and the row of DEVCONF_* values. */
static void read_inet6(struct device *dev, const struct nlattr *spec)
{
	const struct nlattr *family, *attr;

	mnl_attr_for_each_nested(family, spec)
	{
		if (mnl_attr_get_type(family) != AF_INET6)
			continue;
		mnl_attr_for_each_nested(attr, family)
		{
			if (mnl_attr_get_type(attr) == IFLA_INET6_ADDR_GEN_MODE)
				dev->no_autoconf = attr_u8(attr) == IN6_ADDR_GEN_MODE_NONE;
			else if (mnl_attr_get_type(attr) == IFLA_INET6_CONF &&
			         mnl_attr_get_payload_len(attr) > DEVCONF_ACCEPT_RA * sizeof(int32_t))
				dev->accept_ra = ((const int32_t *)mnl_attr_get_payload(attr))[DEVCONF_ACCEPT_RA] > 0;
		}
	}
}

/* Of several alternative names the one that is wanted counts. */
static void read_altnames(struct dump *d, struct device *dev, const char *wanted, const struct nlattr *list)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, list) if (mnl_attr_get_type(attr) == IFLA_ALT_IFNAME &&
	                                         (!dev->altname || (wanted && attr_says(attr, wanted)))) dev->altname =
		attr_string(d->a, attr);
}

static const char *wanted_altname(const struct dump *d, const char *device)
{
	int32_t at = d->want ? space_device(d->want, device) : -1;

	if (at >= 0)
		return d->want->devices.items[at].altname;
	for (size_t i = HOST_SPACE; d->around && i < d->around->first_node; i++) {
		at = space_device(&d->around->spaces.items[i], device);
		if (at >= 0)
			return d->around->spaces.items[i].devices.items[at].altname;
	}
	return NULL;
}

/* The alias tells, where it was written already; before that the MAC, which is there from the beginning. */
static enum owner host_owner(const struct device *dev, const char *lab)
{
	uint8_t mark[4];

	if (dev->group <= MARK_GROUP_HOST || dev->group > MARK_GROUP_HOST_LAST)
		return OWNER_STRANGER;
	if (dev->alias && has_prefix(dev->alias, MARK_ALIAS)) {
		const char *name = dev->alias + strlen(MARK_ALIAS);
		size_t len = strlen(lab);

		return strncmp(name, lab, len) == 0 && name[len] == '/' ? OWNER_LAB : OWNER_OTHER_LAB;
	}
	lab_mac_mark(lab, mark);
	return memcmp(mark, dev->mac.b, sizeof(mark)) == 0 ? OWNER_LAB : OWNER_OTHER_LAB;
}

static enum owner owner_of(const struct dump *d, const struct device *dev)
{
	if (d->sp->kind == SPACE_HOST)
		return host_owner(dev, d->lab);
	return dev->kind == DEVICE_LO || dev->group == MARK_GROUP_INSIDE ? OWNER_LAB : OWNER_STRANGER;
}

static void read_device(struct dump *d, const struct nlmsghdr *m, struct device *dev, struct raw_device *raw)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr, *altnames = NULL;

	*dev = (struct device){.kind = DEVICE_OTHER, .master = -1, .peer = {-1, -1}, .name = ""};
	*raw = (struct raw_device){.nsid = NSID_UNKNOWN};
	dev->ifindex = (uint32_t)info->ifi_index;
	dev->up = info->ifi_flags & IFF_UP;
	mnl_attr_for_each(attr, m, sizeof(*info))
	{
		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			dev->name = attr_string(d->a, attr);
			break;
		case IFLA_ADDRESS:
			if (mnl_attr_get_payload_len(attr) == MAC_LEN)
				memcpy(dev->mac.b, mnl_attr_get_payload(attr), MAC_LEN);
			break;
		case IFLA_MTU:
			dev->mtu = attr_u32(attr);
			break;
		case IFLA_GROUP:
			dev->group = attr_u32(attr) & ~(uint32_t)MARK_LEAVING;
			dev->leaving = attr_u32(attr) & MARK_LEAVING;
			break;
		case IFLA_MASTER:
			dev->master_index = attr_u32(attr);
			break;
		case IFLA_LINK:
			raw->link = attr_u32(attr);
			break;
		case IFLA_LINK_NETNSID:
			raw->nsid = (int32_t)attr_u32(attr);
			break;
		case IFLA_IFALIAS:
			dev->alias = attr_string(d->a, attr);
			break;
		case IFLA_LINKINFO:
			dev->kind = kind_of(attr);
			break;
		case IFLA_PROP_LIST:
			altnames = attr;
			break;
		case IFLA_AF_SPEC:
			read_inet6(dev, attr);
			break;
		default:
			break;
		}
	}
	if (info->ifi_flags & IFF_LOOPBACK)
		dev->kind = DEVICE_LO;
	dev->owner = owner_of(d, dev);
	if (altnames)
		read_altnames(d, dev, wanted_altname(d, dev->name), altnames);
}

static int take_device(const struct nlmsghdr *m, void *data)
{
	struct dump *d = data;
	struct device dev;
	struct raw_device raw;

	if (m->nlmsg_type != RTM_NEWLINK || !has_header(m, sizeof(struct ifinfomsg)))
		return 0;
	read_device(d, m, &dev, &raw);
	*space_add_device(d->a, d->sp, dev.name, dev.kind) = dev;
	*vec_push(d->a, &d->raw->devices) = raw;
	return 0;
}

static void find_masters(struct dump *d)
{
	for (size_t i = 0; i < d->sp->devices.n; i++) {
		struct device *dev = &d->sp->devices.items[i];

		if (dev->master_index)
			dev->master = raw_by_index(d->raw, dev->master_index);
	}
}

/* ---- addresses ------------------------------------------------------------------------------------- */

static bool was_ours(const struct dump *d, const char *device, const struct ip_prefix *ip)
{
	int32_t at = d->before ? space_device(d->before, device) : -1;

	for (size_t i = 0; at >= 0 && i < d->before->devices.items[at].addresses.n; i++)
		if (prefix_cmp(&d->before->devices.items[at].addresses.items[i].ip, ip) == 0)
			return true;
	return false;
}

static bool read_ip(const struct nlattr *attr, enum ip_family f, struct ip *out)
{
	if (mnl_attr_get_payload_len(attr) != ip_bytes(f))
		return false;
	*out = (struct ip){.set = true, .family = (uint8_t)f};
	memcpy(out->b, mnl_attr_get_payload(attr), ip_bytes(f));
	return true;
}

static void read_address(struct dump *d, const struct nlmsghdr *m)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(m);
	enum ip_family f = info->ifa_family == AF_INET6 ? IP6 : IP4;
	struct ifaddr addr = {.ip = {.len = info->ifa_prefixlen}};
	const struct nlattr *attr;
	bool local = false;
	int32_t at = raw_by_index(d->raw, info->ifa_index);
	struct device *dev = at < 0 ? NULL : &d->sp->devices.items[at];

	if (!dev || (info->ifa_family != AF_INET && info->ifa_family != AF_INET6) ||
	    (d->sp->kind == SPACE_HOST && dev->owner != OWNER_LAB))
		return;
	mnl_attr_for_each(attr, m, sizeof(*info))
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (type == IFA_LOCAL)
			local = read_ip(attr, f, &addr.ip.ip);
		else if (type == IFA_ADDRESS && !local)
			read_ip(attr, f, &addr.ip.ip);
		else if (type == ATTR_IFA_PROTO)
			addr.ours = attr_u8(attr) == MARK_PROTOCOL;
	}
	addr.ours |= was_ours(d, dev->name, &addr.ip);
	if (addr.ip.ip.set)
		*vec_push(d->a, &dev->addresses) = addr;
}

static int take_address(const struct nlmsghdr *m, void *data)
{
	if (m->nlmsg_type == RTM_NEWADDR && has_header(m, sizeof(struct ifaddrmsg)))
		read_address(data, m);
	return 0;
}

/* ---- routes ---------------------------------------------------------------------------------------- */

static struct khop *add_hop(struct dump *d, struct kroute *r, uint32_t ifindex)
{
	struct khop *h = vec_push(d->a, &r->hops);

	*h = (struct khop){.device = raw_by_index(d->raw, ifindex)};
	return h;
}

static void read_hops(struct dump *d, struct kroute *r, enum ip_family f, const struct nlattr *multipath)
{
	const struct rtnexthop *nh = mnl_attr_get_payload(multipath);
	int left = mnl_attr_get_payload_len(multipath);

	for (; left >= (int)sizeof(*nh) && nh->rtnh_len >= sizeof(*nh) && nh->rtnh_len <= left;
	     left -= (int)RTNH_ALIGN(nh->rtnh_len), nh = RTNH_NEXT((struct rtnexthop *)nh)) {
		struct khop *h = add_hop(d, r, (uint32_t)nh->rtnh_ifindex);
		const struct nlattr *attr = (const void *)(nh + 1);
		int room = nh->rtnh_len - (int)sizeof(*nh);

		for (; mnl_attr_ok(attr, room); room -= MNL_ALIGN(attr->nla_len), attr = mnl_attr_next(attr))
			if (mnl_attr_get_type(attr) == RTA_GATEWAY)
				read_ip(attr, f, &h->via);
	}
}

/* Routes that nobody asked for. */
static bool of_the_kernel(uint8_t protocol)
{
	return protocol == RTPROT_KERNEL || protocol == RTPROT_REDIRECT || protocol == RTPROT_RA;
}

/* On the host only the routes over the lab's own bridges are the lab's. */
static bool ours(const struct dump *d, const struct kroute *r)
{
	if (r->protocol != MARK_PROTOCOL)
		return false;
	return d->sp->kind != SPACE_HOST || (r->hops.n && r->hops.items[0].device >= 0 &&
	                                     d->sp->devices.items[r->hops.items[0].device].owner == OWNER_LAB);
}

static void read_route(struct dump *d, const struct nlmsghdr *m)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(m);
	enum ip_family f = rt->rtm_family == AF_INET6 ? IP6 : IP4;
	struct kroute r = {.to = {.ip = {.set = true, .family = (uint8_t)f}, .len = rt->rtm_dst_len}};
	struct ip via = {0};
	uint32_t oif = 0;
	const struct nlattr *attr;

	if (rt->rtm_table != RT_TABLE_MAIN || (rt->rtm_flags & RTM_F_CLONED) ||
	    (d->sp->kind != SPACE_HOST && of_the_kernel(rt->rtm_protocol)))
		return;
	r.protocol = rt->rtm_protocol;
	mnl_attr_for_each(attr, m, sizeof(*rt))
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (type == RTA_DST)
			read_ip(attr, f, &r.to.ip);
		else if (type == RTA_GATEWAY)
			read_ip(attr, f, &via);
		else if (type == RTA_PRIORITY)
			r.metric = attr_u32(attr);
		else if (type == RTA_OIF)
			oif = attr_u32(attr);
		else if (type == RTA_MULTIPATH)
			read_hops(d, &r, f, attr);
	}
	if (!r.hops.n)
		add_hop(d, &r, oif)->via = via;
	if (ours(d, &r))
		*vec_push(d->a, &d->sp->routes) = r;
	else
		*vec_push(d->a, &d->sp->others) = r;
}

static int take_route(const struct nlmsghdr *m, void *data)
{
	if (m->nlmsg_type == RTM_NEWROUTE && has_header(m, sizeof(struct rtmsg)))
		read_route(data, m);
	return 0;
}

static int compare_routes(const void *a, const void *b)
{
	return prefix_cmp(&((const struct kroute *)a)->to, &((const struct kroute *)b)->to);
}

/* ---- requests -------------------------------------------------------------------------------------- */

static struct nlmsghdr *dump_request(char *buf, uint16_t type, uint32_t seq)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);

	m->nlmsg_type = type;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	m->nlmsg_seq = seq;
	return m;
}

static int dump_devices(struct dump *d, int sock)
{
	char buf[128];
	struct nlmsghdr *m = dump_request(buf, RTM_GETLINK, 1);

	mnl_nlmsg_put_extra_header(m, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return nl_request(sock, m, take_device, d, NULL);
}

static int dump_addresses(struct dump *d, int sock)
{
	char buf[128];
	struct nlmsghdr *m = dump_request(buf, RTM_GETADDR, 2);

	mnl_nlmsg_put_extra_header(m, sizeof(struct ifaddrmsg));
	return nl_request(sock, m, take_address, d, NULL);
}

static int dump_routes(struct dump *d, int sock, int family)
{
	char buf[128];
	struct nlmsghdr *m = dump_request(buf, RTM_GETROUTE, 3 + (uint32_t)(family == AF_INET6));
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(m, sizeof(*rt));
	int r;

	rt->rtm_family = (uint8_t)family;
	rt->rtm_table = RT_TABLE_MAIN;
	r = nl_request(sock, m, take_route, d, NULL);
	return r == -ENOENT || r == -EAFNOSUPPORT || r == -EOPNOTSUPP ? 0 : r; /* no such table or family yet */
}

static int dump_once(struct dump *d, int sock)
{
	int r = dump_devices(d, sock);

	if (r < 0)
		return r;
	make_index(d);
	find_masters(d);
	r = dump_addresses(d, sock);
	if (r == 0)
		r = dump_routes(d, sock, AF_INET);
	if (r == 0)
		r = dump_routes(d, sock, AF_INET6);
	return r;
}

/* A dump that was changed under our hands (NLM_F_DUMP_INTR) is taken again. */
int dump_space(struct dump *d, int sock)
{
	int r = -EINTR;

	for (int i = 0; r == -EINTR && i < MAX_TRIES; i++) {
		d->sp->devices.n = d->sp->routes.n = d->sp->others.n = d->raw->devices.n = 0;
		d->sp->by_name = NULL;
		r = dump_once(d, sock);
	}
	if (r == 0 && d->sp->routes.n)
		qsort(d->sp->routes.items, d->sp->routes.n, sizeof(struct kroute), compare_routes);
	return r;
}
