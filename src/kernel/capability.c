/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trying what the kernel can. See capability.h. */
#include "capability.h"

#include <assert.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <libnftnl/expr.h>

#include "fd.h"
#include "netlink.h"
#include "nft.h"
#include "state.h"
#include "text.h"

#ifndef IFA_PROTO /* linux/if_addr.h, since 5.18 */
#define IFA_PROTO 11
#endif

enum { MESSAGE_SIZE = 512, LO_INDEX = 1 };
#define NO_NAME "." /* no device may be called so */
#define TABLE "nsloom-try"

enum { TABLE_SIZE = 40 };

struct row {
	const char *name;
	enum capability_group group;
	const char *module;
	/* nf_tables: the expression that a rule has, and what must be set in it */
	const char *expr;
	struct {
		uint16_t attr;
		uint32_t value;
	} set[3];
};

static const struct row rows[] = {
	[CAN_VETH] = {"veth", GROUP_LINK, "veth"},
	[CAN_BRIDGE] = {"bridge", GROUP_LINK, "bridge"},
	[CAN_DUMMY] = {"dummy", GROUP_LINK, "dummy"},
	[CAN_MACVLAN] = {"macvlan", GROUP_LINK, "macvlan"},
	[CAN_IPVLAN] = {"ipvlan", GROUP_LINK, "ipvlan"},
	[CAN_VLAN] = {"vlan", GROUP_LINK, "8021q"},
	[CAN_VRF] = {"vrf", GROUP_LINK, "vrf"},
	[CAN_VXLAN] = {"vxlan", GROUP_LINK, "vxlan"},
	[CAN_GENEVE] = {"geneve", GROUP_LINK, "geneve"},
	[CAN_WIREGUARD] = {"wireguard", GROUP_LINK, "wireguard"},
	[CAN_NETEM] = {"netem", GROUP_QDISC, "sch_netem"},
	[CAN_TBF] = {"tbf", GROUP_QDISC, "sch_tbf"},
	[CAN_HTB] = {"htb", GROUP_QDISC, "sch_htb"},
	[CAN_FQ_CODEL] = {"fq_codel", GROUP_QDISC, "sch_fq_codel"},
	[CAN_NFT] = {"nf_tables", GROUP_NFT, "nf_tables"},
	[CAN_CONNTRACK] = {"ct state",
                           GROUP_NFT,
                           "nft_ct",
                           "ct",
                           {{NFTNL_EXPR_CT_KEY, NFT_CT_STATE}, {NFTNL_EXPR_CT_DREG, NFT_REG_1}}},
	[CAN_REJECT] = {"reject",
                        GROUP_NFT,
                        "nft_reject_inet",
                        "reject",
                        {{NFTNL_EXPR_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH},
                         {NFTNL_EXPR_REJECT_CODE, NFT_REJECT_ICMPX_NO_ROUTE}}},
	[CAN_MARK] = {"meta mark",
                      GROUP_NFT,
                      "nf_tables",
                      "meta",
                      {{NFTNL_EXPR_META_KEY, NFT_META_MARK}, {NFTNL_EXPR_META_DREG, NFT_REG_1}}},
	[CAN_NAT] = {"nat chains", GROUP_NFT, "nft_chain_nat"},
	[CAN_MASQUERADE] = {"masquerade", GROUP_NFT, "nft_masq", "masq"},
	[CAN_CT_MARK] = {"ct mark",
                         GROUP_NFT,
                         "nft_ct",
                         "ct",
                         {{NFTNL_EXPR_CT_KEY, NFT_CT_MARK}, {NFTNL_EXPR_CT_DREG, NFT_REG_1}}},
	[CAN_FIB] = {"fib",
                     GROUP_NFT,
                     "nft_fib_inet",
                     "fib",
                     {{NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE},
                      {NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR},
                      {NFTNL_EXPR_FIB_DREG, NFT_REG_1}}},
	[CAN_FLOWTABLE] = {"flowtables", GROUP_NFT, "nf_flow_table_inet"},
	[CAN_ADDRESS_PROTOCOL] = {"address protocol", GROUP_ADDRESS, NULL},
};
static_assert(ARRAY_SIZE(rows) == CAPABILITY_COUNT, "every capability has its row");

const char *capability_name(enum capability c)
{
	return rows[c].name;
}

enum capability_group capability_group(enum capability c)
{
	return rows[c].group;
}

const char *capability_module(enum capability c)
{
	return rows[c].module;
}

/* ---- kinds ----------------------------------------------------------------------------------------- */

static struct nlmsghdr *message(char buf[MESSAGE_SIZE], uint16_t type, uint16_t flags)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(memset(buf, 0, MESSAGE_SIZE)); /* what pads attributes is sent too */

	m->nlmsg_type = type;
	m->nlmsg_flags = NLM_F_REQUEST | flags;
	m->nlmsg_seq = 1;
	return m;
}

/* 1: there; 0: not; -errno. `absent`: what a kernel says that lacks it. */
static int verdict(int answer, int absent)
{
	if (answer == -EPERM || answer == -ENOMEM || answer == -EINTR)
		return answer;
	return answer != -absent && answer != -EAFNOSUPPORT;
}

static int try_link(int sock, const struct row *row)
{
	char buf[MESSAGE_SIZE];
	struct nlmsghdr *m = message(buf, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *link, *data, *peer;

	mnl_nlmsg_put_extra_header(m, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(m, IFLA_IFNAME, NO_NAME);
	link = mnl_attr_nest_start(m, IFLA_LINKINFO);
	mnl_attr_put_strz(m, IFLA_INFO_KIND, row->name);
	if (streq(row->name, "veth")) { /* makes its peer first: that one must not succeed either */
		data = mnl_attr_nest_start(m, IFLA_INFO_DATA);
		peer = mnl_attr_nest_start(m, VETH_INFO_PEER);
		mnl_nlmsg_put_extra_header(m, sizeof(struct ifinfomsg));
		mnl_attr_put_strz(m, IFLA_IFNAME, NO_NAME);
		mnl_attr_nest_end(m, peer);
		mnl_attr_nest_end(m, data);
	}
	mnl_attr_nest_end(m, link);
	return verdict(nl_request(sock, m, NULL, NULL, NULL), EOPNOTSUPP);
}

static int try_qdisc(int sock, const struct row *row)
{
	char buf[MESSAGE_SIZE];
	struct nlmsghdr *m = message(buf, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(m, sizeof(*tc));
	int r;

	tc->tcm_ifindex = LO_INDEX;
	tc->tcm_parent = TC_H_ROOT;
	mnl_attr_put_strz(m, TCA_KIND, row->name);
	r = nl_request(sock, m, NULL, NULL, NULL);
	return r == -EOPNOTSUPP ? 0 : verdict(r, ENOENT);
}

/* ---- nf_tables ------------------------------------------------------------------------------------- */

static struct nftnl_rule *rule_of(const struct row *row, const char *table)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct nftnl_expr *e = rule ? nftnl_expr_alloc(row->expr) : NULL;

	if (!e) {
		if (rule)
			nftnl_rule_free(rule);
		return NULL;
	}
	nftnl_rule_add_expr(rule, e);
	nftnl_rule_set_u32(rule, NFTNL_RULE_FAMILY, NFPROTO_INET);
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, table);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, "try");
	for (size_t i = 0; i < ARRAY_SIZE(row->set) && row->set[i].attr; i++) {
		if (row->set[i].attr == NFTNL_EXPR_REJECT_CODE && streq(row->expr, "reject"))
			nftnl_expr_set_u8(e, row->set[i].attr, (uint8_t)row->set[i].value);
		else
			nftnl_expr_set_u32(e, row->set[i].attr, row->set[i].value);
	}
	return rule;
}

/* A table of family inet, so for IPv4 and IPv6 at once, as a lab's is. Each try has its own: removing one takes 10 ms. */
static int try_nft(const struct row *row)
{
	static const char *const lo = "lo";
	bool nat = row == &rows[CAN_NAT] || row == &rows[CAN_MASQUERADE];
	char table[TABLE_SIZE];
	struct nl_refusal refusal;
	struct nft nft = {0};
	int r;

	snprintf(table, sizeof(table), "%s-%td", TABLE, row - rows);
	nft_begin(&nft);
	nft_add_table(&nft, table, NULL);
	nft_add_chain(&nft, table, "try", nat ? "nat" : "filter", nat ? NF_INET_POST_ROUTING : NF_INET_FORWARD, 0);
	if (row == &rows[CAN_FLOWTABLE])
		nft_add_flowtable(&nft, table, "try", &lo, 1);
	if (row->expr)
		nft_add_rule(&nft, rule_of(row, table));
	r = nft_commit(&nft, NULL, &refusal);
	return r == 0 ? 1 : r == -EPERM || r == -ENOMEM ? r : 0;
}

/* ---- addresses ------------------------------------------------------------------------------------- */

static int find_protocol(const struct nlmsghdr *m, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, m, sizeof(struct ifaddrmsg)) if (mnl_attr_get_type(attr) == IFA_PROTO &&
	                                                         mnl_attr_get_u8(attr) == MARK_PROTOCOL) *
		(bool *)data = true;
	return 0;
}

/* Gives lo an address with a protocol, and looks whether it has kept it. */
static int try_address(int sock, const struct row *row)
{
	static const uint8_t address[] = {127, 0, 0, 1};
	char buf[MESSAGE_SIZE];
	struct nlmsghdr *m = message(buf, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(m, sizeof(*ifa));
	bool kept = false;
	int r;

	*ifa = (struct ifaddrmsg){.ifa_family = AF_INET, .ifa_prefixlen = 8, .ifa_index = LO_INDEX};
	mnl_attr_put(m, IFA_LOCAL, sizeof(address), &address);
	mnl_attr_put_u8(m, IFA_PROTO, MARK_PROTOCOL);
	r = nl_request(sock, m, NULL, NULL, NULL);
	if (r < 0)
		return verdict(r, -r);
	m = message(buf, RTM_GETADDR, NLM_F_DUMP);
	ifa = mnl_nlmsg_put_extra_header(m, sizeof(*ifa));
	ifa->ifa_family = AF_INET;
	r = nl_request(sock, m, find_protocol, &kept, NULL);
	return r < 0 ? r : kept;
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static int try_one(int sock, const struct row *row)
{
	switch (row->group) {
	case GROUP_LINK:
		return try_link(sock, row);
	case GROUP_QDISC:
		return try_qdisc(sock, row);
	case GROUP_NFT:
		return try_nft(row);
	case GROUP_ADDRESS:
		return try_address(sock, row);
	case CAPABILITY_GROUPS:
		break;
	}
	return -EINVAL;
}

int capability_try(uint32_t set, uint32_t *have)
{
	_cleanup_fd_ int sock = nl_open(NETLINK_ROUTE);
	int r = sock < 0 ? sock : 0;

	*have = 0;
	for (unsigned c = 0; r >= 0 && c < CAPABILITY_COUNT; c++) {
		if (!(set & CAN(c)))
			continue;
		r = try_one(sock, &rows[c]);
		if (r > 0)
			*have |= CAN(c);
	}
	return r < 0 ? r : 0;
}
