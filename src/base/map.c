/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The map: open addressing with linear probing, at most three quarters full,
 * a power of two in size. A slot without a value is free. An outgrown table
 * stays in the arena, so a map costs twice what it holds.
 */
#include <string.h>
#include <sys/random.h>

#include "hash.h"
#include "map.h"

struct slot {
	uint64_t hash;
	const void *key;
	size_t len;
	void *value;
};

struct map {
	struct arena *arena;
	uint64_t seed[2];
	struct slot *slots;
	size_t size, used;
};

struct map *map_new(struct arena *a)
{
	struct map *m = arena_new_of(a, struct map);

	if (!m)
		return NULL;
	m->arena = a;
	/* Early at boot there may be no randomness yet; the addresses of this process must do then. */
	if (getrandom(m->seed, sizeof(m->seed), GRND_NONBLOCK) != (ssize_t)sizeof(m->seed))
		m->seed[0] = (uintptr_t)m, m->seed[1] = (uintptr_t)&m;
	return m;
}

/* The slot that holds the key, or the free one where it belongs. The table has at least one free slot. */
static struct slot *find(const struct map *m, uint64_t hash, const void *key, size_t len)
{
	for (size_t i = hash & (m->size - 1);; i = (i + 1) & (m->size - 1)) {
		struct slot *s = &m->slots[i];

		if (!s->value)
			return s;
		if (s->hash == hash && s->len == len && (len == 0 || memcmp(s->key, key, len) == 0))
			return s;
	}
}

/* Twice the slots. False, with the map as it was, if a settled arena has no memory. */
static bool grow(struct map *m)
{
	struct map bigger = *m;

	bigger.size = m->size ? m->size * 2 : 8;
	bigger.slots = arena_array(m->arena, bigger.size, struct slot);
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < m->size; i++)
		if (m->slots[i].value)
			*find(&bigger, m->slots[i].hash, m->slots[i].key, m->slots[i].len) = m->slots[i];
	*m = bigger;
	return true;
}

void *map_get(const struct map *m, const void *key, size_t len)
{
	return m->size ? find(m, keyed_hash(key, len, m->seed), key, len)->value : NULL;
}

void *map_put(struct map *m, const void *key, size_t len, void *value)
{
	uint64_t hash = keyed_hash(key, len, m->seed);
	struct slot *s;
	void *copy;

	if (m->used >= m->size / 4 * 3 && !grow(m))
		return NULL;
	s = find(m, hash, key, len);
	if (s->value)
		return s->value;
	copy = arena_alloc(m->arena, len);
	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, key, len);
	*s = (struct slot){hash, copy, len, value};
	m->used++;
	return NULL;
}

void *map_gets(const struct map *m, const char *key)
{
	return map_get(m, key, strlen(key));
}

void *map_puts(struct map *m, const char *key, void *value)
{
	return map_put(m, key, strlen(key), value);
}
