/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An arena: memory that is taken bit by bit and given back all at once.
 *
 * A document, a model, a plan, a state: one arena each. The pure middle of
 * nsloom (reading, checking, allocating, routing, planning) takes memory from
 * nowhere else, so that it can leave memory's end to one place:
 *
 *     struct arena *a = arena_new();
 *     if (!a)
 *             return error_oom(err);
 *     if (arena_exhausted(a)) {            // setjmp: memory ran out below
 *             arena_free(a);
 *             return error_oom(err);
 *     }
 *     … any depth of calls; arena_alloc() never returns NULL …
 *     arena_settle(a);                     // before the caller returns
 *
 * Between arena_exhausted() and arena_settle() nothing else may be owned that
 * a jump would lose: no descriptor, no malloc'd memory in a local (make such
 * things before, free them after, and let locals that change in between be
 * volatile or live in the arena). On a settled arena, arena_alloc() returns
 * NULL when memory is out; vec_push() and map.h, which have no way to say so,
 * want a landing.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is fine */

/* Where to go when memory ends. An arena has one such place at a time. */
jmp_buf *arena_landing(struct arena *a);
#define arena_exhausted(a) (setjmp(*arena_landing(a)) != 0)
void arena_settle(struct arena *a);

/* Zeroed memory, aligned for any type. Size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((malloc, alloc_size(2)));
void *arena_calloc(struct arena *a, size_t n, size_t size);
#define arena_new_of(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, n, type) ((type *)arena_calloc((a), (n), sizeof(type)))

char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/*
 * A growing array in an arena. `v` is a struct with members `items`, `n` and
 * `cap`; see VEC(). vec_push() returns the new, zeroed item.
 *
 *     VEC(struct node) nodes = {0};
 *     struct node *n = vec_push(a, &nodes);
 *
 * Growing moves the items: keep indices, not pointers, while it grows.
 */
#define VEC(type)              \
	struct {               \
		type *items;   \
		size_t n, cap; \
	}
#define vec_push(a, v)                                                                                                 \
	((v)->n < (v)->cap ? (void)0                                                                                   \
	                   : (void)((v)->items = arena_grow((a), (v)->items, (v)->n, &(v)->cap, sizeof(*(v)->items))), \
	 &(v)->items[(v)->n++])
void *arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t size);

/* Makes room for so many items in an empty array: it will not be copied on its way there. */
#define vec_reserve(a, v, count) ((v)->items = arena_reserve((a), (count), &(v)->cap, sizeof(*(v)->items)))
void *arena_reserve(struct arena *a, size_t count, size_t *cap, size_t size);

/* Bytes the arena holds from the system. */
size_t arena_size(const struct arena *a);

/* For tests: the n-th allocation from now (1 = the next) finds no memory. 0: never. */
void arena_fail_after(struct arena *a, unsigned long n);

static inline void arena_freep(struct arena **a)
{
	arena_free(*a);
}
#define _cleanup_arena_ __attribute__((cleanup(arena_freep)))

#endif
