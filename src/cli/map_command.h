/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of `nsloom map` share. */
#ifndef CLI_MAP_COMMAND_H
#define CLI_MAP_COMMAND_H

#include "map_text.h"

enum map_format { MAP_AUTO, MAP_TEXT, MAP_SVG, MAP_HTML, MAP_DOT, MAP_MERMAID, MAP_JSON, MAP_FORMAT_COUNT };

struct map_args {
	int format; /* enum map_format */
	const char *output;
	unsigned interval_ms; /* 0: not said */
	bool watch, counters, unfold, ascii;
};

/* Puts a drawing into cli->out. 0 or -errno with *err set. */
int map_draw(struct cli *cli, const struct nsl_map *map, enum map_format format, struct nsl_error **err);
/* Empties cli->out into a file, whose old contents stay until then. 0 or -errno with *err set. */
int map_write(struct cli *cli, const char *file, struct nsl_error **err);
/* Draws again and again. An exit status, or -errno with *err set. */
int map_watch(struct cli *cli, const struct nsloom_target *target, enum map_format format, struct nsl_error **err);

#endif
