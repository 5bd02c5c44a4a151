/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands of a lab's table, beside what is wanted: both as text, chain by chain. */
#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "publish_sets.h"
#include "strbuf.h"
#include "text.h"

typedef VEC(struct nft_set) found_sets;

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

/* A set is told among the chains: no chain has such a name. */
static void read_set(struct reader *r, const struct nft_set *s)
{
	char name[CHAIN_SIZE];
	struct strbuf *text;

	snprintf(name, sizeof(name), "@%s", s->name);
	text = reader_chain(r, name);
	if (!text || !s->items) {
		r->failed = true;
		return;
	}
	strbuf_printf(text, "map %d key %u data %u\n", s->map, s->key_len, s->data_len);
	strbuf_add(text, (const char *)s->items, s->n * nft_set_stride(s));
}

/* So is a flowtable. */
static void read_flows(struct reader *r, const char *name, const char *const *devices, size_t n)
{
	char line[CHAIN_SIZE];
	struct strbuf *text;

	snprintf(line, sizeof(line), "!%s", name);
	text = reader_chain(r, line);
	for (size_t i = 0; text && i < n; i++)
		strbuf_printf(text, "%s\n", devices[i]);
}

static void read_wanted_flows(struct visitor *v, const char *const *devices, size_t n)
{
	read_flows((struct reader *)v, FLOWS, devices, n);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_found_flows(const char *name, const char *const *devices, void *data)
{
	struct reader *r = data;
	const char **sorted;
	size_t n = 0;

	while (devices[n])
		n++;
	sorted = calloc(n + 1, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, devices, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_name);
	read_flows(r, name, sorted, n);
	free(sorted);
	return 0;
}

static void read_wanted_set(struct visitor *v, const struct nft_set *set)
{
	read_set((struct reader *)v, set);
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

static int compare_rules(const char *table, const struct rules *wanted, const found_sets *sets, bool *same)
{
	struct reader want = {.v = {.table = table,
	                            .set = read_wanted_set,
	                            .flows = read_wanted_flows,
	                            .chain = read_wanted_chain,
	                            .rule = read_wanted_rule}},
		      have = {0};
	int r;

	rules_visit(&want.v, wanted);
	for (size_t i = 0; i < sets->n; i++)
		read_set(&have, &sets->items[i]);
	r = nft_flowtables(table, read_found_flows, &have);
	if (r == 0)
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

/* ---- observing ------------------------------------------------------------------------------------- */

struct tables {
	struct arena *a;
	const char *name; /* of the lab's */
	bool found, lends[IP_FAMILIES], without_flows;
	bool others_lend;         /* another lab needs a switch: so it has a way out, or more than one network */
	VEC(const char *) others; /* of other labs */
};

static int take_table(const char *name, const char *comment, void *data)
{
	struct tables *t = data;

	if (!streq(name, t->name)) {
		if (!has_prefix(name, MARK_TABLE))
			return 0;
		*vec_push(t->a, &t->others) = arena_strdup(t->a, name);
		for (int f = 0; f < IP_FAMILIES; f++)
			t->others_lend |= strstr(comment, rules_claim((enum ip_family)f)) != NULL;
		return 0;
	}
	t->found = true;
	t->without_flows = strstr(comment, WITHOUT_FLOWS) != NULL;
	for (int f = 0; f < IP_FAMILIES; f++)
		t->lends[f] = strstr(comment, rules_claim((enum ip_family)f)) != NULL;
	return 0;
}

struct set_list {
	struct arena *a;
	found_sets *sets;
};

static int take_set(const struct nft_set *s, void *data)
{
	struct set_list *list = data;
	struct nft_set *copy = vec_push(list->a, list->sets);

	*copy = *s;
	copy->name = arena_strdup(list->a, s->name);
	return 0;
}

static int take_element(const uint8_t *item, void *data)
{
	struct set_list *list = data;
	struct nft_set *s = &list->sets->items[list->sets->n - 1];
	size_t stride = nft_set_stride(s), cap = s->n ? s->n : 1;

	if (s->n == 0 || (s->n & (s->n - 1)) == 0) { /* full at each power of two */
		uint8_t *items = arena_alloc(list->a, 2 * cap * stride);

		if (s->n)
			memcpy(items, s->items, s->n * stride);
		s->items = items;
	}
	memcpy(s->items + s->n++ * stride, item, stride);
	return 0;
}

/* The sets of a table, sorted, in the arena. */
static int read_sets(struct arena *a, const char *table, found_sets *out)
{
	found_sets names = {0};
	int r = nft_sets(table, take_set, &(struct set_list){a, &names});

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		struct set_list list = {a, out};

		*vec_push(a, out) = names.items[i];
		r = nft_elements(table, &names.items[i], take_element, &list);
		if (out->items[i].n)
			nft_set_sort(&out->items[i]);
		else
			out->items[i].items = arena_alloc(a, 1);
	}
	return r;
}

static int by_host(const void *a, const void *b)
{
	return published_cmp(a, b);
}

static int read_others(struct arena *a, const struct tables *t, struct state *s)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < t->others.n; i++) {
		found_sets sets = {0};

		r = read_sets(a, t->others.items[i], &sets);
		publish_read(a, sets.items, sets.n, t->others.items[i] + strlen(MARK_TABLE), &s->published_elsewhere);
	}
	return r;
}

int rules_observe(struct arena *a, const char *lab, const struct rules *wanted, struct state *s)
{
	char table[TABLE_SIZE];
	struct rules complete;
	struct tables t = {.a = a, .name = table};
	found_sets sets = {0};
	bool same = false;
	int r;

	rules_table(table, lab);
	r = nft_tables(take_table, &t);
	if (r < 0)
		return r;
	memcpy(s->lends, t.lends, sizeof(t.lends));
	s->without_flows = t.without_flows;
	s->rules_found = t.found ? RULES_DIFFER : RULES_ABSENT;
	if ((wanted && wanted->published.n) || s->way_out.runs)
		r = read_others(a, &t, s);
	s->way_out.shared = t.others_lend || s->published_elsewhere.n;
	if (r < 0 || !t.found || !wanted)
		return r;
	r = read_sets(a, table, &sets);
	publish_read(a, sets.items, sets.n, lab, &s->published);
	if (s->published.n)
		qsort(s->published.items, s->published.n, sizeof(*s->published.items), by_host);
	if (r < 0 || !wanted->networks.n)
		return r;
	complete = *wanted;
	rules_add_flows(a, &complete, s);
	r = compare_rules(table, &complete, &sets, &same);
	if (r == 0 && same && memcmp(t.lends, wanted->forward, sizeof(t.lends)) == 0)
		s->rules_found = RULES_MATCH;
	return r;
}
