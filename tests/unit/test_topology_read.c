/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a topology into a spec: every form in which a value may be written. Faults are golden tests. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology.h"

static struct spec *read_text_ok(const char *text)
{
	struct nsl_error *err = NULL;
	struct spec *spec = NULL;
	int r = topology_read_text(text, strlen(text), "t.yaml", "folder", &spec, &err);
	char *complaint = nsl_error_text(err);

	if (r)
		fail_msg("%s", complaint);
	free(complaint);
	assert_null(err);
	return spec;
}

static void assert_address(const struct spec_address *a, const char *text, bool has_len)
{
	char buf[PREFIX_TEXT_MAX];

	assert_int_equal(a->has_len, has_len);
	assert_string_equal(has_len ? prefix_text(&a->value, buf) : ip_text(&a->value.ip, buf), text);
}

static void ports(void **state)
{
	static const char *const forms[] = {
		"nodes: {n: {networks: {lan: 10.0.0.1}}}",
		"nodes: {n: {networks: {lan: [10.0.0.1]}}}",
		"nodes: {n: {networks: {lan: {address: 10.0.0.1}}}}",
		"nodes: {n: {networks: {lan: {addresses: [10.0.0.1]}}}}",
		"nodes: {n: {networks: [{lan: 10.0.0.1}]}}",
		"nodes: {n: {networks: [lan: 10.0.0.1]}}",
		"nodes:\n  n:\n    networks:\n    - lan: {address: \"10.0.0.1\"}\n",
		"{\"nodes\": {\"n\": {\"networks\": {\"lan\": \"10.0.0.1\"}}}}",
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct spec *s = read_text_ok(forms[i]);

		assert_int_equal(s->nodes.n, 1);
		assert_string_equal(s->nodes.items[0].name.s, "n");
		assert_int_equal(s->nodes.items[0].ports.n, 1);
		assert_string_equal(s->nodes.items[0].ports.items[0].network.s, "lan");
		assert_int_equal(s->nodes.items[0].ports.items[0].addresses.n, 1);
		assert_address(&s->nodes.items[0].ports.items[0].addresses.items[0], "10.0.0.1", false);
		arena_free(s->arena);
	}
}

static void port_long_form(void **state)
{
	struct spec *s =
		read_text_ok("nodes:\n"
	                     "  n: {networks: [a, {b: }, {a: {address: [10.0.0.1/24, fd00::1], interface: eth7,\n"
	                     "      mac: 02:00:00:00:00:09, mtu: 1400, port: n-br}}]}\n");
	const struct spec_node *n = &s->nodes.items[0];
	const struct spec_port *p = &n->ports.items[2];

	assert_int_equal(n->ports.n, 3);
	assert_int_equal(n->ports.items[0].addresses.n, 0);
	assert_int_equal(n->ports.items[1].addresses.n, 0);
	assert_address(&p->addresses.items[0], "10.0.0.1/24", true);
	assert_address(&p->addresses.items[1], "fd00::1", false);
	assert_string_equal(p->interface.s, "eth7");
	assert_string_equal(p->port.s, "n-br");
	assert_int_equal(p->mac.value.b[5], 9);
	assert_int_equal(p->mtu.value, 1400);
	assert_int_equal(p->mtu.pos.line, 3);
	assert_int_equal(p->mtu.pos.column, 36);
	assert_string_equal(p->mtu.pos.file, "t.yaml");
	arena_free(s->arena);
}

static void networks(void **state)
{
	struct spec *s =
		read_text_ok("networks:\n"
	                     "  a: {subnet: 10.0.0.0/24, gateway: true, nat: true, mtu: 9000, device: br0}\n"
	                     "  b: {subnet: [10.1.0.0/24, fd00::/64], gateway: [10.1.0.1, fd00::1], nat: False}\n"
	                     "  c: {gateway: false}\n"
	                     "  d:\n");
	const struct spec_network *n = s->networks.items;

	assert_int_equal(s->networks.n, 4);
	assert_address(&n[0].subnets.items[0], "10.0.0.0/24", true);
	assert_true(n[0].gateway_first.set && n[0].gateway_first.value);
	assert_true(n[0].nat.set && n[0].nat.value);
	assert_int_equal(n[0].mtu.value, 9000);
	assert_string_equal(n[0].device.s, "br0");
	assert_int_equal(n[1].subnets.n, 2);
	assert_address(&n[1].gateways.items[1], "fd00::1", false);
	assert_true(n[1].nat.set && !n[1].nat.value);
	assert_true(n[2].gateway_first.set && !n[2].gateway_first.value);
	assert_false(n[3].gateway_first.set);
	arena_free(s->arena);
}

static void links(void **state)
{
	struct spec *s = read_text_ok("links:\n"
	                              "  - [a, b:eth5]\n"
	                              "  - endpoints: [\"1:x\", a]\n"
	                              "    addresses: [[10.0.0.1/24, fd00::1/64], null]\n"
	                              "    mac: [null, 02:00:00:00:00:01]\n"
	                              "    mtu: 1280\n"
	                              "    ipv6: link-local\n"
	                              "  - {endpoints: [a, b], subnet: 10.1.0.0/31}\n");
	const struct spec_link *l = s->links.items;

	assert_int_equal(s->links.n, 3);
	assert_string_equal(l[0].end[0].node.s, "a");
	assert_null(l[0].end[0].interface.s);
	assert_string_equal(l[0].end[1].interface.s, "eth5");
	assert_int_equal(l[0].end[1].interface.pos.column, 11);
	assert_int_equal(l[0].pos.line, 2);
	assert_string_equal(l[1].end[0].node.s, "1");
	assert_string_equal(l[1].end[0].interface.s, "x");
	assert_int_equal(l[1].end[0].addresses.n, 2);
	assert_int_equal(l[1].end[1].addresses.n, 0);
	assert_false(l[1].end[0].mac.set);
	assert_true(l[1].end[1].mac.set);
	assert_int_equal(l[1].mtu.value, 1280);
	assert_true(l[1].link_local && !l[0].link_local);
	assert_address(&l[2].subnets.items[0], "10.1.0.0/31", true);
	arena_free(s->arena);
}

static void node_settings(void **state)
{
	struct spec *s =
		read_text_ok("name: \"1\"\nrouting: none\nnodes:\n  n:\n    router: true\n    routing: auto\n"
	                     "    routes: [{to: default, via: fd00::1}, {via: 10.0.0.1, to: 10.9.0.0/16}, {to: "
	                     "10.8.0.1, via: 10.0.0.1}]\n"
	                     "    sysctl: {net.ipv4.ip_forward: 1, net.x: true, net.y: \"a b\", net.z: 007}\n");
	const struct spec_node *n = &s->nodes.items[0];

	assert_string_equal(s->name.s, "1");
	assert_true(s->routing.set && !s->routing.value);
	assert_true(n->router.value && n->routing.set && n->routing.value);
	assert_int_equal(n->routes.n, 3);
	assert_true(n->routes.items[0].is_default);
	assert_address(&n->routes.items[1].to, "10.9.0.0/16", true);
	assert_address(&n->routes.items[2].to, "10.8.0.1", false);
	assert_int_equal(n->sysctls.n, 4);
	assert_string_equal(n->sysctls.items[0].value.s, "1");
	assert_string_equal(n->sysctls.items[1].value.s, "true");
	assert_string_equal(n->sysctls.items[2].value.s, "a b");
	assert_string_equal(n->sysctls.items[3].value.s, "007");
	arena_free(s->arena);
}

static void name_of_folder(void **state)
{
	char folder[] = "/tmp/nsloom test.XXXXXX", path[64];
	struct nsl_error *err = NULL;
	struct spec *s = read_text_ok("nodes: {a: }");
	FILE *f;

	assert_string_equal(s->name.s, "folder");
	assert_int_equal(s->name.pos.line, 0);
	arena_free(s->arena);

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/x.yaml", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("nodes: {a: }\n", f);
	fclose(f);
	assert_int_equal(topology_read_file(path, &s, &err), 0);
	assert_memory_equal(s->name.s, "nsloom-test-", 12);
	assert_string_equal(s->nodes.items[0].name.pos.file, path);
	arena_free(s->arena);

	assert_int_equal(topology_read_file(folder, &s, &err), -EISDIR);
	nsl_error_free(err);
	err = NULL;
	unlink(path);
	assert_int_equal(topology_read_file(path, &s, &err), -ENOENT);
	assert_int_equal(err->code, NSL_E_NOT_FOUND);
	nsl_error_free(err);
	rmdir(folder);
}

static const char whole[] =
	"name: lab\nnetworks: {lan: {subnet: [10.0.0.0/24, fd00::/64], nat: true}}\n"
	"nodes:\n  a: {networks: [lan], sysctl: {net.ipv4.ip_forward: \"\\u00e9\\\"\\t\\U0001f600\\x85\"}}\n"
	"  b: {networks: {lan: 10.0.0.7}, router: true}\nlinks: [[a, b]]\n";

static void sysctl_survives_writing(void **state)
{
	struct nsl_error *err = NULL;
	struct strbuf once = {0}, twice = {0};
	struct model *m = NULL, *again = NULL;

	assert_int_equal(topology_load_text(whole, strlen(whole), "t", NULL, &m, &err), 0);
	topology_write(m, &once);
	assert_int_equal(topology_load_text(once.s, once.len, "t", NULL, &again, &err), 0);
	topology_write(again, &twice);
	assert_string_equal(once.s, twice.s);
	assert_string_equal(m->nodes.items[0].sysctls.items[0].value, again->nodes.items[0].sysctls.items[0].value);
	model_free(m);
	model_free(again);
	strbuf_done(&once);
	strbuf_done(&twice);
}

/* Wherever memory ends, there is -ENOMEM and nothing is lost (the sanitizer looks). */
static void memory_ends(void **state)
{
	static const char faulty[] = "nodes: {a: {x: 1}, a: &b [*c], c: {networks: {d: e}}}\nlinks: [[a, x]]\n";
	int r = -ENOMEM;

	for (int bad = 0; bad < 2; bad++) {
		for (unsigned long n = 1; n < 5000; n++) {
			const char *text = bad ? faulty : whole;
			struct nsl_error *err = NULL;
			struct model *m = NULL;

			memory_fail_after(n);
			r = topology_load_text(text, strlen(text), "t", NULL, &m, &err);
			memory_fail_after(0);
			assert_true(!r == !err);
			assert_true(!r == !!m);
			model_free(m);
			nsl_error_free(err);
			if (!r || (bad && r == -EINVAL && n > 500))
				break;
			assert_true(r == -ENOMEM || bad);
		}
		assert_int_equal(r, bad ? -EINVAL : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports),         cmocka_unit_test(port_long_form),
		cmocka_unit_test(networks),      cmocka_unit_test(links),
		cmocka_unit_test(node_settings), cmocka_unit_test(name_of_folder),
		cmocka_unit_test(memory_ends),   cmocka_unit_test(sysctl_survives_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
