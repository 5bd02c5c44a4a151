/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Graphviz's library, which finds places for shapes. It is loaded when a drawing
 * asks for it and not before: the program starts without it, and builds without
 * its headers. It works in a child, because it may crash, exit, or
 * take hours, depending on the graph; the child is killed when its time is over.
 */
#ifndef MAP_GRAPHVIZ_H
#define MAP_GRAPHVIZ_H

#include <stddef.h>

#include "error.h"

/*
 * Lays out a graph in the DOT language by an engine ("dot", "sfdp"); *out is its
 * JSON ("json0": positions as attributes), malloc'd and NUL-terminated. 0 or -errno with *err set:
 * NSL_E_MISSING where the library or the engine is not here, ETIMEDOUT where it took longer than `seconds`.
 */
int graphviz_layout(const char *dot, const char *engine, unsigned seconds, char **out, struct nsl_error **err);

#endif
