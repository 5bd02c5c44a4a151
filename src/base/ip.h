/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4 and IPv6 addresses, prefixes and MACs as values. Byte order is the
 * wire's. Text forms: RFC 4291/5952 for IPv6, dotted quad (four decimal
 * numbers without leading zeros) for IPv4.
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Index of an address family in arrays of two. */
enum ip_family { IP4, IP6, IP_FAMILIES };

struct ip {
	uint8_t set;    /* false: no address */
	uint8_t family; /* enum ip_family */
	uint8_t b[16];  /* IPv4 in b[0..3]; the rest zero */
};

/* An address with a prefix length: an interface's address, or a subnet (host bits zero). */
struct ip_prefix {
	struct ip ip;
	uint8_t len;
};

#define IP_TEXT_MAX 46     /* with NUL, INET6_ADDRSTRLEN */
#define PREFIX_TEXT_MAX 50 /* with "/128" */
#define MAC_LEN 6
#define MAC_TEXT_MAX 18

struct mac {
	uint8_t b[MAC_LEN];
};

/* AF_INET or AF_INET6; 4 or 16 bytes; 32 or 128 bits; "IPv4" or "IPv6". */
int ip_af(enum ip_family f);
size_t ip_bytes(enum ip_family f);
unsigned ip_bits(enum ip_family f);
const char *ip_family_name(enum ip_family f);

bool ip_parse(const char *text, struct ip *out);
/* "a/len"; without "/len", false. */
bool prefix_parse(const char *text, struct ip_prefix *out);
bool mac_parse(const char *text, struct mac *out);

/* The text, written to buf (IP_TEXT_MAX, …), which is returned. */
const char *ip_text(const struct ip *ip, char *buf);
const char *prefix_text(const struct ip_prefix *p, char *buf);
const char *mac_text(const struct mac *m, char *buf);

/* Total orders: family, then bytes (then length). */
int ip_cmp(const struct ip *a, const struct ip *b);
int prefix_cmp(const struct ip_prefix *a, const struct ip_prefix *b);
static inline bool ip_equal(const struct ip *a, const struct ip *b)
{
	return !a->set == !b->set && (!a->set || (a->family == b->family && memcmp(a->b, b->b, sizeof(a->b)) == 0));
}

/* The prefix with its host bits cleared. */
struct ip_prefix prefix_subnet(const struct ip_prefix *p);
bool prefix_contains(const struct ip_prefix *p, const struct ip *ip);
bool prefix_covers(const struct ip_prefix *outer, const struct ip_prefix *inner);
bool prefix_overlaps(const struct ip_prefix *a, const struct ip_prefix *b);

/* The n-th address of a subnet (0 = the subnet itself); false where the subnet is too small. */
bool prefix_nth(const struct ip_prefix *subnet, uint64_t n, struct ip *out);
/* The last address of a subnet (IPv4: its broadcast address where len < 31). */
struct ip prefix_last(const struct ip_prefix *subnet);
/* False for the network and broadcast address of an IPv4 subnet (len < 31) and the subnet-router anycast address of an
 * IPv6 one (len < 127, RFC 4291 2.6.1), true for every other address in it. */
bool prefix_usable(const struct ip_prefix *subnet, const struct ip *ip);
/* IPv6 fe80::/10 or IPv4 169.254.0.0/16. */
bool ip_link_local(const struct ip *ip);
bool ip_multicast(const struct ip *ip);
bool ip_loopback(const struct ip *ip);
bool ip_unspecified(const struct ip *ip);

int mac_cmp(const struct mac *a, const struct mac *b);
/* 00:00:00:00:00:00 */
bool mac_is_zero(const struct mac *m);
/* Group bit set: no interface may have such a MAC. */
bool mac_multicast(const struct mac *m);

#endif
