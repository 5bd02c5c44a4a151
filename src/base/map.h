/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash map from bytes to a pointer, in an arena; keys are copied, nothing is
 * removed. Lookup and insertion are O(1) on any input: the hash is keyed with
 * a random seed, so that a hostile file cannot make them collide. Iteration
 * order is not defined, and nothing that is printed may depend on it.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "arena.h"

struct map;

struct map *map_new(struct arena *a);
/* The value of a key, or NULL. */
void *map_get(const struct map *m, const void *key, size_t len);
/* Puts value (not NULL) unless the key is there: returns what is there before, or NULL when it was put. */
void *map_put(struct map *m, const void *key, size_t len, void *value);
/* The same for strings. */
void *map_gets(const struct map *m, const char *key);
void *map_puts(struct map *m, const char *key, void *value);

/* A 64-bit hash that is the same on every machine and in every version: names, MACs and addresses hang on it (FNV-1a,
 * then mixed by murmur3's finaliser). */
uint64_t stable_hash(const void *data, size_t len, uint64_t seed);

#endif
