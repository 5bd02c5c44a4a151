/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranges of ports. */
#include "unit.h"

#include <string.h>

#include "ports.h"

static struct port_range range(const char *host, bool udp, uint16_t first, uint16_t last)
{
	struct port_range r = {.udp = udp, .first = first, .last = last};

	assert_true(ip_parse(host, &r.host));
	return r;
}

static void ranges_that_meet_become_one(void **state)
{
	struct port_range r[] = {
		range("127.0.0.1", false, 90, 99), range("127.0.0.1", false, 80, 85),
		range("127.0.0.1", false, 86, 86), range("127.0.0.1", false, 84, 95),
		range("127.0.0.1", true, 80, 80),  range("::1", false, 80, 80),
		range("0.0.0.0", false, 80, 80),   range("127.0.0.1", false, 101, 101),
	};
	struct port_range want[] = {
		range("0.0.0.0", false, 80, 80),     range("127.0.0.1", false, 80, 99),
		range("127.0.0.1", false, 101, 101), range("127.0.0.1", true, 80, 80),
		range("::1", false, 80, 80),
	};
	size_t n = ports_tidy(r, sizeof(r) / sizeof(*r));

	assert_int_equal(n, 5);
	assert_true(ports_same(r, n, want, 5));
	assert_false(ports_same(r, n, want, 4));
	want[1].last = 98;
	assert_false(ports_same(r, n, want, 5));
	assert_int_equal(ports_tidy(NULL, 0), 0);
	assert_true(ports_same(NULL, 0, NULL, 0));
}

static void the_last_port_is_one(void **state)
{
	struct port_range r[] = {range("::", false, 65535, 65535), range("::", false, 65530, 65535),
	                         range("::", false, 0, 0)};

	assert_int_equal(ports_tidy(r, 3), 2);
	assert_int_equal(r[1].first, 65530);
	assert_int_equal(r[1].last, 65535);
}

static void a_port_is_in_a_set_by_its_address(void **state)
{
	struct port_range r[] = {range("0.0.0.0", false, 80, 89), range("127.0.0.1", true, 53, 53)};
	struct port_range at = range("127.0.0.1", false, 0, 0), all = range("0.0.0.0", false, 0, 0);

	assert_true(ports_have(r, 2, &all.host, false, 80));
	assert_true(ports_have(r, 2, &all.host, false, 89));
	assert_false(ports_have(r, 2, &all.host, false, 90));
	assert_false(ports_have(r, 2, &all.host, true, 80));
	assert_false(ports_have(r, 2, &at.host, false, 80));
	assert_true(ports_have(r, 2, &at.host, true, 53));
}

static void text_goes_both_ways(void **state)
{
	static const char *const good[] = {"1", "80", "8000-8010", "0-65535"};
	static const char *const bad[] = {"",        "-",   "1-",    "-1", "65536",          "9-8",
	                                  "1-65536", "80x", "1-2-3", " 1", "123456789012345"};
	char text[PORT_RANGE_TEXT_MAX];
	struct port_range r;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(port_range_parse(good[i], &r));
		assert_string_equal(port_range_text(&r, text), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(port_range_parse(bad[i], &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_that_meet_become_one),
		cmocka_unit_test(the_last_port_is_one),
		cmocka_unit_test(a_port_is_in_a_set_by_its_address),
		cmocka_unit_test(text_goes_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
