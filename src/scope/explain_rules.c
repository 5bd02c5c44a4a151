/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Playing nf_tables: what the chains of a hook would do with an echo request (or
 * its answer). Rules are read as terms (kernel/nft_terms.h). A question has three
 * answers: yes, no, and cannot be told; a rule that might drop is remembered, and
 * named if the packet does not arrive.
 */
#include <errno.h>
#include <libnftnl/chain.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "fd.h"
#include "nft.h"
#include "nft_terms.h"
#include "text.h"

enum { MAX_JUMPS = 16 };

struct chain {
	uint32_t family, hook, policy;
	int32_t priority;
	bool base;
	const char *table, *name, *type;
};

struct rule {
	uint32_t family;
	const char *table, *chain, *comment;
	struct nft_terms terms;
};

struct ruleset {
	VEC(struct chain) chains; /* base chains by priority, then the others */
	VEC(struct rule) rules;
};

enum answer { NO, YES, PERHAPS };
enum fate { GOES_ON, RETURNS, ACCEPTED, DROPPED, ENDED };

/* A packet on its way through one hook. */
struct pass {
	struct trip *t;
	const struct ruleset *rules;
	int32_t ns, in, out; /* devices; -1: none */
	const struct chain *base;
	const struct rule *by; /* which dropped or translated it */
	bool spared;           /* a rule that cannot be told may have let it pass before */
};

/* ---- reading ----------------------------------------------------------------------------------- */

struct reading {
	struct trip *t;
	struct ruleset *out;
};

static const char *copy(struct reading *r, const char *s)
{
	return arena_strdup(r->t->a, s ? s : "");
}

static int take_chain(const struct nftnl_chain *c, void *data)
{
	struct reading *r = data;

	*vec_push(r->t->a, &r->out->chains) = (struct chain){
		.family = nftnl_chain_get_u32(c, NFTNL_CHAIN_FAMILY),
		.hook = nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM),
		.policy = nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY),
		.priority = nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO),
		.base = nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM),
		.table = copy(r, nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE)),
		.name = copy(r, nftnl_chain_get_str(c, NFTNL_CHAIN_NAME)),
		.type = copy(r, nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE)),
	};
	return 0;
}

static int take_rule(const struct nftnl_rule *rule, void *data)
{
	struct reading *r = data;
	struct rule *out = vec_push(r->t->a, &r->out->rules);

	*out = (struct rule){
		.family = nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY),
		.table = copy(r, nftnl_rule_get_str(rule, NFTNL_RULE_TABLE)),
		.chain = copy(r, nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN)),
		.comment = copy(r, nft_rule_comment(rule)),
	};
	nft_terms_read(r->t->a, rule, &out->terms);
	return 0;
}

static int by_priority(const void *a, const void *b)
{
	const struct chain *x = a, *y = b;

	return x->base != y->base ? y->base - x->base : (x->priority > y->priority) - (x->priority < y->priority);
}

static const struct ruleset *ruleset_of(struct trip *t, int32_t ns)
{
	struct reading r = {.t = t};

	if (t->rulesets[ns])
		return t->rulesets[ns];
	r.out = t->rulesets[ns] = arena_new_of(t->a, struct ruleset);
	*r.out = (struct ruleset){0};
	if (nft_chains(NFPROTO_UNSPEC, NULL, take_chain, &r) == 0 && r.out->chains.n)
		nft_rules(NFPROTO_UNSPEC, NULL, take_rule, &r);
	if (r.out->chains.n)
		qsort(r.out->chains.items, r.out->chains.n, sizeof(*r.out->chains.items), by_priority);
	return r.out;
}

/* ---- questions --------------------------------------------------------------------------------- */

static void put_name(const struct pass *p, int32_t device, uint8_t value[TERM_DATA])
{
	if (device >= 0)
		strncpy((char *)value, trip_ns(p->t, p->ns)->devices[device].name, TERM_DATA - 1);
}

static void put_number(uint8_t value[TERM_DATA], uint32_t n)
{
	memcpy(value, &n, sizeof(n));
}

static uint8_t icmp_type(const struct packet *k)
{
	if (k->family == IP6)
		return k->answer ? ICMPV6_ECHO_REPLY : ICMPV6_ECHO_REQUEST;
	return k->answer ? ICMP_ECHOREPLY : ICMP_ECHO;
}

static uint32_t index_of(const struct pass *p, int32_t device)
{
	return device < 0 ? 0 : trip_ns(p->t, p->ns)->devices[device].ifindex;
}

/* What the packet has in a field. False: that cannot be told. *is_no: it has no such field. */
static bool value_of(const struct pass *p, const struct nft_term *t, uint8_t value[TERM_DATA], bool *is_no)
{
	const struct packet *k = &p->t->packet;
	const struct ip *ip = t->field == FIELD_SADDR ? &k->src : &k->dst;
	uint8_t protocol = k->family == IP6 ? 58 : 1;

	switch (t->field) {
	case FIELD_IIFNAME:
	case FIELD_OIFNAME:
		put_name(p, t->field == FIELD_IIFNAME ? p->in : p->out, value);
		return true;
	case FIELD_IIF:
	case FIELD_OIF:
		put_number(value, index_of(p, t->field == FIELD_IIF ? p->in : p->out));
		return true;
	case FIELD_NFPROTO:
		value[0] = k->family == IP6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
		return true;
	case FIELD_L4PROTO:
	case FIELD_PROTOCOL:
		value[0] = protocol;
		return true;
	case FIELD_MARK:
		put_number(value, k->mark);
		return true;
	case FIELD_SADDR:
	case FIELD_DADDR:
		*is_no = t->family && t->family != (k->family == IP6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
		memcpy(value, ip->b, TERM_DATA);
		return true;
	case FIELD_ICMP_TYPE:
		value[0] = icmp_type(k);
		return true;
	case FIELD_CT_STATE:
		put_number(value, k->answer ? NF_CT_STATE_BIT(IP_CT_ESTABLISHED) : NF_CT_STATE_BIT(IP_CT_NEW));
		return true;
	case FIELD_CT_DIRECTION:
		value[0] = k->answer; /* enum ip_conntrack_dir */
		return true;
	default:
		return false;
	}
}

static bool compare(uint32_t op, int c)
{
	switch (op) {
	case NFT_CMP_EQ:
		return c == 0;
	case NFT_CMP_NEQ:
		return c != 0;
	case NFT_CMP_LT:
		return c < 0;
	case NFT_CMP_LTE:
		return c <= 0;
	case NFT_CMP_GT:
		return c > 0;
	default:
		return c >= 0;
	}
}

static enum answer ask(const struct pass *p, const struct nft_term *t)
{
	uint8_t value[TERM_DATA] = {0};
	bool is_no = false, inside;

	if (t->kind == TERM_LOOKUP || !value_of(p, t, value, &is_no))
		return PERHAPS;
	if (is_no)
		return NO;
	for (size_t i = 0; t->masked && i < TERM_DATA; i++)
		value[i] &= t->mask[i];
	if (t->kind == TERM_MATCH)
		return compare(t->op, memcmp(value, t->value, t->len)) ? YES : NO;
	inside = memcmp(value, t->value, t->len) >= 0 && memcmp(value, t->to, t->len) <= 0;
	return inside == (t->op != NFT_CMP_NEQ) ? YES : NO;
}

/* ---- what is done ------------------------------------------------------------------------------ */

static const char *family_word(uint32_t family)
{
	return family == NFPROTO_IPV4 ? "ip" : family == NFPROTO_IPV6 ? "ip6" : "inet";
}

static const char *rule_words(struct trip *t, const struct rule *r)
{
	struct strbuf text = {0};
	const char *words;

	nft_terms_text(&r->terms, &text);
	words = arena_printf(t->a, "\"%s\" of chain %s, table %s %s", text.s ? text.s : "", r->chain,
	                     family_word(r->family), r->table);
	strbuf_done(&text);
	return words;
}

static void masquerade(struct pass *p, const struct rule *r)
{
	struct trip *t = p->t;
	const struct nsl_device *out = p->out < 0 ? NULL : &trip_ns(t, p->ns)->devices[p->out];
	struct ip_prefix found = {0}, one;

	for (size_t i = 0; out && i < out->n_addresses; i++)
		if (!found.ip.set && prefix_parse(out->addresses[i], &one) && one.ip.family == t->packet.family &&
		    !(one.ip.family == IP6 && ip_link_local(&one.ip)))
			found = one;
	if (!found.ip.set || ip_equal(&found.ip, &t->packet.src))
		return;
	*vec_push(t->a, &t->translations) = (struct translation){p->ns, t->packet.src, found.ip};
	trip_step(t, NSL_STEP_NAT, p->ns, out->name, "masqueraded: its source %s becomes %s, by %s",
	          trip_word(t, &t->packet.src), trip_word(t, &found.ip), rule_words(t, r));
	t->packet.src = found.ip;
}

/* r NULL: the chain itself, by its policy. */
static void may_drop(struct pass *p, const struct rule *r)
{
	struct trip *t = p->t;
	const char *place = trip_ns(t, p->ns)->name;

	if (t->perhaps)
		return;
	t->perhaps = r ? arena_printf(t->a, "in %s the rule %s", place, rule_words(t, r))
	               : arena_printf(t->a, "in %s what comes before the end of chain %s of table %s %s", place,
	                              p->base->name, family_word(p->base->family), p->base->table);
}

static enum fate run_chain(struct pass *p, const char *chain, bool sure, int depth);

static enum fate verdict(struct pass *p, const struct rule *r, const struct nft_term *t, bool sure, int depth)
{
	enum fate fate;

	switch (t->verdict) {
	case NF_ACCEPT:
		p->spared |= !sure;
		return sure ? ACCEPTED : GOES_ON;
	case NF_DROP:
		p->by = r;
		return DROPPED;
	case NFT_RETURN:
		p->spared |= !sure;
		return sure ? RETURNS : GOES_ON;
	case NFT_JUMP:
	case NFT_GOTO:
		fate = depth < MAX_JUMPS ? run_chain(p, t->name, sure, depth + 1) : GOES_ON;
		if (fate == GOES_ON || fate == RETURNS)
			return t->verdict == NFT_GOTO && sure ? ENDED : GOES_ON;
		return fate;
	default:
		return GOES_ON;
	}
}

/* What one term does, to a packet that all questions before it are about (surely, or perhaps). */
static enum fate act(struct pass *p, const struct rule *r, const struct nft_term *t, bool sure, int depth)
{
	switch (t->kind) {
	case TERM_VERDICT:
		return verdict(p, r, t, sure, depth);
	case TERM_REJECT:
		p->by = r;
		return DROPPED;
	case TERM_XT_TARGET:
		p->by = r;
		return streq(t->name, "DROP") ? DROPPED : GOES_ON;
	case TERM_SET:
		if (t->field == FIELD_MARK && sure)
			memcpy(&p->t->packet.mark, t->value, sizeof(uint32_t));
		return GOES_ON;
	case TERM_MASQUERADE:
		if (sure)
			masquerade(p, r);
		return sure ? ACCEPTED : GOES_ON;
	default:
		return GOES_ON;
	}
}

static bool is_question(const struct nft_term *t)
{
	return t->kind == TERM_MATCH || t->kind == TERM_RANGE || t->kind == TERM_LOOKUP || t->kind == TERM_XT_MATCH;
}

static enum fate run_rule(struct pass *p, const struct rule *r, bool sure, int depth)
{
	bool surely = true;

	for (size_t i = 0; i < r->terms.items.n; i++) {
		const struct nft_term *t = &r->terms.items.items[i];
		enum answer a = t->kind == TERM_XT_MATCH ? PERHAPS : is_question(t) ? ask(p, t) : YES;
		enum fate fate;

		if (a == NO)
			return GOES_ON;
		surely &= a == YES;
		if (is_question(t))
			continue;
		fate = act(p, r, t, sure && surely, depth);
		if (fate == DROPPED && !(sure && surely)) {
			may_drop(p, p->by ? p->by : r);
			return GOES_ON;
		}
		if (fate != GOES_ON)
			return fate;
	}
	return GOES_ON;
}

static enum fate run_chain(struct pass *p, const char *chain, bool sure, int depth)
{
	for (size_t i = 0; i < p->rules->rules.n; i++) {
		const struct rule *r = &p->rules->rules.items[i];
		enum fate fate;

		if (r->family != p->base->family || !streq(r->table, p->base->table) || !streq(r->chain, chain))
			continue;
		fate = run_rule(p, r, sure, depth);
		if (fate != GOES_ON)
			return fate;
	}
	return GOES_ON;
}

/* ---- hooks ------------------------------------------------------------------------------------- */

static bool concerns(const struct chain *c, uint32_t hook, const struct packet *k)
{
	if (!c->base || c->hook != hook ||
	    !(c->family == NFPROTO_INET || c->family == (k->family == IP6 ? NFPROTO_IPV6 : NFPROTO_IPV4)))
		return false;
	return !(streq(c->type, "nat") && k->answer); /* the first packet of a connection alone */
}

/* Whose firewall it is, and what to do about it. */
static const char *mend_of(struct trip *t, int32_t ns, const struct chain *c, const struct rule *by)
{
	static const struct {
		const char *word, *mend;
	} known[] = {
		{"firewalld",
	         "firewall-cmd shows its zones; nsloom up puts a rule that lets the lab pass into its chain"},
		{"ufw", "ufw route allow lets it pass; nsloom up puts a rule for the lab into its chain"},
		{"DOCKER", "Docker drops what it does not know; nsloom up puts a rule for the lab into its chain"},
	};
	const char *chain = by ? by->chain : c->name;

	if (has_prefix(c->table, "nsloom-"))
		return "that is how the file wants it: a network lets in answers only, and out what it has nat for";
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strstr(c->table, known[i].word) || strstr(chain, known[i].word))
			return known[i].mend;
	return arena_printf(t->a, "%snft -a list chain %s %s %s shows it", trip_exec(t, ns), family_word(c->family),
	                    c->table, chain);
}

/* One base chain. False after a fault. */
static bool pass_chain(struct pass *p, const struct chain *c)
{
	struct trip *t = p->t;
	enum fate fate;

	p->base = c;
	p->by = NULL;
	p->spared = false;
	fate = run_chain(p, c->name, true, 0);
	if (fate == ACCEPTED || (fate != DROPPED && c->policy != NF_DROP))
		return true;
	if (p->spared) {
		may_drop(p, fate == DROPPED ? p->by : NULL);
		return true;
	}
	if (fate == DROPPED)
		trip_fault(t, p->ns, NULL, mend_of(t, p->ns, c, p->by), "dropped by the rule %s", rule_words(t, p->by));
	else
		trip_fault(t, p->ns, NULL, mend_of(t, p->ns, c, NULL),
		           "dropped by chain %s of table %s %s, which drops what no rule of it accepts", c->name,
		           family_word(c->family), c->table);
	return false;
}

bool rules_pass(struct trip *t, int32_t ns, uint32_t hook, int32_t in, int32_t out)
{
	struct pass p = {.t = t, .rules = ruleset_of(t, ns), .ns = ns, .in = in, .out = out};

	for (size_t i = 0; i < p.rules->chains.n; i++)
		if (concerns(&p.rules->chains.items[i], hook, &t->packet) && !pass_chain(&p, &p.rules->chains.items[i]))
			return false;
	return true;
}
