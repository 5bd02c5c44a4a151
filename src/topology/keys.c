/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop that reads every map of a topology by its table of keys, and what it says of keys that are not there. */
#include "keys.h"

#include <string.h>

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

/* The key of a set that is nearest to a text, or NULL. */
static const struct key *nearest_key(const struct keyset *set, const char *text)
{
	const char *names[16], *near;
	size_t n = 0;

	while (n < set->n && n < ARRAY_SIZE(names)) {
		names[n] = set->keys[n].name;
		n++;
	}
	near = nearest_word(text, names, n);
	return near ? find_key(set, near) : NULL;
}

/* The sets that have a key of exactly that name, as words: "a network, a link". */
static const char *sets_with(struct reader *r, const char *name)
{
	const char *list = "";

	for (const struct keyset *const *set = topology_keysets; *set; set++) {
		if (find_key(*set, name))
			list = arena_printf(r->arena, "%s%s%s", list, *list ? ", " : "", (*set)->what);
	}
	return list;
}

/* The word in any set that a text must have meant, or NULL. Short texts are near to too much. */
static const char *meant_elsewhere(const char *text)
{
	for (const struct keyset *const *set = topology_keysets; *set; set++) {
		if (find_key(*set, text))
			return text;
	}
	for (const struct keyset *const *set = topology_keysets; *set && strlen(text) >= 4; set++) {
		const struct key *k = nearest_key(*set, text);

		if (k)
			return k->name;
	}
	return NULL;
}

/* Where an unknown key may have been meant to stand, or all that may stand here. */
static void hint_unknown(struct reader *r, const struct keyset *set, const char *text)
{
	const char *meant = meant_elsewhere(text), *list = "";

	if (meant) {
		fault_hint(r->faults, "\"%s\" belongs to %s; this is %s", meant, sets_with(r, meant), set->what);
		return;
	}
	for (size_t i = 0; i < set->n; i++)
		list = arena_printf(r->arena, "%s%s%s", list, i ? ", " : "", set->keys[i].name);
	fault_hint(r->faults, "%s takes these keys: %s", set->what, list);
}

/* Complains about a key that nobody knows. Returns what it is taken for, or NULL. */
static const struct key *unknown_key(struct reader *r, const struct keyset *set, const struct value *map,
                                     const struct value *at)
{
	const struct key *near = nearest_key(set, at->text);

	fault_value(r, at, "unknown key \"%.80s\"", at->text);
	if (near)
		fault_hint(r->faults, "did you mean \"%s\"?", near->name);
	else
		hint_unknown(r, set, at->text);
	return near && !map_key(map, near->name) ? near : NULL;
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
		if (v->kind == VALUE_LIST)
			fault_hint(r->faults,
			           "write {NAME: {…}, NAME: {…}}; in a block, \"NAME:\" instead of \"- NAME\"");
		r->lost++;
	}
	return false;
}

/* A value that is a map of keys; null is an empty one. `what` and `name` are for the complaint. */
bool is_key_map(struct reader *r, const struct keyset *set, const char *name, const struct value *v)
{
	struct key k = {.name = name, .expects = arena_printf(r->arena, "a map with the keys of %s", set->what)};

	if (v->kind == VALUE_MAP)
		return true;
	if (v->kind != VALUE_NULL)
		fault_type(r, &k, v);
	return false;
}
