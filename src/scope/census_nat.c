/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a namespace translates sources: some rule of its nf_tables has an
 * expression that does (linux/netfilter/nf_tables.h). iptables-nft writes either
 * the same, or what xtables knows as targets. Rules are not understood any further.
 */
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "census.h"
#include "fd.h"
#include "text.h"

static const struct nlattr *nested(const struct nlattr *in, unsigned type)
{
	const struct nlattr *attr;

	if (in)
		mnl_attr_for_each_nested(attr, in) if (mnl_attr_get_type(attr) == type) return attr;
	return NULL;
}

static bool says(const struct nlattr *attr, const char *word)
{
	size_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	return attr && strnlen(mnl_attr_get_payload(attr), len) == strlen(word) &&
	       memcmp(mnl_attr_get_payload(attr), word, strlen(word)) == 0;
}

static bool expression_translates(const struct nlattr *expr)
{
	const struct nlattr *name = nested(expr, NFTA_EXPR_NAME), *data = nested(expr, NFTA_EXPR_DATA), *type, *target;

	if (says(name, "masq"))
		return true;
	type = says(name, "nat") ? nested(data, NFTA_NAT_TYPE) : NULL;
	if (type && mnl_attr_get_payload_len(type) == sizeof(uint32_t))
		return mnl_attr_get_u32(type) == 0; /* NFT_NAT_SNAT, in any byte order */
	target = says(name, "target") ? nested(data, NFTA_TARGET_NAME) : NULL;
	return says(target, "MASQUERADE") || says(target, "SNAT");
}

static int take_rule(const struct nlmsghdr *m, void *data)
{
	const struct nlattr *attr, *expr;
	bool *found = data;

	if (m->nlmsg_len < NLMSG_LENGTH(sizeof(struct nfgenmsg)))
		return 0;
	mnl_attr_for_each(attr, m, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) != NFTA_RULE_EXPRESSIONS)
			continue;
		mnl_attr_for_each_nested(expr, attr) if (expression_translates(expr)) *found = true;
	}
	return *found ? -ECANCELED : 0;
}

bool nat_is_here(void)
{
	_cleanup_fd_ int fd = nl_open(NETLINK_NETFILTER);
	bool found = false;
	int r = -EINTR;

	for (int tries = 0; fd >= 0 && r == -EINTR && tries < 100; tries++) {
		char buf[64];
		struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
		struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(m, sizeof(*nfg));

		m->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE);
		m->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		m->nlmsg_seq = (uint32_t)tries + 1;
		nfg->nfgen_family = NFPROTO_UNSPEC;
		r = nl_request(fd, m, take_rule, &found, NULL);
	}
	return found;
}
