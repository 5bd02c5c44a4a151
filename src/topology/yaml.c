/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From text to a tree of values, on libfyaml's event interface: its document
 * builder takes quadratic time for large maps and lists, its events do not.
 *
 * Time and memory are linear in the text whatever it holds: aliases are not
 * expanded but refused, depth and number of values are bounded, and duplicate
 * keys are found by hashing. The open containers are a stack of fixed size;
 * nothing here recurses.
 *
 * libfyaml allocates and the arena may jump: what it allocates hangs from
 * struct yaml, which the caller frees whether there was a jump or not.
 */
#include "yaml_words.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "map.h"
#include "text.h"
#include "utf8.h"
#include "value.h"

struct yaml {
	struct fy_parser *parser;
	struct fy_diag *diag;
	struct fy_event *event;
	struct fy_token_iter *iter;
};

/* A container whose end has not come yet. */
struct frame {
	struct value *container;
	struct value *last; /* its newest item or key */
	struct value *key;  /* map: a key that waits for its value */
};

struct builder {
	struct yaml *y;
	const struct source *source;
	struct arena *arena;
	struct faults *faults;
	struct frame stack[VALUE_DEPTH_MAX];
	unsigned depth;
	struct value *root;
	size_t count;
	unsigned documents;
	unsigned line, column; /* of the newest value: where an empty one is said to stand */
	bool told_alias;
};

struct yaml *yaml_new(void)
{
	struct yaml *y = calloc(1, sizeof(*y));

	if (!y)
		return NULL;
	y->diag = fy_diag_create(NULL);
	if (y->diag) {
		fy_diag_set_collect_errors(y->diag, true);
		struct fy_parse_cfg cfg = {
			.flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE,
			.diag = y->diag,
		};
		y->parser = fy_parser_create(&cfg);
		y->iter = fy_token_iter_create(NULL);
	}
	if (!y->parser || !y->iter) {
		yaml_free(y);
		return NULL;
	}
	return y;
}

void yaml_free(struct yaml *y)
{
	if (!y)
		return;
	if (y->iter)
		fy_token_iter_destroy(y->iter);
	if (y->event)
		fy_parser_event_free(y->parser, y->event);
	if (y->parser)
		fy_parser_destroy(y->parser);
	if (y->diag)
		fy_diag_destroy(y->diag);
	free(y);
}

static struct nsl_pos here(const struct builder *b)
{
	return (struct nsl_pos){.file = b->source->file, .line = b->line, .column = b->column};
}

/* Where an event stands; one without a place of its own stands where the last one did. */
static void note_place(struct builder *b, struct fy_event *e)
{
	const struct fy_mark *mark = fy_event_start_mark(e);

	if (mark && mark->line >= 0 && mark->column >= 0) {
		b->line = (unsigned)mark->line + 1;
		b->column = (unsigned)mark->column + 1;
	}
}

/* The next event, or NULL. The one before is gone. */
static struct fy_event *next_event(struct yaml *y)
{
	if (y->event)
		fy_parser_event_free(y->parser, y->event);
	y->event = fy_parser_parse(y->parser);
	return y->event;
}

static bool is_null_word(const char *s)
{
	return !*s || streq(s, "~") || streq(s, "null") || streq(s, "Null") || streq(s, "NULL");
}

static void check_alias(struct builder *b)
{
	if (b->told_alias)
		return;
	b->told_alias = true;
	fault(b->faults, here(b), "anchors and aliases (\"&\", \"*\") are not part of a topology");
	fault_hint(b->faults, "write the value out at each place; quote a text that begins with \"&\" or \"*\"");
}

/* Core tags that say what the value is anyway are let through. Returns whether the tag makes a scalar text. */
static bool check_tag(struct builder *b, struct fy_token *tag, enum value_kind kind)
{
	static const char core[] = "tag:yaml.org,2002:";
	static const struct {
		const char *name;
		enum value_kind kind;
	} known[] = {{"str", VALUE_SCALAR}, {"int", VALUE_SCALAR}, {"bool", VALUE_SCALAR},
	             {"null", VALUE_NULL},  {"seq", VALUE_LIST},   {"map", VALUE_MAP}};
	size_t len;
	const char *text;

	if (!tag)
		return false;
	text = fy_token_get_text(tag, &len);
	if (!text)
		return false;
	if (len >= sizeof(core) - 1 && !memcmp(text, core, sizeof(core) - 1)) {
		const char *name = text + sizeof(core) - 1;
		size_t n = len - (sizeof(core) - 1);

		for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
			if (strlen(known[i].name) == n && !memcmp(known[i].name, name, n) && known[i].kind == kind)
				return i == 0;
		}
	}
	fault(b->faults, here(b), "tag \"%.*s\" has no meaning in a topology", (int)(len < 80 ? len : 80), text);
	fault_hint(b->faults, "take it out");
	return false;
}

static bool valid_text(const char *s, size_t len)
{
	uint32_t c;

	for (size_t at = 0; at < len;) {
		at += utf8_decode(s + at, len - at, &c);
		if (c == 0 || c == UTF8_INVALID)
			return false;
	}
	return true;
}

/* The text of a scalar, in pieces: to (with room for all of it) or nowhere. Returns its length. */
static size_t put_chunks(struct yaml *y, struct fy_token *token, char *to)
{
	const struct fy_iter_chunk *chunk = NULL;
	size_t len = 0;

	fy_token_iter_start(token, y->iter);
	while ((chunk = fy_token_iter_chunk_next(y->iter, chunk, NULL))) {
		if (to)
			memcpy(to + len, chunk->str, chunk->len);
		len += chunk->len;
	}
	fy_token_iter_finish(y->iter);
	return len;
}

/* The text of a scalar, copied. A quoted one not by fy_token_get_text(): that leaks memory where there are many escapes. */
static const char *token_text(struct builder *b, struct fy_token *token, size_t *len)
{
	char *text;

	if (fy_token_scalar_style(token) == FYSS_PLAIN) {
		const char *plain = fy_token_get_text(token, len);

		return plain ? arena_strndup(b->arena, plain, *len) : "";
	}
	*len = put_chunks(b->y, token, NULL);
	text = arena_alloc(b->arena, *len + 1);
	put_chunks(b->y, token, text);
	return text;
}

/* Whether a scalar goes over more than one line. Nothing in a topology does, and libfyaml takes quadratic time for the
 * empty lines in it. */
static bool is_multiline(struct fy_token *token)
{
	const struct fy_mark *start = fy_token_start_mark(token), *end = fy_token_end_mark(token);
	enum fy_scalar_style style = fy_token_scalar_style(token);

	return style == FYSS_LITERAL || style == FYSS_FOLDED || (start && end && start->line != end->line);
}

static void fill_scalar(struct builder *b, struct value *v, struct fy_event *e)
{
	struct fy_token *token = e->scalar.value;
	size_t len = 0;
	const char *text;

	if (token && is_multiline(token)) {
		fault(b->faults, here(b), "a text of more than one line");
		fault_hint(b->faults, "write it on one line; a line that is meant as a key needs its \":\"");
		v->kind = VALUE_FAULTY;
		return;
	}
	text = token ? token_text(b, token, &len) : "";
	v->kind = VALUE_SCALAR;
	v->quoted = token && fy_token_scalar_style(token) != FYSS_PLAIN;
	/* Only an escape in a quoted text can bring one in: text_check() has seen the rest. */
	if (v->quoted && !valid_text(text, len)) {
		fault(b->faults, here(b), "a text with a NUL character or half a character in it");
		v->kind = VALUE_FAULTY;
		return;
	}
	v->text = text;
	if (!v->quoted && is_null_word(v->text))
		v->kind = VALUE_NULL;
	if (check_tag(b, e->scalar.tag, v->kind))
		v->quoted = true;
	if (e->scalar.anchor)
		check_alias(b);
}

/* The value that an event begins. */
static struct value *value_of(struct builder *b, struct fy_event *e)
{
	struct value *v = arena_new_of(b->arena, struct value);

	note_place(b, e);
	v->line = b->line;
	v->column = b->column;
	switch (e->type) {
	case FYET_SCALAR:
		fill_scalar(b, v, e);
		break;
	case FYET_SEQUENCE_START:
		v->kind = VALUE_LIST;
		check_tag(b, e->sequence_start.tag, v->kind);
		if (e->sequence_start.anchor)
			check_alias(b);
		break;
	case FYET_MAPPING_START:
		v->kind = VALUE_MAP;
		check_tag(b, e->mapping_start.tag, v->kind);
		if (e->mapping_start.anchor)
			check_alias(b);
		break;
	default: /* FYET_ALIAS */
		v->kind = VALUE_FAULTY;
		check_alias(b);
	}
	return v;
}

static void append(struct frame *f, struct value *v)
{
	if (f->last)
		f->last->next = v;
	else
		f->container->first = v;
	f->last = v;
	f->container->n++;
}

/* Puts a value where the stack says it belongs. */
static void place(struct builder *b, struct value *v)
{
	struct frame *f = b->depth ? &b->stack[b->depth - 1] : NULL;

	if (!f) {
		b->root = v;
	} else if (f->container->kind == VALUE_LIST) {
		append(f, v);
	} else if (!f->key) {
		f->key = v;
	} else {
		struct value *key = f->key;

		f->key = NULL;
		key->value = v;
		append(f, key);
		if (key->kind != VALUE_SCALAR && key->kind != VALUE_FAULTY) {
			fault(b->faults, value_pos(b->source, key), "a key must be text, not %s",
			      kind_phrase(key->kind));
			if (key->kind == VALUE_NULL)
				fault_hint(b->faults, "quote it if it is meant as a name");
			else
				fault_hint(b->faults, "a text that begins with \"{\" or \"[\" needs quotes");
			key->kind = VALUE_FAULTY;
		}
	}
}

static void complain_duplicate(struct builder *b, const struct value *key, const struct value *earlier)
{
	struct nsl_pos at = value_pos(b->source, earlier);

	fault(b->faults, value_pos(b->source, key), "duplicate key \"%.80s\"", key->text);
	fault_hint(b->faults, "the first one is at %s:%u:%u", at.file, at.line, at.column);
}

/* The key of the same text before `key`, or NULL. Small maps need no hash. */
static struct value *earlier_key(struct map *seen, struct value *map, struct value *key)
{
	if (key->kind != VALUE_SCALAR)
		return NULL;
	if (seen)
		return map_puts(seen, key->text, key);
	for (struct value *k = map->first; k != key; k = k->next) {
		if (k->kind == VALUE_SCALAR && streq(k->text, key->text))
			return k;
	}
	return NULL;
}

/* Takes every key but the first of its text out of a map. */
static void drop_duplicates(struct builder *b, struct value *map)
{
	struct map *seen = map->n > 8 ? map_new(b->arena) : NULL;
	struct value **at = &map->first;

	while (*at) {
		struct value *key = *at, *earlier = earlier_key(seen, map, key);

		if (!earlier) {
			at = &key->next;
			continue;
		}
		complain_duplicate(b, key, earlier);
		*at = key->next;
		map->n--;
	}
}

/* One event. False ends the reading, with a fault. */
static bool take_event(struct builder *b, struct fy_event *e)
{
	struct value *v;

	switch (e->type) {
	case FYET_DOCUMENT_START:
		if (++b->documents == 1)
			return true;
		note_place(b, e);
		fault(b->faults, here(b), "a second document begins here");
		fault_hint(b->faults,
		           "one file describes one lab: take the \"---\" out, or move the rest to a file of its own");
		return false;
	case FYET_SCALAR:
	case FYET_ALIAS:
	case FYET_SEQUENCE_START:
	case FYET_MAPPING_START:
		break;
	case FYET_MAPPING_END:
		drop_duplicates(b, b->stack[b->depth - 1].container);
		b->depth--;
		return true;
	case FYET_SEQUENCE_END:
		b->depth--;
		return true;
	default:
		return true;
	}
	if (++b->count > VALUE_COUNT_MAX) {
		fault(b->faults, here(b), "more than %d values", (int)VALUE_COUNT_MAX);
		return false;
	}
	v = value_of(b, e);
	place(b, v);
	if (v->kind != VALUE_LIST && v->kind != VALUE_MAP)
		return true;
	if (b->depth == VALUE_DEPTH_MAX) {
		fault(b->faults, here(b), "more than %d levels of lists and maps", (int)VALUE_DEPTH_MAX);
		return false;
	}
	b->stack[b->depth++] = (struct frame){.container = v};
	return true;
}

/* The innermost container that "[" or "{" began, or NULL. */
static const struct value *open_bracket(const struct builder *b, char *bracket)
{
	const struct source *s = b->source;

	for (unsigned i = b->depth; i-- > 0;) {
		const struct value *v = b->stack[i].container;
		const char *line = source_line(s, b->arena, v->line);
		uint32_t c;

		for (unsigned column = 1; line && *line && column < v->column; column++)
			line += utf8_decode(line, strlen(line), &c);
		if (line && (*line == '[' || *line == '{')) {
			*bracket = *line;
			return v;
		}
	}
	return NULL;
}

/* What libfyaml has to say about the text: only its first complaint, for the others follow from it. */
static void complain_syntax(struct builder *b)
{
	void *iter = NULL;
	const struct fy_diag_error *e = fy_diag_errors_iterate(b->y->diag, &iter);
	struct nsl_pos pos = here(b);
	const struct syntax_words *words = syntax_words(e ? e->msg : "");
	const struct value *open;
	char bracket;

	if (e) {
		pos.line = e->line > 0 ? (unsigned)e->line : 1;
		pos.column = e->column > 0 ? (unsigned)e->column : 1;
	}
	open = words && words->unclosed ? open_bracket(b, &bracket) : NULL;
	if (open) {
		faults_take_back(b->faults, value_pos(b->source, open));
		fault(b->faults, value_pos(b->source, open), "this \"%c\" is not closed before line %u", bracket,
		      pos.line);
		fault_hint(b->faults, "a \"%c\" or a \",\" is missing", bracket == '[' ? ']' : '}');
	} else if (words) {
		fault(b->faults, pos, "%s", words->message);
		if (words->hint)
			fault_hint(b->faults, "%s", words->hint);
	} else {
		fault(b->faults, pos, "not YAML: %s", e ? e->msg : "it ends in the middle");
	}
}

struct value *yaml_parse(struct yaml *y, const struct source *source, struct arena *arena, struct faults *faults)
{
	struct builder *b = arena_new_of(arena, struct builder);
	struct fy_event *e;

	*b = (struct builder){.y = y, .source = source, .arena = arena, .faults = faults, .line = 1, .column = 1};
	if (fy_parser_set_string(y->parser, source->text, source->len)) {
		complain_syntax(b);
		return NULL;
	}
	while ((e = next_event(y))) {
		if (!take_event(b, e))
			return NULL;
	}
	if (fy_parser_get_stream_error(y->parser)) {
		complain_syntax(b);
		return NULL;
	}
	if (!b->root || b->root->kind == VALUE_NULL) {
		fault(faults, (struct nsl_pos){.file = source->file}, "there is nothing in this file");
		fault_hint(faults, "the smallest lab with a cable: {nodes: {one: {}, two: {}}, links: [[one, two]]}");
		return NULL;
	}
	return b->root;
}
