/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, prefixes, MACs. */
#include "unit.h"

#include <string.h>
#include <sys/socket.h>

#include "ip.h"

static struct ip ip(const char *text)
{
	struct ip v;

	if (!ip_parse(text, &v))
		fail_msg("%s: not an address", text);
	return v;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix v;

	if (!prefix_parse(text, &v))
		fail_msg("%s: not a prefix", text);
	return v;
}

static void families(void **state)
{
	assert_int_equal(ip_af(IP4), AF_INET);
	assert_int_equal(ip_af(IP6), AF_INET6);
	assert_int_equal(ip_bytes(IP4), 4);
	assert_int_equal(ip_bits(IP6), 128);
	assert_string_equal(ip_family_name(IP4), "IPv4");
	assert_string_equal(ip_family_name(IP6), "IPv6");
}

static void check_text(const char *in, const char *want)
{
	struct ip v = ip(in);
	char buf[IP_TEXT_MAX];

	assert_string_equal(ip_text(&v, buf), want);
	v = ip(want); /* and back */
	assert_string_equal(ip_text(&v, buf), want);
}

static void text_of_addresses(void **state)
{
	check_text("0.0.0.0", "0.0.0.0");
	check_text("192.168.15.1", "192.168.15.1");
	check_text("255.255.255.255", "255.255.255.255");
	/* RFC 5952, by section */
	check_text("2001:0db8::0001", "2001:db8::1");               /* 4.1 */
	check_text("2001:db8:0:0:0:0:2:1", "2001:db8::2:1");        /* 4.2.1 */
	check_text("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"); /* 4.2.2 one group is not shortened */
	check_text("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");          /* 4.2.3 the longest run */
	check_text("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");    /* 4.2.3 the first of equals */
	check_text("2001:DB8:AAAA:bbbb:Cccc:dddd:eeee:1", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"); /* 4.3 */
	check_text("0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1");                               /* 5 */
	check_text("::", "::");
	check_text("::1", "::1");
	check_text("1::", "1::");
	check_text("0:0:1::", "0:0:1::");
	check_text("::102:304", "::102:304"); /* not ::1.2.3.4 */
	check_text("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	check_text("fe80::5054:ff:fe12:3456", "fe80::5054:ff:fe12:3456");
}

static void no_addresses(void **state)
{
	static const char *const bad[] = {
		"",         "1.2.3",      "1.2.3.4.5",         "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4",
		"1.2.3.-4", "0x1.2.3.4",  "1.2.3.4/8",         ":",         ":::",      "1::2::3",  "12345::",
		"g::",      "fe80::1%lo", "1:2:3:4:5:6:7:8:9", "::1.2.3",   "localhost"};
	struct ip v = ip("9.9.9.9"), before = v;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ip_parse(bad[i], &v))
			fail_msg("\"%s\" is no address", bad[i]);
	assert_true(ip_equal(&v, &before));
}

static void prefixes(void **state)
{
	static const char *const bad[] = {"10.0.0.0",    "10.0.0.0/", "10.0.0.0/33",       "10.0.0.0/-1",
	                                  "10.0.0.0/ 8", "/8",        "10.0.0.0/08",       "10.0.0.0/8/8",
	                                  "::/129",      "::/0x10",   "10.0.0.0/255.0.0.0"};
	struct ip_prefix p = prefix("192.168.15.5/24");
	char buf[PREFIX_TEXT_MAX];

	assert_int_equal(p.len, 24);
	assert_string_equal(prefix_text(&p, buf), "192.168.15.5/24"); /* host bits stay */
	p = prefix_subnet(&p);
	assert_string_equal(prefix_text(&p, buf), "192.168.15.0/24");
	p = prefix("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
	assert_string_equal(prefix_text(&p, buf), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
	p = prefix("2001:db8:ffff::1/35");
	p = prefix_subnet(&p);
	assert_string_equal(prefix_text(&p, buf), "2001:db8:e000::/35");
	p = prefix("255.255.255.255/0");
	p = prefix_subnet(&p);
	assert_string_equal(prefix_text(&p, buf), "0.0.0.0/0");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (prefix_parse(bad[i], &p))
			fail_msg("\"%s\" is no prefix", bad[i]);
}

static bool contains(const char *p, const char *a)
{
	struct ip_prefix pp = prefix(p);
	struct ip aa = ip(a);

	return prefix_contains(&pp, &aa);
}

static void containment(void **state)
{
	assert_true(contains("10.0.0.0/8", "10.255.255.255"));
	assert_false(contains("10.0.0.0/8", "11.0.0.0"));
	assert_true(contains("10.0.0.4/30", "10.0.0.7"));
	assert_false(contains("10.0.0.4/30", "10.0.0.8"));
	assert_true(contains("0.0.0.0/0", "255.255.255.255"));
	assert_false(contains("0.0.0.0/0", "::"));
	assert_true(contains("10.0.0.1/32", "10.0.0.1"));
	assert_true(contains("10.0.0.9/24", "10.0.0.1")); /* host bits do not matter */
	assert_true(contains("2001:db8::/33", "2001:db8:7fff::"));
	assert_false(contains("2001:db8::/33", "2001:db8:8000::"));
}

static void covering_and_overlapping(void **state)
{
	struct ip_prefix a = prefix("10.0.0.0/8"), b = prefix("10.1.0.0/16"), c = prefix("10.2.0.0/16"),
			 six = prefix("::/0"), all = prefix("0.0.0.0/0");

	assert_true(prefix_covers(&a, &b));
	assert_true(prefix_covers(&a, &a));
	assert_false(prefix_covers(&b, &a));
	assert_true(prefix_overlaps(&a, &b));
	assert_true(prefix_overlaps(&b, &a));
	assert_false(prefix_overlaps(&b, &c));
	assert_true(prefix_overlaps(&all, &c));
	assert_false(prefix_overlaps(&six, &all));
}

/* The n-th address of a subnet as text, or "none". */
static void check_nth(const char *subnet, uint64_t n, const char *want)
{
	struct ip_prefix p = prefix(subnet);
	char buf[IP_TEXT_MAX];
	struct ip out = {0};

	assert_string_equal(prefix_nth(&p, n, &out) ? ip_text(&out, buf) : "none", want);
}

static void nth_address(void **state)
{
	check_nth("10.0.0.0/24", 0, "10.0.0.0");
	check_nth("10.0.0.0/24", 255, "10.0.0.255");
	check_nth("10.0.0.0/24", 256, "none");
	check_nth("10.0.0.0/16", 0x1234, "10.0.18.52");
	check_nth("10.0.0.0/31", 1, "10.0.0.1");
	check_nth("10.0.0.0/31", 2, "none");
	check_nth("10.0.0.7/32", 0, "10.0.0.7");
	check_nth("10.0.0.7/32", 1, "none");
	check_nth("0.0.0.0/0", 0xffffffff, "255.255.255.255");
	check_nth("0.0.0.0/0", 0x100000000, "none");
	check_nth("2001:db8::/64", UINT64_MAX, "2001:db8::ffff:ffff:ffff:ffff");
	check_nth("2001:db8::/65", UINT64_MAX, "none");
	check_nth("::/0", UINT64_MAX, "::ffff:ffff:ffff:ffff");
	check_nth("2001:db8::2/127", 1, "2001:db8::3");
	check_nth("2001:db8::2/127", 2, "none");
	check_nth("2001:db8::/120", 0xff, "2001:db8::ff");
}

static void check_last(const char *subnet, const char *want)
{
	struct ip_prefix p = prefix(subnet);
	struct ip last = prefix_last(&p);
	char buf[IP_TEXT_MAX];

	assert_string_equal(ip_text(&last, buf), want);
}

static void last_address(void **state)
{
	check_last("10.0.0.0/24", "10.0.0.255");
	check_last("10.0.0.0/31", "10.0.0.1");
	check_last("10.0.0.1/32", "10.0.0.1");
	check_last("0.0.0.0/0", "255.255.255.255");
	check_last("192.168.8.0/21", "192.168.15.255");
	check_last("2001:db8::/126", "2001:db8::3");
	check_last("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static bool usable(const char *subnet, const char *address)
{
	struct ip_prefix p = prefix(subnet);
	struct ip a = ip(address);

	return prefix_usable(&p, &a);
}

static void usable_addresses(void **state)
{
	assert_false(usable("10.0.0.0/24", "10.0.0.0"));
	assert_true(usable("10.0.0.0/24", "10.0.0.1"));
	assert_true(usable("10.0.0.0/24", "10.0.0.254"));
	assert_false(usable("10.0.0.0/24", "10.0.0.255"));
	assert_false(usable("10.0.0.0/24", "10.0.1.1"));
	assert_false(usable("10.0.0.0/24", "::1"));
	assert_false(usable("10.0.0.0/30", "10.0.0.3"));
	assert_true(usable("10.0.0.0/31", "10.0.0.0")); /* RFC 3021 */
	assert_true(usable("10.0.0.0/31", "10.0.0.1"));
	assert_true(usable("10.0.0.1/32", "10.0.0.1"));
	assert_false(usable("2001:db8::/64", "2001:db8::"));
	assert_true(usable("2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff"));
	assert_true(usable("2001:db8::/127", "2001:db8::")); /* RFC 6164 */
	assert_true(usable("2001:db8::1/128", "2001:db8::1"));
	assert_false(usable("0.0.0.0/0", "0.0.0.0"));
	assert_true(usable("0.0.0.0/0", "1.2.3.4"));
}

static void order(void **state)
{
	const char *const ascending[] = {"0.0.0.0", "1.2.3.4", "1.2.3.5", "128.0.0.0", "::", "::1", "fe80::"};
	struct ip none = {0}, first = ip("0.0.0.0");
	struct ip_prefix a = prefix("10.0.0.0/8"), b = prefix("10.0.0.0/9");

	for (size_t i = 0; i < 7; i++)
		for (size_t j = 0; j < 7; j++) {
			struct ip x = ip(ascending[i]), y = ip(ascending[j]);
			int c = ip_cmp(&x, &y);

			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
		}
	assert_true(ip_cmp(&none, &first) < 0 && ip_cmp(&first, &none) > 0 && ip_equal(&none, &none));
	assert_true(prefix_cmp(&a, &b) < 0 && prefix_cmp(&b, &a) > 0 && prefix_cmp(&a, &a) == 0);
}

static void check_ranges(const char *address, bool link_local, bool multicast, bool loopback, bool unspecified)
{
	struct ip a = ip(address);

	assert_int_equal(ip_link_local(&a), link_local);
	assert_int_equal(ip_multicast(&a), multicast);
	assert_int_equal(ip_loopback(&a), loopback);
	assert_int_equal(ip_unspecified(&a), unspecified);
}

static void special_ranges(void **state)
{
	struct ip none = {0};

	check_ranges("169.254.1.1", true, false, false, false);
	check_ranges("169.253.1.1", false, false, false, false);
	check_ranges("224.0.0.1", false, true, false, false);
	check_ranges("239.255.255.255", false, true, false, false);
	check_ranges("240.0.0.0", false, false, false, false);
	check_ranges("127.9.9.9", false, false, true, false);
	check_ranges("0.0.0.0", false, false, false, true);
	check_ranges("fe80::1", true, false, false, false);
	check_ranges("febf::1", true, false, false, false);
	check_ranges("fec0::1", false, false, false, false);
	check_ranges("ff02::1", false, true, false, false);
	check_ranges("::1", false, false, true, false);
	check_ranges("::2", false, false, false, false);
	check_ranges("::", false, false, false, true);
	assert_false(ip_unspecified(&none));
	assert_false(ip_link_local(&none));
}

static void macs(void **state)
{
	static const char *const bad[] = {"",
	                                  "02:00:00:00:00",
	                                  "02:00:00:00:00:01:",
	                                  "2:0:0:0:0:1",
	                                  "02-00-00-00-00-01",
	                                  "02:00:00:00:00:0g",
	                                  "02:00:00:00:00:001",
	                                  " 02:00:00:00:00:01",
	                                  "02:00:00:00:00:01:02"};
	struct mac m, zero = {0};
	char buf[MAC_TEXT_MAX];

	assert_true(mac_parse("02:Ab:cD:00:ff:09", &m));
	assert_string_equal(mac_text(&m, buf), "02:ab:cd:00:ff:09");
	assert_false(mac_is_zero(&m));
	assert_false(mac_multicast(&m));
	assert_true(mac_cmp(&m, &zero) > 0);
	assert_true(mac_parse("33:33:00:00:00:01", &m));
	assert_true(mac_multicast(&m));
	assert_true(mac_is_zero(&zero));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (mac_parse(bad[i], &m))
			fail_msg("\"%s\" is no MAC", bad[i]);
}

static void no_address_has_no_text(void **state)
{
	struct ip_prefix none = {0};
	char buf[PREFIX_TEXT_MAX] = "junk";

	assert_string_equal(prefix_text(&none, buf), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families),
		cmocka_unit_test(text_of_addresses),
		cmocka_unit_test(no_addresses),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(containment),
		cmocka_unit_test(covering_and_overlapping),
		cmocka_unit_test(nth_address),
		cmocka_unit_test(last_address),
		cmocka_unit_test(usable_addresses),
		cmocka_unit_test(order),
		cmocka_unit_test(special_ranges),
		cmocka_unit_test(macs),
		cmocka_unit_test(no_address_has_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
