/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of shapes, and the file around a sketch. */
#include "gen.h"

#include <errno.h>

#include "sketch.h"
#include "text.h"

static int even(const unsigned *sizes, struct nsl_error **err)
{
	return sizes[0] % 2 ? error_set(err, NSL_E_USAGE, EINVAL, "K of a fat-tree is even, not %u", sizes[0]) : 0;
}

/* Enough links for a tree, and no more than there are pairs. */
static int possible(const unsigned *sizes, struct nsl_error **err)
{
	unsigned least = sizes[0] - 1;
	unsigned long long most = (unsigned long long)sizes[0] * least / 2;

	if (sizes[1] >= least && sizes[1] <= most)
		return 0;
	return error_set(err, NSL_E_USAGE, EINVAL, "%u nodes can have %u to %llu links, not %u", sizes[0], least, most,
	                 sizes[1]);
}

const struct shape shapes[] = {
	{"star", "N hosts on one switch", {{"N", 1, 60000}}, draw_star},
	{"chain", "N nodes in a row; all but the two ends are routers", {{"N", 2, 20000}}, draw_chain},
	{"ring", "N routers in a ring", {{"N", 3, 20000}}, draw_ring},
	{"tree", "routers that branch, hosts at the ends", {{"DEPTH", 1, 14}, {"FANOUT", 1, 1000}}, draw_tree},
	{"grid",
         "routers in rows, each linked to its neighbours",
         {{"WIDTH", 1, 1000}, {"HEIGHT", 1, 1000}},
         draw_grid},
	{"torus", "a grid whose opposite edges are linked", {{"WIDTH", 3, 1000}, {"HEIGHT", 3, 1000}}, draw_torus},
	{"fat-tree", "K-port routers in three tiers, with K³/4 hosts", {{"K", 2, 32}}, draw_fat_tree, even},
	{"clos",
         "leaves linked to all spines, each with its hosts",
         {{"SPINES", 1, 500}, {"LEAVES", 1, 2000}, {"HOSTS", 0, 2000}},
         draw_clos},
	{"mesh", "N routers, each linked to each", {{"N", 2, 200}}, draw_mesh},
	{"random",
         "N routers with so many links, all connected",
         {{"N", 2, 20000}, {"LINKS", 1, 60000}},
         draw_random,
         possible},
	{0},
};

static const struct shape *find_shape(const char *name)
{
	for (const struct shape *s = shapes; s->name; s++) {
		if (streq(s->name, name))
			return s;
	}
	return NULL;
}

static int unknown_shape(const char *name, struct nsl_error **err)
{
	const char *names[sizeof(shapes) / sizeof(shapes[0])];
	const char *near;
	size_t n = 0;

	for (; shapes[n].name; n++)
		names[n] = shapes[n].name;
	near = nearest_word(name, names, n);
	error_set(err, NSL_E_USAGE, EINVAL, "there is no shape \"%s\"", name);
	if (near)
		error_hint(err, "did you mean \"%s\"?", near);
	else
		error_hint(err, "nsloom help gen lists them");
	return -EINVAL;
}

static int check_sizes(const struct shape *shape, const unsigned *sizes, size_t n, struct nsl_error **err)
{
	struct strbuf usage = {0};
	size_t want = 0;

	for (; want < SHAPE_MAX_SIZES && shape->sizes[want].name; want++)
		strbuf_printf(&usage, " %s", shape->sizes[want].name);
	if (n != want) {
		error_set(err, NSL_E_USAGE, EINVAL, "a %s has %zu size%s, not %zu", shape->name, want,
		          want == 1 ? "" : "s", n);
		error_hint(err, "nsloom gen %s%s", shape->name, usage.s ? usage.s : "");
	}
	strbuf_done(&usage);
	for (size_t i = 0; n == want && i < n; i++) {
		const struct shape_size *size = &shape->sizes[i];

		if (sizes[i] < size->min || sizes[i] > size->max)
			return error_set(err, NSL_E_USAGE, EINVAL, "%s of a %s is between %u and %u, not %u",
			                 size->name, shape->name, size->min, size->max, sizes[i]);
	}
	return n == want ? 0 : -EINVAL;
}

static void put_section(struct strbuf *out, const char *key, const struct strbuf *text)
{
	if (text->len)
		strbuf_printf(out, "\n%s:\n%s", key, text->s);
}

static void put_file(const struct shape *shape, const unsigned *sizes, const struct sketch *s, struct strbuf *out)
{
	strbuf_printf(out, "# %s: nsloom gen %s", shape->help, shape->name);
	for (size_t i = 0; i < SHAPE_MAX_SIZES && shape->sizes[i].name; i++)
		strbuf_printf(out, " %u", sizes[i]);
	if (shape->draw == draw_random)
		strbuf_printf(out, " --seed %llu", (unsigned long long)s->request->seed);
	if (s->networks.len && s->request->nat)
		strbuf_adds(out, " --nat");
	strbuf_printf(out, "\nname: %s\n", s->request->name ? s->request->name : shape->name);
	put_section(out, "networks", &s->networks);
	put_section(out, "nodes", &s->nodes);
	put_section(out, "links", &s->links);
}

static int too_large(const struct shape *shape, const struct sketch *s, struct nsl_error **err)
{
	char text[PREFIX_TEXT_MAX];
	int r;

	if (s->n_nodes > SKETCH_MAX_NODES)
		return error_set(err, NSL_E_USAGE, EINVAL, "this %s has more than %u nodes", shape->name,
		                 SKETCH_MAX_NODES);
	r = error_set(err, NSL_E_USAGE, EINVAL, "%s has too few addresses for this %s",
	              prefix_text(&s->request->subnet, text), shape->name);
	error_hint(err, "--subnet takes a larger one");
	return r;
}

int gen_write(const char *name, const unsigned *sizes, size_t n, const struct gen_request *request, struct strbuf *out,
              struct nsl_error **err)
{
	const struct shape *shape = find_shape(name);
	struct sketch s = {.request = request};
	int r = shape ? check_sizes(shape, sizes, n, err) : unknown_shape(name, err);

	if (r == 0 && shape->check)
		r = shape->check(sizes, err);
	if (r < 0)
		return r;
	shape->draw(&s, sizes);
	if (s.full) {
		r = too_large(shape, &s, err);
	} else {
		put_file(shape, sizes, &s, out);
		if (out->failed || s.nodes.failed || s.links.failed || s.networks.failed)
			r = error_oom(err);
	}
	strbuf_done(&s.networks);
	strbuf_done(&s.nodes);
	strbuf_done(&s.links);
	return r;
}
