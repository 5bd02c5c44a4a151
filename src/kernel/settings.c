/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sysctls of a space. RTM_GETNETCONF tells some (linux/netconf.h), which are among
 * those that every node has; a kernel that does not know one refuses, and the file is read.
 */
#include "settings.h"

#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "fd.h"
#include "netlink.h"
#include "text.h"

static const struct {
	const char *path;
	uint8_t family;
	int32_t ifindex;
	uint16_t attribute;
} told[] = {
	{"net/ipv4/ip_forward", AF_INET, NETCONFA_IFINDEX_ALL, NETCONFA_FORWARDING},
	{"net/ipv6/conf/all/forwarding", AF_INET6, NETCONFA_IFINDEX_ALL, NETCONFA_FORWARDING},
	{"net/ipv4/conf/all/rp_filter", AF_INET, NETCONFA_IFINDEX_ALL, NETCONFA_RP_FILTER},
	{"net/ipv4/conf/default/rp_filter", AF_INET, NETCONFA_IFINDEX_DEFAULT, NETCONFA_RP_FILTER},
};
enum { N_TOLD = ARRAY_SIZE(told) };

/* What was asked for of the table, by row, and what was answered. */
struct answers {
	bool wanted[N_TOLD], known[N_TOLD];
	int32_t value[N_TOLD];
};

static int row_of(const char *path)
{
	for (int i = 0; i < N_TOLD; i++)
		if (streq(told[i].path, path))
			return i;
	return -1;
}

static bool has_setting(const struct space *sp, const char *path)
{
	for (size_t i = 0; i < sp->settings.n; i++)
		if (streq(sp->settings.items[i].path, path))
			return true;
	return false;
}

static bool same_request(int a, int b)
{
	return told[a].family == told[b].family && told[a].ifindex == told[b].ifindex;
}

/* An answer serves every row that its request would have been the same for. */
static int take_values(const struct nlmsghdr *m, void *data)
{
	struct answers *all = data;
	int asked = (int)m->nlmsg_seq - 1;
	const struct nlattr *attr;

	if (m->nlmsg_type != RTM_NEWNETCONF || asked < 0 || asked >= N_TOLD)
		return 0;
	mnl_attr_for_each(attr, m, sizeof(struct netconfmsg))
	{
		for (int i = 0; i < N_TOLD; i++) {
			if (!same_request(i, asked) || told[i].attribute != mnl_attr_get_type(attr) ||
			    mnl_attr_get_payload_len(attr) < sizeof(int32_t))
				continue;
			all->value[i] = (int32_t)mnl_attr_get_u32(attr);
			all->known[i] = true;
		}
	}
	return 0;
}

static void ask(int sock, struct answers *all)
{
	char buf[N_TOLD * 64];
	size_t len = 0, n = 0;

	for (int i = 0; i < N_TOLD; i++) {
		struct nlmsghdr *m;
		struct netconfmsg *conf;
		bool asked = !all->wanted[i];

		for (int k = 0; k < i && !asked; k++)
			asked = all->wanted[k] && same_request(i, k);
		if (asked)
			continue;
		m = mnl_nlmsg_put_header(buf + len);
		m->nlmsg_type = RTM_GETNETCONF;
		m->nlmsg_flags = NLM_F_REQUEST;
		m->nlmsg_seq = (uint32_t)i + 1;
		conf = mnl_nlmsg_put_extra_header(m, sizeof(*conf));
		conf->ncm_family = told[i].family;
		mnl_attr_put_u32(m, NETCONFA_IFINDEX, (uint32_t)told[i].ifindex);
		len += MNL_ALIGN(m->nlmsg_len);
		n++;
	}
	if (n)
		nl_ask(sock, buf, len, n, take_values, all); /* what it does not tell is read */
}

static const char *number(struct arena *a, int32_t value)
{
	return value == 0 ? "0" : value == 1 ? "1" : arena_printf(a, "%d", value);
}

static const char *read_file(struct arena *a, struct sysctl_view *view, const char *path)
{
	char value[1024];

	return sysctl_view_read(view, path, value, sizeof(value)) == 0 ? arena_strdup(a, value) : NULL;
}

void settings_read(struct arena *a, struct sysctl_view *view, int sock, struct space *sp, const struct space *names)
{
	struct answers all = {0};

	for (size_t i = 0; names && i < names->settings.n; i++) {
		int row = row_of(names->settings.items[i].path);

		if (row >= 0 && !has_setting(sp, told[row].path))
			all.wanted[row] = true;
	}
	ask(sock, &all);
	for (size_t i = 0; names && i < names->settings.n; i++) {
		const char *path = names->settings.items[i].path;
		int row = row_of(path);

		if (has_setting(sp, path))
			continue;
		*vec_push(a, &sp->settings) = (struct setting){
			.path = path,
			.value = row >= 0 && all.known[row] ? number(a, all.value[row]) : read_file(a, view, path),
		};
	}
}
