/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of a lab, and making them. See rules.h, rules_visit.h. */
#include "rules_visit.h"

#include <errno.h>
#include <libnftnl/expr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "nft_terms.h"
#include "publish_sets.h"
#include "sysctl.h"

enum { PRIORITY_FORWARD = -149, PRIORITY_SRCNAT = 100 };

/* ---- the walk -------------------------------------------------------------------------------------- */

/* reject with icmpx no-route: "network unreachable", said by the gateway */
static void refuse(struct draft *d)
{
	struct nftnl_expr *e = draft_expr(d, "reject");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
	nftnl_expr_set_u8(e, NFTNL_EXPR_REJECT_CODE, NFT_REJECT_ICMPX_NO_ROUTE);
}

void visit_rule(struct visitor *v, const char *chain, struct draft *d)
{
	if (d->failed && d->rule) {
		nftnl_rule_free(d->rule);
		d->rule = NULL;
	}
	v->rule(v, chain, d->rule);
}

static void visit_verdict(struct visitor *v, const char *chain, uint32_t key, const char *device, int what,
                          const char *to)
{
	struct draft d = draft(v->table, chain);

	if (device)
		match_device(&d, key, device);
	draft_verdict(&d, what, to);
	visit_rule(v, chain, &d);
}

/* Such that nft(8) can read it back, whatever the device's name. */
static void chain_name(char *buf, const char *what, const struct rule_network *n)
{
	size_t len = (size_t)snprintf(buf, CHAIN_SIZE, "%s-", what);

	for (const char *c = n->device; *c; c++)
		len += (size_t)snprintf(buf + len, CHAIN_SIZE - len, nft_nameable(*c) ? "%c" : "_%02x",
		                        (unsigned)(unsigned char)*c);
}

/* pass: what ours lets pass carries a mark, by which the rule in a foreign chain knows it. */
static void visit_pass(struct visitor *v)
{
	struct draft d = draft(v->table, "pass");

	set_mark(&d, false, MARK_PACKET);
	visit_rule(v, "pass", &d);
	visit_verdict(v, "pass", 0, NULL, NF_ACCEPT, NULL);
}

/* from-BRIDGE: sources that belong there go on, the rest is spoofed. */
static void visit_from(struct visitor *v, const struct rule_network *n)
{
	char from[CHAIN_SIZE], via[CHAIN_SIZE];

	chain_name(from, "from", n);
	chain_name(via, "via", n);
	for (size_t i = 0; i < n->sources.n; i++) {
		struct draft d = draft(v->table, from);

		match_source(&d, &n->sources.items[i]);
		draft_verdict(&d, NFT_GOTO, via);
		visit_rule(v, from, &d);
	}
	visit_verdict(v, from, 0, NULL, NF_DROP, NULL);
}

/* via-BRIDGE: to the lab's own, and out where there is nat. */
static void visit_via(struct visitor *v, const struct rules *r, const struct rule_network *n)
{
	char via[CHAIN_SIZE];
	struct draft d;

	chain_name(via, "via", n);
	visit_verdict(v, via, 0, NULL, NFT_JUMP, "inside");
	for (int f = 0; f < IP_FAMILIES; f++) {
		if (!n->nat[f])
			continue;
		d = draft(v->table, via);
		match_family(&d, (enum ip_family)f);
		draft_verdict(&d, NFT_GOTO, "pass");
		visit_rule(v, via, &d);
	}
	visit_return(v, r, via);
	d = draft(v->table, via);
	refuse(&d);
	visit_rule(v, via, &d);
}

/* What only passes a bridge comes here where br_netfilter sends it; it is the nodes' own business. */
static void visit_bridged(struct visitor *v, const char *device)
{
	struct draft d = draft(v->table, "forward");

	match_device(&d, NFT_META_IIFNAME, device);
	match_device(&d, NFT_META_OIFNAME, device);
	draft_verdict(&d, NFT_GOTO, "pass");
	visit_rule(v, "forward", &d);
}

static void visit_forward(struct visitor *v, const struct rules *r)
{
	for (size_t i = 0; i < r->networks.n; i++)
		visit_bridged(v, r->networks.items[i].device);
	for (size_t i = 0; i < r->networks.n; i++) {
		char from[CHAIN_SIZE];

		chain_name(from, "from", &r->networks.items[i]);
		visit_verdict(v, "forward", NFT_META_IIFNAME, r->networks.items[i].device, NFT_GOTO, from);
	}
	for (size_t i = 0; i < r->networks.n; i++)
		visit_verdict(v, "forward", NFT_META_OIFNAME, r->networks.items[i].device, NFT_GOTO, "answers");
}

/* An answer shows that the connection stands: from here on it skips the rules. Its first packet of all was judged before. */
static void visit_flow(struct visitor *v, const struct rules *r)
{
	struct draft d;
	struct nftnl_expr *e;

	if (!r->flow_devices.n)
		return;
	d = draft(v->table, "answers");
	match_ct(&d, NFT_CT_STATE, NF_CT_STATE_BIT(IP_CT_ESTABLISHED));
	e = draft_expr(&d, "flow_offload");
	if (e)
		nftnl_expr_set_str(e, NFTNL_EXPR_FLOW_TABLE_NAME, FLOWS);
	visit_rule(v, "answers", &d);
}

static void visit_answers(struct visitor *v, const struct rules *r)
{
	struct draft d = draft(v->table, "answers");

	match_ct(&d, NFT_CT_STATE, NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED));
	draft_verdict(&d, NFT_GOTO, "pass");
	visit_rule(v, "answers", &d);
	visit_admission(v, r, "answers");
	visit_verdict(v, "answers", 0, NULL, NF_DROP, NULL);
}

static void visit_postrouting(struct visitor *v, const struct rules *r)
{
	visit_publish_masquerade(v, r);
	visit_verdict(v, "postrouting", 0, NULL, NFT_JUMP, "inside");
	for (size_t i = 0; i < r->networks.n; i++) {
		const struct rule_network *n = &r->networks.items[i];

		for (size_t k = 0; k < n->sources.n; k++) {
			struct draft d;

			if (!n->nat[n->sources.items[k].ip.family])
				continue;
			d = draft(v->table, "postrouting");
			match_source(&d, &n->sources.items[k]);
			draft_expr(&d, "masq");
			visit_rule(v, "postrouting", &d);
		}
	}
}

static void visit_chains(struct visitor *v, const struct rules *r)
{
	char name[CHAIN_SIZE];

	v->chain(v, "pass", NULL, -1, 0);
	v->chain(v, "inside", NULL, -1, 0);
	v->chain(v, "answers", NULL, -1, 0);
	for (size_t i = 0; i < r->networks.n; i++) {
		chain_name(name, "via", &r->networks.items[i]);
		v->chain(v, name, NULL, -1, 0);
		chain_name(name, "from", &r->networks.items[i]);
		v->chain(v, name, NULL, -1, 0);
	}
	v->chain(v, "forward", "filter", NF_INET_FORWARD, PRIORITY_FORWARD);
	v->chain(v, "postrouting", "nat", NF_INET_POST_ROUTING, PRIORITY_SRCNAT);
	visit_publish_chains(v, r);
}

void rules_visit(struct visitor *v, const struct rules *r)
{
	visit_publish_sets(v, r);
	if (r->flow_devices.n)
		v->flows(v, r->flow_devices.items, r->flow_devices.n);
	visit_chains(v, r);
	for (size_t i = 0; i < r->networks.n; i++)
		visit_verdict(v, "inside", NFT_META_OIFNAME, r->networks.items[i].device, NFT_GOTO, "pass");
	visit_pass(v);
	visit_flow(v, r);
	visit_answers(v, r);
	for (size_t i = 0; i < r->networks.n; i++) {
		visit_via(v, r, &r->networks.items[i]);
		visit_from(v, &r->networks.items[i]);
	}
	visit_forward(v, r);
	visit_postrouting(v, r);
	visit_publish(v, r);
}

/* ---- making ---------------------------------------------------------------------------------------- */

static const char *const claims[IP_FAMILIES] = {"net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"};

const char *rules_claim(enum ip_family f)
{
	return claims[f];
}

struct maker {
	struct visitor v;
	struct nft nft;
};

static void make_set(struct visitor *v, const struct nft_set *set)
{
	struct maker *m = (struct maker *)v;

	nft_add_set(&m->nft, v->table, set);
}

static void make_flows(struct visitor *v, const char *const *devices, size_t n)
{
	struct maker *m = (struct maker *)v;

	nft_add_flowtable(&m->nft, v->table, FLOWS, devices, n);
}

static void make_chain(struct visitor *v, const char *name, const char *type, int hook, int priority)
{
	struct maker *m = (struct maker *)v;

	nft_add_chain(&m->nft, v->table, name, type, hook, priority);
}

static void make_rule(struct visitor *v, const char *chain, struct nftnl_rule *rule)
{
	struct maker *m = (struct maker *)v;

	nft_add_rule(&m->nft, rule);
}

void rules_table(char buf[TABLE_SIZE], const char *lab)
{
	snprintf(buf, TABLE_SIZE, MARK_TABLE "%s", lab);
}

void rules_comment(const struct rules *rules, char comment[COMMENT_SIZE])
{
	snprintf(comment, COMMENT_SIZE, "nsloom");
	for (int f = 0; f < IP_FAMILIES; f++)
		if (rules->forward[f])
			snprintf(comment + strlen(comment), COMMENT_SIZE - strlen(comment), " %s", claims[f]);
	if (rules->without_flows)
		snprintf(comment + strlen(comment), COMMENT_SIZE - strlen(comment), " " WITHOUT_FLOWS);
}

static int set(const char *lab, const struct rules *rules, bool replace, int *sock, struct nl_refusal *refusal)
{
	struct maker m = {.v = {.set = make_set, .flows = make_flows, .chain = make_chain, .rule = make_rule}};
	char table[TABLE_SIZE], comment[COMMENT_SIZE];

	rules_table(table, lab);
	m.v.table = table;
	rules_comment(rules, comment);
	nft_begin(&m.nft);
	if (replace) {
		nft_add_table(&m.nft, table, NULL); /* so that the deletion finds one */
		nft_del_table(&m.nft, table);
	}
	nft_new_table(&m.nft, table, comment);
	rules_visit(&m.v, rules);
	return nft_commit(&m.nft, sock, refusal);
}

/* A kernel that has connection tracking here already, and no time limit for flows, has no flowtables: a transaction that fails of
 * that takes the kernel 8 ms. (The limit is there since Linux 5.14.) */
static bool may_have_flowtables(void)
{
	char value[32];

	return sysctl_read("net/netfilter/nf_flowtable_tcp_timeout", value, sizeof(value)) == 0 ||
	       sysctl_read("net/netfilter/nf_conntrack_max", value, sizeof(value)) < 0;
}

/* Else it is tried: a kernel that has none is served without, and the table's comment says so. */
int rules_set(const char *lab, const struct rules *rules, bool replace, int *sock, struct nl_refusal *refusal)
{
	struct rules plain = *rules;
	int r = -EOPNOTSUPP;

	if (!rules->flow_devices.n || may_have_flowtables())
		r = set(lab, rules, replace, sock, refusal);
	if (r == 0 || !rules->flow_devices.n || r == -EPERM || r == -ENOMEM)
		return r;
	plain.flow_devices.n = 0;
	plain.without_flows = true;
	return set(lab, &plain, replace, sock, refusal);
}

int rules_remove(const char *lab, int *sock, struct nl_refusal *refusal)
{
	struct nft nft = {0};
	char table[TABLE_SIZE];

	rules_table(table, lab);
	nft_begin(&nft);
	nft_add_table(&nft, table, NULL);
	nft_del_table(&nft, table);
	return nft_commit(&nft, sock, refusal);
}
