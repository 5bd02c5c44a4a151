/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nf_tables on the host: transactions and tables (linux/netfilter/nf_tables.h,
 * libnftnl). Each call opens its own socket, but for nft_commit(); the thread
 * must be on the host.
 */
#ifndef KERNEL_NFT_H
#define KERNEL_NFT_H

#include <libnftnl/chain.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>

#include "error.h"
#include "netlink.h"

/* A transaction in the making. Zero-initialise; nft_commit() or nft_abandon(). */
struct nft {
	struct nl_batch batch;
	uint32_t seq;
};

void nft_begin(struct nft *t);
void nft_add_table(struct nft *t, const char *name, const char *comment); /* comment may be NULL */
void nft_new_table(struct nft *t, const char *name,
                   const char *comment); /* refused (EEXIST) where it is there already */
void nft_del_table(struct nft *t, const char *name);
/* A base chain where hook >= 0 (NF_INET_*), of type "filter" or "nat"; policy accept. */
void nft_add_chain(struct nft *t, const char *table, const char *name, const char *type, int hook, int priority);
void nft_del_chain(struct nft *t, const char *table, const char *name);
void nft_add_rule(struct nft *t, struct nftnl_rule *rule); /* takes the rule; NULL counts as out of memory */
/*
 * All of it, or nothing of it. 0 or -errno. *sock, -1 at first, is kept for the next transaction, and the caller's to close; NULL:
 * it is closed here. Closing a socket of nf_tables waits, in the kernel, until what any transaction took away has been freed, some
 * 10 ms after it (nf_tables_trans_destroy_flush_work()): so one is kept, and closed when there is nothing else to do.
 */
int nft_commit(struct nft *t, int *sock, struct nl_refusal *refusal);
void nft_abandon(struct nft *t);

/* Puts a rule at the head of a chain of any family (NFTNL_RULE_FAMILY); takes it. */
void nft_insert_rule(struct nft *t, struct nftnl_rule *rule);
void nft_del_rule(struct nft *t, const struct nftnl_rule *rule); /* by its handle */

/* A flowtable: at ingress, of these devices, with counters. */
void nft_add_flowtable(struct nft *t, const char *table, const char *name, const char *const *devices, size_t n);
/* Those of a table of family inet, with the names of their devices (NULL at the end). */
typedef int nft_flowtable_fn(const char *name, const char *const *devices, void *data);
int nft_flowtables(const char *table, nft_flowtable_fn *fn, void *data);

/* A set or map, named. An entry is its key and, in a map, what the key leads to. */
struct nft_set {
	const char *name;
	bool map;
	uint32_t key_type, data_type; /* nft(8)'s numbers */
	uint32_t key_len, data_len;   /* bytes; a multiple of four */
	uint8_t *items;               /* n entries, one behind the other; whose they are says who fills it */
	size_t n;
};
static inline size_t nft_set_stride(const struct nft_set *s)
{
	return s->key_len + s->data_len;
}
/* Sorts the entries and leaves each there once. */
void nft_set_sort(struct nft_set *s);
/* With its entries; items NULL is a lack of memory. */
void nft_add_set(struct nft *t, const char *table, const struct nft_set *s);

/* The sets of a table of family inet, without their entries; those entries, each with the lengths of its set. */
typedef int nft_set_fn(const struct nft_set *s, void *data);
int nft_sets(const char *table, nft_set_fn *fn, void *data);
typedef int nft_element_fn(const uint8_t *item, void *data);
int nft_elements(const char *table, const struct nft_set *s, nft_element_fn *fn, void *data);

/* Calls fn for every table of family inet with its comment (or ""); < 0 ends it. -errno. A kernel without nf_tables has none. */
typedef int nft_table_fn(const char *name, const char *comment, void *data);
int nft_tables(nft_table_fn *fn, void *data);

/* All rules, or chains, of a table of a family (NFPROTO_*), in the kernel's order; table NULL: of all tables of all families. */
typedef int nft_rule_fn(const struct nftnl_rule *rule, void *data);
int nft_rules(int family, const char *table, nft_rule_fn *fn, void *data);
typedef int nft_chain_fn(const struct nftnl_chain *chain, void *data);
int nft_chains(int family, const char *table, nft_chain_fn *fn, void *data);
/* What a rule's comment says; "" where it has none. It lives as long as the rule. */
const char *nft_rule_comment(const struct nftnl_rule *rule);
bool nft_set_rule_comment(struct nftnl_rule *rule, const char *comment);

#endif
