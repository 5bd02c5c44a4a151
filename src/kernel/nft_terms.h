/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules of nf_tables, read: a row of expressions that load registers and compare
 * them becomes a row of terms, each a question about the packet or something that
 * is done with it. Out of terms come the words of nft(8), and what a rule
 * would do with a given packet (src/scope). Pure.
 */
#ifndef KERNEL_NFT_TERMS_H
#define KERNEL_NFT_TERMS_H

#include <libnftnl/rule.h>

#include "arena.h"
#include "strbuf.h"

/* What of a packet a term asks about, or sets. */
enum nft_field {
	FIELD_OTHER, /* not known here: whether such a term matches cannot be told */
	FIELD_IIFNAME,
	FIELD_OIFNAME,
	FIELD_IIF,
	FIELD_OIF,
	FIELD_NFPROTO,
	FIELD_L4PROTO,
	FIELD_PROTOCOL, /* of the IP header; IPv6: the first next header */
	FIELD_MARK,
	FIELD_SADDR,
	FIELD_DADDR,
	FIELD_SPORT,
	FIELD_DPORT,
	FIELD_ICMP_TYPE,
	FIELD_CT_STATE,
	FIELD_CT_STATUS,
	FIELD_CT_MARK,
	FIELD_CT_DIRECTION,
	FIELD_DADDR_TYPE, /* fib daddr type */
	FIELD_COUNT
};

enum nft_term_kind {
	TERM_MATCH,   /* field, masked, compared */
	TERM_RANGE,   /* field between value and to */
	TERM_LOOKUP,  /* field (with others: key) in the set `name` */
	TERM_SET,     /* field becomes value */
	TERM_VERDICT, /* verdict, and `name` where it is a chain */
	TERM_REJECT,
	TERM_MASQUERADE,
	TERM_NAT, /* type, address in value, ports */
	TERM_REDIRECT,
	TERM_NOTRACK,
	TERM_FLOW,      /* what follows skips the rules, by the flowtable `name` */
	TERM_IDLE,      /* counts, logs, or is a comment: asks and does nothing */
	TERM_XT_MATCH,  /* an extension of iptables, `name` */
	TERM_XT_TARGET, /* the same */
	TERM_UNKNOWN,   /* `name`: its expression; a field set, or nat, by what the map `map` has for `key` */
	TERM_KIND_COUNT
};

enum { TERM_DATA = 16, KEY_FIELDS = 4 };

/* A field, or several side by side, as the key of a set. */
struct nft_key {
	uint8_t n;
	struct {
		enum nft_field field;
		uint8_t family;
	} part[KEY_FIELDS];
};

struct nft_term {
	enum nft_term_kind kind;
	enum nft_field field;
	uint8_t family; /* NFPROTO_* of an address, where known */
	uint8_t len;    /* of value */
	bool masked;    /* mask applies */
	uint32_t op;    /* NFT_CMP_*; TERM_LOOKUP: NFT_CMP_NEQ where it is "not in" */
	uint8_t value[TERM_DATA], mask[TERM_DATA], to[TERM_DATA];
	int verdict;      /* NF_*, NFT_*; TERM_REJECT: the code; TERM_NAT: NFT_NAT_* */
	uint32_t type;    /* TERM_REJECT: NFT_REJECT_* */
	bool has_address; /* TERM_NAT: value; else the address stays */
	uint16_t port[2]; /* TERM_NAT, TERM_REDIRECT: first and last, 0: it stays */
	const char *name;
	struct nft_key key; /* TERM_LOOKUP, and with a map */
	const char *map;    /* or NULL */
};

struct nft_terms {
	uint32_t family; /* of the table */
	VEC(struct nft_term) items;
};

/* Takes memory of the arena, which has a landing. */
void nft_terms_read(struct arena *a, const struct nftnl_rule *rule, struct nft_terms *out);

/* In the words of nft(8). False where something could not be said (the text has "…" for it). */
bool nft_terms_text(const struct nft_terms *terms, struct strbuf *out);

/* Whether nft(8) takes this in the name of a table or chain, behind its first character (which has to be a letter). */
bool nft_nameable(char c);

#endif
