/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lab's table in the words of nft(8), as one would write it in a file. */
#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <string.h>

#include "fd.h"
#include "nft_terms.h"
#include "rules.h"
#include "rules_visit.h"
#include "text.h"

struct chain_text {
	const char *name;
	struct strbuf text;
};

struct scribe {
	struct visitor v;
	struct arena *a;
	VEC(struct chain_text) chains;
	bool failed; /* out of memory */
	bool lost;   /* something could not be said */
};

static const char *const hooks[] = {"prerouting", "input", "forward", "output", "postrouting", "ingress"};

static void scribe_chain(struct visitor *v, const char *name, const char *type, int hook, int priority)
{
	struct scribe *s = (struct scribe *)v;
	struct chain_text *c = vec_push(s->a, &s->chains);

	*c = (struct chain_text){.name = arena_strdup(s->a, name)};
	if (type)
		strbuf_printf(&c->text, "\t\ttype %s hook %s priority %d; policy accept;\n", type,
		              (size_t)hook < ARRAY_SIZE(hooks) ? hooks[hook] : "?", priority);
}

static void scribe_rule(struct visitor *v, const char *chain, struct nftnl_rule *rule)
{
	struct scribe *s = (struct scribe *)v;
	struct nft_terms terms;

	s->failed |= !rule;
	for (size_t i = 0; rule && i < s->chains.n; i++) {
		if (!streq(s->chains.items[i].name, chain))
			continue;
		nft_terms_read(s->a, rule, &terms);
		strbuf_adds(&s->chains.items[i].text, "\t\t");
		s->lost |= !nft_terms_text(&terms, &s->chains.items[i].text);
		strbuf_addc(&s->chains.items[i].text, '\n');
	}
	if (rule)
		nftnl_rule_free(rule);
}

int rules_text(struct arena *a, const char *lab, const struct rules *rules, struct strbuf *out)
{
	struct scribe s = {.v = {.table = MARK_TABLE, .chain = scribe_chain, .rule = scribe_rule}, .a = a};
	char comment[COMMENT_SIZE];

	rules_visit(&s.v, rules);
	rules_comment(rules, comment);
	strbuf_printf(out, "table inet " MARK_TABLE "%s {\n\tcomment \"%s\"\n", lab, comment);
	for (size_t i = 0; i < s.chains.n; i++) {
		struct chain_text *c = &s.chains.items[i];

		strbuf_printf(out, "\n\tchain %s {\n%s\t}\n", c->name, c->text.s ? c->text.s : "");
		s.failed |= c->text.failed;
		strbuf_done(&c->text);
	}
	strbuf_adds(out, "}\n");
	if (s.lost)
		return -EOPNOTSUPP;
	return s.failed || out->failed ? -ENOMEM : 0;
}
