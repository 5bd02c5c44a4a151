/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One way in for all formats: memory, and numbers that are written the same whatever the caller's locale. */
#include "draw.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>

#include "error.h"
#include "fd.h"
#include "scene.h"
#include "svg.h"
#include "view.h"

static void put_page_head(struct strbuf *b, const struct nsl_map *map)
{
	strbuf_adds(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	               "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	strbuf_printf(b, map->lab ? "lab %s" : "network namespaces", map->lab); /* a lab's name has letters only */
	strbuf_printf(b, "</title>\n<style>\n%s</style>\n</head>\n<body class=\"map-page\">\n", view_css);
}

static void put_page_foot(struct strbuf *b)
{
	strbuf_printf(b, "<script>\n%s</script>\n</body>\n</html>\n", view_js);
}

/* A colour for each switch, which its rack has too. */
static int32_t *give_hues(const struct scene *s)
{
	int32_t *hue = arena_array(s->a, s->shapes.n, int32_t), n = 0;

	for (size_t i = 0; i < s->shapes.n; i++)
		hue[i] = s->shapes.items[i].kind == SHAPE_SWITCH ? n++ % HUES : -1;
	for (size_t i = 0; i < s->shapes.n; i++)
		if (s->shapes.items[i].kind == SHAPE_RACK && s->shapes.items[i].node >= 0)
			hue[i] = hue[s->shape_of[s->shapes.items[i].node]];
	return hue;
}

/* Owned by the drawing rather than by a function, for memory may run out in its middle. */
struct job {
	struct strbuf text;
	struct scene_owned owned;
};

static int draw_svg(struct arena *a, const struct nsl_map *map, bool page, struct job *job, struct nsl_error **err)
{
	struct scene *s = scene_new(a, map, &job->owned);
	struct svg v = {.b = &job->text, .s = s, .hue = give_hues(s)};
	int r;

	scene_direct(s);
	r = scene_place(s, err);
	if (r < 0)
		return r;
	scene_wire(s);
	if (page)
		put_page_head(v.b, map);
	svg_put(&v, page);
	if (page)
		put_page_foot(v.b);
	return 0;
}

static int draw(struct arena *a, const struct nsl_map *map, enum nsl_map_format format, struct job *job,
                struct nsl_error **err)
{
	switch (format) {
	case NSL_MAP_SVG:
		return draw_svg(a, map, false, job, err);
	case NSL_MAP_HTML:
		return draw_svg(a, map, true, job, err);
	case NSL_MAP_DOT:
		draw_dot(a, map, &job->text);
		return 0;
	case NSL_MAP_MERMAID:
		draw_mermaid(a, map, &job->text);
		return 0;
	default:
		return error_set(err, NSL_E_USAGE, EINVAL, "there is no format of this number: %d", (int)format);
	}
}

/* Numbers are written the same whatever the caller's locale. */
static int draw_plainly(struct arena *a, const struct nsl_map *map, enum nsl_map_format format, struct job *job,
                        struct nsl_error **err)
{
	locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0), before;
	int r;

	if (!plain)
		return error_oom(err);
	before = uselocale(plain);
	r = arena_exhausted(a) ? error_oom(err) : draw(a, map, format, job, err);
	arena_settle(a);
	uselocale(before);
	freelocale(plain);
	return r;
}

int draw_map(const struct nsl_map *map, enum nsl_map_format format, char **out, struct nsl_error **err)
{
	struct arena *a = arena_new();
	struct job *job = a ? arena_new_of(a, struct job) : NULL;
	int r = job ? draw_plainly(a, map, format, job, err) : error_oom(err);

	if (r == 0) {
		*out = strbuf_steal(&job->text);
		r = *out ? 0 : error_oom(err);
	}
	if (job) {
		strbuf_done(&job->text);
		free(job->owned.text);
		json_decref(job->owned.json);
	}
	arena_free(a);
	return r;
}
