/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nf_tables: chains, and rules in the words of nft(8) where all of one can be put
 * into them, and as the kernel's own expressions, which libnftnl writes out: these are
 * compared. What varies by itself, counters and handles, is left out.
 */
#include <errno.h>
#include <stdio.h> /* FILE, for the next */

#include <libnftnl/expr.h>
#include <linux/netfilter.h>
#include <string.h>

#include "fd.h"
#include "inside.h"
#include "nft.h"
#include "nft_terms.h"
#include "text.h"

struct rules {
	struct facts *f;
	char chain[512]; /* that the last rule was of, and how many it had */
	unsigned n;
};

static const char *family_word(uint32_t family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_ARP:
		return "arp";
	case NFPROTO_BRIDGE:
		return "bridge";
	case NFPROTO_NETDEV:
		return "netdev";
	default:
		return "?";
	}
}

/* By the number that the family has for it. */
static const char *hook_word(uint32_t family, uint32_t hook)
{
	static const char *const ip[] = {"prerouting", "input", "forward", "output", "postrouting", "ingress"},
				 *const netdev[] = {"ingress", "egress"}, *const arp[] = {"input", "output", "forward"};

	if (family == NFPROTO_NETDEV)
		return hook < ARRAY_SIZE(netdev) ? netdev[hook] : "?";
	if (family == NFPROTO_ARP)
		return hook < ARRAY_SIZE(arp) ? arp[hook] : "?";
	return hook < ARRAY_SIZE(ip) ? ip[hook] : "?";
}

static int take_chain(const struct nftnl_chain *c, void *data)
{
	uint32_t family = nftnl_chain_get_u32(c, NFTNL_CHAIN_FAMILY);
	char key[512];

	snprintf(key, sizeof(key), "%s %s %s", family_word(family), nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE),
	         nftnl_chain_get_str(c, NFTNL_CHAIN_NAME));
	if (nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM))
		fact_add(data, NSL_ASPECT_NFTABLES, key, "type %s hook %s priority %d; policy %s",
		         nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE),
		         hook_word(family, nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM)),
		         nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO),
		         nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_ACCEPT ? "accept" : "drop");
	else
		fact_add(data, NSL_ASPECT_NFTABLES, key, "chain");
	return 0;
}

static int add_expression(struct nftnl_expr *e, void *data)
{
	struct strbuf *b = data;
	const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_NAME);
	char text[4096];

	if (streq(name, "counter")) {
		strbuf_adds(b, " [ counter ]");
		return 0;
	}
	if (nftnl_expr_snprintf(text, sizeof(text), e, NFTNL_OUTPUT_DEFAULT, 0) < 0)
		text[0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	strbuf_printf(b, " [ %s %s]", name, text);
	return 0;
}

static bool put_words(struct arena *a, const struct nftnl_rule *rule, struct strbuf *b)
{
	struct nft_terms terms;

	nft_terms_read(a, rule, &terms);
	return nft_terms_text(&terms, b);
}

/* Leaves b empty where there are no words for all of it. */
static void try_words(const struct nftnl_rule *rule, struct strbuf *b)
{
	struct arena *a = arena_new();
	bool whole = a && !arena_exhausted(a) && put_words(a, rule, b);

	if (a)
		arena_settle(a);
	arena_free(a);
	if (!whole)
		strbuf_done(b);
}

static int take_rule(const struct nftnl_rule *rule, void *data)
{
	_cleanup_strbuf_ struct strbuf b = {0}, words = {0};
	struct rules *r = data;
	const char *comment = nft_rule_comment(rule);
	char chain[512], key[600];

	snprintf(chain, sizeof(chain), "%s %s %s", family_word(nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY)),
	         nftnl_rule_get_str(rule, NFTNL_RULE_TABLE), nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN));
	r->n = streq(chain, r->chain) ? r->n + 1 : 1;
	snprintf(r->chain, sizeof(r->chain), "%s", chain);
	snprintf(key, sizeof(key), "%s rule %u", chain, r->n);
	try_words(rule, &words);
	nftnl_expr_foreach((struct nftnl_rule *)rule, add_expression, &b);
	if (*comment) {
		if (words.len)
			strbuf_printf(&words, " comment \"%s\"", comment);
		strbuf_printf(&b, " comment \"%s\"", comment);
	}
	fact_add(r->f, NSL_ASPECT_NFTABLES, key, "%s%s%s", words.s ? words.s : "", words.len ? FACT_EXACTLY : "",
	         b.s ? b.s + 1 : "");
	return 0;
}

int collect_nft(struct facts *f)
{
	struct rules rules = {.f = f};
	int r = nft_chains(NFPROTO_UNSPEC, NULL, take_chain, f);

	return r < 0 ? r : nft_rules(NFPROTO_UNSPEC, NULL, take_rule, &rules);
}
