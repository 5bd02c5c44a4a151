/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses, prefixes and MACs. One code for both families: an address is a
 * string of ip_bits() bits, and only text and the special ranges differ.
 * Bytes beyond the family's own are zero, always, so whole values compare.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ip.h"
#include "text.h"

static const struct {
	int af;
	uint8_t bytes;
	const char *name;
} families[] = {
	[IP4] = {AF_INET, 4, "IPv4"},
	[IP6] = {AF_INET6, 16, "IPv6"},
};
static_assert(sizeof(families) / sizeof(families[0]) == IP_FAMILIES, "one row for each family");

int ip_af(enum ip_family f)
{
	return families[f].af;
}

size_t ip_bytes(enum ip_family f)
{
	return families[f].bytes;
}

unsigned ip_bits(enum ip_family f)
{
	return families[f].bytes * 8U;
}

const char *ip_family_name(enum ip_family f)
{
	return families[f].name;
}

/* --- text ------------------------------------------------------------ */

bool ip_parse(const char *text, struct ip *out)
{
	struct ip ip = {.set = true, .family = strchr(text, ':') ? IP6 : IP4};

	if (inet_pton(ip_af(ip.family), text, ip.b) != 1)
		return false;
	*out = ip;
	return true;
}

bool prefix_parse(const char *text, struct ip_prefix *out)
{
	const char *slash = strchr(text, '/');
	char address[IP_TEXT_MAX];
	unsigned long long len;
	struct ip ip;

	if (!slash || (size_t)(slash - text) >= sizeof(address))
		return false;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	if (!ip_parse(address, &ip) || !parse_u64(slash + 1, ip_bits(ip.family), &len))
		return false;
	if (slash[1] == '0' && slash[2]) /* no leading zeros here either */
		return false;
	*out = (struct ip_prefix){.ip = ip, .len = (uint8_t)len};
	return true;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

bool mac_parse(const char *text, struct mac *out)
{
	struct mac m;

	for (size_t i = 0; i < MAC_LEN; i++, text += 3) {
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0 || text[2] != (i + 1 < MAC_LEN ? ':' : '\0'))
			return false;
		m.b[i] = (uint8_t)(high << 4 | low);
	}
	*out = m;
	return true;
}

static const char *ip4_text(const uint8_t b[4], char *buf)
{
	snprintf(buf, IP_TEXT_MAX, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	return buf;
}

static unsigned group(const uint8_t b[16], size_t i)
{
	return (unsigned)b[2 * i] << 8 | b[2 * i + 1];
}

/* The first of the longest runs of zero groups, at least two long: [*first, return). Returns 0 if there is none. */
static size_t zero_run(const uint8_t b[16], size_t *first)
{
	size_t best = 1, end = 0;

	for (size_t i = 0, run = 0; i < 8; i++) {
		run = group(b, i) ? 0 : run + 1;
		if (run > best) {
			best = run;
			end = i + 1;
			*first = end - run;
		}
	}
	return end;
}

/* RFC 5952. Not inet_ntop(): what that does beyond the RFC differs from one C library to the next. */
static const char *ip6_text(const uint8_t b[16], char *buf)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	size_t first = 0, end = zero_run(b, &first);
	char *p = buf;

	if (memcmp(b, mapped, sizeof(mapped)) == 0) {
		memcpy(buf, "::ffff:", 7);
		ip4_text(b + 12, buf + 7); /* 7 + 15 + NUL: well within */
		return buf;
	}
	for (size_t i = 0; i < 8; i++) {
		if (end && i == first) {
			p += sprintf(p, i == 0 ? "::" : ":");
			i = end - 1;
			continue;
		}
		p += sprintf(p, i < 7 ? "%x:" : "%x", group(b, i));
	}
	return buf;
}

const char *ip_text(const struct ip *ip, char *buf)
{
	buf[0] = '\0';
	if (!ip->set)
		return buf;
	return ip->family == IP4 ? ip4_text(ip->b, buf) : ip6_text(ip->b, buf);
}

const char *prefix_text(const struct ip_prefix *p, char *buf)
{
	ip_text(&p->ip, buf);
	if (p->ip.set)
		sprintf(buf + strlen(buf), "/%u", p->len);
	return buf;
}

const char *mac_text(const struct mac *m, char *buf)
{
	snprintf(buf, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", m->b[0], m->b[1], m->b[2], m->b[3], m->b[4],
	         m->b[5]);
	return buf;
}

/* --- order ----------------------------------------------------------- */

int ip_cmp(const struct ip *a, const struct ip *b)
{
	if (!a->set != !b->set)
		return a->set ? 1 : -1;
	if (!a->set)
		return 0;
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->b, b->b, sizeof(a->b));
}

int prefix_cmp(const struct ip_prefix *a, const struct ip_prefix *b)
{
	int c = ip_cmp(&a->ip, &b->ip);

	return c ? c : (a->len > b->len) - (a->len < b->len);
}

int mac_cmp(const struct mac *a, const struct mac *b)
{
	return memcmp(a->b, b->b, MAC_LEN);
}

/* --- subnets --------------------------------------------------------- */

/* The bits of byte i that belong to the network. */
static uint8_t mask_byte(unsigned len, size_t i)
{
	unsigned before = (unsigned)i * 8;

	return len >= before + 8 ? 0xff : len <= before ? 0 : (uint8_t)(0xff00U >> (len - before));
}

struct ip_prefix prefix_subnet(const struct ip_prefix *p)
{
	struct ip_prefix s = *p;

	for (size_t i = 0; i < sizeof(s.ip.b); i++)
		s.ip.b[i] &= mask_byte(s.len, i);
	return s;
}

bool prefix_contains(const struct ip_prefix *p, const struct ip *ip)
{
	if (!p->ip.set || !ip->set || p->ip.family != ip->family)
		return false;
	for (size_t i = 0; i < ip_bytes(ip->family); i++)
		if ((p->ip.b[i] ^ ip->b[i]) & mask_byte(p->len, i))
			return false;
	return true;
}

bool prefix_covers(const struct ip_prefix *outer, const struct ip_prefix *inner)
{
	return outer->len <= inner->len && prefix_contains(outer, &inner->ip);
}

bool prefix_overlaps(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return prefix_covers(a, b) || prefix_covers(b, a);
}

bool prefix_nth(const struct ip_prefix *subnet, uint64_t n, struct ip *out)
{
	unsigned host = ip_bits(subnet->ip.family) - subnet->len;
	struct ip ip = prefix_subnet(subnet).ip;

	if (host < 64 && n >> host)
		return false;
	for (size_t i = ip_bytes(ip.family); n && i-- > 0; n >>= 8)
		ip.b[i] |= (uint8_t)n; /* host bits are zero: no carry */
	*out = ip;
	return true;
}

struct ip prefix_last(const struct ip_prefix *subnet)
{
	struct ip ip = subnet->ip;

	for (size_t i = 0; i < ip_bytes(ip.family); i++)
		ip.b[i] |= (uint8_t)~mask_byte(subnet->len, i);
	return ip;
}

bool prefix_usable(const struct ip_prefix *subnet, const struct ip *ip)
{
	struct ip first = prefix_subnet(subnet).ip, last = prefix_last(subnet);

	if (!prefix_contains(subnet, ip))
		return false;
	if (subnet->len >= ip_bits(subnet->ip.family) - 1)
		return true;
	return !ip_equal(ip, &first) && !(ip->family == IP4 && ip_equal(ip, &last));
}

/* --- special ranges -------------------------------------------------- */

/* Whether an address lies in the range of its family. */
static bool in_range_of(const struct ip *ip, const struct ip_prefix ranges[IP_FAMILIES])
{
	return ip->set && prefix_contains(&ranges[ip->family], ip);
}

bool ip_link_local(const struct ip *ip)
{
	static const struct ip_prefix ranges[IP_FAMILIES] = {
		[IP4] = {{true, IP4, {169, 254}}, 16},
		[IP6] = {{true, IP6, {0xfe, 0x80}}, 10},
	};

	return in_range_of(ip, ranges);
}

bool ip_multicast(const struct ip *ip)
{
	static const struct ip_prefix ranges[IP_FAMILIES] = {
		[IP4] = {{true, IP4, {224}}, 4},
		[IP6] = {{true, IP6, {0xff}}, 8},
	};

	return in_range_of(ip, ranges);
}

bool ip_loopback(const struct ip *ip)
{
	static const struct ip_prefix ranges[IP_FAMILIES] = {
		[IP4] = {{true, IP4, {127}}, 8},
		[IP6] = {{true, IP6, {[15] = 1}}, 128},
	};

	return in_range_of(ip, ranges);
}

bool ip_unspecified(const struct ip *ip)
{
	static const struct ip_prefix ranges[IP_FAMILIES] = {
		[IP4] = {{true, IP4, {0}}, 32},
		[IP6] = {{true, IP6, {0}}, 128},
	};

	return in_range_of(ip, ranges);
}

bool mac_is_zero(const struct mac *m)
{
	static const struct mac zero;

	return mac_cmp(m, &zero) == 0;
}

bool mac_multicast(const struct mac *m)
{
	return m->b[0] & 1;
}
