/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules as rows of expressions. See draft.h. */
#include "draft.h"

#include <linux/if.h>
#include <linux/netfilter.h>
#include <string.h>

struct draft draft(const char *table, const char *chain)
{
	struct draft d = {.rule = nftnl_rule_alloc()};

	if (!d.rule || nftnl_rule_set_str(d.rule, NFTNL_RULE_TABLE, table) < 0 ||
	    nftnl_rule_set_str(d.rule, NFTNL_RULE_CHAIN, chain) < 0)
		d.failed = true;
	else
		nftnl_rule_set_u32(d.rule, NFTNL_RULE_FAMILY, NFPROTO_INET);
	return d;
}

struct nftnl_expr *draft_expr(struct draft *d, const char *name)
{
	struct nftnl_expr *e = d->failed ? NULL : nftnl_expr_alloc(name);

	if (e)
		nftnl_rule_add_expr(d->rule, e);
	else
		d->failed = true;
	return e;
}

/* ---- single expressions ---------------------------------------------------------------------------- */

void draft_compare(struct draft *d, uint32_t op, const void *data, size_t len)
{
	struct nftnl_expr *e = draft_expr(d, "cmp");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	if (nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, (uint32_t)len) < 0)
		d->failed = true;
}

void draft_meta(struct draft *d, uint32_t key, uint32_t reg)
{
	struct nftnl_expr *e = draft_expr(d, "meta");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, reg);
}

void draft_ct(struct draft *d, uint32_t key)
{
	struct nftnl_expr *e = draft_expr(d, "ct");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
}

void draft_payload(struct draft *d, uint32_t base, uint32_t offset, uint32_t len, uint32_t reg)
{
	struct nftnl_expr *e = draft_expr(d, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, reg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len);
}

void draft_immediate(struct draft *d, const void *data, size_t len)
{
	struct nftnl_expr *e = draft_expr(d, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	if (nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, data, (uint32_t)len) < 0)
		d->failed = true;
}

void draft_lookup(struct draft *d, const char *set, bool map)
{
	struct nftnl_expr *e = draft_expr(d, "lookup");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	if (map)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_FLAGS, 0); /* the kernel tells them always */
	if (nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, set) < 0)
		d->failed = true;
}

void draft_verdict(struct draft *d, int what, const char *chain)
{
	struct nftnl_expr *e = draft_expr(d, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)what);
	if (chain && nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, chain) < 0)
		d->failed = true;
}

/* The first register, masked. */
static void mask(struct draft *d, const void *bits, size_t len)
{
	static const uint8_t zero[16];
	struct nftnl_expr *e = draft_expr(d, "bitwise");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, (uint32_t)len);
	if (nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, bits, (uint32_t)len) < 0 ||
	    nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, zero, (uint32_t)len) < 0)
		d->failed = true;
}

/* ---- matches and settings -------------------------------------------------------------------------- */

void match_device(struct draft *d, uint32_t key, const char *device)
{
	char name[IFNAMSIZ] = {0};

	strncpy(name, device, sizeof(name) - 1);
	draft_meta(d, key, NFT_REG_1);
	draft_compare(d, NFT_CMP_EQ, name, sizeof(name));
}

void match_family(struct draft *d, enum ip_family f)
{
	uint8_t proto = f == IP6 ? NFPROTO_IPV6 : NFPROTO_IPV4;

	draft_meta(d, NFT_META_NFPROTO, NFT_REG_1);
	draft_compare(d, NFT_CMP_EQ, &proto, sizeof(proto));
}

void match_ct(struct draft *d, uint32_t key, uint32_t bits)
{
	uint32_t zero = 0;

	draft_ct(d, key);
	mask(d, &bits, sizeof(bits));
	draft_compare(d, NFT_CMP_NEQ, &zero, sizeof(zero));
}

uint32_t header_address(enum ip_family f, bool destination) /* struct iphdr, struct ipv6hdr */
{
	return f == IP6 ? (destination ? 24 : 8) : (destination ? 16 : 12);
}

/* Of a prefix of whole bytes just these are compared, as nft(8) does it: so that a ruleset that it saved and restored is the
 * same. */
void match_source(struct draft *d, const struct ip_prefix *p)
{
	enum ip_family f = (enum ip_family)p->ip.family;
	size_t len = p->len % 8 || !p->len ? ip_bytes(f) : p->len / 8;
	uint8_t bits[16] = {0};

	match_family(d, f);
	draft_payload(d, NFT_PAYLOAD_NETWORK_HEADER, header_address(f, false), (uint32_t)len, NFT_REG_1);
	for (unsigned i = 0; i < p->len; i++)
		bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
	if (p->len < 8 * len)
		mask(d, bits, len);
	draft_compare(d, NFT_CMP_EQ, p->ip.b, len);
}

void match_address(struct draft *d, bool destination, const struct ip *ip)
{
	enum ip_family f = (enum ip_family)ip->family;

	draft_payload(d, NFT_PAYLOAD_NETWORK_HEADER, header_address(f, destination), (uint32_t)ip_bytes(f), NFT_REG_1);
	draft_compare(d, NFT_CMP_EQ, ip->b, ip_bytes(f));
}

void set_address(struct draft *d, enum ip_family f, bool destination)
{
	enum { IPV4_CHECKSUM = 10 };
	struct nftnl_expr *e = draft_expr(d, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, header_address(f, destination));
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, (uint32_t)ip_bytes(f));
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_CSUM_TYPE, f == IP6 ? NFT_PAYLOAD_CSUM_NONE : NFT_PAYLOAD_CSUM_INET);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, f == IP6 ? 0 : IPV4_CHECKSUM);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_FLAGS, NFT_PAYLOAD_L4CSUM_PSEUDOHDR);
}

void set_mark(struct draft *d, bool connection, uint32_t mark)
{
	struct nftnl_expr *e;

	draft_immediate(d, &mark, sizeof(mark));
	e = draft_expr(d, connection ? "ct" : "meta");
	if (!e)
		return;
	nftnl_expr_set_u32(e, connection ? NFTNL_EXPR_CT_KEY : NFTNL_EXPR_META_KEY,
	                   connection ? (uint32_t)NFT_CT_MARK : (uint32_t)NFT_META_MARK);
	nftnl_expr_set_u32(e, connection ? NFTNL_EXPR_CT_SREG : NFTNL_EXPR_META_SREG, NFT_REG_1);
}
