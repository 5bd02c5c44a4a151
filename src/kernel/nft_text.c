/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Terms in the words of nft(8). See nft_terms.h. */
#include <assert.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "fd.h"
#include "ip.h"
#include "nft_terms.h"
#include "text.h"

struct writer {
	struct strbuf *out;
	bool whole;
	/* Questions that the next one implies in nft(8)'s words: "ip saddr" asks for IPv4, "tcp dport" for TCP. */
	const struct nft_term *family, *protocol;
};

static const char *const ops[] = {[NFT_CMP_EQ] = "",     [NFT_CMP_NEQ] = "!= ", [NFT_CMP_LT] = "< ",
                                  [NFT_CMP_LTE] = "<= ", [NFT_CMP_GT] = "> ",   [NFT_CMP_GTE] = ">= "};

static uint32_t number(const uint8_t *data)
{
	uint32_t n;

	memcpy(&n, data, sizeof(n));
	return n;
}

bool nft_nameable(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-_./", c));
}

/* ---- values ------------------------------------------------------------------------------------ */

static void put_ifname(struct writer *w, const struct nft_term *t)
{
	strbuf_addc(w->out, '"');
	for (size_t i = 0; i < t->len && t->value[i]; i++) {
		if (t->value[i] == '*' || t->value[i] == '\\')
			strbuf_addc(w->out, '\\');
		strbuf_addc(w->out, (char)t->value[i]);
	}
	if (t->len < TERM_DATA && (!t->len || t->value[t->len - 1])) /* the beginning of a name */
		strbuf_addc(w->out, '*');
	strbuf_addc(w->out, '"');
}

static unsigned mask_bits(const uint8_t *mask, size_t len)
{
	unsigned bits = 0;

	for (size_t i = 0; i < len; i++)
		for (uint8_t m = mask[i]; m & 0x80; m = (uint8_t)(m << 1))
			bits++;
	return bits;
}

static void put_address(struct writer *w, const struct nft_term *t)
{
	bool six = t->family == NFPROTO_IPV6;
	size_t whole = six ? 16 : 4;
	struct ip_prefix p = {.ip = {.set = 1, .family = six ? IP6 : IP4}};
	char buf[PREFIX_TEXT_MAX];

	memcpy(p.ip.b, t->value, t->len < whole ? t->len : whole);
	p.len = (uint8_t)(t->masked ? mask_bits(t->mask, whole) : t->len * 8U);
	strbuf_adds(w->out, p.len == whole * 8 ? ip_text(&p.ip, buf) : prefix_text(&p, buf));
}

static void put_port(struct writer *w, const struct nft_term *t)
{
	strbuf_printf(w->out, "%u", (unsigned)t->value[0] << 8 | t->value[1]);
}

static void put_mark(struct writer *w, const struct nft_term *t)
{
	strbuf_printf(w->out, "0x%08x", number(t->value));
}

static void put_index(struct writer *w, const struct nft_term *t)
{
	strbuf_printf(w->out, "%u", number(t->value));
}

static void put_byte(struct writer *w, const struct nft_term *t)
{
	strbuf_printf(w->out, "%u", t->value[0]);
}

static void put_nfproto(struct writer *w, const struct nft_term *t)
{
	strbuf_adds(w->out, t->value[0] == NFPROTO_IPV6 ? "ipv6" : "ipv4");
}

static const char *protocol_word(uint8_t p)
{
	switch (p) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmpv6";
	case IPPROTO_SCTP:
		return "sctp";
	default:
		return NULL;
	}
}

static void put_protocol(struct writer *w, const struct nft_term *t)
{
	const char *word = protocol_word(t->value[0]);

	if (word)
		strbuf_adds(w->out, word);
	else
		put_byte(w, t);
}

static void put_flags(struct writer *w, uint32_t bits, const char *const *words, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		if ((bits & 1U << i) && words[i]) {
			strbuf_printf(w->out, "%s%s", any ? "," : "", words[i]);
			any = true;
		}
	if (!any)
		strbuf_printf(w->out, "%u", bits);
}

static void put_ct_state(struct writer *w, const struct nft_term *t)
{
	static const char *const words[] = {"invalid", "established", "related", "new", [6] = "untracked"};

	put_flags(w, number(t->masked ? t->mask : t->value), words, ARRAY_SIZE(words));
}

static void put_ct_status(struct writer *w, const struct nft_term *t)
{
	static const char *const words[] = {"expected", "seen-reply", "assured", "confirmed", "snat", "dnat"};

	put_flags(w, number(t->masked ? t->mask : t->value), words, ARRAY_SIZE(words));
}

static void put_direction(struct writer *w, const struct nft_term *t)
{
	strbuf_adds(w->out, t->value[0] ? "reply" : "original");
}

static void put_type(struct writer *w, const struct nft_term *t)
{
	if (number(t->value) == RTN_LOCAL)
		strbuf_adds(w->out, "local");
	else
		put_index(w, t);
}

static const struct {
	const char *word; /* NULL: it depends */
	void (*put)(struct writer *w, const struct nft_term *t);
	bool maskable;
} fields[] = {
	[FIELD_OTHER] = {NULL, NULL, false},
	[FIELD_IIFNAME] = {"iifname", put_ifname, false},
	[FIELD_OIFNAME] = {"oifname", put_ifname, false},
	[FIELD_IIF] = {"iif", put_index, false},
	[FIELD_OIF] = {"oif", put_index, false},
	[FIELD_NFPROTO] = {"meta nfproto", put_nfproto, false},
	[FIELD_L4PROTO] = {"meta l4proto", put_protocol, false},
	[FIELD_PROTOCOL] = {NULL, put_protocol, false},
	[FIELD_MARK] = {"meta mark", put_mark, false},
	[FIELD_SADDR] = {NULL, put_address, true},
	[FIELD_DADDR] = {NULL, put_address, true},
	[FIELD_SPORT] = {NULL, put_port, false},
	[FIELD_DPORT] = {NULL, put_port, false},
	[FIELD_ICMP_TYPE] = {NULL, put_byte, false},
	[FIELD_CT_STATE] = {"ct state", put_ct_state, true},
	[FIELD_CT_STATUS] = {"ct status", put_ct_status, true},
	[FIELD_CT_MARK] = {"ct mark", put_mark, false},
	[FIELD_CT_DIRECTION] = {"ct direction", put_direction, false},
	[FIELD_DADDR_TYPE] = {"fib daddr type", put_type, false},
};
static_assert(ARRAY_SIZE(fields) == FIELD_COUNT, "every field has its words");

/* ---- fields ------------------------------------------------------------------------------------ */

static const char *ip_word(const struct nft_term *t)
{
	return t->family == NFPROTO_IPV6 ? "ip6" : "ip";
}

static void flush_questions(struct writer *w)
{
	const struct nft_term *const all[] = {w->family, w->protocol};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (!all[i])
			continue;
		strbuf_printf(w->out, "%s ", fields[all[i]->field].word);
		fields[all[i]->field].put(w, all[i]);
		strbuf_addc(w->out, ' ');
	}
	w->family = w->protocol = NULL;
}

/* Writes the field's own words, with what was asked before and is not said by them. */
static void put_field(struct writer *w, const struct nft_term *t)
{
	const char *transport;

	switch (t->field) {
	case FIELD_SADDR:
	case FIELD_DADDR:
	case FIELD_PROTOCOL:
		if (w->family && w->family->value[0] == t->family)
			w->family = NULL;
		flush_questions(w);
		strbuf_printf(w->out, "%s %s ", ip_word(t),
		              t->field == FIELD_SADDR     ? "saddr"
		              : t->field == FIELD_DADDR   ? "daddr"
		              : t->family == NFPROTO_IPV6 ? "nexthdr"
		                                          : "protocol");
		return;
	case FIELD_SPORT:
	case FIELD_DPORT:
	case FIELD_ICMP_TYPE:
		transport = w->protocol ? protocol_word(w->protocol->value[0]) : NULL;
		if (transport)
			w->protocol = NULL;
		flush_questions(w);
		strbuf_printf(w->out, "%s %s ", transport ? transport : "th",
		              t->field == FIELD_SPORT   ? "sport"
		              : t->field == FIELD_DPORT ? "dport"
		                                        : "type");
		return;
	default:
		flush_questions(w);
		strbuf_printf(w->out, "%s ", fields[t->field].word);
	}
}

static void put_unknown(struct writer *w)
{
	flush_questions(w);
	strbuf_adds(w->out, "…");
	w->whole = false;
}

/* Flags are compared as "any of these": masked, not 0. */
static bool is_flags(const struct nft_term *t)
{
	return (t->field == FIELD_CT_STATE || t->field == FIELD_CT_STATUS) && t->masked;
}

static void put_match(struct writer *w, const struct nft_term *t)
{
	if (!fields[t->field].put || (t->masked && !fields[t->field].maskable) || t->op >= ARRAY_SIZE(ops)) {
		put_unknown(w);
		return;
	}
	put_field(w, t);
	strbuf_adds(w->out, is_flags(t) ? (t->op == NFT_CMP_NEQ ? "" : "! ") : ops[t->op]);
	fields[t->field].put(w, t);
}

static void put_range(struct writer *w, const struct nft_term *t)
{
	struct nft_term to = *t;

	if (!fields[t->field].put || t->masked) {
		put_unknown(w);
		return;
	}
	put_field(w, t);
	strbuf_adds(w->out, ops[t->op]);
	fields[t->field].put(w, t);
	strbuf_addc(w->out, '-');
	memcpy(to.value, t->to, sizeof(to.value));
	fields[t->field].put(w, &to);
}

/* "ip daddr . meta l4proto . th dport ". False where a part has no words. */
static bool put_key(struct writer *w, const struct nft_key *key)
{
	for (size_t i = 0; i < key->n; i++)
		if (!fields[key->part[i].field].put)
			return false;
	for (size_t i = 0; i < key->n; i++) {
		struct nft_term part = {.field = key->part[i].field, .family = key->part[i].family};

		if (i)
			strbuf_adds(w->out, ". ");
		put_field(w, &part);
	}
	return key->n > 0;
}

static void put_lookup(struct writer *w, const struct nft_term *t)
{
	if (t->masked || has_prefix(t->name, "__set") || !put_key(w, &t->key)) {
		put_unknown(w);
		return;
	}
	strbuf_printf(w->out, "%s@%s", ops[t->op], t->name);
}

static void put_set(struct writer *w, const struct nft_term *t)
{
	if (!fields[t->field].put) {
		put_unknown(w);
		return;
	}
	put_field(w, t);
	strbuf_adds(w->out, "set ");
	fields[t->field].put(w, t);
}

/* ---- what is done ------------------------------------------------------------------------------ */

static void put_verdict(struct writer *w, const struct nft_term *t)
{
	flush_questions(w);
	switch (t->verdict) {
	case NF_ACCEPT:
		strbuf_adds(w->out, "accept");
		break;
	case NF_DROP:
		strbuf_adds(w->out, "drop");
		break;
	case NFT_JUMP:
	case NFT_GOTO:
		strbuf_printf(w->out, "%s %s", t->verdict == NFT_JUMP ? "jump" : "goto", t->name);
		break;
	case NFT_RETURN:
		strbuf_adds(w->out, "return");
		break;
	case NFT_CONTINUE:
		strbuf_adds(w->out, "continue");
		break;
	default:
		put_unknown(w);
	}
}

static void put_reject(struct writer *w, const struct nft_term *t)
{
	static const char *const codes[] = {[NFT_REJECT_ICMPX_NO_ROUTE] = "no-route",
	                                    [NFT_REJECT_ICMPX_PORT_UNREACH] = "port-unreachable",
	                                    [NFT_REJECT_ICMPX_HOST_UNREACH] = "host-unreachable",
	                                    [NFT_REJECT_ICMPX_ADMIN_PROHIBITED] = "admin-prohibited"};

	flush_questions(w);
	strbuf_adds(w->out, "reject");
	if (t->type == NFT_REJECT_TCP_RST)
		strbuf_adds(w->out, " with tcp reset");
	else if (t->type == NFT_REJECT_ICMPX_UNREACH && (size_t)t->verdict < ARRAY_SIZE(codes))
		strbuf_printf(w->out, " with icmpx type %s", codes[t->verdict]);
	else
		w->whole &= t->name != NULL; /* of ICMP or ICMPv6 alone */
}

static void put_ports(struct writer *w, const struct nft_term *t)
{
	if (t->port[0])
		strbuf_printf(w->out, ":%u", t->port[0]);
	if (t->port[1] && t->port[1] != t->port[0])
		strbuf_printf(w->out, "-%u", t->port[1]);
}

static void put_nat(struct writer *w, const struct nft_term *t)
{
	struct nft_term address = *t;
	bool six = t->family == NFPROTO_IPV6;

	flush_questions(w);
	strbuf_printf(w->out, "%s %s to ", t->verdict == NFT_NAT_SNAT ? "snat" : "dnat", six ? "ip6" : "ip");
	address.masked = false;
	address.len = six ? 16 : 4;
	if (t->has_address) {
		strbuf_adds(w->out, six && t->port[0] ? "[" : "");
		put_address(w, &address);
		strbuf_adds(w->out, six && t->port[0] ? "]" : "");
	}
	put_ports(w, t);
}

static void put_masquerade(struct writer *w, const struct nft_term *t)
{
	(void)t;
	flush_questions(w);
	strbuf_adds(w->out, "masquerade");
}

static void put_redirect(struct writer *w, const struct nft_term *t)
{
	flush_questions(w);
	strbuf_adds(w->out, t->port[0] ? "redirect to " : "redirect");
	put_ports(w, t);
}

static void put_name(struct writer *w, const struct nft_term *t)
{
	flush_questions(w);
	strbuf_adds(w->out, t->kind == TERM_NOTRACK ? "notrack" : t->name);
	w->whole &= t->kind == TERM_NOTRACK || t->kind == TERM_IDLE;
}

/* "ip saddr set KEY map @MAP", "dnat ip to KEY map @MAP". */
static void put_by_map(struct writer *w, const struct nft_term *t)
{
	bool nat = streq(t->name, "nat");
	struct nft_term field = *t;

	if (nat) {
		flush_questions(w);
		strbuf_printf(w->out, "%s %s to ", t->verdict == NFT_NAT_SNAT ? "snat" : "dnat", ip_word(t));
	} else {
		put_field(w, &field);
		strbuf_adds(w->out, "set ");
	}
	if (put_key(w, &t->key))
		strbuf_printf(w->out, "map @%s", t->map);
	else
		put_unknown(w);
}

static void put_flow(struct writer *w, const struct nft_term *t)
{
	flush_questions(w);
	strbuf_printf(w->out, "flow add @%s", t->name);
}

static void put_nothing_known(struct writer *w, const struct nft_term *t)
{
	if (t->map && (streq(t->name, "nat") || fields[t->field].put))
		put_by_map(w, t);
	else
		put_unknown(w);
}

static void (*const puts_of[])(struct writer *w, const struct nft_term *t) = {
	[TERM_MATCH] = put_match,
	[TERM_RANGE] = put_range,
	[TERM_LOOKUP] = put_lookup,
	[TERM_SET] = put_set,
	[TERM_VERDICT] = put_verdict,
	[TERM_REJECT] = put_reject,
	[TERM_NAT] = put_nat,
	[TERM_MASQUERADE] = put_masquerade,
	[TERM_REDIRECT] = put_redirect,
	[TERM_NOTRACK] = put_name,
	[TERM_FLOW] = put_flow,
	[TERM_IDLE] = put_name,
	[TERM_XT_MATCH] = put_name,
	[TERM_XT_TARGET] = put_name,
	[TERM_UNKNOWN] = put_nothing_known,
};
static_assert(ARRAY_SIZE(puts_of) == TERM_KIND_COUNT, "every term has its words");

bool nft_terms_text(const struct nft_terms *terms, struct strbuf *out)
{
	struct writer w = {.out = out, .whole = true};

	for (size_t i = 0; i < terms->items.n; i++) {
		const struct nft_term *t = &terms->items.items[i];
		bool plain = t->kind == TERM_MATCH && t->op == NFT_CMP_EQ && !t->masked;
		size_t before = out->len;

		if (plain && t->field == FIELD_NFPROTO && !w.family)
			w.family = t;
		else if (plain && t->field == FIELD_L4PROTO && !w.protocol)
			w.protocol = t;
		else
			puts_of[t->kind](&w, t);
		if (out->len > before && i + 1 < terms->items.n)
			strbuf_addc(out, ' ');
	}
	flush_questions(&w);
	return w.whole;
}
