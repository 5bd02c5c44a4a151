/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules of nf_tables as rows of expressions. Values travel in the kernel's
 * registers: what loads one puts it into the first, unless another is named.
 * Each row is what nft(8) would make of the same rule, so that it can show it.
 */
#ifndef KERNEL_DRAFT_H
#define KERNEL_DRAFT_H

#include <libnftnl/rule.h> /* before expr.h, which needs its stdio.h */

#include <libnftnl/expr.h>
#include <linux/netfilter/nf_tables.h>
#include <stdbool.h>
#include <stddef.h>

#include "ip.h"

/* A rule in the making; a failed allocation sticks. */
struct draft {
	struct nftnl_rule *rule;
	bool failed;
};

struct draft draft(const char *table, const char *chain); /* of family inet */
struct nftnl_expr *draft_expr(struct draft *d, const char *name);

/* The register that a value has which begins `offset` bytes after the first, as the kernel numbers it. */
static inline uint32_t draft_register(size_t offset)
{
	return (uint32_t)(offset % 16 ? NFT_REG32_00 + offset / 4 : NFT_REG_1 + offset / 16);
}

void draft_meta(struct draft *d, uint32_t key, uint32_t reg);
void draft_ct(struct draft *d, uint32_t key);
void draft_payload(struct draft *d, uint32_t base, uint32_t offset, uint32_t len, uint32_t reg);
void draft_immediate(struct draft *d, const void *data, size_t len);
void draft_compare(struct draft *d, uint32_t op, const void *data, size_t len);
/* Looks the key in the first register up; what a map has goes there too. */
void draft_lookup(struct draft *d, const char *set, bool map);
void draft_verdict(struct draft *d, int what, const char *chain);

/* meta iifname "DEVICE", meta oifname "DEVICE": NFT_META_IIFNAME, … */
void match_device(struct draft *d, uint32_t key, const char *device);
void match_family(struct draft *d, enum ip_family f);
/* ct state, ct status: any of these bits */
void match_ct(struct draft *d, uint32_t key, uint32_t bits);
/* ip saddr PREFIX, ip daddr ADDRESS, with the family */
void match_source(struct draft *d, const struct ip_prefix *p);
void match_address(struct draft *d, bool destination, const struct ip *ip);
/* Where an address stands in its header. */
uint32_t header_address(enum ip_family f, bool destination);
/* ip saddr set, ip daddr set: what is in the first register; checksums are kept right. */
void set_address(struct draft *d, enum ip_family f, bool destination);
/* meta mark set, ct mark set */
void set_mark(struct draft *d, bool connection, uint32_t mark);

#endif
