/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a census to a graph, and to languages that draw, whatever memory there is. What drawings look like is tested in tests/golden. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "error.h"
#include "escape.h"
#include "fd.h"
#include "graphviz.h"
#include "map_graph.h"
#include "map_world.h"
#include "text.h"

static struct nsl_map *map_of(const struct nsl_census *c, const char *lab)
{
	struct graph_options options = {.lab = lab};
	struct nsl_map *map = NULL;

	assert_int_equal(graph_of_census(c, &options, &map, NULL), 0);
	return map;
}

static const char *device_at(const struct nsl_map *map, const struct nsl_map_end *end)
{
	const struct nsl_device *d =
		place_device(map->census, (struct nsl_place){map->nodes[end->node].at.ns, end->device});

	return d ? d->name : "";
}

/* "host:eth0 uplink outside", whichever end comes first. */
static bool has_edge(const struct nsl_map *map, enum nsl_map_edge_kind kind, const char *a, const char *a_device,
                     const char *b, const char *b_device)
{
	for (size_t i = 0; i < map->n_edges; i++)
		for (int turned = 0; turned < 2; turned++) {
			const struct nsl_map_end *x = &map->edges[i].end[turned], *y = &map->edges[i].end[!turned];

			if (map->edges[i].kind == kind && streq(map->nodes[x->node].name, a) &&
			    streq(device_at(map, x), a_device) && streq(map->nodes[y->node].name, b) &&
			    streq(device_at(map, y), b_device))
				return true;
		}
	return false;
}

static size_t count_nodes(const struct nsl_map *map, enum nsl_map_node_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < map->n_nodes; i++)
		n += map->nodes[i].kind == kind;
	return n;
}

static bool has_line(const struct nsl_map *map, const char *space, const char *device)
{
	for (size_t i = 0; i < map->n_nodes; i++)
		for (size_t k = 0; streq(map->nodes[i].name, space) && k < map->nodes[i].n_devices; k++)
			if (streq(map->census->items[map->nodes[i].at.ns].devices[map->nodes[i].devices[k]].name,
			          device))
				return true;
	return false;
}

static void connects_everything(void **state)
{
	struct nsl_map *map = map_of(world_all(), NULL);

	assert_int_equal(count_nodes(map, NSL_MAP_SPACE), 11);
	assert_int_equal(count_nodes(map, NSL_MAP_SWITCH), 3);
	assert_true(has_edge(map, NSL_MAP_UPLINK, "host", "eth0", "outside", ""));
	assert_true(has_edge(map, NSL_MAP_CABLE, "tutorial.one", "eth0", "v-net-0", "veth-one-br"));
	assert_true(has_edge(map, NSL_MAP_CABLE, "tutorial.one", "veth-one", "tutorial.two", "veth-two"));
	assert_true(has_edge(map, NSL_MAP_CABLE, "host", "s0", "host", "s1"));
	assert_true(has_edge(map, NSL_MAP_OWN, "host", "br0", "br0", "br0"));
	assert_true(has_edge(map, NSL_MAP_PARENT, "web", "mv0", "host", "s0"));
	assert_true(has_edge(map, NSL_MAP_PARENT, "far", "mv1", "host", "s0"));
	assert_true(has_edge(map, NSL_MAP_PARENT, "far", "eth0.10", "far", "eth0"));
	assert_true(has_edge(map, NSL_MAP_TUNNEL, "host", "vx7", "far", "vx7"));
	assert_true(has_edge(map, NSL_MAP_TUNNEL, "br0", "vx42", "192.0.2.7", ""));
	assert_true(has_edge(map, NSL_MAP_HELD, "br0", "tap0", "qemu", ""));
	assert_true(has_edge(map, NSL_MAP_LOST, "web", "far0", "nsid 5 of web", ""));
	graph_free(map);
}

static void shows_what_is_worth_it(void **state)
{
	struct nsl_map *map = map_of(world_all(), NULL);

	assert_true(has_line(map, "host", "tun0"));
	assert_true(has_line(map, "host", "br0"));
	assert_true(has_line(map, "host", "eth1"));
	assert_false(has_line(map, "host", "lo"));
	assert_false(has_line(map, "host", "gre0"));        /* the kernel's own, in each namespace */
	assert_false(has_line(map, "host", "veth-one-br")); /* a port: the switch says it */
	assert_false(has_line(map, "tutorial.@fabric", "lan"));
	graph_free(map);
}

static void a_lab_alone(void **state)
{
	struct nsl_map *map = map_of(world_all(), "tutorial");

	assert_int_equal(count_nodes(map, NSL_MAP_SPACE), 5);
	assert_int_equal(count_nodes(map, NSL_MAP_SWITCH), 2);
	assert_int_equal(count_nodes(map, NSL_MAP_PROCESS), 0);
	assert_true(has_line(map, "host", "v-net-0"));
	assert_true(has_line(map, "host", "eth0")); /* the way out */
	assert_false(has_line(map, "host", "s0"));
	assert_false(has_line(map, "host", "br0"));
	assert_true(has_edge(map, NSL_MAP_UPLINK, "host", "eth0", "outside", ""));
	graph_free(map);
	map = map_of(world_all(), "no such lab");
	assert_int_equal(map->n_nodes, 0);
	assert_int_equal(map->n_edges, 0);
	graph_free(map);
}

/* A port that itself has an address, or that something stands on, has a line, and is still a port. */
static void a_port_that_is_more(void **state)
{
	static const char *const addresses[] = {"10.0.0.1/24"};
	struct nsl_device devices[] = {
		{.ifindex = 2,
	         .name = "br0",
	         .kind = "bridge",
	         .master = {-1, -1},
	         .tied = {-1, -1},
	         .up = true,
	         .carrier = true},
		{.ifindex = 3,
	         .name = "eth0",
	         .kind = "",
	         .master = {0, 0},
	         .tied = {-1, -1},
	         .up = true,
	         .carrier = true},
		{.ifindex = 4,
	         .name = "eth0.5",
	         .kind = "vlan",
	         .master = {-1, -1},
	         .tie = NSL_TIE_PARENT,
	         .tied = {0, 1},
	         .vlan = 5},
		{.ifindex = 5,
	         .name = "d0",
	         .kind = "dummy",
	         .master = {0, 0},
	         .tied = {-1, -1},
	         .up = true,
	         .n_addresses = 1,
	         .addresses = (const char **)addresses},
	};
	struct nsl_netns host = {
		.name = "host", .n_devices = ARRAY_SIZE(devices), .devices = devices, .out = {{-1}, {-1}}};
	struct nsl_census c = {.n = 1, .items = &host};
	struct nsl_map *map = map_of(&c, NULL);

	assert_true(has_line(map, "host", "eth0"));
	assert_true(has_line(map, "host", "d0"));
	assert_true(has_edge(map, NSL_MAP_PORT, "host", "eth0", "br0", "eth0"));
	assert_true(has_edge(map, NSL_MAP_PORT, "host", "d0", "br0", "d0"));
	assert_true(has_edge(map, NSL_MAP_UPLINK, "host", "eth0", "outside", ""));
	assert_true(has_edge(map, NSL_MAP_PARENT, "host", "eth0.5", "host", "eth0"));
	assert_int_equal(map->n_edges, 4);
	graph_free(map);
}

/* Two namespaces have the address that a tunnel leads to: the one that has the tunnel's other end is meant; else it is unknown. */
static void an_address_of_several(void **state)
{
	static const char *const here[] = {"10.0.0.1/24"}, *const there[] = {"10.0.0.2/24"};
	struct nsl_tunnel to = {.remote = "10.0.0.2", .id = 1}, back = {.remote = "10.0.0.1", .id = 1},
			  other = {.remote = "10.0.0.2", .id = 2};
	struct nsl_device a[] = {
		{.name = "eth0",
	         .kind = "",
	         .n_addresses = 1,
	         .addresses = (const char **)here,
	         .master = {-1, -1},
	         .tied = {-1, -1}},
		{.name = "t1", .kind = "vxlan", .tunnel = &to, .master = {-1, -1}, .tied = {-1, -1}},
		{.name = "t2", .kind = "vxlan", .tunnel = &other, .master = {-1, -1}, .tied = {-1, -1}},
	};
	struct nsl_device b[] = {
		{.name = "eth0",
	         .kind = "",
	         .n_addresses = 1,
	         .addresses = (const char **)there,
	         .master = {-1, -1},
	         .tied = {-1, -1}},
		{.name = "t1", .kind = "vxlan", .tunnel = &back, .master = {-1, -1}, .tied = {-1, -1}},
	};
	struct nsl_device c[] = {
		{.name = "eth0",
	         .kind = "",
	         .n_addresses = 1,
	         .addresses = (const char **)there,
	         .master = {-1, -1},
	         .tied = {-1, -1}},
	};
	struct nsl_netns all[] = {
		{.name = "a", .n_devices = 3, .devices = a, .out = {{-1}, {-1}}},
		{.name = "b", .n_devices = 2, .devices = b, .out = {{-1}, {-1}}},
		{.name = "c", .n_devices = 1, .devices = c, .out = {{-1}, {-1}}},
	};
	struct nsl_census census = {.n = 3, .items = all};
	struct nsl_map *map = map_of(&census, NULL);

	assert_true(has_edge(map, NSL_MAP_TUNNEL, "a", "t1", "b", "t1"));
	assert_true(has_edge(map, NSL_MAP_TUNNEL, "a", "t2", "10.0.0.2", ""));
	assert_int_equal(map->n_edges, 2);
	graph_free(map);
}

static void fingerprints(void **state)
{
	struct nsl_census *c = world_star(3);
	struct nsl_map *map = map_of(c, "star");
	uint64_t print = graph_fingerprint(map);

	c->items[1].devices[0].counters.rx_bytes++;
	c->items[1].n_processes++;
	assert_true(graph_fingerprint(map) == print);
	c->items[1].devices[0].carrier = false;
	assert_false(graph_fingerprint(map) == print);
	graph_free(map);
	world_free(c);
}

static void escapes(void **state)
{
	static const struct {
		void (*put)(struct strbuf *b, const char *text);
		const char *text, *want;
	} rows[] = {
		{put_xml, "a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;"},
		{put_xml, "\033[0m\xff\n", "\\x1b[0m\\xff\\x0a"},
		{put_xml, "]]>", "]]&gt;"},
		{put_xml, "\xe2\x80\xae\xc3\xa9", "\\xe2\\x80\\xae\xc3\xa9"},
		{put_dot_string, "a\"b\\N\n", "a\\\"b\\\\N\\\\x0a"},
		{put_mermaid, "a\"#<`1. x\\", "a#34;#35;#60;#96;1. x#92;"},
		{put_mermaid, "\001", "#92;x01"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct strbuf b = {0};

		rows[i].put(&b, rows[i].text);
		assert_string_equal(b.s, rows[i].want);
		strbuf_done(&b);
	}
}

/* ---- when memory runs out -------------------------------------------------------------------------- */

static void graph_without_memory(void **state)
{
	struct graph_options options = {.lab = "tutorial"};
	int r = -1;

	for (unsigned long n = 1; r < 0; n++) {
		struct nsl_error *err = NULL;
		struct nsl_map *map = NULL;

		memory_fail_after(n);
		r = graph_of_census(world_all(), &options, &map, &err);
		memory_fail_after(0);
		assert_int_equal(r, err ? -ENOMEM : 0);
		nsl_error_free(err);
		graph_free(map);
	}
}

static void draw_without_memory(enum nsl_map_format format)
{
	struct nsl_map *map = map_of(world_all(), NULL);
	int r = -1;

	for (unsigned long n = 1; r < 0; n++) {
		struct nsl_error *err = NULL;
		char *out = NULL;

		memory_fail_after(n);
		r = draw_map(map, format, &out, &err);
		memory_fail_after(0);
		assert_int_equal(r, err ? -ENOMEM : 0);
		assert_true((r == 0) == (out != NULL));
		nsl_error_free(err);
		free(out);
	}
	graph_free(map);
}

static void drawing_without_memory(void **state)
{
	draw_without_memory(NSL_MAP_DOT);
	draw_without_memory(NSL_MAP_MERMAID);
}

static void no_such_format(void **state)
{
	struct nsl_map *map = map_of(world_all(), NULL);
	struct nsl_error *err = NULL;
	char *out = NULL;

	assert_int_equal(draw_map(map, NSL_MAP_FORMAT_COUNT, &out, &err), -EINVAL);
	assert_int_equal(err->code, NSL_E_USAGE);
	nsl_error_free(err);
	graph_free(map);
}

/* ---- Graphviz -------------------------------------------------------------------------------------- */

static void what_graphviz_cannot(void **state)
{
	static const struct {
		const char *dot, *engine;
		enum nsl_error_code missing, else_code;
	} rows[] = {
		{"graph {", "dot", NSL_E_MISSING, NSL_E_FAILED},
		{"graph {a}", "no-such-engine", NSL_E_MISSING, NSL_E_MISSING},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nsl_error *err = NULL;
		char *out = NULL;

		assert_true(graphviz_layout(rows[i].dot, rows[i].engine, 10, &out, &err) < 0);
		assert_true(err->code == rows[i].missing || err->code == rows[i].else_code);
		assert_null(out);
		nsl_error_free(err);
	}
}

/* A complete graph of many nodes is too much for "dot" within no time at all. */
static void graphviz_takes_too_long(void **state)
{
	_cleanup_strbuf_ struct strbuf dot = {0};
	struct nsl_error *err = NULL;
	char *out = NULL;

	strbuf_adds(&dot, "digraph {");
	for (int i = 0; i < 150; i++)
		for (int k = 0; k < i; k++)
			strbuf_printf(&dot, "%d -> %d;", i, k);
	strbuf_adds(&dot, "}");
	assert_true(graphviz_layout(dot.s, "dot", 1, &out, &err) < 0);
	assert_true(err->code == NSL_E_MISSING || err->errnum == ETIMEDOUT);
	nsl_error_free(err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_everything),
		cmocka_unit_test(shows_what_is_worth_it),
		cmocka_unit_test(a_lab_alone),
		cmocka_unit_test(a_port_that_is_more),
		cmocka_unit_test(an_address_of_several),
		cmocka_unit_test(fingerprints),
		cmocka_unit_test(escapes),
		cmocka_unit_test(graph_without_memory),
		cmocka_unit_test(drawing_without_memory),
		cmocka_unit_test(no_such_format),
		cmocka_unit_test(what_graphviz_cannot),
		cmocka_unit_test(graphviz_takes_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
