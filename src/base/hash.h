/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyed hash behind map.h. What must be the same everywhere uses stable_hash() of map.h instead. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-2-4 of len bytes: without the key nobody can make two inputs collide. */
uint64_t keyed_hash(const void *data, size_t len, const uint64_t key[2]);

#endif
