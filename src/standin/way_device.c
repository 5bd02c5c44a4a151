/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device of the way out. See way_device.h. */
#include "way_device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"
#include "netlink.h"
#include "strbuf.h"
#include "text.h"
#include "way_out.h"

#define RESOLV "/etc/resolv.conf"
#define OWN_DIR "/run/nsloom"
#define OWN_RESOLV ".resolv.conf"

/* Waiting costs pasta little, and a packet that is dropped a fifth of a second: so as many may wait as some connections have
 * under way. */
enum { MTU = 65520, QUEUE = 10000, FILE_MAX = 1 << 16, SEQ_ROUTE = 100 };

/* ---- the device ------------------------------------------------------------------------------------ */

static void put_link(struct nl_batch *b, uint32_t index)
{
	struct nlmsghdr *m = nl_batch_begin(b, RTM_NEWLINK, 0, 1);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(m, sizeof(*info));
	struct nlattr *spec, *inet6;

	info->ifi_index = (int)index;
	spec = mnl_attr_nest_start(m, IFLA_AF_SPEC);
	inet6 = mnl_attr_nest_start(m, AF_INET6);
	mnl_attr_put_u8(m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(m, inet6);
	mnl_attr_nest_end(m, spec);
	nl_batch_end(b);
	m = nl_batch_begin(b, RTM_NEWLINK, 0, 2);
	info = mnl_nlmsg_put_extra_header(m, sizeof(*info));
	info->ifi_index = (int)index;
	info->ifi_flags = info->ifi_change = IFF_UP;
	mnl_attr_put_u32(m, IFLA_MTU, MTU);
	mnl_attr_put_u32(m, IFLA_TXQLEN, QUEUE);
	nl_batch_end(b);
}

static void put_address(struct nl_batch *b, uint32_t index, const char *text, uint8_t len)
{
	struct nlmsghdr *m = nl_batch_begin(b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, 3);
	struct ifaddrmsg *a = mnl_nlmsg_put_extra_header(m, sizeof(*a));
	struct ip ip;

	ip_parse(text, &ip);
	a->ifa_family = (uint8_t)ip_af((enum ip_family)ip.family);
	a->ifa_prefixlen = len;
	a->ifa_index = index;
	a->ifa_scope = ip_link_local(&ip) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	mnl_attr_put(m, IFA_LOCAL, ip_bytes((enum ip_family)ip.family), ip.b);
	mnl_attr_put(m, IFA_ADDRESS, ip_bytes((enum ip_family)ip.family), ip.b);
	if (ip.family == IP6)
		mnl_attr_put_u32(m, IFA_FLAGS, IFA_F_NODAD);
	nl_batch_end(b);
}

static void put_default(struct nl_batch *b, uint32_t index, const char *via)
{
	struct nlmsghdr *m = nl_batch_begin(b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, SEQ_ROUTE);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(m, sizeof(*rt));
	struct ip ip;

	ip_parse(via, &ip);
	rt->rtm_family = (uint8_t)ip_af((enum ip_family)ip.family);
	rt->rtm_table = RT_TABLE_MAIN;
	rt->rtm_protocol = RTPROT_BOOT;
	rt->rtm_type = RTN_UNICAST;
	mnl_attr_put(m, RTA_GATEWAY, ip_bytes((enum ip_family)ip.family), ip.b);
	mnl_attr_put_u32(m, RTA_OIF, index);
	nl_batch_end(b);
}

/* Nobody need ask whose it is: the first packet goes out at once. */
static void put_neighbour(struct nl_batch *b, uint32_t index, const char *text)
{
	struct nlmsghdr *m = nl_batch_begin(b, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, 4);
	struct ndmsg *nd = mnl_nlmsg_put_extra_header(m, sizeof(*nd));
	struct mac mac;
	struct ip ip;

	ip_parse(text, &ip);
	mac_parse(WAY_MAC, &mac);
	nd->ndm_family = (uint8_t)ip_af((enum ip_family)ip.family);
	nd->ndm_ifindex = (int)index;
	nd->ndm_state = NUD_PERMANENT;
	mnl_attr_put(m, NDA_DST, ip_bytes((enum ip_family)ip.family), ip.b);
	mnl_attr_put(m, NDA_LLADDR, MAC_LEN, mac.b);
	nl_batch_end(b);
}

static bool stands_already(void *data, uint32_t seq, int errnum)
{
	return seq == SEQ_ROUTE && errnum == EEXIST;
}

int way_device_configure(const bool family[IP_FAMILIES])
{
	uint32_t index = if_nametoindex(WAY_OUT_DEVICE);
	_cleanup_fd_ int sock = index ? nl_open(NETLINK_ROUTE) : -ENODEV;
	struct nl_batch b = {.benign = stands_already};
	struct nl_refusal refusal = {0};
	int r;

	if (sock < 0)
		return sock;
	put_link(&b, index);
	if (family[IP4])
		put_address(&b, index, WAY_ADDRESS4, (uint8_t)atoi(WAY_PREFIX4));
	if (family[IP6]) {
		put_address(&b, index, WAY_ADDRESS6, WAY_PREFIX6);
		put_address(&b, index, "fe80::2", WAY_PREFIX6);
	}
	for (int f = 0; f < IP_FAMILIES; f++) {
		if (!family[f])
			continue;
		put_default(&b, index, f == IP6 ? WAY_GATEWAY6 : WAY_GATEWAY4);
		put_neighbour(&b, index, f == IP6 ? WAY_GATEWAY6 : WAY_GATEWAY4);
		put_neighbour(&b, index, f == IP6 ? WAY_OUT_RESOLVER6 : WAY_OUT_RESOLVER4);
	}
	r = nl_batch_send(sock, &b, &refusal);
	nl_batch_done(&b);
	return r > 0 ? -refusal.errnum : r;
}

/* ---- the resolver ---------------------------------------------------------------------------------- */

/* What the machine's resolv.conf says of each name server's family; whether one is on the loopback; the rest is taken over. */
static bool rewrite(char *text, const bool family[IP_FAMILIES], struct strbuf *out)
{
	static const char *const resolvers[IP_FAMILIES] = {WAY_OUT_RESOLVER4, WAY_OUT_RESOLVER6};
	bool loopback = false, any[IP_FAMILIES] = {false};

	for (char *line; (line = strsep(&text, "\n"));) {
		char address[IP_TEXT_MAX];
		struct ip ip;

		if (sscanf(line, "nameserver %45[0-9a-fA-F.:]", address) != 1 || !ip_parse(address, &ip)) {
			if (*line)
				strbuf_printf(out, "%s\n", line);
			continue;
		}
		any[ip.family] = true;
		loopback |= ip_loopback(&ip);
	}
	for (int f = 0; f < IP_FAMILIES; f++)
		if (any[f] && family[f])
			strbuf_printf(out, "nameserver %s\n", resolvers[f]);
	return loopback && (any[IP4] || any[IP6]);
}

void way_resolver_set(const bool family[IP_FAMILIES])
{
	_cleanup_fd_ int fd = open(RESOLV, O_RDONLY | O_CLOEXEC),
			 dir = open(OWN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	_cleanup_strbuf_ struct strbuf own = {0};
	size_t len;

	if (fd < 0 || dir < 0 || fd_read_all(fd, FILE_MAX, &text, &len) < 0)
		return;
	if (rewrite(text, family, &own) && !own.failed && file_replace(dir, OWN_RESOLV, own.s, own.len, 0644) == 0)
		mount(OWN_DIR "/" OWN_RESOLV, RESOLV, NULL, MS_BIND, NULL);
}

void way_resolver_unset(void)
{
	if (access(OWN_DIR "/" OWN_RESOLV, F_OK) < 0)
		return;
	umount2(RESOLV, MNT_DETACH);
	unlink(OWN_DIR "/" OWN_RESOLV);
}
