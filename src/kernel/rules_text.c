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
	struct strbuf sets;
	bool failed; /* out of memory */
	bool lost;   /* something could not be said */
};

static const char *const hooks[] = {"prerouting", "input", "forward", "output", "postrouting", "ingress"};

/* The parts of a key or value, by nft(8)'s numbers of types. */
static const struct {
	const char *name;
	uint32_t len;
} types[64] = {
	[7] = {"ipv4_addr", 4},
	[8] = {"ipv6_addr", 16},
	[12] = {"inet_proto", 4},
	[13] = {"inet_service", 4},
};

enum { TYPE_BITS = 6, TYPE_MASK = (1 << TYPE_BITS) - 1 };

static void put_type(struct strbuf *out, uint32_t type)
{
	if (type >> TYPE_BITS) {
		put_type(out, type >> TYPE_BITS);
		strbuf_adds(out, " . ");
	}
	strbuf_adds(out, types[type & TYPE_MASK].name);
}

/* Returns where the next part begins. */
static const uint8_t *put_value(struct strbuf *out, uint32_t type, const uint8_t *at)
{
	uint32_t len = types[type & TYPE_MASK].len;
	struct ip ip = {.set = 1, .family = len == 16 ? IP6 : IP4};
	char buf[IP_TEXT_MAX];

	if (type >> TYPE_BITS) {
		at = put_value(out, type >> TYPE_BITS, at);
		strbuf_adds(out, " . ");
	}
	if ((type & TYPE_MASK) == 12) {
		strbuf_adds(out, *at == IPPROTO_UDP ? "udp" : "tcp");
	} else if ((type & TYPE_MASK) == 13) {
		strbuf_printf(out, "%u", (unsigned)at[0] << 8 | at[1]);
	} else {
		memcpy(ip.b, at, len);
		strbuf_adds(out, ip_text(&ip, buf));
	}
	return at + len;
}

static void scribe_set(struct visitor *v, const struct nft_set *set)
{
	struct scribe *s = (struct scribe *)v;

	s->failed |= !set->items;
	strbuf_printf(&s->sets, "\n\t%s %s {\n\t\ttype ", set->map ? "map" : "set", set->name);
	put_type(&s->sets, set->key_type);
	if (set->map) {
		strbuf_adds(&s->sets, " : ");
		put_type(&s->sets, set->data_type);
	}
	strbuf_adds(&s->sets, "\n\t\telements = {");
	for (size_t i = 0; set->items && i < set->n; i++) {
		const uint8_t *at = set->items + i * nft_set_stride(set);

		strbuf_adds(&s->sets, i ? ",\n\t\t\t" : " ");
		at = put_value(&s->sets, set->key_type, at);
		if (set->map) {
			strbuf_adds(&s->sets, " : ");
			put_value(&s->sets, set->data_type, at);
		}
	}
	strbuf_adds(&s->sets, " }\n\t}\n");
}

static void scribe_flows(struct visitor *v, const char *const *devices, size_t n)
{
	struct scribe *s = (struct scribe *)v;

	strbuf_adds(&s->sets, "\n\tflowtable " FLOWS " {\n\t\thook ingress priority 0\n\t\tdevices = {");
	for (size_t i = 0; i < n; i++)
		strbuf_printf(&s->sets, "%s \"%s\"", i ? "," : "", devices[i]);
	strbuf_adds(&s->sets, " }\n\t\tcounter\n\t}\n");
}

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
	struct scribe s = {.v = {.table = MARK_TABLE,
	                         .set = scribe_set,
	                         .flows = scribe_flows,
	                         .chain = scribe_chain,
	                         .rule = scribe_rule},
	                   .a = a};
	char comment[COMMENT_SIZE];

	rules_visit(&s.v, rules);
	rules_comment(rules, comment);
	strbuf_printf(out, "table inet " MARK_TABLE "%s {\n\tcomment \"%s\"\n", lab, comment);
	strbuf_adds(out, s.sets.s ? s.sets.s : "");
	s.failed |= s.sets.failed;
	strbuf_done(&s.sets);
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
