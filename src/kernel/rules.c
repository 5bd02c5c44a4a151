/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of a lab. What they are is written once, as a walk that visits every chain and rule: making them and comparing
 * them are two visitors. */
#include "rules.h"

#include <errno.h>
#include <libnftnl/expr.h>
#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "nft.h"
#include "nft_terms.h"
#include "rules_visit.h"
#include "strbuf.h"

enum { TABLE_SIZE = 80, PRIORITY_FORWARD = -149, PRIORITY_SRCNAT = 100 };

/* ---- rules as rows of expressions ------------------------------------------------------------------ */

/* A rule in the making; a failed allocation sticks. */
struct draft {
	struct nftnl_rule *rule;
	bool failed;
};

static struct nftnl_expr *expr(struct draft *d, const char *name)
{
	struct nftnl_expr *e = d->failed ? NULL : nftnl_expr_alloc(name);

	if (e)
		nftnl_rule_add_expr(d->rule, e);
	else
		d->failed = true;
	return e;
}

static struct draft draft(const char *table, const char *chain)
{
	struct draft d = {.rule = nftnl_rule_alloc()};

	if (!d.rule || nftnl_rule_set_str(d.rule, NFTNL_RULE_TABLE, table) < 0 ||
	    nftnl_rule_set_str(d.rule, NFTNL_RULE_CHAIN, chain) < 0)
		d.failed = true;
	else
		nftnl_rule_set_u32(d.rule, NFTNL_RULE_FAMILY, NFPROTO_INET);
	return d;
}

static void compare(struct draft *d, uint32_t op, const void *data, size_t len)
{
	struct nftnl_expr *e = expr(d, "cmp");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	if (nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, (uint32_t)len) < 0)
		d->failed = true;
}

static void load_meta(struct draft *d, uint32_t key)
{
	struct nftnl_expr *e = expr(d, "meta");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
}

/* meta iifname "DEVICE" / meta oifname "DEVICE" */
static void match_device(struct draft *d, uint32_t key, const char *device)
{
	char name[IFNAMSIZ] = {0};

	strncpy(name, device, sizeof(name) - 1);
	load_meta(d, key);
	compare(d, NFT_CMP_EQ, name, sizeof(name));
}

/* meta nfproto ipv4 */
static void match_family(struct draft *d, enum ip_family f)
{
	uint8_t proto = f == IP6 ? NFPROTO_IPV6 : NFPROTO_IPV4;

	load_meta(d, NFT_META_NFPROTO);
	compare(d, NFT_CMP_EQ, &proto, sizeof(proto));
}

static void mask_bits(struct draft *d, unsigned bits, size_t len)
{
	static const uint8_t zero[16];
	uint8_t mask[16] = {0};
	struct nftnl_expr *e = expr(d, "bitwise");

	if (!e)
		return;
	for (unsigned i = 0; i < bits; i++)
		mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, (uint32_t)len);
	if (nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, mask, (uint32_t)len) < 0 ||
	    nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, zero, (uint32_t)len) < 0)
		d->failed = true;
}

/* ip saddr PREFIX (struct iphdr, struct ipv6hdr). Of a prefix of whole bytes just these are compared, as nft(8) does it: so that a
 * ruleset that it saved and restored is the same. */
static void match_source(struct draft *d, const struct ip_prefix *p)
{
	enum ip_family f = (enum ip_family)p->ip.family;
	size_t len = p->len % 8 || !p->len ? ip_bytes(f) : p->len / 8;
	struct nftnl_expr *e;

	match_family(d, f);
	e = expr(d, "payload");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, f == IP6 ? 8 : 12);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, (uint32_t)len);
	if (p->len < 8 * len)
		mask_bits(d, p->len, len);
	compare(d, NFT_CMP_EQ, p->ip.b, len);
}

/* ct state established,related */
static void match_answers(struct draft *d)
{
	struct nftnl_expr *e = expr(d, "ct");
	uint32_t states = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED), zero = 0;

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, NFT_CT_STATE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
	e = expr(d, "bitwise");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, sizeof(states));
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, &states, sizeof(states));
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, &zero, sizeof(zero));
	compare(d, NFT_CMP_NEQ, &zero, sizeof(zero));
}

/* meta mark set MARK_PACKET */
static void set_mark(struct draft *d)
{
	uint32_t mark = MARK_PACKET;
	struct nftnl_expr *e = expr(d, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, &mark, sizeof(mark));
	e = expr(d, "meta");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_SREG, NFT_REG_1);
}

static void verdict(struct draft *d, int what, const char *chain)
{
	struct nftnl_expr *e = expr(d, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)what);
	if (chain && nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, chain) < 0)
		d->failed = true;
}

/* reject with icmpx no-route: "network unreachable", said by the gateway */
static void refuse(struct draft *d)
{
	struct nftnl_expr *e = expr(d, "reject");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
	nftnl_expr_set_u8(e, NFTNL_EXPR_REJECT_CODE, NFT_REJECT_ICMPX_NO_ROUTE);
}

/* ---- the walk -------------------------------------------------------------------------------------- */

static void emit(struct visitor *v, const char *chain, struct draft *d)
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
	verdict(&d, what, to);
	emit(v, chain, &d);
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

	set_mark(&d);
	emit(v, "pass", &d);
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
		verdict(&d, NFT_GOTO, via);
		emit(v, from, &d);
	}
	visit_verdict(v, from, 0, NULL, NF_DROP, NULL);
}

/* via-BRIDGE: to the lab's own, and out where there is nat. */
static void visit_via(struct visitor *v, const struct rule_network *n)
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
		verdict(&d, NFT_GOTO, "pass");
		emit(v, via, &d);
	}
	d = draft(v->table, via);
	refuse(&d);
	emit(v, via, &d);
}

/* What only passes a bridge comes here where br_netfilter sends it; it is the nodes' own business. */
static void visit_bridged(struct visitor *v, const char *device)
{
	struct draft d = draft(v->table, "forward");

	match_device(&d, NFT_META_IIFNAME, device);
	match_device(&d, NFT_META_OIFNAME, device);
	verdict(&d, NFT_GOTO, "pass");
	emit(v, "forward", &d);
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

static void visit_answers(struct visitor *v)
{
	struct draft d = draft(v->table, "answers");

	match_answers(&d);
	verdict(&d, NFT_GOTO, "pass");
	emit(v, "answers", &d);
	visit_verdict(v, "answers", 0, NULL, NF_DROP, NULL);
}

static void visit_postrouting(struct visitor *v, const struct rules *r)
{
	visit_verdict(v, "postrouting", 0, NULL, NFT_JUMP, "inside");
	for (size_t i = 0; i < r->networks.n; i++) {
		const struct rule_network *n = &r->networks.items[i];

		for (size_t k = 0; k < n->sources.n; k++) {
			struct draft d;

			if (!n->nat[n->sources.items[k].ip.family])
				continue;
			d = draft(v->table, "postrouting");
			match_source(&d, &n->sources.items[k]);
			expr(&d, "masq");
			emit(v, "postrouting", &d);
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
}

void rules_visit(struct visitor *v, const struct rules *r)
{
	visit_chains(v, r);
	for (size_t i = 0; i < r->networks.n; i++)
		visit_verdict(v, "inside", NFT_META_OIFNAME, r->networks.items[i].device, NFT_GOTO, "pass");
	visit_pass(v);
	visit_answers(v);
	for (size_t i = 0; i < r->networks.n; i++) {
		visit_via(v, &r->networks.items[i]);
		visit_from(v, &r->networks.items[i]);
	}
	visit_forward(v, r);
	visit_postrouting(v, r);
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

static void table_name(char *buf, const char *lab)
{
	snprintf(buf, TABLE_SIZE, MARK_TABLE "%s", lab);
}

void rules_comment(const struct rules *rules, char comment[COMMENT_SIZE])
{
	strcpy(comment, "nsloom");
	for (int f = 0; f < IP_FAMILIES; f++)
		if (rules->forward[f])
			snprintf(comment + strlen(comment), COMMENT_SIZE - strlen(comment), " %s", claims[f]);
}

int rules_set(const char *lab, const struct rules *rules, struct nl_refusal *refusal)
{
	struct maker m = {.v = {.chain = make_chain, .rule = make_rule}};
	char table[TABLE_SIZE], comment[COMMENT_SIZE];

	table_name(table, lab);
	m.v.table = table;
	rules_comment(rules, comment);
	nft_begin(&m.nft);
	nft_add_table(&m.nft, table, NULL); /* so that the deletion finds one */
	nft_del_table(&m.nft, table);
	nft_add_table(&m.nft, table, comment);
	rules_visit(&m.v, rules);
	return nft_commit(&m.nft, refusal);
}

int rules_remove(const char *lab, struct nl_refusal *refusal)
{
	struct nft nft = {0};
	char table[TABLE_SIZE];

	table_name(table, lab);
	nft_begin(&nft);
	nft_add_table(&nft, table, NULL);
	nft_del_table(&nft, table);
	return nft_commit(&nft, refusal);
}

/* ---- comparing ------------------------------------------------------------------------------------- */

/* Rules as text, one a line, in the order of their chain's: chains may be dumped in any order. */
struct reader {
	struct visitor v;
	struct strbuf *chains; /* of `names`, found or wanted */
	char (*names)[CHAIN_SIZE];
	size_t n, cap;
	bool failed;
};

static struct strbuf *reader_chain(struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->names[i], name) == 0)
			return &r->chains[i];
	if (r->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 16;
		void *chains = realloc(r->chains, cap * sizeof(*r->chains));
		void *names;

		if (chains)
			r->chains = chains;
		names = chains ? realloc(r->names, cap * sizeof(*r->names)) : NULL;
		if (!names) {
			r->failed = true;
			return NULL;
		}
		r->names = names;
		r->cap = cap;
	}
	snprintf(r->names[r->n], CHAIN_SIZE, "%s", name);
	r->chains[r->n] = (struct strbuf){0};
	return &r->chains[r->n++];
}

static int read_expr(struct nftnl_expr *e, void *data)
{
	char line[512];
	int n = nftnl_expr_snprintf(line, sizeof(line), e, NFTNL_OUTPUT_DEFAULT, 0);

	strbuf_adds(data, nftnl_expr_get_str(e, NFTNL_EXPR_NAME));
	if (n > 0)
		strbuf_adds(data, line);
	strbuf_addc(data, ' ');
	return 0;
}

static void read_rule_into(struct reader *r, const char *chain, const struct nftnl_rule *rule)
{
	struct strbuf *text = reader_chain(r, chain);

	if (!text)
		return;
	nftnl_expr_foreach((struct nftnl_rule *)rule, read_expr, text);
	strbuf_addc(text, '\n');
}

static void chain_line(struct reader *r, const char *name, const char *type, uint32_t hook, int32_t priority,
                       uint32_t policy)
{
	struct strbuf *text = reader_chain(r, name);

	if (!text)
		return;
	if (type)
		strbuf_printf(text, "type %s hook %u priority %d policy %u\n", type, hook, priority, policy);
	else
		strbuf_addc(text, '\n');
}

static void read_wanted_chain(struct visitor *v, const char *name, const char *type, int hook, int priority)
{
	chain_line((struct reader *)v, name, type, (uint32_t)hook, priority, NF_ACCEPT);
}

static void read_wanted_rule(struct visitor *v, const char *chain, struct nftnl_rule *rule)
{
	struct reader *r = (struct reader *)v;

	if (!rule) {
		r->failed = true;
		return;
	}
	read_rule_into(r, chain, rule);
	nftnl_rule_free(rule);
}

static int read_found_chain(const struct nftnl_chain *c, void *data)
{
	const char *type = nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM) ? nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE) : NULL;

	chain_line(data, nftnl_chain_get_str(c, NFTNL_CHAIN_NAME), type, nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM),
	           nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO), nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY));
	return 0;
}

static int read_found_rule(const struct nftnl_rule *rule, void *data)
{
	read_rule_into(data, nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN), rule);
	return 0;
}

static void reader_done(struct reader *r)
{
	for (size_t i = 0; i < r->n; i++)
		strbuf_done(&r->chains[i]);
	free(r->chains);
	free(r->names);
}

static bool same_chains(struct reader *a, struct reader *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		struct strbuf *other = reader_chain(b, a->names[i]);

		if (!other || b->n != a->n || other->len != a->chains[i].len ||
		    (other->len && memcmp(other->s, a->chains[i].s, other->len) != 0))
			return false;
	}
	return true;
}

static int compare_rules(const char *table, const struct rules *wanted, bool *same)
{
	struct reader want = {.v = {.table = table, .chain = read_wanted_chain, .rule = read_wanted_rule}}, have = {0};
	int r;

	rules_visit(&want.v, wanted);
	r = nft_chains(NFPROTO_INET, table, read_found_chain, &have);
	if (r == 0)
		r = nft_rules(NFPROTO_INET, table, read_found_rule, &have);
	*same = same_chains(&want, &have);
	if (want.failed || have.failed)
		r = -ENOMEM;
	reader_done(&want);
	reader_done(&have);
	return r;
}

struct found_table {
	const char *name;
	bool found, lends[IP_FAMILIES];
};

static int find_table(const char *name, const char *comment, void *data)
{
	struct found_table *t = data;

	if (strcmp(name, t->name) != 0)
		return 0;
	t->found = true;
	for (int f = 0; f < IP_FAMILIES; f++)
		t->lends[f] = strstr(comment, claims[f]) != NULL;
	return 0;
}

int rules_observe(const char *lab, const struct rules *wanted, enum rules_found *found, bool lends[IP_FAMILIES])
{
	char table[TABLE_SIZE];
	struct found_table t = {.name = table};
	bool same = false;
	int r;

	table_name(table, lab);
	r = nft_tables(find_table, &t);
	if (r < 0)
		return r;
	memcpy(lends, t.lends, sizeof(t.lends));
	*found = t.found ? RULES_DIFFER : RULES_ABSENT;
	if (!t.found || !wanted || !wanted->networks.n)
		return 0;
	r = compare_rules(table, wanted, &same);
	if (r == 0 && same && memcmp(t.lends, wanted->forward, sizeof(t.lends)) == 0)
		*found = RULES_MATCH;
	return r;
}
