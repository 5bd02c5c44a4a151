/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON, by jansson. The shapes are documented in nsloom-json(7). Of all of
 * them holds: one object; a key whose value is unknown or does not apply is
 * left out, there are no nulls; arrays and booleans are always there; arrays
 * are in the lab's own order.
 *
 * Memory that runs out ends the program (jansson is told so by json_init()),
 * so that nothing here fails.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <jansson.h>

#include "error.h"
#include "out.h"

void json_init(void);

/* Text that is not UTF-8 as strbuf_addsafe() writes it. */
json_t *json_text(const char *s);
/* object[key] = value. Text that is not UTF-8 is written as strbuf_addsafe() does; NULL is left out. */
void put_text(json_t *object, const char *key, const char *value);
void put_number(json_t *object, const char *key, long long value);
/* The same, but 0 means unknown. */
void put_known(json_t *object, const char *key, long long value);
void put_bool(json_t *object, const char *key, bool value);
void put_texts(json_t *object, const char *key, const char *const *values, size_t n);
/* A new, empty array at object[key]; the object owns it. */
json_t *put_array(json_t *object, const char *key);
/* A new object at the end of the array, which owns it. */
json_t *add_object(json_t *array);

/* Prints the document, and frees it. */
void json_print(struct out *o, json_t *document);
/* The same in one line, for commands that print one after the other. */
void json_print_line(struct out *o, json_t *document);

/* {"errors": […]}: added to the document. */
void put_errors(json_t *document, const struct nsl_error *err);

#endif
