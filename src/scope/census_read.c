/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in a namespace: devices, their addresses, forwarding, nat; who owns
 * it and what the caller's namespace calls it. Asked of a socket inside, or, where only a
 * device leads there, of the device's namespace by the number that it has there
 * (IFLA_TARGET_NETNSID, IFA_TARGET_NETNSID).
 */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/netconf.h>
#include <linux/nsfs.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "census.h"
#include "fd.h"
#include "ip.h"
#include "text.h"

enum { MAX_TRIES = 50, NO_NSID = -1 };

struct reading {
	struct survey *s;
	struct seen *ns;
	VEC(const char *) addresses; /* of all devices, beside … */
	VEC(uint32_t) owners;        /* … their ifindexes */
};

/* ---- devices --------------------------------------------------------------------------------------- */

static int by_ifindex(const void *a, const void *b)
{
	uint32_t x = ((const struct nsl_device *)a)->ifindex, y = ((const struct nsl_device *)b)->ifindex;

	return x < y ? -1 : x > y;
}

int32_t seen_device(const struct seen *ns, uint32_t ifindex)
{
	struct nsl_device key = {.ifindex = ifindex}, *found;

	if (!ns->devices.n || !ifindex)
		return -1;
	found = bsearch(&key, ns->devices.items, ns->devices.n, sizeof(key), by_ifindex);
	return found ? (int32_t)(found - ns->devices.items) : -1;
}

static int take_device(const struct nlmsghdr *m, void *data)
{
	struct reading *rd = data;
	struct nsl_device dev;
	struct raw_link raw;
	size_t i;

	if (m->nlmsg_type != RTM_NEWLINK || m->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg)))
		return 0;
	link_read(rd->s, m, &dev, &raw);
	vec_push(rd->s->a, &rd->ns->devices);
	vec_push(rd->s->a, &rd->ns->links);
	/* The kernel tells them by ifindex, nearly: it promises nothing. */
	for (i = rd->ns->devices.n - 1; i > 0 && rd->ns->devices.items[i - 1].ifindex > dev.ifindex; i--) {
		rd->ns->devices.items[i] = rd->ns->devices.items[i - 1];
		rd->ns->links.items[i] = rd->ns->links.items[i - 1];
	}
	rd->ns->devices.items[i] = dev;
	rd->ns->links.items[i] = raw;
	return 0;
}

static struct nlmsghdr *request(char *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);

	m->nlmsg_type = type;
	m->nlmsg_flags = NLM_F_REQUEST | flags;
	return m;
}

static int read_links(struct reading *rd, int sock, int32_t nsid)
{
	char buf[128];
	struct nlmsghdr *m = request(buf, RTM_GETLINK, NLM_F_DUMP);
	const struct nsl_census_options *o = rd->s->options;

	mnl_nlmsg_put_extra_header(m, sizeof(struct ifinfomsg));
	if (!o->counters)
		mnl_attr_put_u32(m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (nsid >= 0)
		mnl_attr_put_u32(m, IFLA_TARGET_NETNSID, (uint32_t)nsid);
	m->nlmsg_seq = 1;
	return nl_request(sock, m, take_device, rd, NULL);
}

/* ---- addresses ------------------------------------------------------------------------------------- */

static int take_address(const struct nlmsghdr *m, void *data)
{
	const struct ifaddrmsg *head = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr, *address = NULL;
	struct reading *rd = data;
	struct ip_prefix p = {.ip.set = true};
	char text[PREFIX_TEXT_MAX];

	if (m->nlmsg_type != RTM_NEWADDR || m->nlmsg_len < NLMSG_LENGTH(sizeof(*head)))
		return 0;
	/* Where the two differ, IFA_ADDRESS is the other end's. */
	mnl_attr_for_each(attr, m, sizeof(*head)) if (mnl_attr_get_type(attr) == IFA_LOCAL ||
	                                              (mnl_attr_get_type(attr) == IFA_ADDRESS && !address)) address =
		attr;
	p.ip.family = head->ifa_family == AF_INET ? IP4 : IP6;
	p.len = head->ifa_prefixlen;
	if (!address || mnl_attr_get_payload_len(address) != ip_bytes(p.ip.family))
		return 0;
	memcpy(p.ip.b, mnl_attr_get_payload(address), ip_bytes(p.ip.family));
	*vec_push(rd->s->a, &rd->addresses) = arena_strdup(rd->s->a, prefix_text(&p, text));
	*vec_push(rd->s->a, &rd->owners) = head->ifa_index;
	return 0;
}

static int read_addresses(struct reading *rd, int sock, int32_t nsid)
{
	char buf[128];
	struct nlmsghdr *m = request(buf, RTM_GETADDR, NLM_F_DUMP);

	mnl_nlmsg_put_extra_header(m, sizeof(struct ifaddrmsg));
	if (nsid >= 0)
		mnl_attr_put_u32(m, IFA_TARGET_NETNSID, (uint32_t)nsid);
	m->nlmsg_seq = 2;
	return nl_request(sock, m, take_address, rd, NULL);
}

/* Gives each device its addresses, in the kernel's order. */
static void share_addresses(struct reading *rd)
{
	struct nsl_device *dev;

	for (size_t i = 0; i < rd->addresses.n; i++) {
		int32_t at = seen_device(rd->ns, rd->owners.items[i]);

		if (at >= 0)
			rd->ns->devices.items[at].n_addresses++;
	}
	for (size_t i = 0; i < rd->ns->devices.n; i++) {
		dev = &rd->ns->devices.items[i];
		dev->addresses = arena_array(rd->s->a, dev->n_addresses, const char *);
		dev->n_addresses = 0;
	}
	for (size_t i = 0; i < rd->addresses.n; i++) {
		int32_t at = seen_device(rd->ns, rd->owners.items[i]);

		dev = at < 0 ? NULL : &rd->ns->devices.items[at];
		if (dev)
			dev->addresses[dev->n_addresses++] = rd->addresses.items[i];
	}
}

/* A dump that was changed under our hands (NLM_F_DUMP_INTR) is taken again. */
int survey_devices(struct survey *s, struct seen *ns, int32_t nsid)
{
	struct reading rd = {.s = s, .ns = ns};
	int r = -EINTR;

	for (int i = 0; r == -EINTR && i < MAX_TRIES; i++) {
		ns->devices.n = ns->links.n = rd.addresses.n = rd.owners.n = 0;
		r = read_links(&rd, s->sock, nsid);
		if (r == 0)
			r = read_addresses(&rd, s->sock, nsid);
	}
	if (r < 0)
		ns->devices.n = ns->links.n = 0;
	else
		share_addresses(&rd);
	return r;
}

/* ---- the rest -------------------------------------------------------------------------------------- */

static int take_forwarding(const struct nlmsghdr *m, void *data)
{
	const struct nlattr *attr;

	if (m->nlmsg_type != RTM_NEWNETCONF || m->nlmsg_len < NLMSG_LENGTH(sizeof(struct netconfmsg)))
		return 0;
	mnl_attr_for_each(attr, m, sizeof(struct netconfmsg)) if (mnl_attr_get_type(attr) == NETCONFA_FORWARDING &&
	                                                          mnl_attr_get_payload_len(attr) == sizeof(int32_t)) *
		(bool *)data = mnl_attr_get_u32(attr) != 0;
	return 0;
}

/* /proc/sys/net says the same, but takes ten times as long. */
static bool forwards(int sock, int family)
{
	char buf[128];
	struct nlmsghdr *m = request(buf, RTM_GETNETCONF, 0);
	struct netconfmsg *conf = mnl_nlmsg_put_extra_header(m, sizeof(*conf));
	bool on = false;

	conf->ncm_family = (uint8_t)family;
	mnl_attr_put_u32(m, NETCONFA_IFINDEX, (uint32_t)NETCONFA_IFINDEX_ALL);
	m->nlmsg_seq = 3;
	nl_request(sock, m, take_forwarding, &on, NULL);
	return on;
}

static void read_owner(struct seen *ns, int fd)
{
	_cleanup_fd_ int userns = ioctl(fd, NS_GET_USERNS);
	struct stat st;
	uid_t owner;

	if (userns < 0)
		return;
	if (fstat(userns, &st) == 0)
		ns->out.userns = st.st_ino;
	if (ioctl(userns, NS_GET_OWNER_UID, &owner) == 0)
		ns->out.owner = owner;
}

static int take_nsid(const struct nlmsghdr *m, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, m, sizeof(struct rtgenmsg)) if (mnl_attr_get_type(attr) == NETNSA_NSID &&
	                                                        mnl_attr_get_payload_len(attr) == sizeof(int32_t)) *
		(int32_t *)data = (int32_t)mnl_attr_get_u32(attr);
	return 0;
}

int32_t survey_nsid(int sock, int fd)
{
	char buf[128];
	struct nlmsghdr *m = request(buf, RTM_GETNSID, 0);
	int32_t nsid = NO_NSID;

	mnl_nlmsg_put_extra_header(m, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(m, NETNSA_FD, (uint32_t)fd);
	m->nlmsg_seq = 4;
	return nl_request(sock, m, take_nsid, &nsid, NULL) < 0 ? NO_NSID : nsid;
}

static int read_inside(struct survey *s, struct seen *ns)
{
	int r = survey_enter(s, ns);

	if (r < 0)
		return r;
	r = survey_devices(s, ns, NO_NSID);
	if (r < 0)
		return r;
	ns->out.forwards[IP4] = forwards(s->sock, AF_INET);
	ns->out.forwards[IP6] = forwards(s->sock, AF_INET6);
	ns->out.nat = !ns->foreign && nat_is_here();
	for (enum ip_family f = IP4; s->options->ways_out && f < IP_FAMILIES; f++)
		survey_way_out(s, ns, f);
	return 0;
}

void survey_read(struct survey *s, struct seen *ns)
{
	int r = s->options->no_devices ? survey_open(s, ns) : read_inside(s, ns);

	if (s->ns_fd >= 0) {
		read_owner(ns, s->ns_fd);
		if (ns != s->own)
			ns->out.nsid = survey_nsid(s->own_sock, s->ns_fd);
	}
	ns->out.errnum = -r;
}
