/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replies of nf_tables: tables, chains and rules, of the lab's own table and of other people's firewalls.
 *
 * libnftnl ends the program where an attribute is shorter than the kernel's ABI says ("kernel ABI is broken"): that is taken for a
 * refusal here, and what it had allocated is lost (run with -detect_leaks=0).
 */
#include "fuzz.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "foreign.h"
#include "nft.h"
#include "nft_terms.h"
#include "replies.h"
#include "rules.h"

/* ---- what libnftnl cannot read ----------------------------------------------------------------------
 *
 * It takes it for granted that each expression of a rule has a name: so does this fuzzer.
 */

static bool expressions_named(const struct nlattr *list)
{
	const struct nlattr *element, *attr;

	mnl_attr_for_each_nested(element, list)
	{
		bool named = false;

		mnl_attr_for_each_nested(attr, element) named |= mnl_attr_get_type(attr) == NFTA_EXPR_NAME;
		if (!named)
			return false;
	}
	return true;
}

static bool message_fit(const struct nlmsghdr *m)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, m, sizeof(struct nfgenmsg)) if (mnl_attr_get_type(attr) == NFTA_RULE_EXPRESSIONS &&
	                                                        !expressions_named(attr)) return false;
	return true;
}

static bool portion_fit(const uint8_t *data, size_t len)
{
	while (len >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *m = (const void *)data;
		size_t size = MNL_ALIGN((size_t)m->nlmsg_len);

		if (m->nlmsg_len < sizeof(*m) || m->nlmsg_len > len)
			return true;
		if (!message_fit(m))
			return false;
		if (size >= len)
			return true;
		data += size;
		len -= size;
	}
	return true;
}

/* As replies.c cuts it. */
static bool fit(const uint8_t *data, size_t len)
{
	while (len > 2) {
		size_t n = data[0] | (size_t)data[1] << 8;
		uint8_t *copy;
		bool good;

		if (n > len - 2)
			n = len - 2;
		copy = malloc(n + 1); /* aligned */
		if (!copy)
			return false;
		memcpy(copy, data + 2, n);
		good = portion_fit(copy, n);
		free(copy);
		if (!good)
			return false;
		data += 2 + n;
		len -= 2 + n;
	}
	return true;
}

static jmp_buf broken;
static bool reading;

void exit(int status)
{
	if (reading)
		longjmp(broken, 1);
	fflush(NULL);
	_exit(status);
}

static void observe_own(struct arena *a)
{
	struct state *s = state_new(a, "lab");
	struct rules rules = {0};
	struct publish port = {.host = {.set = 1, .family = IP4}, .port = 80, .to = 80, .count = 2};
	struct rule_network *n = vec_push(a, &rules.networks);

	*n = (struct rule_network){.device = "net0", .nat = {true, false}};
	*vec_push(a, &n->sources) = (struct ip_prefix){{.set = 1, .family = IP4, .b = {10, 0, 0, 0}}, 24};
	port.address = n->sources.items[0].ip;
	*vec_push(a, &rules.published) = (struct rule_publish){&port, &port, "node", port.address};
	if (rules_observe(a, "lab", &rules, s) == 0 && s->rules_found > RULES_MATCH)
		abort();
}

static int skip_chain(const struct nftnl_chain *chain, void *data)
{
	(void)chain;
	(void)data;
	return 0;
}

/* What explain reads of anybody's rules. */
static int read_terms(const struct nftnl_rule *rule, void *data)
{
	struct nft_terms terms;
	struct strbuf text = {0};

	nft_terms_read(data, rule, &terms);
	nft_terms_text(&terms, &text);
	strbuf_done(&text);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();

	if (setjmp(broken)) {
		reading = false;
		return 0;
	}
	if (!a || len < 1 || !fit(data + 1, len - 1)) {
		arena_free(a);
		return 0;
	}
	if (arena_exhausted(a))
		abort();
	replies_begin(data + 1, len - 1, false);
	reading = true;
	if (data[0] % 2)
		observe_own(a);
	else if (data[0] % 4 == 2 && nft_chains(NFPROTO_UNSPEC, NULL, skip_chain, NULL) == 0)
		nft_rules(NFPROTO_UNSPEC, NULL, read_terms, a);
	else
		foreign_observe(a, "lab", state_new(a, "lab"));
	reading = false;
	arena_settle(a);
	arena_free(a);
	return 0;
}
