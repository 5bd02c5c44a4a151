/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "json.h"
#include "strbuf.h"

static void *must_alloc(size_t size)
{
	static const char message[] = "error: out of memory\n";
	void *p = malloc(size);

	if (!p) {
		(void)!write(STDERR_FILENO, message, sizeof(message) - 1);
		_exit(1);
	}
	return p;
}

void json_init(void)
{
	json_set_alloc_funcs(must_alloc, free);
}

json_t *json_text(const char *s)
{
	_cleanup_strbuf_ struct strbuf b = {0};
	json_t *j = json_string(s);

	if (j)
		return j;
	strbuf_addsafe(&b, s, strlen(s));
	return json_string(b.s && !b.failed ? b.s : "");
}

void put_text(json_t *object, const char *key, const char *value)
{
	if (value)
		json_object_set_new(object, key, json_text(value));
}

void put_number(json_t *object, const char *key, long long value)
{
	json_object_set_new(object, key, json_integer(value));
}

void put_known(json_t *object, const char *key, long long value)
{
	if (value)
		put_number(object, key, value);
}

void put_bool(json_t *object, const char *key, bool value)
{
	json_object_set_new(object, key, json_boolean(value));
}

json_t *put_array(json_t *object, const char *key)
{
	json_t *array = json_array();

	json_object_set_new(object, key, array);
	return array;
}

void put_texts(json_t *object, const char *key, const char *const *values, size_t n)
{
	json_t *array = put_array(object, key);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_text(values[i]));
}

json_t *add_object(json_t *array)
{
	json_t *object = json_object();

	json_array_append_new(array, object);
	return object;
}

static int write_chunk(const char *data, size_t len, void *out)
{
	strbuf_add(&((struct out *)out)->text, data, len);
	return 0;
}

void json_print(struct out *o, json_t *document)
{
	json_dump_callback(document, write_chunk, o, JSON_INDENT(2));
	json_decref(document);
	out_newline(o);
}

void json_print_line(struct out *o, json_t *document)
{
	json_dump_callback(document, write_chunk, o, JSON_COMPACT);
	json_decref(document);
	out_newline(o);
}

static void put_error(json_t *object, const struct nsl_error *e)
{
	put_text(object, "code", nsl_error_word(e->code));
	put_text(object, "message", e->message);
	put_text(object, "file", e->pos.file);
	put_known(object, "line", e->pos.line);
	put_known(object, "column", e->pos.column);
	put_text(object, "excerpt", e->excerpt);
	put_text(object, "hint", e->hint);
	put_text(object, "kernel", e->kernel);
	if (e->cause) {
		json_t *cause = json_object();

		json_object_set_new(object, "cause", cause);
		put_error(cause, e->cause);
	}
}

void put_errors(json_t *document, const struct nsl_error *err)
{
	json_t *array = put_array(document, "errors");

	for (; err; err = err->next)
		put_error(add_object(array), err);
}
