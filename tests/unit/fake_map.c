/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Maps of machines that are made up (map_world.c), made and drawn by the real
 * src/map: no target is one of each; the lab "tutorial" a part of it; "planned" the
 * same, not up; "star9", "mesh5" and the like so many of a kind; "none" nothing at all.
 */
#include <nsloom/map.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "error.h"
#include "fd.h"
#include "map_graph.h"
#include "map_world.h"
#include "text.h"

static const struct nsl_census nothing;

static const struct {
	const char *lab;
	struct nsl_census *(*make)(size_t n);
} kinds[] = {{"star", world_star}, {"mesh", world_mesh}, {"ring", world_ring}};

/* "star9"; *lab: "star". */
static struct nsl_census *many(const char *name, const char **lab)
{
	unsigned long long number;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (has_prefix(name, kinds[i].lab) && parse_u64(name + strlen(kinds[i].lab), 10000, &number)) {
			*lab = kinds[i].lab;
			return kinds[i].make(number);
		}
	return NULL;
}

int nsloom_map(struct nsloom *ns, const struct nsloom_target *target, struct nsl_map **out, struct nsl_error **err)
{
	const char *lab = target->lab;
	bool planned = lab && streq(lab, "planned");
	struct nsl_census *own = lab ? many(lab, &lab) : NULL;
	struct graph_options options = {.lab = planned ? "tutorial" : lab, .planned = planned};
	const struct nsl_census *c = own ? own : lab && streq(lab, "none") ? &nothing : world_all();
	int r;

	if (lab && streq(lab, "nosuch"))
		return error_set(err, NSL_E_NOT_FOUND, ENOENT, "lab \"nosuch\" is not up");
	r = graph_of_census(c, &options, out, err);
	if (r == 0)
		((struct map_box *)*out)->own = own;
	return r;
}

void nsloom_map_free(struct nsl_map *map)
{
	struct nsl_census *own = map ? ((struct map_box *)map)->own : NULL;

	graph_free(map);
	if (own)
		world_free(own);
}

int nsloom_map_draw(const struct nsl_map *map, enum nsl_map_format format, char **out, struct nsl_error **err)
{
	return draw_map(map, format, out, err);
}

/* ---- watching: one map, another, and then a signal ------------------------------------------------- */

struct nsl_map_watch {
	int said;
};

int nsloom_map_watch_new(struct nsloom *ns, const struct nsloom_target *target, int interval,
                         struct nsl_map_watch **out, struct nsl_error **err)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : error_oom(err);
}

void nsloom_map_watch_free(struct nsl_map_watch *watch)
{
	free(watch);
}

int nsloom_map_watch_next(struct nsl_map_watch *watch, int ms, struct nsl_map **out, struct nsl_error **err)
{
	static const struct nsloom_target targets[] = {{.lab = "star2"}, {.lab = "none"}};
	int r;

	if (watch->said == 2)
		return NSL_MAP_CANCELLED;
	r = nsloom_map(NULL, &targets[watch->said++], out, err);
	return r < 0 ? r : NSL_MAP_CHANGED;
}
