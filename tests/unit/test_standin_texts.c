/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subordinate ids as the system writes them down; and the ports that a running program was told of. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "ids.h"
#include "way_out.h"

static void ids_are_those_of_the_user(void **state)
{
	struct id_range r[4];

	assert_int_equal(ids_parse("ann:100:10\nbob:200:20\n1000:300:30\n", "ann", 1000, r, 4), 2);
	assert_int_equal(r[0].first, 100);
	assert_int_equal(r[1].first, 300);
	assert_int_equal(r[1].count, 30);
	assert_int_equal(ids_parse("ann:100:10\n", NULL, 1000, r, 4), 0);
	assert_int_equal(ids_parse("1000:100:10", NULL, 1000, r, 4), 1);
	assert_int_equal(ids_parse("", "ann", 1000, r, 4), 0);
}

static void what_makes_no_sense_is_left_out(void **state)
{
	struct id_range r[4];

	assert_int_equal(ids_parse("ann\nann:1\nann:x:1\nann:1:x\nann:1:0\nann:-1:1\nann::\n", "ann", 1000, r, 4), 0);
	assert_int_equal(ids_parse("ann:4294967295:1\nann:4294967000:296\n", "ann", 1000, r, 4), 0);
	assert_int_equal(ids_parse("ann:4294967000:295\nann:5:5\n", "ann", 1000, r, 4), 2);
	assert_int_equal(ids_parse("ann:1:4294967293\nann:9:9\n", "ann", 1000, r, 4), 1); /* more ids than there are */
}

static void no_more_ranges_than_there_is_room_for(void **state)
{
	struct id_range r[2];

	assert_int_equal(ids_parse("ann:1:1\nann:3:1\nann:5:1\n", "ann", 1000, r, 2), 2);
}

static void ports_are_read_from_the_command_line(void **state)
{
	static const char words[] = "pasta\0-f\0-t\000127.0.0.1/80,90-99\0-u\0none\0-t\000443\0-u\0::1/53\0--netns\0-t";
	struct port_range *ports;
	long n = way_out_parse(words, sizeof(words), &ports);

	assert_int_equal(n, 5);
	assert_int_equal(ports[0].first, 443); /* on all addresses of both families */
	assert_true(ip_unspecified(&ports[0].host));
	assert_int_equal(ports[1].first, 80);
	assert_int_equal(ports[2].last, 99);
	assert_true(ip_unspecified(&ports[3].host));
	assert_true(ports[4].udp);
	free(ports);
}

static void nothing_is_read_from_nothing(void **state)
{
	struct port_range *ports;

	assert_int_equal(way_out_parse("", 0, &ports), 0);
	free(ports);
	assert_int_equal(way_out_parse("-t", 2, &ports), 0);
	free(ports);
	assert_int_equal(way_out_parse("-t\0x/1\0-t\0", 9, &ports), 0);
	free(ports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_those_of_the_user),
		cmocka_unit_test(what_makes_no_sense_is_left_out),
		cmocka_unit_test(no_more_ranges_than_there_is_room_for),
		cmocka_unit_test(ports_are_read_from_the_command_line),
		cmocka_unit_test(nothing_is_read_from_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
