/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From expressions to terms: what each register holds is kept while the rule is walked. See nft_terms.h. */
#include "nft_terms.h"

#include <libnftnl/expr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "fd.h"
#include "text.h"

/* Registers by 4 bytes: the four of 16 bytes lie over the first sixteen. */
enum { SLOTS = 20 };

struct reg {
	enum nft_field field;
	uint8_t family;
	bool loaded, masked, constant;
	bool fresh;      /* nothing has asked for it yet: part of a key that is being put together */
	const char *map; /* what it has for key */
	struct nft_key key;
	uint8_t data[TERM_DATA]; /* of a constant; else the mask */
};

struct reader {
	struct arena *a;
	struct nft_terms *out;
	struct reg regs[SLOTS];
	uint8_t family; /* of packets that come this far, as the rule itself has asked */
};

static struct reg *reg_of(struct reader *r, uint32_t number)
{
	uint32_t slot = number >= NFT_REG32_00 ? number - NFT_REG32_00 : number ? (number - 1) * 4 : SLOTS;

	return slot < SLOTS ? &r->regs[slot] : &r->regs[SLOTS - 1];
}

static struct nft_term *add(struct reader *r, enum nft_term_kind kind)
{
	struct nft_term *t = vec_push(r->a, &r->out->items);

	*t = (struct nft_term){.kind = kind};
	return t;
}

/* A copy of an attribute's data. */
static uint8_t take(struct nftnl_expr *e, uint16_t attr, uint8_t data[TERM_DATA])
{
	uint32_t len = 0;
	const void *from = nftnl_expr_is_set(e, attr) ? nftnl_expr_get(e, attr, &len) : NULL;

	if (!from)
		return 0;
	if (len > TERM_DATA)
		len = TERM_DATA;
	memcpy(data, from, len);
	return (uint8_t)len;
}

static const char *name_of(struct reader *r, struct nftnl_expr *e, uint16_t attr)
{
	const char *name = nftnl_expr_is_set(e, attr) ? nftnl_expr_get_str(e, attr) : NULL;

	return arena_strdup(r->a, name ? name : "?");
}

static void load(struct reader *r, uint32_t number, enum nft_field field, uint8_t family)
{
	*reg_of(r, number) = (struct reg){.field = field, .family = family, .loaded = true, .fresh = true};
}

static void all_asked(struct reader *r)
{
	for (size_t i = 0; i < SLOTS; i++)
		r->regs[i].fresh = false;
}

/* Registers of four bytes that a field takes. */
static size_t field_slots(const struct reg *reg)
{
	switch (reg->field) {
	case FIELD_SADDR:
	case FIELD_DADDR:
		return reg->family == NFPROTO_IPV6 ? 4 : 1;
	case FIELD_IIFNAME:
	case FIELD_OIFNAME:
		return 4;
	default:
		return 1;
	}
}

/* What lies from a register on, as far as it was loaded for this. */
static struct nft_key key_at(struct reader *r, uint32_t number)
{
	struct nft_key key = {0};
	const struct reg *reg = reg_of(r, number), *end = r->regs + SLOTS;

	for (; reg < end && reg->fresh && key.n < KEY_FIELDS; reg += field_slots(reg)) {
		key.part[key.n].field = reg->masked || reg->constant ? FIELD_OTHER : reg->field;
		key.part[key.n++].family = reg->family;
	}
	return key;
}

/* ---- what loads -------------------------------------------------------------------------------- */

static const struct {
	uint32_t key;
	enum nft_field field;
} metas[] = {{NFT_META_IIFNAME, FIELD_IIFNAME}, {NFT_META_OIFNAME, FIELD_OIFNAME}, {NFT_META_IIF, FIELD_IIF},
             {NFT_META_OIF, FIELD_OIF},         {NFT_META_NFPROTO, FIELD_NFPROTO}, {NFT_META_L4PROTO, FIELD_L4PROTO},
             {NFT_META_MARK, FIELD_MARK}},
  cts[] = {{NFT_CT_STATE, FIELD_CT_STATE},
           {NFT_CT_STATUS, FIELD_CT_STATUS},
           {NFT_CT_MARK, FIELD_CT_MARK},
           {NFT_CT_DIRECTION, FIELD_CT_DIRECTION}};

static enum nft_field meta_field(uint32_t key)
{
	for (size_t i = 0; i < ARRAY_SIZE(metas); i++)
		if (metas[i].key == key)
			return metas[i].field;
	return FIELD_OTHER;
}

static enum nft_field ct_field(uint32_t key)
{
	for (size_t i = 0; i < ARRAY_SIZE(cts); i++)
		if (cts[i].key == key)
			return cts[i].field;
	return FIELD_OTHER;
}

/* Fields of headers. Addresses may be loaded in part: a prefix of whole bytes. */
static const struct {
	uint32_t base, offset, len;
	uint8_t family; /* NFPROTO_UNSPEC: any */
	bool prefix;
	enum nft_field field;
} headers[] = {
	{NFT_PAYLOAD_NETWORK_HEADER, 12, 4, NFPROTO_IPV4, true, FIELD_SADDR},
	{NFT_PAYLOAD_NETWORK_HEADER, 16, 4, NFPROTO_IPV4, true, FIELD_DADDR},
	{NFT_PAYLOAD_NETWORK_HEADER, 9, 1, NFPROTO_IPV4, false, FIELD_PROTOCOL},
	{NFT_PAYLOAD_NETWORK_HEADER, 8, 16, NFPROTO_IPV6, true, FIELD_SADDR},
	{NFT_PAYLOAD_NETWORK_HEADER, 24, 16, NFPROTO_IPV6, true, FIELD_DADDR},
	{NFT_PAYLOAD_NETWORK_HEADER, 6, 1, NFPROTO_IPV6, false, FIELD_PROTOCOL},
	{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, NFPROTO_UNSPEC, false, FIELD_ICMP_TYPE},
	{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, NFPROTO_UNSPEC, false, FIELD_SPORT},
	{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, NFPROTO_UNSPEC, false, FIELD_DPORT},
};

static enum nft_field header_field(const struct reader *r, struct nftnl_expr *e, uint8_t *family)
{
	uint32_t base = nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_BASE);
	uint32_t offset = nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET);
	uint32_t len = nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_LEN);

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		if (headers[i].base != base || headers[i].offset != offset ||
		    !(headers[i].prefix ? len <= headers[i].len : len == headers[i].len) ||
		    (headers[i].family && r->family && headers[i].family != r->family))
			continue;
		*family = headers[i].family;
		return headers[i].field;
	}
	*family = 0;
	return FIELD_OTHER;
}

/* A register becomes a field of the packet: FIELD = REGISTER. */
static void put_set(struct reader *r, uint32_t source, enum nft_field field, uint8_t family, uint8_t len)
{
	const struct reg *reg = reg_of(r, source);
	struct nft_term *t = add(r, reg->constant && field != FIELD_OTHER ? TERM_SET : TERM_UNKNOWN);

	t->field = field;
	t->family = family;
	t->len = len;
	t->name = "set";
	t->map = reg->map;
	t->key = reg->key;
	memcpy(t->value, reg->data, sizeof(t->value));
	all_asked(r);
}

static void read_meta(struct reader *r, struct nftnl_expr *e)
{
	enum nft_field field = meta_field(nftnl_expr_get_u32(e, NFTNL_EXPR_META_KEY));

	if (nftnl_expr_is_set(e, NFTNL_EXPR_META_SREG))
		put_set(r, nftnl_expr_get_u32(e, NFTNL_EXPR_META_SREG), field, 0, 4);
	else
		load(r, nftnl_expr_get_u32(e, NFTNL_EXPR_META_DREG), field, 0);
}

static void read_ct(struct reader *r, struct nftnl_expr *e)
{
	enum nft_field field = ct_field(nftnl_expr_get_u32(e, NFTNL_EXPR_CT_KEY));

	if (nftnl_expr_is_set(e, NFTNL_EXPR_CT_SREG))
		put_set(r, nftnl_expr_get_u32(e, NFTNL_EXPR_CT_SREG), field, 0, 4);
	else
		load(r, nftnl_expr_get_u32(e, NFTNL_EXPR_CT_DREG), field, 0);
}

static void read_payload(struct reader *r, struct nftnl_expr *e)
{
	uint8_t family;
	enum nft_field field = header_field(r, e, &family);

	if (nftnl_expr_is_set(e, NFTNL_EXPR_PAYLOAD_SREG))
		put_set(r, nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_SREG), field, family,
		        (uint8_t)nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_LEN));
	else
		load(r, nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_DREG), field, family);
}

static void read_fib(struct reader *r, struct nftnl_expr *e)
{
	bool type = nftnl_expr_get_u32(e, NFTNL_EXPR_FIB_RESULT) == NFT_FIB_RESULT_ADDRTYPE &&
	            nftnl_expr_get_u32(e, NFTNL_EXPR_FIB_FLAGS) == NFTA_FIB_F_DADDR;

	load(r, nftnl_expr_get_u32(e, NFTNL_EXPR_FIB_DREG), type ? FIELD_DADDR_TYPE : FIELD_OTHER, 0);
}

/* A mask; anything else that is done to bits leaves a field that is not known. */
static void read_bitwise(struct reader *r, struct nftnl_expr *e)
{
	struct reg reg = *reg_of(r, nftnl_expr_get_u32(e, NFTNL_EXPR_BITWISE_SREG));
	uint8_t flip[TERM_DATA] = {0}, zero[TERM_DATA] = {0};

	take(e, NFTNL_EXPR_BITWISE_XOR, flip);
	if (reg.masked || reg.constant || memcmp(flip, zero, sizeof(zero)) != 0 ||
	    !nftnl_expr_is_set(e, NFTNL_EXPR_BITWISE_MASK))
		reg.field = FIELD_OTHER;
	reg.masked = true;
	take(e, NFTNL_EXPR_BITWISE_MASK, reg.data);
	*reg_of(r, nftnl_expr_get_u32(e, NFTNL_EXPR_BITWISE_DREG)) = reg;
}

/* ---- what asks --------------------------------------------------------------------------------- */

static struct nft_term *add_question(struct reader *r, enum nft_term_kind kind, uint32_t source)
{
	const struct reg *reg = reg_of(r, source);
	struct nft_term *t = add(r, kind);

	t->field = reg->loaded && !reg->constant ? reg->field : FIELD_OTHER;
	t->family = reg->family;
	t->masked = reg->masked;
	if (reg->masked)
		memcpy(t->mask, reg->data, sizeof(t->mask));
	all_asked(r);
	return t;
}

static void read_cmp(struct reader *r, struct nftnl_expr *e)
{
	struct nft_term *t = add_question(r, TERM_MATCH, nftnl_expr_get_u32(e, NFTNL_EXPR_CMP_SREG));

	t->op = nftnl_expr_get_u32(e, NFTNL_EXPR_CMP_OP);
	t->len = take(e, NFTNL_EXPR_CMP_DATA, t->value);
	if (t->field == FIELD_NFPROTO && t->op == NFT_CMP_EQ)
		r->family = t->value[0];
}

static void read_range(struct reader *r, struct nftnl_expr *e)
{
	struct nft_term *t = add_question(r, TERM_RANGE, nftnl_expr_get_u32(e, NFTNL_EXPR_RANGE_SREG));

	t->op = nftnl_expr_get_u32(e, NFTNL_EXPR_RANGE_OP) == NFT_RANGE_NEQ ? NFT_CMP_NEQ : NFT_CMP_EQ;
	t->len = take(e, NFTNL_EXPR_RANGE_FROM_DATA, t->value);
	take(e, NFTNL_EXPR_RANGE_TO_DATA, t->to);
}

/* What a map gives is not followed, only remembered until it is used. */
static void read_map(struct reader *r, struct nftnl_expr *e, struct nft_key key)
{
	struct reg *reg = reg_of(r, nftnl_expr_get_u32(e, NFTNL_EXPR_LOOKUP_DREG));

	all_asked(r);
	*reg = (struct reg){.loaded = true, .map = name_of(r, e, NFTNL_EXPR_LOOKUP_SET), .key = key};
}

static void read_lookup(struct reader *r, struct nftnl_expr *e)
{
	struct nft_key key = key_at(r, nftnl_expr_get_u32(e, NFTNL_EXPR_LOOKUP_SREG));
	bool map = nftnl_expr_is_set(e, NFTNL_EXPR_LOOKUP_DREG);
	struct nft_term *t;

	if (map && nftnl_expr_get_u32(e, NFTNL_EXPR_LOOKUP_DREG) != NFT_REG_VERDICT) {
		read_map(r, e, key);
		return;
	}
	t = add_question(r, map ? TERM_UNKNOWN : TERM_LOOKUP, nftnl_expr_get_u32(e, NFTNL_EXPR_LOOKUP_SREG));
	t->key = key;
	if (key.n > 1)
		t->field = FIELD_OTHER; /* not this one alone */
	t->op = nftnl_expr_get_u32(e, NFTNL_EXPR_LOOKUP_FLAGS) & NFT_LOOKUP_F_INV ? NFT_CMP_NEQ : NFT_CMP_EQ;
	t->name = name_of(r, e, NFTNL_EXPR_LOOKUP_SET);
}

/* ---- what does --------------------------------------------------------------------------------- */

static void read_immediate(struct reader *r, struct nftnl_expr *e)
{
	uint32_t number = nftnl_expr_get_u32(e, NFTNL_EXPR_IMM_DREG);
	struct reg *reg;
	struct nft_term *t;

	if (number == NFT_REG_VERDICT) {
		t = add(r, TERM_VERDICT);
		t->verdict = (int)nftnl_expr_get_u32(e, NFTNL_EXPR_IMM_VERDICT);
		if (t->verdict == NFT_JUMP || t->verdict == NFT_GOTO)
			t->name = name_of(r, e, NFTNL_EXPR_IMM_CHAIN);
		return;
	}
	reg = reg_of(r, number);
	*reg = (struct reg){.loaded = true, .constant = true};
	take(e, NFTNL_EXPR_IMM_DATA, reg->data);
}

static void read_reject(struct reader *r, struct nftnl_expr *e)
{
	struct nft_term *t = add(r, TERM_REJECT);

	t->type = nftnl_expr_get_u32(e, NFTNL_EXPR_REJECT_TYPE);
	t->verdict = nftnl_expr_get_u8(e, NFTNL_EXPR_REJECT_CODE);
}

static uint16_t port_in(struct reader *r, struct nftnl_expr *e, uint16_t attr)
{
	const struct reg *reg = nftnl_expr_is_set(e, attr) ? reg_of(r, nftnl_expr_get_u32(e, attr)) : NULL;

	return reg && reg->constant ? (uint16_t)(reg->data[0] << 8 | reg->data[1]) : 0;
}

static void read_nat(struct reader *r, struct nftnl_expr *e)
{
	struct nft_term *t = add(r, TERM_NAT);

	t->verdict = (int)nftnl_expr_get_u32(e, NFTNL_EXPR_NAT_TYPE);
	t->family = (uint8_t)nftnl_expr_get_u32(e, NFTNL_EXPR_NAT_FAMILY);
	if (nftnl_expr_is_set(e, NFTNL_EXPR_NAT_REG_ADDR_MIN)) {
		const struct reg *reg = reg_of(r, nftnl_expr_get_u32(e, NFTNL_EXPR_NAT_REG_ADDR_MIN));

		t->has_address = true;
		memcpy(t->value, reg->data, sizeof(t->value));
		t->map = reg->map;
		t->key = reg->key;
		if (!reg->constant)
			t->kind = TERM_UNKNOWN;
	}
	t->port[0] = port_in(r, e, NFTNL_EXPR_NAT_REG_PROTO_MIN);
	t->port[1] = port_in(r, e, NFTNL_EXPR_NAT_REG_PROTO_MAX);
	t->name = "nat";
}

static void read_masq(struct reader *r, struct nftnl_expr *e)
{
	(void)e;
	add(r, TERM_MASQUERADE);
}

static void read_redir(struct reader *r, struct nftnl_expr *e)
{
	struct nft_term *t = add(r, TERM_REDIRECT);

	t->port[0] = port_in(r, e, NFTNL_EXPR_REDIR_REG_PROTO_MIN);
	t->port[1] = port_in(r, e, NFTNL_EXPR_REDIR_REG_PROTO_MAX);
}

static void read_notrack(struct reader *r, struct nftnl_expr *e)
{
	(void)e;
	add(r, TERM_NOTRACK);
}

static void read_flow(struct reader *r, struct nftnl_expr *e)
{
	add(r, TERM_FLOW)->name = name_of(r, e, NFTNL_EXPR_FLOW_TABLE_NAME);
}

static void read_idle(struct reader *r, struct nftnl_expr *e)
{
	add(r, TERM_IDLE)->name = name_of(r, e, NFTNL_EXPR_NAME);
}

static void read_match(struct reader *r, struct nftnl_expr *e)
{
	const char *name = name_of(r, e, NFTNL_EXPR_MT_NAME);

	add(r, streq(name, "comment") ? TERM_IDLE : TERM_XT_MATCH)->name = name;
}

static void read_target(struct reader *r, struct nftnl_expr *e)
{
	const char *name = name_of(r, e, NFTNL_EXPR_TG_NAME);
	enum nft_term_kind kind = streq(name, "LOG")          ? TERM_IDLE
	                          : streq(name, "MASQUERADE") ? TERM_MASQUERADE
	                          : streq(name, "REJECT")     ? TERM_REJECT
	                                                      : TERM_XT_TARGET;

	add(r, kind)->name = name;
}

static const struct {
	const char *name;
	void (*read)(struct reader *r, struct nftnl_expr *e);
} readers[] = {
	{"meta", read_meta},         {"cmp", read_cmp},         {"payload", read_payload},
	{"bitwise", read_bitwise},   {"ct", read_ct},           {"lookup", read_lookup},
	{"range", read_range},       {"fib", read_fib},         {"immediate", read_immediate},
	{"reject", read_reject},     {"nat", read_nat},         {"masq", read_masq},
	{"redir", read_redir},       {"notrack", read_notrack}, {"counter", read_idle},
	{"log", read_idle},          {"match", read_match},     {"target", read_target},
	{"flow_offload", read_flow},
};

static int read_expr(struct nftnl_expr *e, void *data)
{
	struct reader *r = data;
	const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_NAME);

	for (size_t i = 0; name && i < ARRAY_SIZE(readers); i++)
		if (streq(name, readers[i].name)) {
			readers[i].read(r, e);
			return 0;
		}
	add(r, TERM_UNKNOWN)->name = name_of(r, e, NFTNL_EXPR_NAME);
	return 0;
}

void nft_terms_read(struct arena *a, const struct nftnl_rule *rule, struct nft_terms *out)
{
	struct reader r = {.a = a, .out = out};

	*out = (struct nft_terms){.family = nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY)};
	if (out->family == NFPROTO_IPV4 || out->family == NFPROTO_IPV6)
		r.family = (uint8_t)out->family;
	nftnl_expr_foreach((struct nftnl_rule *)rule, read_expr, &r);
}
