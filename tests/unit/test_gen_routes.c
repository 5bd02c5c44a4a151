/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All pairs in the shapes: from every node to every link's addresses, each hop
 * of the route that the kernel would choose comes one router nearer, by
 * distances that are reckoned here anew.
 */
#include <stdlib.h>

#include "gen.h"
#include "map.h"
#include "topology.h"
#include "unit.h"

static struct model *build(const char *shape, const unsigned *sizes, size_t n)
{
	const struct gen_request request = {.subnet = {.ip = {.set = 1, .b = {10}}, .len = 8}, .seed = 3};
	struct strbuf text = {0};
	struct nsl_error *err = NULL;
	struct model *m = NULL;

	assert_int_equal(gen_write(shape, sizes, n, &request, &text, &err), 0);
	assert_int_equal(topology_load_text(text.s, text.len, "shape.yaml", NULL, &m, &err), 0);
	strbuf_done(&text);
	return m;
}

static uint32_t far_node(const struct model *m, const struct iface *i)
{
	return m->links.items[i->index].end[!i->end].node;
}

/* Routers between each node and a link: 0 at its ends. What lies behind a host is not reached through it. */
static void measure(const struct model *m, const struct link *l, unsigned *dist, uint32_t *queue)
{
	size_t n = 0;

	for (size_t i = 0; i < m->nodes.n; i++)
		dist[i] = UINT32_MAX;
	for (int e = 0; e < 2; e++) {
		dist[l->end[e].node] = 0;
		queue[n++] = l->end[e].node;
	}
	for (size_t at = 0; at < n; at++) {
		const struct node *node = &m->nodes.items[queue[at]];

		for (size_t i = 0; node->router && i < node->ifaces.n; i++) {
			uint32_t to = far_node(m, &node->ifaces.items[i]);

			if (dist[to] != UINT32_MAX)
				continue;
			dist[to] = dist[queue[at]] + 1;
			queue[n++] = to;
		}
	}
}

static const struct route *look_up(const struct node *n, const struct ip *to)
{
	const struct route *best = NULL;

	for (size_t i = 0; i < n->routes.n; i++) {
		const struct route *r = &n->routes.items[i];

		if ((!best || r->to.len >= best->to.len) && (r->to.len == 0 || prefix_contains(&r->to, to)))
			best = r;
	}
	return best;
}

static void check_pair(const struct model *m, const struct node *from, const struct ip *to, const unsigned *dist)
{
	const struct route *r = look_up(from, to);

	assert_non_null(r);
	assert_true(r->n_hops > 0);
	for (uint32_t h = 0; h < r->n_hops; h++) {
		uint32_t next = far_node(m, &from->ifaces.items[r->hops[h].iface]);

		assert_true(m->nodes.items[next].router);
		assert_int_equal(dist[next], dist[from - m->nodes.items] - 1);
	}
}

/* Every `step`-th link. */
static void check_all(const char *shape, const unsigned *sizes, size_t n, size_t step)
{
	struct model *m = build(shape, sizes, n);
	unsigned *dist = calloc(m->nodes.n, sizeof(*dist));
	uint32_t *queue = calloc(m->nodes.n, sizeof(*queue));

	for (size_t l = 0; l < m->links.n; l += step) {
		const struct link *link = &m->links.items[l];

		measure(m, link, dist, queue);
		for (size_t i = 0; i < m->nodes.n; i++) {
			assert_int_not_equal(dist[i], UINT32_MAX);
			for (int e = 0; dist[i] > 0 && e < 2; e++)
				check_pair(m, &m->nodes.items[i],
				           &m->nodes.items[link->end[e].node]
				                    .ifaces.items[link->end[e].iface]
				                    .addresses.items[0]
				                    .ip,
				           dist);
		}
	}
	free(dist);
	free(queue);
	model_free(m);
}

static void all_reach_all(void **state)
{
	(void)state;
	check_all("chain", (unsigned[]){40}, 1, 1);
	check_all("ring", (unsigned[]){25}, 1, 1);
	check_all("tree", (unsigned[]){3, 4}, 2, 1);
	check_all("torus", (unsigned[]){7, 6}, 2, 1);
	check_all("clos", (unsigned[]){4, 8, 5}, 3, 1);
	check_all("mesh", (unsigned[]){14}, 1, 1);
	check_all("random", (unsigned[]){80, 130}, 2, 1);
	check_all("grid", (unsigned[]){12, 12}, 2, 1);
	check_all("fat-tree", (unsigned[]){8}, 1, 1);
	check_all("grid", (unsigned[]){32, 32}, 2, 67);
	check_all("chain", (unsigned[]){1000}, 1, 41);
}

/* A node with one way to everything has a handful of routes that cover just the lab, not one for each of its subnets. */
static void one_way_takes_few_routes(void **state)
{
	static const unsigned fat_tree[] = {8}, chain[] = {1000};
	struct model *all[] = {build("fat-tree", fat_tree, 1), build("chain", chain, 1)};

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < all[k]->nodes.n; i++) {
			const struct node *n = &all[k]->nodes.items[i];

			if (n->ifaces.n == 1 && n->routes.n > 10)
				fail_msg("%s has %zu routes", n->name, n->routes.n);
		}
		model_free(all[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_reach_all),
		cmocka_unit_test(one_way_takes_few_routes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
