/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop that reads every map of a topology by its table of keys, and what it says of keys that are not there. */
#include "keys.h"

#include "fd.h"
#include "text.h"

const struct key *find_key(const struct keyset *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++) {
		if (streq(set->keys[i].name, name))
			return &set->keys[i];
	}
	return NULL;
}

const struct value *map_key(const struct value *map, const char *name)
{
	for (const struct value *k = map->first; k; k = k->next) {
		if (k->kind == VALUE_SCALAR && streq(k->text, name))
			return k;
	}
	return NULL;
}

/* Complains about a key that nobody knows. Returns what it is taken for, or NULL. */
static const struct key *unknown_key(struct reader *r, const struct keyset *set, const struct value *map, const struct value *at)
{
	const char *names[16], *near, *list = "";
	size_t n = 0;

	for (size_t i = 0; i < set->n && n < ARRAY_SIZE(names); i++) {
		list = arena_printf(r->arena, "%s%s%s", list, n ? ", " : "", set->keys[i].name);
		names[n++] = set->keys[i].name;
	}
	near = nearest_word(at->text, names, n);
	fault_value(r, at, "unknown key \"%.80s\"", at->text);
	if (near)
		fault_hint(r->faults, "did you mean \"%s\"?", near);
	else
		fault_hint(r->faults, "%s takes these keys: %s", set->what, list);
	return near && !map_key(map, near) ? find_key(set, near) : NULL;
}

/* A key beside another that says the same. */
static void check_same(struct reader *r, const struct key *k, const struct value *map, const struct value *at)
{
	const struct value *other = k->same_as ? map_key(map, k->same_as) : NULL;

	if (other)
		fault_value(r, at, "\"%s\" and \"%s\" say the same: give one of them", k->same_as, k->name);
}

size_t read_keys(struct reader *r, const struct keyset *set, const struct value *map, void *obj)
{
	size_t unknown = 0;

	for (const struct value *at = map->first; at; at = at->next) {
		const struct key *k;

		if (at->kind != VALUE_SCALAR) {
			r->bad++;
			unknown++;
			continue;
		}
		k = find_key(set, at->text);
		if (!k)
			k = unknown_key(r, set, map, at);
		if (!k) {
			unknown++;
			continue;
		}
		check_same(r, k, map, at);
		k->read(r, k, at->value, (char *)obj + k->offset);
	}
	return unknown;
}

struct spec_text key_text(const struct reader *r, const struct value *key)
{
	return (struct spec_text){.s = key->text, .pos = reader_pos(r, key)};
}

/* A value that is a map of names; null is an empty one. */
bool is_name_map(struct reader *r, const struct key *k, const struct value *v)
{
	if (v->kind == VALUE_MAP)
		return true;
	if (v->kind != VALUE_NULL) {
		fault_type(r, k, v);
		r->lost++;
	}
	return false;
}

/* A value that is a map of keys; null is an empty one. `what` and `name` are for the complaint. */
bool is_key_map(struct reader *r, const struct keyset *set, const char *name, const struct value *v)
{
	struct key k = {.name = name, .expects = arena_printf(r->arena, "the keys of %s, such as {%s: …}", set->what, set->keys[0].name)};

	if (v->kind == VALUE_MAP)
		return true;
	if (v->kind != VALUE_NULL)
		fault_type(r, &k, v);
	return false;
}
