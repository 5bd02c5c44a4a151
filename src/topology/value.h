/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file as YAML sees it: scalars, lists and maps, each with its place, and
 * nothing yet of what they mean. A tree that is built once, in an arena.
 *
 * What a topology has no use for is complained about here and is not in the
 * tree: anchors, aliases, tags, keys that are not text, a second document. A
 * value that had to be left out stands there as VALUE_FAULTY, so that nobody
 * complains about it again.
 */
#ifndef TOPOLOGY_VALUE_H
#define TOPOLOGY_VALUE_H

#include "source.h"

enum value_kind { VALUE_NULL, VALUE_SCALAR, VALUE_LIST, VALUE_MAP, VALUE_FAULTY, VALUE_KIND_COUNT };

struct value {
	enum value_kind kind;
	bool quoted; /* a scalar that is text whatever it looks like */
	unsigned line, column;
	size_t n;            /* items of a list, keys of a map */
	const char *text;    /* a scalar as written; no NUL inside, valid UTF-8 */
	struct value *first; /* list: its items; map: its keys (scalars, or VALUE_FAULTY), each of which has … */
	struct value *value; /* … its value here; never NULL in a key */
	struct value *next;
};

enum {
	VALUE_DEPTH_MAX = 64,      /* a topology needs nine */
	VALUE_COUNT_MAX = 4 << 20, /* values of a file; 10,000 nodes need 100,000 */
};

/* What outlives a jump to the arena's landing: libfyaml's parser and the event in hand. */
struct yaml;
struct yaml *yaml_new(void); /* NULL: out of memory */
void yaml_free(struct yaml *y);

/*
 * The tree of a text (which text_check() has passed), in the arena (which has
 * a landing). NULL where the text is no YAML or there is nothing in it; that
 * and everything else that is wrong goes to `faults`. Duplicate keys are
 * faults, and the tree has only the first.
 */
struct value *yaml_parse(struct yaml *y, const struct source *source, struct arena *arena, struct faults *faults);

/* Whether a text may be YAML at all: UTF-8 without control characters. At most one fault, at the first bad byte. */
bool text_check(const char *text, size_t len, const char *file, struct faults *faults);

static inline struct nsl_pos value_pos(const struct source *s, const struct value *v)
{
	return (struct nsl_pos){.file = s->file, .line = v->line, .column = v->column};
}

#endif
