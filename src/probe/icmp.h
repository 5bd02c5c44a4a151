/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP and ICMPv6 packets as bytes: echo requests written, replies and errors
 * read. Pure: no socket, no clock.
 *
 * A raw socket hears the answers to everybody's pings. Ours carry a tag of 32
 * bits in the identifier and the sequence number, and a key of 64 random bits
 * with the tag again in the data. An echo reply must bring back both. An error
 * quotes the packet it is about, of which only the first 8 bytes behind the IP
 * header are sure to be there (RFC 792): these hold the tag; the key is
 * compared where the quotation is long enough.
 */
#ifndef PROBE_ICMP_H
#define PROBE_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ip.h"

/* The length of an echo request without its IP header: 8 bytes of header, 56 of data, as ping(8) sends. */
enum { ECHO_LEN = 64 };

/* Writes an echo request. The checksum is filled in for IPv4 only: for IPv6 it covers addresses that the kernel chooses,
 * and the kernel computes it (RFC 3542, 3.1). */
void echo_build(uint8_t out[ECHO_LEN], enum ip_family family, uint32_t tag, uint64_t key);

enum icmp_kind {
	ICMP_OTHER, /* nothing that concerns an echo request of anybody's */
	ICMP_ANSWER,
	ICMP_FAILURE, /* an error about an echo request */
	ICMP_KIND_COUNT
};

/* What a packet that came in says. */
struct icmp_message {
	enum icmp_kind kind;
	uint32_t tag;
	bool keyed; /* `key` was there to be read; always so in an answer that is ours */
	uint64_t key;
	uint8_t type, code;
	struct ip from, to;  /* of the packet itself; icmp6_read() leaves them unset */
	struct ip quoted_to; /* ICMP_FAILURE: where the packet in question was going */
};

/* Reads an IPv4 packet with its header, as a raw socket gives it. Returns false, with kind ICMP_OTHER, where it is cut short
 * or is nothing that concerns an echo request. */
bool icmp4_read(const uint8_t *p, size_t len, struct icmp_message *out);
/* The same for an ICMPv6 message, without an IPv6 header, as a raw socket gives it. */
bool icmp6_read(const uint8_t *p, size_t len, struct icmp_message *out);

/* The Internet checksum (RFC 1071) in the wire's byte order; 0 over data that contains its own right checksum. */
uint16_t internet_checksum(const uint8_t *p, size_t len);

/* What an ICMP error says, for a person: "host unreachable". Never NULL. */
const char *icmp_reason(enum ip_family family, uint8_t type, uint8_t code);

#endif
