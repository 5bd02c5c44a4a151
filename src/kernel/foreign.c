/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accept rules in foreign chains. See foreign.h. */
#include "foreign.h"

#include <errno.h>
#include <libnftnl/expr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <string.h>

#include "nft.h"
#include "text.h"

enum { COMMENT_SIZE = 80, MAX_JUMPS = 16 };

/* What one rule means for a packet that none of its chain's conditions is about. */
struct fate {
	bool conditional; /* it may not be about it at all */
	bool drops;
	const char *jump; /* the chain that decides, or NULL */
};

struct rule_note {
	uint8_t family;
	const char *table, *chain;
	struct fate fate;
	bool ours;
};

struct survey {
	struct arena *a;
	struct state *s;
	char comment[COMMENT_SIZE];
	VEC(struct rule_note) rules;
	VEC(struct foreign_chain) chains;
};

/* ---- reading --------------------------------------------------------------------------------------- */

static void read_immediate(struct nftnl_expr *e, struct fate *f)
{
	if (nftnl_expr_get_u32(e, NFTNL_EXPR_IMM_DREG) != NFT_REG_VERDICT)
		return;
	switch ((int)nftnl_expr_get_u32(e, NFTNL_EXPR_IMM_VERDICT)) {
	case NF_DROP:
		f->drops = true;
		break;
	case NFT_JUMP:
	case NFT_GOTO:
		f->jump = nftnl_expr_get_str(e, NFTNL_EXPR_IMM_CHAIN);
		break;
	default:
		break;
	}
}

static bool is_name(struct nftnl_expr *e, uint16_t attr, const char *const *names, size_t n)
{
	const char *name = nftnl_expr_get_str(e, attr);

	for (size_t i = 0; name && i < n; i++)
		if (streq(name, names[i]))
			return true;
	return false;
}

/* Which expressions ask nothing of the packet. */
static int read_expr(struct nftnl_expr *e, void *data)
{
	static const char *const idle[] = {"counter", "log", "notrack", "immediate", "reject", "target", "match"};
	static const char *const refusing[] = {"REJECT", "DROP"};
	static const char *const comment[] = {"comment"};
	struct fate *f = data;

	if (!is_name(e, NFTNL_EXPR_NAME, idle, sizeof(idle) / sizeof(idle[0])))
		f->conditional = true;
	else if (streq(nftnl_expr_get_str(e, NFTNL_EXPR_NAME), "match"))
		f->conditional |= !is_name(e, NFTNL_EXPR_MT_NAME, comment, 1);
	else if (streq(nftnl_expr_get_str(e, NFTNL_EXPR_NAME), "target"))
		f->drops |= is_name(e, NFTNL_EXPR_TG_NAME, refusing, 2);
	else if (streq(nftnl_expr_get_str(e, NFTNL_EXPR_NAME), "reject"))
		f->drops = true;
	else if (streq(nftnl_expr_get_str(e, NFTNL_EXPR_NAME), "immediate"))
		read_immediate(e, f);
	return 0;
}

static int take_rule(const struct nftnl_rule *rule, void *data)
{
	struct survey *v = data;
	struct rule_note note = {.family = (uint8_t)nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY)};

	nftnl_expr_foreach((struct nftnl_rule *)rule, read_expr, &note.fate);
	note.ours = streq(nft_rule_comment(rule), v->comment);
	if (!note.ours && (note.fate.conditional || !(note.fate.drops || note.fate.jump)))
		return 0;
	note.table = arena_strdup(v->a, nftnl_rule_get_str(rule, NFTNL_RULE_TABLE));
	note.chain = arena_strdup(v->a, nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN));
	if (note.fate.jump)
		note.fate.jump = arena_strdup(v->a, note.fate.jump);
	*vec_push(v->a, &v->rules) = note;
	return 0;
}

static bool of_nsloom(const char *table)
{
	return streq(table, "nsloom") || has_prefix(table, MARK_TABLE);
}

static int take_chain(const struct nftnl_chain *c, void *data)
{
	struct survey *v = data;
	uint32_t family = nftnl_chain_get_u32(c, NFTNL_CHAIN_FAMILY);
	const char *table = nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE), *type = nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE);

	if ((family != NFPROTO_IPV4 && family != NFPROTO_IPV6 && family != NFPROTO_INET) ||
	    !nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM) ||
	    nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM) != NF_INET_FORWARD || !type || !streq(type, "filter") ||
	    of_nsloom(table))
		return 0;
	*vec_push(v->a, &v->chains) = (struct foreign_chain){
		.family = (uint8_t)family,
		.table = arena_strdup(v->a, table),
		.name = arena_strdup(v->a, nftnl_chain_get_str(c, NFTNL_CHAIN_NAME)),
		.drops = nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_DROP,
	};
	return 0;
}

/* ---- judging --------------------------------------------------------------------------------------- */

static bool drops_at_last(const struct survey *v, const struct foreign_chain *c, const char *chain, int depth)
{
	for (size_t i = 0; i < v->rules.n; i++) {
		const struct rule_note *n = &v->rules.items[i];

		if (n->family != c->family || n->ours || !streq(n->table, c->table) || !streq(n->chain, chain))
			continue;
		if (n->fate.drops ||
		    (n->fate.jump && depth < MAX_JUMPS && drops_at_last(v, c, n->fate.jump, depth + 1)))
			return true;
	}
	return false;
}

static bool has_ours(const struct survey *v, const struct foreign_chain *c)
{
	for (size_t i = 0; i < v->rules.n; i++) {
		const struct rule_note *n = &v->rules.items[i];

		if (n->ours && n->family == c->family && streq(n->table, c->table) && streq(n->chain, c->name))
			return true;
	}
	return false;
}

int foreign_observe(struct arena *a, const char *lab, struct state *s)
{
	struct survey v = {.a = a};
	int r = nft_chains(NFPROTO_UNSPEC, NULL, take_chain, &v);

	snprintf(v.comment, sizeof(v.comment), MARK_ALIAS "%s", lab);
	if (r == 0 && v.chains.n)
		r = nft_rules(NFPROTO_UNSPEC, NULL, take_rule, &v);
	for (size_t i = 0; r == 0 && i < v.chains.n; i++) {
		struct foreign_chain *c = &v.chains.items[i];

		c->drops = c->drops || drops_at_last(&v, c, c->name, 0);
		c->accepts = has_ours(&v, c);
		if (c->drops || c->accepts)
			*vec_push(a, &s->foreign) = *c;
	}
	return r;
}

/* ---- changing -------------------------------------------------------------------------------------- */

static struct nftnl_expr *expr(struct nftnl_rule *rule, const char *name)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);

	if (e)
		nftnl_rule_add_expr(rule, e);
	return e;
}

/* meta mark MARK_PACKET accept */
static bool fill_rule(struct nftnl_rule *rule)
{
	uint32_t mark = MARK_PACKET;
	struct nftnl_expr *meta = expr(rule, "meta"), *cmp = expr(rule, "cmp"), *accept = expr(rule, "immediate");

	if (!meta || !cmp || !accept)
		return false;
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_DREG, NFT_REG_1);
	nftnl_expr_set_u32(cmp, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(cmp, NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
	nftnl_expr_set_u32(accept, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(accept, NFTNL_EXPR_IMM_VERDICT, NF_ACCEPT);
	return nftnl_expr_set(cmp, NFTNL_EXPR_CMP_DATA, &mark, sizeof(mark)) == 0;
}

static struct nftnl_rule *accept_rule(const char *lab, const struct foreign_chain *c)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	char comment[COMMENT_SIZE];

	if (!rule)
		return NULL;
	snprintf(comment, sizeof(comment), MARK_ALIAS "%s", lab);
	nftnl_rule_set_u32(rule, NFTNL_RULE_FAMILY, c->family);
	if (nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, c->table) == 0 &&
	    nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, c->name) == 0 && nft_set_rule_comment(rule, comment) &&
	    fill_rule(rule))
		return rule;
	nftnl_rule_free(rule);
	return NULL;
}

int foreign_accept(const char *lab, const struct foreign_chain *c, int *sock, struct nl_refusal *refusal)
{
	struct nft nft = {0};

	nft_begin(&nft);
	nft_insert_rule(&nft, accept_rule(lab, c));
	return nft_commit(&nft, sock, refusal);
}

struct withdrawal {
	struct nft nft;
	const struct foreign_chain *chain;
	char comment[COMMENT_SIZE];
	bool any;
};

static int withdraw_rule(const struct nftnl_rule *rule, void *data)
{
	struct withdrawal *w = data;

	if (!streq(nft_rule_comment(rule), w->comment) ||
	    !streq(nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN), w->chain->name))
		return 0;
	nft_del_rule(&w->nft, rule);
	w->any = true;
	return 0;
}

int foreign_withdraw(const char *lab, const struct foreign_chain *c, int *sock, struct nl_refusal *refusal)
{
	struct withdrawal w = {.chain = c};
	int r;

	snprintf(w.comment, sizeof(w.comment), MARK_ALIAS "%s", lab);
	nft_begin(&w.nft);
	r = nft_rules(c->family, c->table, withdraw_rule, &w);
	if (r < 0 || !w.any) {
		nft_abandon(&w.nft);
		return r;
	}
	return nft_commit(&w.nft, sock, refusal);
}
