/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Echo requests, replies and errors as bytes. See icmp.h; RFC 792, RFC 4443. */
#include <linux/icmp.h> /* not <netinet/ip_icmp.h>, whose struct ip is another one */
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>

#include "fd.h"
#include "icmp.h"

/* Where things are in a message, its IP header left out. */
enum {
	AT_TYPE = 0,
	AT_CODE = 1,
	AT_CHECKSUM = 2,
	AT_TAG = 4, /* identifier and sequence number */
	HEADER = 8,
	AT_KEY = HEADER,
	AT_TAG_AGAIN = AT_KEY + 8,
	AT_FILLING = AT_TAG_AGAIN + 4,
	IPV4_HEADER_MIN = 20,
	IPV6_HEADER = 40,
};

/* How the two families number the same things. */
static const struct numbers {
	uint8_t request, reply;
	uint8_t errors[3];
} numbers[IP_FAMILIES] = {
	[IP4] = {ICMP_ECHO, ICMP_ECHOREPLY, {ICMP_DEST_UNREACH, ICMP_TIME_EXCEEDED, ICMP_PARAMETERPROB}},
	[IP6] = {ICMP6_ECHO_REQUEST, ICMP6_ECHO_REPLY, {ICMP6_DST_UNREACH, ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB}},
};

static void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint16_t internet_checksum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;
	uint16_t folded;

	for (; len > 1; p += 2, len -= 2) {
		uint16_t word;

		memcpy(&word, p, 2);
		sum += word;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	if (len) {
		uint8_t last[2] = {*p, 0};

		memcpy(&folded, last, 2);
		sum += folded;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

void echo_build(uint8_t out[ECHO_LEN], enum ip_family family, uint32_t tag, uint64_t key)
{
	memset(out, 0, HEADER);
	out[AT_TYPE] = numbers[family].request;
	put32(out + AT_TAG, tag);
	memcpy(out + AT_KEY, &key, sizeof(key));
	put32(out + AT_TAG_AGAIN, tag);
	for (unsigned i = AT_FILLING; i < ECHO_LEN; i++)
		out[i] = (uint8_t)i;
	if (family == IP4) {
		uint16_t sum = internet_checksum(out, ECHO_LEN);

		memcpy(out + AT_CHECKSUM, &sum, sizeof(sum));
	}
}

static struct ip ip_read(enum ip_family family, const uint8_t *p)
{
	struct ip ip = {.set = true, .family = (uint8_t)family};

	memcpy(ip.b, p, ip_bytes(family));
	return ip;
}

/* The length of the IPv4 header at p if an ICMP message follows it; else 0. Fragments other than the first have none. */
static size_t ipv4_header(const uint8_t *p, size_t len)
{
	size_t header;

	if (len < IPV4_HEADER_MIN || p[0] >> 4 != 4 || p[9] != IPPROTO_ICMP)
		return 0;
	if ((p[6] & 0x1f) || p[7])
		return 0;
	header = (size_t)(p[0] & 0xf) * 4;
	return header >= IPV4_HEADER_MIN && header <= len ? header : 0;
}

/* The same for a quoted IPv6 header. Our requests carry no extension header, so none is skipped. */
static size_t ipv6_header(const uint8_t *p, size_t len)
{
	return len >= IPV6_HEADER && p[0] >> 4 == 6 && p[6] == IPPROTO_ICMPV6 ? IPV6_HEADER : 0;
}

/* Reads tag and key of an echo request or reply; false where not even the tag is whole, or the tag and its copy differ. */
static bool read_tag(const uint8_t *p, size_t len, struct icmp_message *out)
{
	if (len < HEADER)
		return false;
	out->tag = get32(p + AT_TAG);
	if (len < AT_FILLING)
		return true;
	memcpy(&out->key, p + AT_KEY, sizeof(out->key));
	out->keyed = true;
	return get32(p + AT_TAG_AGAIN) == out->tag;
}

/* Reads the packet that an error quotes. */
static bool read_quotation(enum ip_family family, const uint8_t *p, size_t len, struct icmp_message *out)
{
	size_t header = family == IP4 ? ipv4_header(p, len) : ipv6_header(p, len);

	if (!header || len - header < HEADER || p[header + AT_TYPE] != numbers[family].request)
		return false;
	out->quoted_to = ip_read(family, p + (family == IP4 ? 16 : 24));
	return read_tag(p + header, len - header, out);
}

static bool read_message(enum ip_family family, const uint8_t *p, size_t len, struct icmp_message *out)
{
	const struct numbers *n = &numbers[family];

	if (len < HEADER)
		return false;
	out->type = p[AT_TYPE];
	out->code = p[AT_CODE];
	if (out->type == n->reply) {
		out->kind = ICMP_ANSWER;
		return read_tag(p, len, out) && out->keyed;
	}
	if (!memchr(n->errors, out->type, sizeof(n->errors)))
		return false;
	out->kind = ICMP_FAILURE;
	return read_quotation(family, p + HEADER, len - HEADER, out);
}

bool icmp6_read(const uint8_t *p, size_t len, struct icmp_message *out)
{
	*out = (struct icmp_message){0};
	if (read_message(IP6, p, len, out))
		return true;
	out->kind = ICMP_OTHER;
	return false;
}

bool icmp4_read(const uint8_t *p, size_t len, struct icmp_message *out)
{
	size_t header = ipv4_header(p, len);

	*out = (struct icmp_message){0};
	if (!header)
		return false;
	out->from = ip_read(IP4, p + 12);
	out->to = ip_read(IP4, p + 16);
	if (read_message(IP4, p + header, len - header, out))
		return true;
	out->kind = ICMP_OTHER;
	return false;
}

/* ---- for a person ------------------------------------------------------------------------------ */

/* code -1: every other code of the type. In the order in which the first that fits is taken. */
static const struct {
	enum ip_family family;
	int type, code;
	const char *text;
} reasons[] = {
	{IP4, ICMP_DEST_UNREACH, ICMP_NET_UNREACH, "network unreachable"},
	{IP4, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, "host unreachable"},
	{IP4, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, "protocol unreachable"},
	{IP4, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, "port unreachable"},
	{IP4, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, "packet too big"},
	{IP4, ICMP_DEST_UNREACH, ICMP_SR_FAILED, "source route failed"},
	{IP4, ICMP_DEST_UNREACH, ICMP_NET_UNKNOWN, "network unknown"},
	{IP4, ICMP_DEST_UNREACH, ICMP_HOST_UNKNOWN, "host unknown"},
	{IP4, ICMP_DEST_UNREACH, ICMP_HOST_ISOLATED, "source isolated"},
	{IP4, ICMP_DEST_UNREACH, ICMP_NET_ANO, "network administratively prohibited"},
	{IP4, ICMP_DEST_UNREACH, ICMP_HOST_ANO, "host administratively prohibited"},
	{IP4, ICMP_DEST_UNREACH, ICMP_NET_UNR_TOS, "network unreachable for this type of service"},
	{IP4, ICMP_DEST_UNREACH, ICMP_HOST_UNR_TOS, "host unreachable for this type of service"},
	{IP4, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, "administratively prohibited"},
	{IP4, ICMP_DEST_UNREACH, ICMP_PREC_VIOLATION, "precedence violation"},
	{IP4, ICMP_DEST_UNREACH, ICMP_PREC_CUTOFF, "precedence cutoff"},
	{IP4, ICMP_DEST_UNREACH, -1, "destination unreachable"},
	{IP4, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, "reassembly time exceeded"},
	{IP4, ICMP_TIME_EXCEEDED, -1, "time exceeded"},
	{IP4, ICMP_PARAMETERPROB, -1, "parameter problem"},
	{IP6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOROUTE, "network unreachable"},
	{IP6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADMIN, "administratively prohibited"},
	{IP6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_BEYONDSCOPE, "beyond the scope of the source address"},
	{IP6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADDR, "host unreachable"},
	{IP6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOPORT, "port unreachable"},
	{IP6, ICMP6_DST_UNREACH, 5,
         "source address refused by policy"}, /* RFC 4443; the C library has no names for these */
	{IP6, ICMP6_DST_UNREACH, 6, "route rejected"},
	{IP6, ICMP6_DST_UNREACH, -1, "destination unreachable"},
	{IP6, ICMP6_TIME_EXCEEDED, ICMP6_TIME_EXCEED_REASSEMBLY, "reassembly time exceeded"},
	{IP6, ICMP6_TIME_EXCEEDED, -1, "time exceeded"},
	{IP6, ICMP6_PARAM_PROB, -1, "parameter problem"},
};

const char *icmp_reason(enum ip_family family, uint8_t type, uint8_t code)
{
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].family == family && reasons[i].type == type &&
		    (reasons[i].code == code || reasons[i].code < 0))
			return reasons[i].text;
	return "unknown ICMP error";
}
