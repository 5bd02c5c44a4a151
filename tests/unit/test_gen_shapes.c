/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every shape is a sound file with as many nodes and links as its definition says. */
#include <stdlib.h>
#include <string.h>

#include "gen.h"
#include "map.h"
#include "topology.h"
#include "unit.h"

struct count {
	const char *shape;
	unsigned sizes[SHAPE_MAX_SIZES];
	size_t n, nodes, links, hosts;
};

static const struct count counts[] = {
	{"star", {100}, 1, 100, 0, 100},
	{"star", {3000}, 1, 3000, 0, 3000},
	{"chain", {2}, 1, 2, 1, 2},
	{"chain", {50}, 1, 50, 49, 2},
	{"ring", {30}, 1, 30, 30, 0},
	{"tree", {3, 2}, 2, 15, 14, 8},
	{"tree", {2, 10}, 2, 111, 110, 100},
	{"grid", {1, 1}, 2, 1, 0, 0},
	{"grid", {32, 32}, 2, 1024, 2 * 32 * 31, 0},
	{"torus", {5, 3}, 2, 15, 30, 0},
	{"fat-tree", {2}, 1, 7, 6, 2},
	{"fat-tree", {4}, 1, 4 + 8 + 8 + 16, 3 * 16, 16},
	{"fat-tree", {8}, 1, 16 + 32 + 32 + 128, 3 * 128, 128},
	{"clos", {2, 4, 3}, 3, 2 + 4 + 12, 8 + 12, 12},
	{"clos", {2, 4, 0}, 3, 6, 8, 0},
	{"mesh", {20}, 1, 20, 190, 0},
	{"random", {40, 39}, 2, 40, 39, 0},
	{"random", {12, 66}, 2, 12, 66, 0},
	{"random", {300, 700}, 2, 300, 700, 0},
};

static const struct gen_request plain = {.subnet = {.ip = {.set = 1, .b = {10}}, .len = 8}, .seed = 7};

static struct model *build(const char *shape, const unsigned *sizes, size_t n, const struct gen_request *request)
{
	struct strbuf text = {0};
	struct nsl_error *err = NULL;
	struct model *m = NULL;

	assert_int_equal(gen_write(shape, sizes, n, request, &text, &err), 0);
	assert_int_equal(topology_load_text(text.s, text.len, "shape.yaml", NULL, &m, &err), 0);
	strbuf_done(&text);
	return m;
}

static void shapes_are_what_they_are_called(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		const struct count *c = &counts[i];
		struct model *m = build(c->shape, c->sizes, c->n, &plain);
		size_t hosts = 0;

		for (size_t k = 0; k < m->nodes.n; k++)
			hosts += !m->nodes.items[k].router;
		assert_string_equal(m->name, c->shape);
		assert_int_equal(m->nodes.n, c->nodes);
		assert_int_equal(m->links.n, c->links);
		assert_int_equal(hosts, c->hosts);
		model_free(m);
	}
}

static size_t reach(const struct model *m, size_t *todo, bool *seen)
{
	size_t n = 1;

	seen[0] = true;
	todo[0] = 0;
	for (size_t at = 0; at < n; at++)
		for (size_t l = 0; l < m->links.n; l++)
			for (int e = 0; e < 2; e++) {
				size_t to = m->links.items[l].end[!e].node;

				if (m->links.items[l].end[e].node != todo[at] || seen[to])
					continue;
				seen[to] = true;
				todo[n++] = to;
			}
	return n;
}

static void random_networks_are_connected_and_by_seed(void **state)
{
	struct gen_request request = plain;
	struct strbuf text[3] = {0};

	(void)state;
	for (request.seed = 1; request.seed < 20; request.seed++) {
		struct model *m = build("random", (unsigned[]){60, 70}, 2, &request);
		size_t todo[60];
		bool seen[60] = {0};

		assert_int_equal(reach(m, todo, seen), 60);
		model_free(m);
	}
	for (int i = 0; i < 3; i++) {
		request.seed = i == 2 ? 6 : 5;
		assert_int_equal(gen_write("random", (unsigned[]){60, 70}, 2, &request, &text[i], NULL), 0);
	}
	assert_string_equal(text[0].s, text[1].s);
	assert_string_not_equal(text[0].s, text[2].s);
	for (int i = 0; i < 3; i++)
		strbuf_done(&text[i]);
}

static void a_star_with_nat_has_a_gateway(void **state)
{
	struct gen_request request = plain;
	struct model *m;

	(void)state;
	request.nat = true;
	m = build("star", (unsigned[]){1000}, 1, &request);
	assert_true(m->networks.items[0].on_host && m->networks.items[0].subnet[IP4].nat);
	model_free(m);
}

static void refuse(const char *shape, unsigned a, unsigned b, size_t n, const struct gen_request *request,
                   const char *why)
{
	struct strbuf text = {0};
	struct nsl_error *err = NULL;

	assert_true(gen_write(shape, (unsigned[]){a, b}, n, request, &text, &err) < 0);
	assert_non_null(err);
	if (!strstr(err->message, why))
		fail_msg("\"%s\" does not say \"%s\"", err->message, why);
	assert_int_equal(err->code, NSL_E_USAGE);
	nsl_error_free(err);
	strbuf_done(&text);
}

static void what_cannot_be_is_refused(void **state)
{
	struct gen_request small = plain;

	(void)state;
	small.subnet.len = 28;
	refuse("sun", 3, 0, 1, &plain, "no shape \"sun\"");
	refuse("star", 0, 0, 1, &plain, "between 1 and");
	refuse("grid", 3, 0, 1, &plain, "2 sizes, not 1");
	refuse("fat-tree", 3, 0, 1, &plain, "even");
	refuse("random", 5, 3, 2, &plain, "4 to 10 links");
	refuse("random", 5, 11, 2, &plain, "4 to 10 links");
	refuse("ring", 10, 0, 1, &small, "too few addresses");
	refuse("star", 14, 0, 1, &small, "too few addresses");
	refuse("tree", 14, 1000, 2, &plain, "more than 200000 nodes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_are_what_they_are_called),
		cmocka_unit_test(random_networks_are_connected_and_by_seed),
		cmocka_unit_test(a_star_with_nat_has_a_gateway),
		cmocka_unit_test(what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
