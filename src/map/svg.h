/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A placed scene as SVG: svg.c the document, svg_shapes.c what stands in it, svg_wires.c what connects it, tip.c what is
 * said of each thing where one points at it. The look is in view.css, what moves in view.js. */
#ifndef MAP_SVG_H
#define MAP_SVG_H

#include "scene.h"
#include "strbuf.h"

struct svg {
	struct strbuf *b;
	const struct scene *s;
	int32_t *hue; /* of each shape that is a switch or a rack: its colour; -1: none */
};

enum { HUES = 8 };

/* A document of its own; with `inside`, the element for a page. */
void svg_put(struct svg *v, bool inside);

void svg_shapes(struct svg *v);
void svg_wires(struct svg *v);
void svg_groups(struct svg *v);

/* Text of a given width; an anchor is "start", "middle" or "end". */
void svg_text(struct svg *v, double x, double y, const char *class, const char *text, double cell);

/* ---- what is said of things, as lines of text; escaped ---------------------------------------------- */

void tip_device(struct svg *v, const struct nsl_netns *ns, const struct nsl_device *d);
void tip_space(struct svg *v, int32_t node);
void tip_switch(struct svg *v, int32_t node);
void tip_edge(struct svg *v, const struct nsl_map_edge *e);

/* "up", "no carrier", "down"; as words and as classes. */
const char *state_word(enum nsl_map_state state);
const char *state_class(enum nsl_map_state state);
enum nsl_map_state device_state(const struct nsl_device *d);

#endif
