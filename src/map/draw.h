/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A map in a language that draws. See nsloom_map_draw(). */
#ifndef MAP_DRAW_H
#define MAP_DRAW_H

#include <nsloom/map.h>

#include "arena.h"
#include "strbuf.h"

/* *out is malloc'd. 0 or -errno with *err set. */
int draw_map(const struct nsl_map *map, enum nsl_map_format format, char **out, struct nsl_error **err);

/* In an arena that has a landing; b belongs to the caller. */
void draw_dot(struct arena *a, const struct nsl_map *map, struct strbuf *b);
void draw_mermaid(struct arena *a, const struct nsl_map *map, struct strbuf *b);

#endif
