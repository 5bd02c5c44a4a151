/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of the file that a record's parts were written on. A record is a text
 * of its own, with lines of its own; so that `show` can name those of the user's
 * file, they stand in its second line of comment, in the order of the model:
 * networks, nodes (each with its interfaces, file routes, sysctls), links.
 */
#ifndef ENGINE_LINES_H
#define ENGINE_LINES_H

#include "model.h"
#include "strbuf.h"

void lines_write(const struct model *m, struct strbuf *out);
/* Gives the parts of a model read from a record the places that `text` (what lines_write() wrote) tells, in `file`. Where the two
 * do not fit together the parts have no places. */
void lines_apply(struct model *m, const char *text, const char *file);

#endif
