/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lab's rules, chain by chain and rule by rule: making them, comparing them and writing them down are visitors. */
#ifndef KERNEL_RULES_VISIT_H
#define KERNEL_RULES_VISIT_H

#include "draft.h"
#include "nft.h"
#include "rules.h"

enum { TABLE_SIZE = 80, CHAIN_SIZE = 64, COMMENT_SIZE = 160 };

#define FLOWS "flows"
/* In a table's comment: the kernel was asked for a flowtable, and has none. */
#define WITHOUT_FLOWS "without-flowtable"

struct visitor {
	const char *table;
	void (*set)(struct visitor *v, const struct nft_set *set);              /* set->items NULL: out of memory */
	void (*flows)(struct visitor *v, const char *const *devices, size_t n); /* the flowtable FLOWS */
	/* A base chain where type is not NULL. */
	void (*chain)(struct visitor *v, const char *name, const char *type, int hook, int priority);
	void (*rule)(struct visitor *v, const char *chain, struct nftnl_rule *rule); /* takes it; NULL: out of memory */
};

/* Sets and chains first, each before what jumps to it; then the rules, those of a chain in their order. */
void rules_visit(struct visitor *v, const struct rules *rules);
/* What the table's comment says. */
void rules_comment(const struct rules *rules, char comment[COMMENT_SIZE]);
/* "nsloom-LAB" */
void rules_table(char buf[TABLE_SIZE], const char *lab);
/* Hands a rule to the visitor; takes it. */
void visit_rule(struct visitor *v, const char *chain, struct draft *d);

#endif
