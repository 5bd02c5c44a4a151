/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Automatic routes: what they are in small labs, and on random ones held against Floyd-Warshall; what large ones cost. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error.h"
#include "lab_spec.h"
#include "model.h"
#include "strbuf.h"
#include "text.h"

static struct model *sound(const char *lines)
{
	struct nsl_error *err = NULL;
	struct model *m = NULL;

	if (model_build(lab_spec(lines), &m, &err) != 0) {
		char *text = nsl_error_text(err);

		fail_msg("not sound:\n%s", text);
	}
	return m;
}

/* "TO via ADDRESS dev IFACE[, …]" for each route, one a line. */
static char *routes_text(const struct model *m, const struct node *n)
{
	const struct route *routes = n ? n->routes.items : m->host_routes.items;
	size_t count = n ? n->routes.n : m->host_routes.n;
	struct strbuf b = {0};

	strbuf_adds(&b, "");
	for (size_t i = 0; i < count; i++) {
		char to[PREFIX_TEXT_MAX], via[IP_TEXT_MAX];
		static const char *const why[] = {" file", "", ""};

		strbuf_printf(&b, "%s", prefix_text(&routes[i].to, to));
		for (uint32_t k = 0; k < routes[i].n_hops; k++) {
			const struct hop *h = &routes[i].hops[k];

			strbuf_printf(&b, "%s via %s dev %s", k ? "," : "", ip_text(&h->via, via),
			              n ? n->ifaces.items[h->iface].name : m->networks.items[h->iface].name);
		}
		strbuf_printf(&b, "%s\n", why[routes[i].reason]);
	}
	return strbuf_steal(&b);
}

static void assert_routes(const struct model *m, const char *node, const char *expected)
{
	char *text = routes_text(m, node ? model_node(m, node) : NULL);

	assert_string_equal(text ? text : "", expected);
	free(text);
}

static void assert_behind(const struct model *m, const char *network, const char *expected)
{
	const struct network *n = model_network(m, network);
	char got[512] = "", text[PREFIX_TEXT_MAX];

	for (size_t i = 0; i < n->behind.n; i++) {
		strcat(got, i ? " " : "");
		strcat(got, prefix_text(&n->behind.items[i], text));
	}
	assert_string_equal(got, expected);
}

static void test_chain(void **state)
{
	struct model *m = sound("node a\n"
	                        "node r1 router\n"
	                        "node r2 router\n"
	                        "node b\n"
	                        "link a r1 10.0.1.0/24\n"
	                        "link r1 r2 10.0.2.0/24\n"
	                        "link r2 b 10.0.3.0/24\n");

	(void)state;
	assert_routes(m, "a", "10.0.2.0/24 via 10.0.1.2 dev eth0\n10.0.3.0/24 via 10.0.1.2 dev eth0\n");
	assert_routes(m, "r1", "10.0.3.0/24 via 10.0.2.2 dev eth1\n");
	assert_routes(m, "r2", "10.0.1.0/24 via 10.0.2.1 dev eth0\n");
	assert_routes(m, "b", "10.0.1.0/24 via 10.0.3.1 dev eth0\n10.0.2.0/24 via 10.0.3.1 dev eth0\n");
	assert_routes(m, NULL, "");
	model_free(m);
}

static void test_ring_and_dual_stack(void **state)
{
	struct model *m = sound("node a router\nnode b router\nnode c router\nnode d router\n"
	                        "link a b 10.0.1.0/30 fd00:1::/64\n"
	                        "link b c 10.0.2.0/30 fd00:2::/64\n"
	                        "link c d 10.0.3.0/30\n"
	                        "link d a 10.0.4.0/30\n");

	(void)state;
	/* b-c is one router away on both sides only for d; a sees it by b alone. IPv6 has no ring. */
	assert_routes(m, "a",
	              "10.0.2.0/30 via 10.0.1.2 dev eth0\n"
	              "10.0.3.0/30 via 10.0.4.1 dev eth1\n"
	              "fd00:2::/64 via fd00:1::2 dev eth0\n");
	assert_routes(m, "d", "10.0.1.0/30 via 10.0.4.2 dev eth1\n10.0.2.0/30 via 10.0.3.1 dev eth0\n");
	model_free(m);
}

static void test_diamond(void **state)
{
	struct model *m =
		sound("network left 10.1.0.0/24\nnetwork right 10.2.0.0/24\n"
	              "node s router left\nnode x router\nnode y router\nnode t router right\n"
	              "link s x 10.9.0.0/31\nlink s y 10.9.0.2/31\nlink x t 10.9.0.4/31\nlink y t 10.9.0.6/31\n"
	              "node h left\n");

	(void)state;
	assert_routes(m, "s",
	              "10.2.0.0/24 via 10.9.0.1 dev eth1, via 10.9.0.3 dev eth2\n"
	              "10.9.0.4/31 via 10.9.0.1 dev eth1\n"
	              "10.9.0.6/31 via 10.9.0.3 dev eth2\n");
	assert_routes(m, "h",
	              "10.2.0.0/24 via 10.1.0.1 dev eth0\n"
	              "10.9.0.0/31 via 10.1.0.1 dev eth0\n"
	              "10.9.0.2/31 via 10.1.0.1 dev eth0\n"
	              "10.9.0.4/31 via 10.1.0.1 dev eth0\n"
	              "10.9.0.6/31 via 10.1.0.1 dev eth0\n");
	model_free(m);
}

static void test_host_between_gateway_networks(void **state)
{
	struct model *m = sound("network a 10.1.0.0/24 gw\n"
	                        "network b 10.2.0.0/24 gw nat\n"
	                        "network c 10.3.0.0/24\n"
	                        "node x a\nnode y b\nnode z c\n");

	(void)state;
	/* Without nat, what is outside stays unreachable; with it, the default route says it all. */
	assert_routes(m, "x", "10.2.0.0/24 via 10.1.0.1 dev eth0\n");
	assert_routes(m, "y", "0.0.0.0/0 via 10.2.0.1 dev eth0\n");
	assert_routes(m, "z", "");
	assert_routes(m, NULL, "");
	assert_behind(m, "b", "");
	model_free(m);
}

static void test_behind_nat(void **state)
{
	struct model *m = sound("network up 10.0.0.0/24 nat\n"
	                        "network lan 10.1.0.0/24\n"
	                        "node r router up lan\n"
	                        "node q router lan\n"
	                        "node h lan\n"
	                        "node far\n"
	                        "node stray norouting lan\n"
	                        "link q far 10.2.0.0/24\n");

	(void)state;
	assert_routes(m, "r", "0.0.0.0/0 via 10.0.0.1 dev eth0\n10.2.0.0/24 via 10.1.0.2 dev eth1\n");
	assert_routes(m, "q", "0.0.0.0/0 via 10.1.0.1 dev eth0\n");
	assert_routes(m, "h", "0.0.0.0/0 via 10.1.0.1 dev eth0\n10.2.0.0/24 via 10.1.0.2 dev eth0\n");
	assert_routes(m, "far", "0.0.0.0/0 via 10.2.0.1 dev eth0\n");
	assert_routes(m, "stray", "");
	assert_routes(m, NULL, "10.1.0.0/24 via 10.0.0.2 dev up\n10.2.0.0/24 via 10.0.0.2 dev up\n");
	assert_behind(m, "up", "10.1.0.0/24 10.2.0.0/24");
	model_free(m);
}

static void test_nearest_gateway(void **state)
{
	struct model *m = sound("network n1 10.1.0.0/24 nat\n"
	                        "network n2 10.2.0.0/24 nat\n"
	                        "node both n2 n1\n"
	                        "node r router n1\n"
	                        "node s router n2\n"
	                        "node t router\n"
	                        "link r t 10.9.0.0/30\n"
	                        "link s t 10.9.0.4/30\n"
	                        "node own n1 route=default,10.1.0.3\n");

	(void)state;
	assert_routes(m, "both",
	              "0.0.0.0/0 via 10.2.0.1 dev eth0\n10.9.0.0/30 via 10.1.0.3 dev eth1\n"
	              "10.9.0.4/30 via 10.2.0.3 dev eth0\n");
	assert_routes(m, "t", "0.0.0.0/0 via 10.9.0.1 dev eth0\n10.2.0.0/24 via 10.9.0.5 dev eth1\n");
	assert_routes(m, "own",
	              "0.0.0.0/0 via 10.1.0.3 dev eth0 file\n"
	              "10.2.0.0/24 via 10.1.0.1 dev eth0\n"
	              "10.9.0.4/30 via 10.1.0.1 dev eth0, via 10.1.0.3 dev eth0\n");
	assert_behind(m, "n1", "10.9.0.0/30");
	assert_behind(m, "n2", "10.9.0.4/30");
	model_free(m);
}

static void test_file_routes_win(void **state)
{
	struct model *m = sound("node a route=10.0.3.0/24,10.0.1.3 route=10.0.0.0/8,10.0.1.2 net\n"
	                        "node r1 router net\n"
	                        "node b net\n"
	                        "node c\n"
	                        "link r1 c 10.0.3.0/24\n"
	                        "link r1 c 10.0.4.0/24\n"
	                        "network net 10.0.1.0/24\n");

	(void)state;
	assert_routes(m, "a",
	              "10.0.0.0/8 via 10.0.1.2 dev eth0 file\n"
	              "10.0.3.0/24 via 10.0.1.3 dev eth0 file\n"
	              "10.0.4.0/24 via 10.0.1.2 dev eth0\n");
	model_free(m);
}

static void test_routing_off(void **state)
{
	struct model *m = sound("lab quiet norouting\n"
	                        "network up 10.0.0.0/24 nat\n"
	                        "node r router up\nnode a\nlink r a 10.1.0.0/24\n"
	                        "node b\nlink r b 10.2.0.0/24\n");

	(void)state;
	assert_routes(m, "a", "");
	assert_routes(m, "r", "");
	assert_routes(m, NULL, "");
	assert_behind(m, "up", "");
	model_free(m);
}

static void add(struct strbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(b, fmt, ap);
	va_end(ap);
}

/* Many subnets next to each other are joined, and nothing else is. */
static void test_join(void **state)
{
	struct strbuf b = {0};
	struct model *m;

	(void)state;
	add(&b, "node hub router\n");
	for (int i = 0; i < 64; i++)
		add(&b, "node n%d\nlink hub n%d 10.0.%d.0/24\n", i, i, i);
	for (int i = 0; i < 3; i++)
		add(&b, "node m%d\nlink hub m%d 10.1.%d.0/24\n", i, i, i);
	m = sound(b.s);
	assert_routes(m, "n5",
	              "10.0.0.0/18 via 10.0.5.1 dev eth0\n"
	              "10.1.0.0/23 via 10.0.5.1 dev eth0\n"
	              "10.1.2.0/24 via 10.0.5.1 dev eth0\n");
	model_free(m);
	strbuf_done(&b);
}

/*
 * Random labs, held against a slow and simple reckoning: Floyd-Warshall over the
 * routers, then for every node and every subnet the set of first hops. A table
 * says the same if looking up the subnet's first, second and last address gives
 * that set, and looking up addresses beside the subnets gives nothing.
 */
enum { MAX_NODES = 24, MAX_NETS = 64, FAR = 1000 };

struct random_lab {
	int nodes, nets, on[MAX_NODES][MAX_NETS]; /* 0: not; else the last byte of the address */
	bool router[MAX_NODES];
	int dist[MAX_NODES][MAX_NODES];
};

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16 & 0x7fff;
}

static char *random_lab(struct random_lab *l, unsigned *seed)
{
	struct strbuf b = {0};

	memset(l, 0, sizeof(*l));
	l->nodes = 2 + (int)(next_random(seed) % (MAX_NODES - 1));
	l->nets = 1 + (int)(next_random(seed) % MAX_NETS);

	/* Few attachments leave islands, many make tables that are joined. */
	unsigned density = 1 + next_random(seed) % 8;

	for (int t = 0; t < l->nets; t++)
		add(&b, "network t%d 10.0.%d.0/24\n", t, t);
	for (int i = 0; i < l->nodes; i++) {
		l->router[i] = next_random(seed) % 3;
		add(&b, "node n%d%s", i, l->router[i] ? " router" : "");
		for (int t = 0; t < l->nets; t++) {
			if (next_random(seed) % (unsigned)l->nets < density) {
				l->on[i][t] = 200 - i;
				add(&b, " t%d@10.0.%d.%d", t, t, 200 - i);
			}
		}
		add(&b, "\n");
	}
	return strbuf_steal(&b);
}

static void measure(struct random_lab *l)
{
	for (int i = 0; i < l->nodes; i++) {
		for (int k = 0; k < l->nodes; k++) {
			l->dist[i][k] = i == k ? 0 : FAR;
			for (int t = 0; i != k && t < l->nets; t++) {
				if (l->on[i][t] && l->on[k][t] && l->router[k])
					l->dist[i][k] = 1;
			}
		}
	}
	for (int via = 0; via < l->nodes; via++) {
		for (int i = 0; i < l->nodes && l->router[via]; i++) {
			for (int k = 0; k < l->nodes; k++) {
				if (l->dist[i][via] + l->dist[via][k] < l->dist[i][k])
					l->dist[i][k] = l->dist[i][via] + l->dist[via][k];
			}
		}
	}
}

/* Routers between a node and a subnet. */
static int distance(const struct random_lab *l, int node, int net)
{
	int best = FAR;

	for (int k = 0; k < l->nodes; k++) {
		if (l->on[k][net] && (k == node || l->router[k]) && l->dist[node][k] < best)
			best = l->dist[node][k];
	}
	return best;
}

static const struct route *look_up(const struct node *n, const char *address)
{
	const struct route *best = NULL;
	struct ip ip;

	assert_true(ip_parse(address, &ip));
	for (size_t i = 0; i < n->routes.n; i++) {
		if (prefix_contains(&n->routes.items[i].to, &ip) &&
		    (!best || n->routes.items[i].to.len >= best->to.len))
			best = &n->routes.items[i];
	}
	return best;
}

static void compare_node(const struct random_lab *l, const struct model *m, int node)
{
	const struct node *n = &m->nodes.items[node];
	char address[32];

	for (int t = 0; t < MAX_NETS; t++) {
		int dist = t < l->nets ? distance(l, node, t) : FAR;
		uint32_t hops = 0;
		const struct route *r;

		snprintf(address, sizeof(address), "10.0.%d.7", t);
		r = look_up(n, address);
		if (dist == 0)
			continue;
		if (dist >= FAR) {
			assert_null(r);
			continue;
		}
		assert_non_null(r);
		for (int via = 0; via < l->nets; via++) {
			for (int k = l->nodes - 1; k >= 0; k--) {
				struct ip ip;

				if (!l->on[node][via] || !l->on[k][via] || !l->router[k] || k == node ||
				    distance(l, k, t) != dist - 1)
					continue;
				assert_true(hops < r->n_hops);
				snprintf(address, sizeof(address), "10.0.%d.%d", via, l->on[k][via]);
				assert_true(ip_parse(address, &ip));
				assert_true(ip_equal(&ip, &r->hops[hops].via));
				assert_int_equal(n->ifaces.items[r->hops[hops].iface].index, via);
				hops++;
			}
		}
		assert_int_equal(hops, r->n_hops);
	}
}

/* The same lines make the same routes: no order hangs on a map's random seed. */
static void assert_same_again(const struct model *m, const char *lines)
{
	struct model *again = sound(lines);

	for (size_t i = 0; i < m->nodes.n; i++) {
		char *a = routes_text(m, &m->nodes.items[i]), *b = routes_text(again, &again->nodes.items[i]);

		assert_string_equal(a, b);
		free(a);
		free(b);
	}
	model_free(again);
}

static void test_random_labs(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		static struct random_lab l;
		char *lines = random_lab(&l, &seed);
		struct model *m = sound(lines);

		measure(&l);
		for (int node = 0; node < l.nodes; node++)
			compare_node(&l, m, node);
		if (i % 20 == 0)
			assert_same_again(m, lines);
		model_free(m);
		free(lines);
	}
}

/* What large labs cost: printed, not judged. */
static void timed(const char *what, struct strbuf *b)
{
	struct timespec t0, t1;
	struct spec *spec = lab_spec(b->s);
	size_t before = arena_size(spec->arena), routes = 0;
	struct nsl_error *err = NULL;
	struct model *m = NULL;

	clock_gettime(CLOCK_MONOTONIC, &t0);
	assert_int_equal(model_build(spec, &m, &err), 0);
	clock_gettime(CLOCK_MONOTONIC, &t1);
	for (size_t i = 0; i < m->nodes.n; i++)
		routes += m->nodes.items[i].routes.n;
	print_message("# %-34s %7.1f ms %7.1f MB %8zu routes\n", what,
	              (double)(t1.tv_sec - t0.tv_sec) * 1e3 + (double)(t1.tv_nsec - t0.tv_nsec) / 1e6,
	              (double)(arena_size(m->arena) - before) / 1e6, routes);
	model_free(m);
	strbuf_done(b);
}

static void time_switch(void)
{
	struct strbuf b = {0};

	add(&b, "network lan 10.0.0.0/16 fd00::/64 nat\n");
	for (int i = 0; i < 10000; i++)
		add(&b, "node n%d lan\n", i);
	timed("10,000 nodes on a nat switch", &b);
}

static void time_star(bool nat)
{
	struct strbuf b = {0};

	if (nat)
		add(&b, "network up 192.168.0.0/24 nat\n");
	add(&b, "node hub router%s\n", nat ? " up" : "");
	for (int i = 0; i < 4000; i++)
		add(&b, "node n%d\nlink hub n%d 10.%d.%d.%d/30\n", i, i, i >> 14, i >> 6 & 255, (i & 63) * 4);
	timed(nat ? "star of 4,000 cables, nat" : "star of 4,000 cables", &b);
}

static void time_grid(void)
{
	struct strbuf b = {0};
	int n = 0;

	for (int i = 0; i < 1024; i++)
		add(&b, "node r%d router\n", i);
	for (int i = 0; i < 1024; i++) {
		if (i % 32 < 31) {
			add(&b, "link r%d r%d 10.0.%d.%d/31\n", i, i + 1, n >> 7, (n & 127) * 2);
			n++;
		}
		if (i < 992) {
			add(&b, "link r%d r%d 10.0.%d.%d/31\n", i, i + 32, n >> 7, (n & 127) * 2);
			n++;
		}
	}
	timed("grid of 32 by 32 routers", &b);
}

static void time_chain(void)
{
	struct strbuf b = {0};

	for (int i = 0; i < 1000; i++)
		add(&b, "node r%d router\n", i);
	for (int i = 0; i < 999; i++)
		add(&b, "link r%d r%d 10.%d.%d.0/24 fd00:%x::/64\n", i, i + 1, i >> 8, i & 255, i);
	timed("chain of 1,000 routers, dual stack", &b);
}

static void time_fat_tree(void)
{
	enum { K = 8, HALF = K / 2 };
	struct strbuf b = {0};
	int n = 0;

	for (int i = 0; i < HALF * HALF; i++)
		add(&b, "node c%d router\n", i);
	for (int p = 0; p < K; p++) {
		for (int i = 0; i < HALF; i++) {
			add(&b, "network e%d-%d 10.%d.%d.0/24\n", p, i, p, i);
			add(&b, "node a%d-%d router\nnode s%d-%d router e%d-%d\n", p, i, p, i, p, i);
			for (int h = 0; h < HALF; h++)
				add(&b, "node h%d-%d-%d e%d-%d\n", p, i, h, p, i);
		}
	}
	for (int p = 0; p < K; p++) {
		for (int i = 0; i < HALF; i++) {
			for (int k = 0; k < HALF; k++, n += 2) {
				add(&b, "link a%d-%d s%d-%d 10.200.%d.%d/31\n", p, i, p, k, n >> 8, n & 255);
				add(&b, "link a%d-%d c%d 10.201.%d.%d/31\n", p, i, i * HALF + k, n >> 8, n & 255);
			}
		}
	}
	timed("fat tree, k = 8", &b);
}

static void time_hub(void)
{
	struct strbuf b = {0};

	add(&b, "network hub 10.0.0.0/16\n");
	for (int i = 0; i < 1000; i++)
		add(&b, "network l%d 10.%d.%d.0/24\nnode r%d router hub l%d\nnode h%d l%d\n", i, 1 + (i >> 8), i & 255,
		    i, i, i, i);
	timed("1,000 routers on one switch", &b);
}

static void test_time(void **state)
{
	(void)state;
	time_switch();
	time_star(false);
	time_star(true);
	time_grid();
	time_chain();
	time_fat_tree();
	time_hub();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_ring_and_dual_stack),
		cmocka_unit_test(test_diamond),
		cmocka_unit_test(test_host_between_gateway_networks),
		cmocka_unit_test(test_behind_nat),
		cmocka_unit_test(test_nearest_gateway),
		cmocka_unit_test(test_file_routes_win),
		cmocka_unit_test(test_routing_off),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_random_labs),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
