/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of others', written into languages of their own. Everywhere, what must not
 * reach a terminal (control characters, marks that turn the direction of text,
 * bytes that are no UTF-8) is written as \xNN; then what the language itself gives a meaning to is escaped.
 */
#ifndef MAP_ESCAPE_H
#define MAP_ESCAPE_H

#include "strbuf.h"

/* Between tags, and in attributes with either kind of quote: XML, HTML, Graphviz's HTML-like labels. */
void put_xml(struct strbuf *b, const char *text);
/* Between the double quotes of a string in DOT. */
void put_dot_string(struct strbuf *b, const char *text);
/* Between the double quotes of a label in Mermaid. */
void put_mermaid(struct strbuf *b, const char *text);

#endif
