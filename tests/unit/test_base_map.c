/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map and the two hashes. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "map.h"

static void puts_and_gets(void **state)
{
	struct arena *a = arena_new();
	struct map *m = map_new(a);
	int one, two;
	char key[] = "key";

	assert_null(map_gets(m, "key"));
	assert_null(map_puts(m, key, &one));
	key[0] = 'x'; /* the map has its own copy */
	assert_ptr_equal(map_gets(m, "key"), &one);
	assert_null(map_gets(m, "xey"));
	assert_ptr_equal(map_puts(m, "key", &two), &one); /* what was there stays */
	assert_ptr_equal(map_gets(m, "key"), &one);
	arena_free(a);
}

static void keys_are_bytes(void **state)
{
	struct arena *a = arena_new();
	struct map *m = map_new(a);
	int v[4];

	assert_null(map_put(m, "", 0, &v[0]));
	assert_null(map_put(m, "\0", 1, &v[1]));
	assert_null(map_put(m, "a", 1, &v[2]));
	assert_null(map_put(m, "a\0", 2, &v[3]));
	assert_ptr_equal(map_get(m, NULL, 0), &v[0]);
	assert_ptr_equal(map_get(m, "\0", 1), &v[1]);
	assert_ptr_equal(map_gets(m, "a"), &v[2]);
	assert_ptr_equal(map_get(m, "a\0", 2), &v[3]);
	arena_free(a);
}

static void many_keys(void **state)
{
	struct arena *a = arena_new();
	struct map *m = map_new(a);

	for (uintptr_t i = 1; i <= 20000; i++)
		assert_null(map_put(m, &i, sizeof(i), (void *)i));
	for (uintptr_t i = 1; i <= 20000; i++)
		assert_ptr_equal(map_get(m, &i, sizeof(i)), (void *)i);
	for (uintptr_t i = 20001; i <= 21000; i++)
		assert_null(map_get(m, &i, sizeof(i)));
	arena_free(a);
}

static void maps_do_not_share_a_seed(void **state)
{
	/* The same bytes under two keys differ: what collides in one map does not in the next. */
	const uint64_t one[2] = {1, 2}, two[2] = {1, 3};

	assert_true(keyed_hash("abc", 3, one) != keyed_hash("abc", 3, two));
}

static void survives_the_end_of_memory(void **state)
{
	struct arena *a = arena_new();
	struct map *m = map_new(a);
	char key[16];
	int v;

	for (unsigned i = 0; i < 6; i++) {
		snprintf(key, sizeof(key), "%u", i);
		map_puts(m, key, &v);
	}
	arena_fail_after(a, 1);
	assert_null(map_puts(m, "new", &v)); /* the table was full and could not grow */
	assert_null(map_gets(m, "new"));
	assert_ptr_equal(map_gets(m, "5"), &v);
	assert_null(map_puts(m, "new", &v));
	assert_ptr_equal(map_gets(m, "new"), &v);
	arena_fail_after(a, 1);
	assert_null(map_new(a));
	arena_free(a);
}

/* The reference vectors of SipHash-2-4: key 00 01 … 0f, input the first n of 00 01 02 … */
static void siphash_vectors(void **state)
{
	const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	unsigned char in[15];

	for (unsigned char i = 0; i < sizeof(in); i++)
		in[i] = i;
	assert_int_equal(keyed_hash(in, 0, key), 0x726fdb47dd0e0e31);
	assert_int_equal(keyed_hash(in, 1, key), 0x74f839c593dc67fd);
	assert_int_equal(keyed_hash(in, 8, key), 0x93f5f5799a932462);
	assert_int_equal(keyed_hash(in, 15, key), 0xa129ca6149be45e5);
}

/* If this fails, every address and MAC that nsloom ever chose would change. Mend the code, not the numbers. */
static void stable_hash_never_changes(void **state)
{
	assert_int_equal(stable_hash("", 0, 0), 0xefd01f60ba992926);
	assert_int_equal(stable_hash("a", 1, 0), 0x82a2a958a9bece5b);
	assert_int_equal(stable_hash("lab/node/eth0", 13, 0), 0xfc3135e9e5b55491);
	assert_int_equal(stable_hash("lab/node/eth0", 13, 1), 0xb359465e83b18eb1);
}

static void stable_hash_spreads(void **state)
{
	unsigned low[256] = {0};
	char name[16];

	for (unsigned i = 0; i < 25600; i++) {
		int n = snprintf(name, sizeof(name), "n%u", i);

		low[stable_hash(name, (size_t)n, 0) & 0xff]++;
	}
	for (unsigned i = 0; i < 256; i++)
		assert_in_range(low[i], 50, 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_and_gets),
		cmocka_unit_test(keys_are_bytes),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(maps_do_not_share_a_seed),
		cmocka_unit_test(survives_the_end_of_memory),
		cmocka_unit_test(siphash_vectors),
		cmocka_unit_test(stable_hash_never_changes),
		cmocka_unit_test(stable_hash_spreads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
