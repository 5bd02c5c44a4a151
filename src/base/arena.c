/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arena: a list of chunks, the newest first, and a cursor in the newest.
 *
 * Chunks come from calloc(), so what is handed out is zero without being
 * touched, and large ones are fresh pages of the kernel's. They double from
 * 4 KiB up to 1 MiB: a small lab stays small, a large one asks seldom.
 *
 * Under AddressSanitizer every allocation is a chunk of its own: an access
 * beyond its end is then seen, which inside a large chunk it would not be.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#if defined(__SANITIZE_ADDRESS__)
#define CHUNK_EACH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHUNK_EACH 1
#endif
#endif
#ifndef CHUNK_EACH
#define CHUNK_EACH 0
#endif

#define CHUNK_FIRST ((size_t)4096)
#define CHUNK_MAX ((size_t)1 << 20)
#define ALIGN _Alignof(max_align_t)

struct chunk {
	struct chunk *older;
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *newest;
	unsigned char *at;  /* the first free byte of the newest chunk */
	unsigned char *end; /* behind its last */
	size_t next_size;   /* bytes of data in the next chunk, at least */
	size_t size;        /* bytes held, headers included */
	unsigned long fail; /* 1: the next allocation fails; 0: none does */
	bool armed;         /* landing is valid */
	jmp_buf landing;
};

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->next_size = CHUNK_FIRST;
	a->size = sizeof(*a);
	return a;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct chunk *c = a->newest, *older; c; c = older) {
		older = c->older;
		free(c);
	}
	free(a);
}

jmp_buf *arena_landing(struct arena *a)
{
	a->armed = true;
	return &a->landing;
}

void arena_settle(struct arena *a)
{
	a->armed = false;
}

/* Memory is out: jumps to the landing, once; NULL where there is none. */
static void *exhausted(struct arena *a)
{
	if (a->armed) {
		a->armed = false;
		longjmp(a->landing, 1);
	}
	return NULL;
}

/* True where a test wants this allocation to fail. */
static bool fails_now(struct arena *a)
{
	return a->fail > 0 && --a->fail == 0;
}

/* Makes a chunk with room for `size` bytes the newest one. */
static bool chunk_add(struct arena *a, size_t size)
{
	size_t room = CHUNK_EACH || size > a->next_size ? size : a->next_size;
	struct chunk *c;
	size_t total;

	if (__builtin_add_overflow(sizeof(*c), room, &total))
		return false;
	c = calloc(1, total);
	if (!c)
		return false;
	c->older = a->newest;
	a->newest = c;
	a->at = c->data;
	a->end = c->data + room;
	a->size += total;
	if (a->next_size < CHUNK_MAX)
		a->next_size *= 2;
	return true;
}

/* `size` zeroed bytes at a multiple of `align` (a power of two). */
static void *take(struct arena *a, size_t size, size_t align)
{
	size_t gap = -(uintptr_t)a->at & (align - 1);
	size_t left = (size_t)(a->end - a->at);
	unsigned char *p;

	if (size == 0)
		size = 1;
	if (fails_now(a))
		return exhausted(a);
	if (left < gap || left - gap < size) {
		if (!chunk_add(a, size))
			return exhausted(a);
		gap = 0; /* a chunk's data is aligned for everything */
	}
	p = a->at + gap;
	a->at = p + size;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return take(a, size, ALIGN);
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		return exhausted(a);
	return take(a, total, ALIGN);
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = take(a, len + 1, 1);

	if (copy)
		memcpy(copy, s, len);
	return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *s = NULL;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0 || len == INT_MAX)
		return exhausted(a);
	s = take(a, (size_t)len + 1, 1);
	if (s)
		vsnprintf(s, (size_t)len + 1, fmt, ap);
	return s;
}

/* Whether `more` bytes behind `end` are still free in the newest chunk: then an array that ends there grows in place. */
static bool room_behind(const struct arena *a, const unsigned char *end, size_t more)
{
	return end == a->at && (size_t)(a->end - a->at) >= more;
}

void *arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap : 4, total;
	void *grown;

	if (__builtin_add_overflow(*cap, want, &want) || __builtin_mul_overflow(want, size, &total))
		return exhausted(a);
	if (items && room_behind(a, (unsigned char *)items + *cap * size, total - *cap * size)) {
		if (fails_now(a))
			return exhausted(a);
		a->at += total - *cap * size;
		*cap = want;
		return items;
	}
	grown = take(a, total, ALIGN);
	if (!grown)
		return NULL;
	if (items)
		memcpy(grown, items, n * size);
	*cap = want;
	return grown;
}

void *arena_reserve(struct arena *a, size_t count, size_t *cap, size_t size)
{
	size_t total;

	*cap = 0;
	if (__builtin_mul_overflow(count, size, &total))
		return exhausted(a);
	*cap = count;
	return total ? take(a, total, ALIGN) : NULL;
}

size_t arena_size(const struct arena *a)
{
	return a->size;
}

void arena_fail_after(struct arena *a, unsigned long n)
{
	a->fail = n;
}
