/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A map as JSON: what a census has, and the connections. See nsloom-json(7). */
#ifndef CLI_MAP_JSON_H
#define CLI_MAP_JSON_H

#include <nsloom/map.h>

#include "json.h"

json_t *map_json(const struct nsl_map *map);

#endif
