/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arena: zeroed, aligned, growing, and where it goes when memory ends. */
#include "unit.h"

#include <string.h>

#include "arena.h"

static bool aligned(const void *p)
{
	return (uintptr_t)p % _Alignof(max_align_t) == 0;
}

static void gives_zeroed_and_aligned_memory(void **state)
{
	struct arena *a = arena_new();

	for (size_t size = 0; size < 10000; size = size * 2 + 1) {
		unsigned char *p = arena_alloc(a, size);

		arena_strdup(a, "x"); /* leaves the cursor on an odd byte */
		assert_non_null(p);
		assert_true(aligned(p));
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	assert_true(arena_size(a) >= 10000);
	arena_free(a);
	arena_free(NULL);
}

static void allocations_do_not_overlap(void **state)
{
	struct arena *a = arena_new();
	unsigned char *p[300];

	for (size_t i = 0; i < 300; i++) {
		p[i] = arena_alloc(a, i);
		memset(p[i], (int)i, i);
	}
	for (size_t i = 0; i < 300; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_equal(p[i][j], (unsigned char)i);
	arena_free(a);
}

static void copies_and_formats(void **state)
{
	struct arena *a = arena_new();
	char big[5000];

	memset(big, 'b', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_string_equal(arena_strdup(a, ""), "");
	assert_string_equal(arena_strdup(a, "abc"), "abc");
	assert_string_equal(arena_strndup(a, "abc", 2), "ab");
	assert_string_equal(arena_strndup(a, "abc", 9), "abc");
	assert_string_equal(arena_printf(a, "%s-%d", "n", 7), "n-7");
	assert_string_equal(arena_printf(a, "%s", big), big);
	arena_free(a);
}

struct item {
	unsigned long long v, zero;
};

static void vector_grows_and_keeps_its_items(void **state)
{
	struct arena *a = arena_new();
	VEC(struct item) vec = {0};

	for (unsigned i = 0; i < 5000; i++) {
		struct item *item = vec_push(a, &vec);

		assert_true(item->v == 0 && item->zero == 0);
		item->v = i;
		if (i % 3 == 0)
			memset(arena_alloc(a, 5), 0xff, 5); /* sometimes in the way of growing in place */
	}
	assert_int_equal(vec.n, 5000);
	assert_true(vec.cap >= vec.n);
	for (unsigned i = 0; i < 5000; i++)
		assert_true(vec.items[i].v == i && vec.items[i].zero == 0);
	arena_free(a);
}

static void sizes_that_overflow_are_refused(void **state)
{
	volatile size_t huge = SIZE_MAX - 8; /* the compiler would know better than to ask for it */
	struct arena *a = arena_new();

	assert_null(arena_calloc(a, SIZE_MAX / 2, 3));
	assert_null(arena_alloc(a, huge));
	assert_non_null(arena_alloc(a, 1));
	arena_free(a);
}

static void settled_arena_gives_null(void **state)
{
	struct arena *a = arena_new();
	size_t cap = 0;

	arena_fail_after(a, 2);
	assert_non_null(arena_alloc(a, 1));
	assert_null(arena_alloc(a, 1));
	assert_non_null(arena_alloc(a, 1)); /* that one only */
	arena_fail_after(a, 1);
	assert_null(arena_printf(a, "x"));
	arena_fail_after(a, 1);
	assert_null(arena_grow(a, NULL, 0, &cap, 8));
	assert_int_equal(cap, 0);
	arena_free(a);
}

/* Builds something of several kinds; where memory ends, lands in the caller. */
static void build(struct arena *a)
{
	VEC(int) v = {0};

	for (int i = 0; i < 20; i++)
		*vec_push(a, &v) = i;
	arena_printf(a, "%d", *arena_new_of(a, int));
	arena_strdup(a, "end");
}

/* True when build() came to its end, with the n-th allocation failing. */
static bool build_failing_at(unsigned long n)
{
	struct arena *a = arena_new();

	if (arena_exhausted(a)) {
		arena_free(a);
		return false;
	}
	arena_fail_after(a, n);
	build(a);
	arena_settle(a);
	arena_free(a);
	return true;
}

static void lands_wherever_memory_ends(void **state)
{
	unsigned long n = 1;

	while (!build_failing_at(n))
		n++;
	assert_in_range(n, 4, 100); /* every allocation failed once */
	assert_true(build_failing_at(0));
}

static void landing_is_used_once(void **state)
{
	struct arena *a = arena_new();
	volatile int landed = 0;

	if (arena_exhausted(a)) {
		landed++;
		arena_fail_after(a, 1);
		assert_null(arena_alloc(a, 1)); /* settled by the jump */
	} else {
		arena_fail_after(a, 1);
		arena_alloc(a, 1);
		fail_msg("did not land");
	}
	assert_int_equal(landed, 1);
	arena_free(a);
}

static void real_exhaustion_lands_too(void **state)
{
	struct arena *a = arena_new();

	if (arena_exhausted(a)) {
		memory_fail_after(0);
		arena_free(a);
		return;
	}
	memory_fail_after(1);
	for (int i = 0; i < 100000; i++)
		arena_alloc(a, 100);
	memory_fail_after(0);
	fail_msg("memory did not end");
}

static void no_arena_without_memory(void **state)
{
	struct arena *a;

	memory_fail_after(1);
	a = arena_new();
	memory_fail_after(0);
	assert_null(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_zeroed_and_aligned_memory),
		cmocka_unit_test(allocations_do_not_overlap),
		cmocka_unit_test(copies_and_formats),
		cmocka_unit_test(vector_grows_and_keeps_its_items),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(settled_arena_gives_null),
		cmocka_unit_test(lands_wherever_memory_ends),
		cmocka_unit_test(landing_is_used_once),
		cmocka_unit_test(real_exhaustion_lands_too),
		cmocka_unit_test(no_arena_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
