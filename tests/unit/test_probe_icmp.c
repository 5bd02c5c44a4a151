/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Echo requests, replies and errors as bytes: sound ones, foreign ones, and each cut short at every length. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "icmp.h"

enum { TAG = 0x12345678, IPV4_HEADER = 20, IPV6_HEADER = 40, HEADER = 8 };
#define KEY UINT64_C(0x1122334455667788)

static struct ip ip(const char *text)
{
	struct ip v;

	if (!ip_parse(text, &v))
		fail_msg("%s: not an address", text);
	return v;
}

static size_t ipv4(uint8_t *p, const char *from, const char *to)
{
	struct ip a = ip(from), b = ip(to);

	memset(p, 0, IPV4_HEADER);
	p[0] = 0x45;
	p[9] = 1;
	memcpy(p + 12, a.b, 4);
	memcpy(p + 16, b.b, 4);
	return IPV4_HEADER;
}

static size_t ipv6(uint8_t *p, const char *from, const char *to)
{
	struct ip a = ip(from), b = ip(to);

	memset(p, 0, IPV6_HEADER);
	p[0] = 0x60;
	p[6] = 58;
	memcpy(p + 8, a.b, 16);
	memcpy(p + 24, b.b, 16);
	return IPV6_HEADER;
}

/* An answer to 10.0.0.1 from 10.0.0.2. */
static size_t answer4(uint8_t *p)
{
	size_t n = ipv4(p, "10.0.0.2", "10.0.0.1");

	echo_build(p + n, IP4, TAG, KEY);
	p[n] = 0;
	return n + ECHO_LEN;
}

/* The router 10.0.0.254 refuses to forward to 10.9.0.1; it quotes `quoted` bytes of ICMP. */
static size_t error4(uint8_t *p, size_t quoted)
{
	size_t n = ipv4(p, "10.0.0.254", "10.0.0.1");
	uint8_t echo[ECHO_LEN];

	memset(p + n, 0, HEADER);
	p[n] = 3;
	p[n + 1] = 13;
	n += HEADER;
	n += ipv4(p + n, "10.0.0.1", "10.9.0.1");
	echo_build(echo, IP4, TAG, KEY);
	memcpy(p + n, echo, quoted);
	return n + quoted;
}

static size_t error6(uint8_t *p, size_t quoted)
{
	size_t n = HEADER;
	uint8_t echo[ECHO_LEN];

	memset(p, 0, HEADER);
	p[0] = 1;
	n += ipv6(p + n, "fd00::1", "fd09::1");
	echo_build(echo, IP6, TAG, KEY);
	memcpy(p + n, echo, quoted);
	return n + quoted;
}

static void requests(void **state)
{
	uint8_t p[ECHO_LEN];

	echo_build(p, IP4, TAG, KEY);
	assert_int_equal(p[0], 8);
	assert_int_equal(p[1], 0);
	assert_int_equal(internet_checksum(p, sizeof(p)), 0);
	assert_memory_equal(p + 4, "\x12\x34\x56\x78", 4);
	echo_build(p, IP6, TAG, KEY);
	assert_int_equal(p[0], 128);
	assert_memory_equal(p + 2, "\0\0", 2);
}

static void checksums(void **state)
{
	/* RFC 1071, 3: the words 0001 f203 f4f5 f6f7 add up to ddf2. */
	static const uint8_t words[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
	uint16_t sum = internet_checksum(words, sizeof(words));

	assert_memory_equal(&sum, "\x22\x0d", 2);
	sum = internet_checksum(words, 1);
	assert_memory_equal(&sum, "\xff\xff", 2);
	sum = internet_checksum(words + 2, 1);
	assert_memory_equal(&sum, "\x0d\xff", 2);
	assert_int_equal(internet_checksum(words, 0), 0xffff);
}

static void answers(void **state)
{
	struct ip from = ip("10.0.0.2"), to = ip("10.0.0.1");
	struct icmp_message m;
	uint8_t p[256];
	size_t n = answer4(p);

	assert_true(icmp4_read(p, n, &m));
	assert_int_equal(m.kind, ICMP_ANSWER);
	assert_int_equal(m.tag, TAG);
	assert_true(m.keyed);
	assert_true(m.key == KEY);
	assert_true(ip_equal(&m.from, &from));
	assert_true(ip_equal(&m.to, &to));

	echo_build(p, IP6, TAG, KEY);
	p[0] = 129;
	assert_true(icmp6_read(p, ECHO_LEN, &m));
	assert_int_equal(m.kind, ICMP_ANSWER);
	assert_int_equal(m.tag, TAG);
}

static void ipv4_options(void **state)
{
	uint8_t p[256], packet[256];
	struct icmp_message m;
	size_t n = answer4(p);

	memcpy(packet, p, IPV4_HEADER);
	memset(packet + IPV4_HEADER, 0, 40);
	memcpy(packet + 60, p + IPV4_HEADER, n - IPV4_HEADER);
	packet[0] = 0x4f;
	assert_true(icmp4_read(packet, n + 40, &m));
	assert_int_equal(m.tag, TAG);
}

/* Somebody else's ping, whatever its data, is told by its data. */
static void foreign_answers(void **state)
{
	struct icmp_message m;
	uint8_t p[256];
	size_t n = answer4(p);

	p[IPV4_HEADER + 16] ^= 1; /* the tag's copy */
	assert_false(icmp4_read(p, n, &m));
	assert_int_equal(m.kind, ICMP_OTHER);
	n = answer4(p);
	assert_false(icmp4_read(p, IPV4_HEADER + HEADER, &m)); /* no data at all */
	p[IPV4_HEADER] = 8;                                    /* a request */
	assert_false(icmp4_read(p, n, &m));
	n = answer4(p);
	p[9] = 17; /* UDP */
	assert_false(icmp4_read(p, n, &m));
	n = answer4(p);
	p[7] = 1; /* a later fragment */
	assert_false(icmp4_read(p, n, &m));
	n = answer4(p);
	p[0] = 0x44; /* a header of 16 bytes */
	assert_false(icmp4_read(p, n, &m));
	p[0] = 0x65;
	assert_false(icmp4_read(p, n, &m));
}

static void errors(void **state)
{
	struct ip by = ip("10.0.0.254"), to4 = ip("10.9.0.1"), to6 = ip("fd09::1");
	struct icmp_message m;
	uint8_t p[256];

	assert_true(icmp4_read(p, error4(p, ECHO_LEN), &m));
	assert_int_equal(m.kind, ICMP_FAILURE);
	assert_int_equal(m.tag, TAG);
	assert_true(m.keyed);
	assert_true(m.key == KEY);
	assert_int_equal(m.type, 3);
	assert_int_equal(m.code, 13);
	assert_true(ip_equal(&m.from, &by));
	assert_true(ip_equal(&m.quoted_to, &to4));

	assert_true(icmp4_read(p, error4(p, 8), &m)); /* all that RFC 792 promises */
	assert_int_equal(m.tag, TAG);
	assert_false(m.keyed);

	assert_true(icmp6_read(p, error6(p, ECHO_LEN), &m));
	assert_int_equal(m.kind, ICMP_FAILURE);
	assert_int_equal(m.tag, TAG);
	assert_true(ip_equal(&m.quoted_to, &to6));
}

static void foreign_errors(void **state)
{
	struct icmp_message m;
	uint8_t p[256];
	size_t n = error4(p, 8);

	p[IPV4_HEADER + HEADER + IPV4_HEADER] = 0; /* about a reply of ours */
	assert_false(icmp4_read(p, n, &m));
	n = error4(p, 8);
	p[IPV4_HEADER + HEADER + 9] = 17; /* about UDP */
	assert_false(icmp4_read(p, n, &m));
	n = error4(p, 8);
	p[IPV4_HEADER] = 5; /* a redirect is no failure */
	assert_false(icmp4_read(p, n, &m));
	n = error6(p, 8);
	p[HEADER + 6] = 44; /* a fragment header: none of ours */
	assert_false(icmp6_read(p, n, &m));
}

/* Every beginning of a packet, on memory that ends where it ends (sanitizers see a read beyond). */
static void cut_short(const uint8_t *p, size_t n, size_t enough,
                      bool (*read)(const uint8_t *, size_t, struct icmp_message *))
{
	for (size_t len = 0; len <= n; len++) {
		uint8_t *copy = malloc(len ? len : 1);
		struct icmp_message m;

		assert_non_null(copy);
		memcpy(copy, p, len);
		assert_int_equal(read(copy, len, &m), len >= enough);
		assert_int_equal(m.kind != ICMP_OTHER, len >= enough);
		free(copy);
	}
}

static void truncated(void **state)
{
	uint8_t p[256];

	cut_short(p, answer4(p), IPV4_HEADER + HEADER + 12, icmp4_read);
	cut_short(p, error4(p, ECHO_LEN), IPV4_HEADER + HEADER + IPV4_HEADER + HEADER, icmp4_read);
	cut_short(p, error6(p, ECHO_LEN), HEADER + IPV6_HEADER + HEADER, icmp6_read);
}

static void reason_texts(void **state)
{
	assert_string_equal(icmp_reason(IP4, 3, 0), "network unreachable");
	assert_string_equal(icmp_reason(IP4, 3, 1), "host unreachable");
	assert_string_equal(icmp_reason(IP4, 3, 3), "port unreachable");
	assert_string_equal(icmp_reason(IP4, 3, 13), "administratively prohibited");
	assert_string_equal(icmp_reason(IP4, 3, 99), "destination unreachable");
	assert_string_equal(icmp_reason(IP4, 11, 0), "time exceeded");
	assert_string_equal(icmp_reason(IP6, 1, 0), "network unreachable");
	assert_string_equal(icmp_reason(IP6, 1, 3), "host unreachable");
	assert_string_equal(icmp_reason(IP6, 3, 0), "time exceeded");
	assert_string_equal(icmp_reason(IP6, 99, 0), "unknown ICMP error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),       cmocka_unit_test(checksums),       cmocka_unit_test(answers),
		cmocka_unit_test(ipv4_options),   cmocka_unit_test(foreign_answers), cmocka_unit_test(errors),
		cmocka_unit_test(foreign_errors), cmocka_unit_test(truncated),       cmocka_unit_test(reason_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
