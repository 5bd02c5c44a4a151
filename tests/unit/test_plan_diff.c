/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans as a person reads them: what is created, in which order; what changes in place; what is made anew, and why; drift; obstacles. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab_spec.h"
#include "plan_world.h"

struct fixture {
	struct arena *arena;
	struct world *w;
	struct model *models[8]; /* what a plan and a world refer to lives as long as the test */
	size_t n;
};

static const char base[] = "lab lab\n"
			   "network lan 10.1.0.0/24\n"
			   "network out 10.2.0.0/24 nat\n"
			   "node r router lan out\n"
			   "node ann lan\n"
			   "link ann%wire0 r%wire0 10.3.0.0/30\n";

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->arena = arena_new();
	if (!f->arena || arena_exhausted(f->arena))
		abort();
	f->w = world_new(f->arena, "lab");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_settle(f->arena);
	arena_free(f->arena);
	for (size_t i = 0; i < f->n; i++)
		model_free(f->models[i]);
	free(f);
	return 0;
}

static struct model *model(struct fixture *f, const char *lines)
{
	struct nsl_error *err = NULL;
	struct model *m = NULL;

	if (model_build(lab_spec(lines), &m, &err) < 0)
		fail_msg("%s", nsl_error_text(err));
	assert_true(f->n < sizeof(f->models) / sizeof(*f->models));
	f->models[f->n++] = m;
	return m;
}

/* Makes it stand. */
static void stand(struct fixture *f, const char *lines)
{
	struct model *m = model(f, lines);

	if (!world_apply(f->w, world_plan(f->w, m, NULL, NULL, NULL)))
		fail_msg("%s", f->w->why);
}

static void assert_plan(struct fixture *f, const char *lines, bool quiet, const char *expected)
{
	struct model *m = lines ? model(f, lines) : NULL;
	struct plan *p = world_plan(f->w, m, m, NULL, NULL);
	char *text = p ? plan_text(p, quiet) : NULL;

	assert_string_equal(text ? text : "obstacles", expected);
	free(text);
}

/* The same where another model was applied last. */
static void assert_plan_after(struct fixture *f, const char *lines, const char *before, const char *expected)
{
	struct plan *p = world_plan(f->w, model(f, lines), model(f, before), NULL, NULL);
	char *text = plan_text(p, false);

	assert_string_equal(text, expected);
	free(text);
}

static void assert_obstacles(struct fixture *f, const char *lines, const char *expected)
{
	struct nsl_error *err = NULL;
	struct plan *p = world_plan(f->w, model(f, lines), NULL, NULL, &err);
	char *text = nsl_error_text(err);

	assert_null(p);
	assert_string_equal(text, expected);
	free(text);
	nsl_error_free(err);
}

/* ---- creating ---------------------------------------------------------------------------------- */

static void test_order_of_creation(void **state)
{
	assert_plan(*state, base, true,
	            "+ fabric: namespace lab.@fabric :2\n"
	            "  + fabric: sysctl net.ipv6.conf.default.disable_ipv6 (1) :2\n"
	            "+ r: namespace lab.r :4\n"
	            "  + r: sysctl net.ipv6.conf.default.accept_ra (0) :4\n"
	            "  + r: sysctl net.ipv4.ip_forward (1) :4\n"
	            "  + r: sysctl net.ipv6.conf.all.forwarding (1) :4\n"
	            "  + r: sysctl net.ipv4.conf.all.rp_filter (0) :4\n"
	            "  + r: sysctl net.ipv4.conf.default.rp_filter (0) :4\n"
	            "+ ann: namespace lab.ann :5\n"
	            "  + ann: sysctl net.ipv6.conf.default.accept_ra (0) :5\n"
	            "  + ann: sysctl net.ipv4.ip_forward (0) :5\n"
	            "  + ann: sysctl net.ipv6.conf.all.forwarding (0) :5\n"
	            "  + ann: sysctl net.ipv4.conf.all.rp_filter (0) :5\n"
	            "  + ann: sysctl net.ipv4.conf.default.rp_filter (0) :5\n"
	            "+ fabric: bridge lan :2\n"
	            "+ host: bridge out :3\n"
	            "  + host: bridge out :3\n"
	            "  + host: sysctl net.ipv6.conf.out.accept_ra (0) :3\n"
	            "+ host: rules nsloom-lab (isolation and nat) :3\n"
	            "+ r: interface eth0 (to lan, port r.eth0) :4\n"
	            "+ r: interface eth1 (to out, port lab.r.eth1) :4\n"
	            "  + r: interface eth0 :4\n"
	            "  + r: interface eth1 :4\n"
	            "+ ann: interface eth0 (to lan, port ann.eth0) :5\n"
	            "+ ann: interface wire0 (to r:wire0) :6\n"
	            "+ r: interface wire0 (to ann:wire0) :6\n"
	            "  + ann: interface eth0 :5\n"
	            "  + ann: interface wire0 :6\n"
	            "  + r: interface lo :4\n"
	            "  + r: interface wire0 :6\n"
	            "+ r: address 10.1.0.1/24 dev eth0 :4\n"
	            "+ r: address 10.2.0.2/24 dev eth1 :4\n"
	            "+ r: address 10.3.0.2/30 dev wire0 :6\n"
	            "+ r: route default (via 10.2.0.1 dev eth1) :3\n"
	            "  + ann: interface lo :5\n"
	            "+ ann: address 10.1.0.2/24 dev eth0 :5\n"
	            "+ ann: address 10.3.0.1/30 dev wire0 :6\n"
	            "+ ann: route default (via 10.1.0.1 dev eth0) :3\n"
	            "+ ann: route 10.2.0.0/24 (via 10.1.0.1 dev eth0, via 10.3.0.2 dev wire0) :3\n"
	            "  + host: port lab.r.eth1 :4\n"
	            "  + host: bridge out (up) :3\n"
	            "+ host: address 10.2.0.1/24 dev out :3\n"
	            "+ host: route 10.1.0.0/24 (via 10.2.0.2 dev out) :2\n"
	            "+ host: route 10.3.0.0/30 (via 10.2.0.2 dev out) :6\n"
	            "  + fabric: bridge lan (up) :2\n"
	            "  + fabric: interface lo :2\n"
	            "~ host: forwarding net.ipv4.ip_forward (0 -> 1) :3\n");
}

static void test_shown(void **state)
{
	assert_plan(*state, base, false,
	            "+ fabric: namespace lab.@fabric :2\n"
	            "+ r: namespace lab.r :4\n"
	            "+ ann: namespace lab.ann :5\n"
	            "+ fabric: bridge lan :2\n"
	            "+ host: bridge out :3\n"
	            "+ host: rules nsloom-lab (isolation and nat) :3\n"
	            "+ r: interface eth0 (to lan, port r.eth0) :4\n"
	            "+ r: interface eth1 (to out, port lab.r.eth1) :4\n"
	            "+ ann: interface eth0 (to lan, port ann.eth0) :5\n"
	            "+ ann: interface wire0 (to r:wire0) :6\n"
	            "+ r: interface wire0 (to ann:wire0) :6\n"
	            "+ r: address 10.1.0.1/24 dev eth0 :4\n"
	            "+ r: address 10.2.0.2/24 dev eth1 :4\n"
	            "+ r: address 10.3.0.2/30 dev wire0 :6\n"
	            "+ r: route default (via 10.2.0.1 dev eth1) :3\n"
	            "+ ann: address 10.1.0.2/24 dev eth0 :5\n"
	            "+ ann: address 10.3.0.1/30 dev wire0 :6\n"
	            "+ ann: route default (via 10.1.0.1 dev eth0) :3\n"
	            "+ ann: route 10.2.0.0/24 (via 10.1.0.1 dev eth0, via 10.3.0.2 dev wire0) :3\n"
	            "+ host: address 10.2.0.1/24 dev out :3\n"
	            "+ host: route 10.1.0.0/24 (via 10.2.0.2 dev out) :2\n"
	            "+ host: route 10.3.0.0/30 (via 10.2.0.2 dev out) :6\n"
	            "~ host: forwarding net.ipv4.ip_forward (0 -> 1) :3\n");
}

static void test_nothing_to_do(void **state)
{
	stand(*state, base);
	assert_plan(*state, base, true, "");
}

static void test_down(void **state)
{
	stand(*state, base);
	assert_plan(*state, NULL, false,
	            "- host: forwarding net.ipv4.ip_forward (1 -> 0)\n"
	            "- host: bridge out\n"
	            "- host: rules nsloom-lab\n"
	            "- fabric: namespace lab.@fabric\n"
	            "- r: namespace lab.r\n"
	            "- ann: namespace lab.ann\n");
}

/* ---- changes in place -------------------------------------------------------------------------- */

static void test_changed_in_place(void **state)
{
	stand(*state, base);
	assert_plan(*state,
	            "lab lab\n"
	            "network lan 10.1.0.0/24 mtu=1400\n"
	            "network out 10.2.0.0/24 gw\n"
	            "node r router lan@10.1.0.9 out!02:00:00:00:00:07\n"
	            "node ann lan sysctl=net.ipv4.ip_default_ttl,77\n"
	            "link ann%wire0 r%wire0 10.3.0.0/30\n",
	            false,
	            "- host: forwarding net.ipv4.ip_forward (1 -> 0)\n"
	            "- r: route default\n"
	            "- r: address 10.1.0.1/24 dev eth0\n"
	            "- ann: route default\n"
	            "- ann: address 10.1.0.2/24 dev eth0\n"
	            "~ ann: sysctl net.ipv4.ip_default_ttl (born -> 77) :5\n"
	            "~ host: rules nsloom-lab (isolation) :3\n"
	            "~ r: interface eth0 (mtu 1500 -> mtu 1400) :4\n"
	            "~ r: interface eth1 (mac 02:78:ae:c6:da:90 -> mac 02:00:00:00:00:07) :4\n"
	            "+ r: address 10.1.0.9/24 dev eth0 :4\n"
	            "~ ann: interface eth0 (mtu 1500 -> mtu 1400) :5\n"
	            "+ ann: address 10.1.0.1/24 dev eth0 :5\n"
	            "~ ann: route 10.2.0.0/24 (via 10.1.0.1 dev eth0, via 10.3.0.2 dev wire0 -> via 10.1.0.9 dev eth0, "
	            "via 10.3.0.2 dev wire0) :3\n"
	            "~ fabric: bridge lan (mtu 1500 -> mtu 1400) :2\n"
	            "~ fabric: port r.eth0 (mtu 1500 -> mtu 1400) :4\n"
	            "~ fabric: port ann.eth0 (mtu 1500 -> mtu 1400) :5\n");
}

static void test_sysctl_no_longer_asked_for(void **state)
{
	stand(*state, "lab lab\nnode a sysctl=net.ipv4.ip_default_ttl,77\n");
	assert_plan_after(*state, "lab lab\nnode a\n", "lab lab\nnode a sysctl=net.ipv4.ip_default_ttl,77\n",
	                  "~ a: sysctl net.ipv4.ip_default_ttl (77 -> born): the file no longer asks for it :2\n");
}

static void test_removed(void **state)
{
	stand(*state, base);
	assert_plan(*state, "lab lab\nnetwork lan 10.1.0.0/24\nnode ann lan\n", false,
	            "- host: forwarding net.ipv4.ip_forward (1 -> 0)\n"
	            "- host: route 10.1.0.0/24\n"
	            "- host: route 10.3.0.0/30\n"
	            "- ann: route default\n"
	            "- ann: route 10.2.0.0/24\n"
	            "- ann: address 10.1.0.2/24 dev eth0\n"
	            "- host: bridge out\n"
	            "- host: port lab.r.eth1\n"
	            "- fabric: port r.eth0\n"
	            "- ann: interface wire0\n"
	            "- host: rules nsloom-lab\n"
	            "- r: namespace lab.r\n"
	            "+ ann: address 10.1.0.1/24 dev eth0 :3\n");
}

static void test_renamed_node(void **state)
{
	stand(*state, "lab lab\nnetwork lan 10.1.0.0/24\nnode ann lan\n");
	assert_plan(*state, "lab lab\nnetwork lan 10.1.0.0/24\nnode bob lan\n", false,
	            "- fabric: port ann.eth0\n"
	            "- ann: namespace lab.ann\n"
	            "+ bob: namespace lab.bob :3\n"
	            "+ bob: interface eth0 (to lan, port bob.eth0) :3\n"
	            "+ bob: address 10.1.0.1/24 dev eth0 :3\n");
}

static void test_made_anew(void **state)
{
	stand(*state, "lab lab\nnode a\nnode b\nnode c\nlink a%x b%x\n");
	assert_plan(*state, "lab lab\nnode a\nnode b\nnode c\nlink a%x c%x\n", false,
	            "- a: interface x: its other end is elsewhere\n"
	            "+ c: interface x (to a:x): its other end is elsewhere :5\n"
	            "+ a: interface x (to c:x): its other end is elsewhere :5\n");
}

/* ---- drift ------------------------------------------------------------------------------------- */

static void test_drift_device(void **state)
{
	struct fixture *f = *state;

	stand(f, base);
	world_device(f->w, "ann", "eth0")->d.up = false;
	world_device(f->w, "ann", "eth0")->d.mtu = 1234;
	world_device(f->w, "r", "eth1")->d.mac.b[5] ^= 1;
	world_device(f->w, "host", "out")->d.alias = NULL;
	f->w->spaces.items[FABRIC_SPACE + 1].named = false;
	assert_plan(f, base, false,
	            "+ r: name lab.r :4\n"
	            "~ r: interface eth1 (mac 02:78:ae:c6:da:91 -> mac 02:78:ae:c6:da:90) :4\n"
	            "~ ann: interface eth0 (mtu 1234 -> mtu 1500) :5\n"
	            "~ ann: interface eth0 (down -> up) :5\n"
	            "~ host: bridge out (alias \"\" -> alias \"nsloom:lab/out\") :3\n");
}

static void test_drift_address_and_route(void **state)
{
	struct fixture *f = *state;

	stand(f, base);
	world_device(f->w, "ann", "wire0")->d.addresses.n = 0;
	for (size_t i = 0; i < f->w->routes.n; i++)
		f->w->routes.items[i].gone = true;
	assert_plan(f, base, false,
	            "+ r: route default (via 10.2.0.1 dev eth1) :3\n"
	            "+ ann: address 10.3.0.1/30 dev wire0 :6\n"
	            "+ ann: route default (via 10.1.0.1 dev eth0) :3\n"
	            "+ ann: route 10.2.0.0/24 (via 10.1.0.1 dev eth0, via 10.3.0.2 dev wire0) :3\n"
	            "+ host: route 10.1.0.0/24 (via 10.2.0.2 dev out) :2\n"
	            "+ host: route 10.3.0.0/30 (via 10.2.0.2 dev out) :6\n");
}

static void test_drift_port(void **state)
{
	struct fixture *f = *state;

	stand(f, base);
	f->w->devices.items[world_device(f->w, "ann", "eth0")->peer].master = -1;
	assert_plan(f, base, false, "~ fabric: port ann.eth0 (on no bridge -> on lan) :5\n");
}

static void test_drift_cable_and_rules(void **state)
{
	struct fixture *f = *state;

	stand(f, base);
	world_drop_device(f->w, world_device(f->w, "ann", "wire0"));
	f->w->rules = NULL;
	f->w->forwarding[IP4] = false;
	assert_plan(f, base, false,
	            "+ host: rules nsloom-lab (isolation and nat) :3\n"
	            "+ ann: interface wire0 (to r:wire0) :6\n"
	            "+ r: interface wire0 (to ann:wire0) :6\n"
	            "+ r: address 10.3.0.2/30 dev wire0 :6\n"
	            "+ ann: address 10.3.0.1/30 dev wire0 :6\n"
	            "+ ann: route 10.2.0.0/24 (via 10.1.0.1 dev eth0, via 10.3.0.2 dev wire0) :3\n"
	            "~ host: forwarding net.ipv4.ip_forward (0 -> 1) :3\n");
}

/* ---- obstacles --------------------------------------------------------------------------------- */

static void test_obstacles(void **state)
{
	struct fixture *f = *state;
	struct world_device *dev = vec_push(f->arena, &f->w->devices);

	*dev = (struct world_device){
		.space = HOST_SPACE,
		.master = -1,
		.peer = -1,
		.d = {.name = "out", .kind = DEVICE_BRIDGE, .owner = OWNER_STRANGER, .ifindex = 4}};
	*vec_push(f->arena, &f->w->spaces) =
		(struct world_space){.kind = SPACE_NODE, .name = "ann", .name_taken = true};
	assert_obstacles(f, base,
	                 "lab:3:9: error: the host already has a device \"out\"\n"
	                 "      = hint: give the network another name, or its bridge one with `device:`\n"
	                 "lab:5:6: error: a network namespace of the name of node \"ann\" (lab.ann) exists already, "
	                 "and it is not this lab's\n"
	                 "      = hint: rename the node or the lab, or remove that namespace\n");
}

static void test_other_lab(void **state)
{
	struct fixture *f = *state;
	struct world_device *dev = vec_push(f->arena, &f->w->devices);

	*dev = (struct world_device){
		.space = HOST_SPACE,
		.master = -1,
		.peer = -1,
		.d = {.name = "out", .kind = DEVICE_BRIDGE, .owner = OWNER_OTHER_LAB, .ifindex = 4}};
	assert_obstacles(f, base,
	                 "lab:3:9: error: the host's device \"out\" belongs to another lab\n"
	                 "      = hint: give the network another name, or its bridge one with `device:`\n");
}

static void test_stranger_in_node(void **state)
{
	struct fixture *f = *state;
	struct world_device *dev;

	stand(f, "lab lab\nnode ann\nnode r\n");
	dev = vec_push(f->arena, &f->w->devices);
	*dev = (struct world_device){
		.space = FABRIC_SPACE + 1,
		.master = -1,
		.peer = -1,
		.d = {.name = "wire0", .kind = DEVICE_OTHER, .owner = OWNER_STRANGER, .ifindex = 4}};
	assert_obstacles(f, "lab lab\nnode ann\nnode r\nlink ann%wire0 r%wire0\n",
	                 "lab:4:6: error: an interface \"wire0\" that nsloom did not make stands in ann\n"
	                 "      = hint: remove it, or give the interface another name\n");
}

/* ---- what is not the lab's --------------------------------------------------------------------- */

static void test_prune(void **state)
{
	struct fixture *f = *state;
	struct plan_options prune = {.prune = true};
	struct model *m = model(f, base);
	struct plan *p;
	char *text;

	stand(f, base);
	vec_push(f->arena, &world_device(f->w, "ann", "eth0")->d.addresses)->ip =
		(struct ip_prefix){{.set = 1, .family = IP4, .b = {10, 1, 0, 200}}, 24};
	assert_plan(f, base, false, "");
	p = world_plan(f->w, m, m, &prune, NULL);
	text = plan_text(p, false);
	assert_string_equal(text, "- ann: address 10.1.0.200/24 dev eth0\n");
	free(text);
}

/* Established flows are handed between the bridges of nat networks and the devices of the default routes; as long as there are such. */
static void test_flows(void **state)
{
	struct fixture *f = *state;
	struct model *m = model(f, base);
	struct state *want = state_of_model(f->arena, m, NULL, NULL);
	struct state *have = state_new(f->arena, "lab");
	struct space *host = &have->spaces.items[HOST_SPACE];
	struct kroute *route;

	rules_add_flows(f->arena, &want->rules, have);
	assert_int_equal(want->rules.flow_devices.n, 0); /* no way out: no flow */
	space_add_device(f->arena, host, "wan", DEVICE_OTHER)->owner = OWNER_STRANGER;
	space_add_device(f->arena, host, "lan9", DEVICE_BRIDGE)->owner = OWNER_OTHER_LAB;
	for (int i = 0; i < 2; i++) {
		route = vec_push(f->arena, &host->others);
		*route = (struct kroute){.to = {.ip = {.set = true, .family = IP4}, .len = i ? 8 : 0}};
		*vec_push(f->arena, &route->hops) = (struct khop){.device = i};
		*vec_push(f->arena, &route->hops) = (struct khop){.device = 0};
	}
	rules_add_flows(f->arena, &want->rules, have);
	assert_int_equal(want->rules.flow_devices.n, 2);
	assert_string_equal(want->rules.flow_devices.items[0], "out");
	assert_string_equal(want->rules.flow_devices.items[1], "wan");
	have->without_flows = true; /* as the kernel said when it was asked */
	rules_add_flows(f->arena, &want->rules, have);
	assert_int_equal(want->rules.flow_devices.n, 0);
	assert_true(want->rules.without_flows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order_of_creation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_to_do, setup, teardown),
		cmocka_unit_test_setup_teardown(test_down, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changed_in_place, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sysctl_no_longer_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(test_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_renamed_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_made_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drift_device, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drift_address_and_route, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drift_port, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drift_cable_and_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(test_obstacles, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_lab, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stranger_in_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_prune, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flows, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
