/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A library that makes everything up, to link the program with in the place of
 * libnsloom: the golden tests of its output need no kernel, and see what no
 * kernel would show twice. The lab (--lab, or a file's name without folder and
 * ending) chooses the story; the default is "tutorial". All data is static,
 * and what is freed is not.
 */
#include <nsloom/explain.h>
#include <nsloom/nsloom.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "text.h"

#define LIST(type, ...)     \
	(type[])            \
	{                   \
		__VA_ARGS__ \
	}
#define WORDS(...) LIST(const char *, __VA_ARGS__)

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

struct nsloom {
	volatile bool cancelled;
	bool user;
};

int nsloom_new(struct nsloom **out, struct nsl_error **err)
{
	*out = must(calloc(1, sizeof(**out)));
	return 0;
}

void nsloom_free(struct nsloom *ns)
{
	free(ns);
}

/* $FAKE_NSLOOM is "user": an ordinary user, whose stand-in host was just made. It says where the process was to go. */
int nsloom_enter(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_enter_options *options,
                 struct nsl_error **err)
{
	static const char *const entries[] = {"look", "join", "work", "make", "try"};
	const char *story = getenv("FAKE_NSLOOM");

	ns->user = story && streq(story, "user");
	if (ns->user)
		printf("(%s%s%s%s)\n", entries[options->entry], options->isolated ? " isolated" : "",
		       target && target->lab ? " " : "", target && target->lab ? target->lab : "");
	fflush(stdout);
	return 0;
}

const char *nsloom_enter_note(const struct nsloom *ns, size_t i)
{
	return ns->user && i == 0 ? "only one user is known in nodes" : NULL;
}

const char *nsloom_version(void)
{
	return "0.1.0";
}

void nsloom_cancel(struct nsloom *ns)
{
	ns->cancelled = true;
}

/* ---- stories ---------------------------------------------------------------------------------- */

/* The name of the story; to be freed. */
static char *story_of(const struct nsloom_target *t)
{
	const char *name = t->file ? t->file : t->lab ? t->lab : "tutorial", *slash = strrchr(name, '/');
	char *story = must(strdup(slash ? slash + 1 : name)), *dot = strchr(story, '.');

	if (dot)
		*dot = '\0';
	if (!streq(story, "nsloom"))
		return story;
	free(story);
	return must(strdup("tutorial"));
}

static int fault_in_file(struct nsl_error **err)
{
	struct nsl_error *second = NULL;

	error_at(err, NSL_E_FILE, EINVAL, (struct nsl_pos){"bad.yaml", 7, 9}, "unknown key \"adress\"");
	(*err)->excerpt = strdup("  one: {adress: 10.0.0.1}");
	error_hint(err, "did you mean \"address\"?");
	error_at(&second, NSL_E_FILE, EINVAL, (struct nsl_pos){"bad.yaml", 9, 20},
	         "10.9.0.1 is not in 10.0.0.0/24, the subnet of network \"lan\"");
	second->excerpt = strdup("  two: {networks: {lan: 10.9.0.1}}");
	error_append(err, second);
	return -EINVAL;
}

static int fault_of_kernel(struct nsl_error **err)
{
	error_at(err, NSL_E_KERNEL, EOPNOTSUPP, (struct nsl_pos){"/labs/kernel/nsloom.yaml", 12, 5},
	         "the kernel refused to create interface eth0 of node \"one\"");
	(*err)->kernel = strdup("Unknown device type");
	return error_wrap(err, "lab \"kernel\" could not be brought up, and was taken back");
}

/* Stories that fail the same way whatever is asked. */
static int fault(const char *story, struct nsl_error **err)
{
	if (streq(story, "bad"))
		return fault_in_file(err);
	if (streq(story, "kernel"))
		return fault_of_kernel(err);
	if (streq(story, "busy"))
		return error_set(err, NSL_E_BUSY, EAGAIN, "another nsloom is at work on lab \"busy\"");
	if (streq(story, "nosuch")) {
		error_set(err, NSL_E_NOT_FOUND, ENOENT, "no lab \"nosuch\" is up");
		error_hint(err, "nsloom ls lists the labs that are");
		return -ENOENT;
	}
	return 0;
}

static bool tells(const struct nsloom_target *target, const char *story)
{
	_cleanup_free_ char *s = story_of(target);

	return streq(s, story);
}

static int begin(const struct nsloom_target *target, struct nsl_error **err)
{
	_cleanup_free_ char *s = story_of(target);

	return fault(s, err);
}

/* ---- labs -------------------------------------------------------------------------------------- */

static struct nsloom_interface one_interfaces[] = {
	{"eth0", "02:ae:12:00:00:01", 1500, 1, WORDS("192.168.15.1/24"), "v-net-0", "veth-one-br", NULL, NULL, 9},
	{"veth-one", "02:ae:12:00:00:02", 1500, 1, WORDS("192.168.1.1/24"), NULL, NULL, "two", "veth-two", 17},
};
static struct nsloom_interface two_interfaces[] = {
	{"eth0", "02:ae:12:00:00:03", 1500, 1, WORDS("192.168.15.2/24"), "v-net-0", "nsl-4f1c", NULL, NULL, 10},
	{"veth-two", "02:ae:12:00:00:04", 1500, 1, WORDS("192.168.1.2/24"), NULL, NULL, "one", "veth-one", 17},
	{"eth1", "02:ae:12:00:00:05", 1500, 0, NULL, NULL, NULL, "r1", "eth0", 19},
};
static struct nsloom_interface r1_interfaces[] = {
	{"eth7", "02:00:00:00:00:09", 1400, 1, WORDS("192.168.15.9/24"), "v-net-0", "nsl-77aa", NULL, NULL, 13},
	{"eth0", "02:ae:12:00:00:06", 1500, 0, NULL, NULL, NULL, "two", "eth1", 19},
};
static struct nsloom_route one_routes[] = {
	{"default", 4, 1, LIST(struct nsloom_hop, {"192.168.15.5", "eth0"}), "default", 4},
	{"192.168.1.0/24", 4, 1, LIST(struct nsloom_hop, {NULL, "veth-one"}), "connected", 17},
	{"192.168.15.0/24", 4, 1, LIST(struct nsloom_hop, {NULL, "eth0"}), "connected", 9},
};
static struct nsloom_route r1_routes[] = {
	{"10.9.0.0/16", 4, 1, LIST(struct nsloom_hop, {"192.168.15.2", "eth7"}), "file", 14},
	{"192.168.1.0/24", 4, 2, LIST(struct nsloom_hop, {"192.168.15.1", "eth7"}, {"192.168.15.2", "eth7"}), "lab",
         17},
	{"default", 6, 1, LIST(struct nsloom_hop, {"fd00::1", "eth7"}), "default", 4},
};
static struct nsloom_route host_routes[] = {
	{"192.168.1.0/24", 4, 1, LIST(struct nsloom_hop, {"192.168.15.9", "v-net-0"}), "lab", 17},
};
static struct nsloom_node tutorial_nodes[] = {
	{"one", "tutorial.one", false, 2, one_interfaces, 3, one_routes, 0, NULL, 9},
	{"two", "tutorial.two", false, 3, two_interfaces, 1, one_routes, 0, NULL, 10},
	{"r1", "tutorial.r1", true, 2, r1_interfaces, 3, r1_routes, 1,
         LIST(struct nsloom_sysctl, {"net.ipv4.conf.all.rp_filter", "2"}), 11},
};
static struct nsloom_network tutorial_networks[] = {
	{"v-net-0", "v-net-0", true, 1500, 1, LIST(struct nsloom_subnet, {4, "192.168.15.0/24", "192.168.15.5", true}),
         3, 4, 1, LIST(struct nsloom_bridge, {"v-net-0", true, "host", 3})},
};
static struct nsloom_link tutorial_links[] = {
	{{{"one", "veth-one", 1, WORDS("192.168.1.1/24")}, {"two", "veth-two", 1, WORDS("192.168.1.2/24")}}, 1500, 17},
	{{{"r1", "eth0", 0, NULL}, {"two", "eth1", 0, NULL}}, 1500, 19},
};

/* Two families, several addresses to an interface, no gateway, and names that are long, wide or hostile. */
static struct nsloom_interface dual_a[] = {
	{"eth0", "02:00:00:00:00:01", 9000, 3, WORDS("10.0.0.1/24", "10.0.0.101/24", "fd00:1:2:3:4:5:6:7/64"),
         "office-of-the-north-wing", "p0", NULL, NULL, 5},
};
static struct nsloom_interface dual_b[] = {
	{"eth0", "02:00:00:00:00:02", 9000, 2, WORDS("10.0.0.2/24", "fd00::2/64"), "office-of-the-north-wing", "p1",
         NULL, NULL, 6},
};
static struct nsloom_node dual_nodes[] = {
	{"a-host-with-a-rather-long-name", "dual.a-host-with-a-rather-long-name", false, 1, dual_a, 0, NULL, 0, NULL,
         5},
	{"b", "dual.b", true, 1, dual_b, 0, NULL, 0, NULL, 6},
	{"alone", "dual.alone", false, 0, NULL, 0, NULL, 0, NULL, 7},
};
static struct nsloom_network dual_networks[] = {
	{"office-of-the-north-wing", "nsl-office1f3", false, 9000, 2,
         LIST(struct nsloom_subnet, {4, "10.0.0.0/24", NULL, false}, {6, "fd00::/64", "fd00::1", true}), 1500, 3, 3,
         LIST(struct nsloom_bridge, {"nsl-office1f3", false, "dual.@fabric", 512},
              {"nl-0123456789ab", false, "dual.@fabric+1", 512}, {"nl-cdef01234567", false, "dual.@fabric+2", 476})},
};

static const struct nsloom_lab tutorial = {
	"tutorial", "/labs/tutorial/nsloom.yaml", true, 3, 1, 2, 1, tutorial_nodes, tutorial_networks, tutorial_links,
	host_routes};
static const struct nsloom_lab dual = {
	"dual", "/labs/\xe7\xb6\xb2\xe8\xb7\xaf/\x1b[31mdual.yaml", false, 3, 1, 0, 0, dual_nodes, dual_networks, NULL,
	NULL};
static const struct nsloom_lab empty = {"empty", NULL, false, 0, 0, 0, 0, NULL, NULL, NULL, NULL};

int nsloom_show(struct nsloom *ns, const struct nsloom_target *target, struct nsloom_lab **out, struct nsl_error **err)
{
	int r = begin(target, err);

	if (r < 0)
		return r;
	*out = must(malloc(sizeof(**out)));
	**out = tells(target, "dual") ? dual : tells(target, "empty") ? empty : tutorial;
	return 0;
}

int nsloom_check(struct nsloom *ns, const struct nsloom_target *target, struct nsloom_lab **out, struct nsl_error **err)
{
	return nsloom_show(ns, target, out, err);
}

void nsloom_lab_free(struct nsloom_lab *lab)
{
	free(lab);
}

/* ---- plans ------------------------------------------------------------------------------------- */

static struct nsloom_step fresh[] = {
	{NSLOOM_CREATE, "one", "namespace", "tutorial.one", NULL, NULL, NULL, 9},
	{NSLOOM_CREATE, "two", "namespace", "tutorial.two", NULL, NULL, NULL, 10},
	{NSLOOM_CREATE, "host", "bridge", "v-net-0", NULL, NULL, NULL, 4},
	{NSLOOM_CREATE, "host", "address", "192.168.15.5/24 dev v-net-0", NULL, NULL, NULL, 6},
	{NSLOOM_CREATE, "one", "interface", "eth0", NULL, "mac 02:ae:12:00:00:01 mtu 1500 port veth-one-br", NULL, 9},
	{NSLOOM_CREATE, "one", "interface", "veth-one", NULL, "peer two:veth-two", NULL, 17},
	{NSLOOM_CREATE, "one", "address", "192.168.15.1/24 dev eth0", NULL, NULL, NULL, 9},
	{NSLOOM_CREATE, "one", "route", "default via 192.168.15.5 dev eth0", NULL, NULL, NULL, 4},
	{NSLOOM_CREATE, "host", "rules", "table inet nsloom", NULL, NULL, NULL, 7},
	{NSLOOM_CHANGE, "host", "sysctl", "net.ipv4.ip_forward", "0", "1", "put back by the last down", 7},
};
static struct nsloom_step changes[] = {
	{NSLOOM_CHANGE, "r1", "interface", "eth7 mtu", "1500", "1400", NULL, 13},
	{NSLOOM_REMOVE, "one", "route", "10.0.0.0/8 via 192.168.15.9", NULL, NULL, NULL, 0},
	{NSLOOM_REMOVE, "two", "interface", "veth-two", NULL, NULL, "its peer is another", 17},
	{NSLOOM_CREATE, "two", "interface", "veth-two", NULL, "peer r1:eth3", NULL, 17},
	{NSLOOM_REMOVE, "old", "namespace", "tutorial.old", NULL, NULL, NULL, 0},
};
static const struct nsloom_plan fresh_plan = {
	"tutorial",
	"/labs/tutorial/nsloom.yaml",
	10,
	fresh,
	9,
	1,
	0,
	1,
	WORDS("Docker drops forwarded packets here: a rule \"nsloom:tutorial\" goes to the head of chain DOCKER-USER")};
static const struct nsloom_plan changes_plan = {"changes", "/labs/tutorial/nsloom.yaml", 5, changes, 1, 1, 3, 0, NULL};
static const struct nsloom_plan no_plan = {"uptodate", "/labs/tutorial/nsloom.yaml", 0, NULL, 0, 0, 0, 0, NULL};

/* 100 nodes with an interface each, on a network of the fabric. */
static void big_plan(struct nsloom_plan *plan)
{
	static struct nsloom_step steps[201];
	static char names[100][16];

	steps[0] = (struct nsloom_step){NSLOOM_CREATE, "fabric", "bridge", "lan", NULL, NULL, NULL, 3};
	for (int i = 0; i < 100; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		steps[1 + i] =
			(struct nsloom_step){NSLOOM_CREATE, names[i], "namespace", names[i], NULL, NULL, NULL, 5};
		steps[101 + i] = (struct nsloom_step){
			i ? NSLOOM_CREATE : NSLOOM_CHANGE, names[i], "interface", "eth0", NULL, NULL, NULL, 5};
	}
	*plan = (struct nsloom_plan){"big", "/labs/big.yaml", 201, steps, 200, 1, 0, 0, NULL};
}

static int make_plan(const struct nsloom_target *target, struct nsloom_plan **out, struct nsl_error **err)
{
	int r = begin(target, err);

	if (r < 0)
		return r;
	*out = must(malloc(sizeof(**out)));
	**out = tells(target, "changes") ? changes_plan : tells(target, "uptodate") ? no_plan : fresh_plan;
	if (tells(target, "big") || tells(target, "slow"))
		big_plan(*out);
	return 0;
}

int nsloom_plan(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_up_options *options,
                struct nsloom_plan **out, struct nsl_error **err)
{
	return make_plan(target, out, err);
}

int nsloom_script(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_up_options *options,
                  bool down, char **out, struct nsl_error **err)
{
	int r = begin(target, err);

	if (r == 0)
		*out = must(strdup(down ? "#!/bin/sh\nset -e\nip netns delete tutorial.one\n"
		                        : "#!/bin/sh\nset -e\nip netns add tutorial.one\n"));
	return r;
}

/* "slow" takes two seconds, and heeds nsloom_cancel(). */
static int work(struct nsloom *ns, const struct nsloom_up_options *options, const struct nsloom_plan *plan,
                struct nsl_error **err)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		if (options->progress)
			options->progress(options->data, i, plan->n_steps, &plan->steps[i]);
		usleep(10000);
		if (ns->cancelled)
			return error_set(err, NSL_E_CANCELLED, EINTR,
			                 "lab \"slow\" was not brought up: a signal asked to stop");
	}
	return 0;
}

int nsloom_up(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_up_options *options,
              struct nsloom_plan **out, struct nsl_error **err)
{
	int r = make_plan(target, out, err);

	if (r == 0 && tells(target, "slow"))
		r = work(ns, options, *out, err);
	if (r < 0 && *out)
		nsloom_plan_free(TAKE_PTR(*out));
	return r;
}

void nsloom_plan_free(struct nsloom_plan *plan)
{
	free(plan);
}

int nsloom_down(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_down_options *options,
                struct nsloom_down **out, struct nsl_error **err)
{
	static struct nsloom_process processes[] = {{4711, "iperf3", "one"}, {123456, "sh\x1b[0m", "two"}};
	int r = begin(target, err);

	if (r < 0)
		return r;
	*out = must(malloc(sizeof(**out)));
	**out = (struct nsloom_down){.lab = "tutorial", .was_up = true, .n_removed = 12};
	if (tells(target, "empty"))
		**out = (struct nsloom_down){.lab = "empty"};
	if (tells(target, "dual")) {
		(*out)->lab = "dual";
		(*out)->n_processes = options->kill ? 0 : 2;
		(*out)->processes = processes;
	}
	return 0;
}

void nsloom_down_free(struct nsloom_down *down)
{
	free(down);
}

/* ---- what stands ------------------------------------------------------------------------------- */

/* $FAKE_NSLOOM is "bare": nothing stands; "busy": one of the labs cannot be taken down. */
int nsloom_ls(struct nsloom *ns, struct nsloom_list **out, struct nsl_error **err)
{
	static struct nsloom_lab_summary labs[4];
	static struct nsloom_named others[] = {{"blue", "/run/netns/blue", NULL},
	                                       {"cni-1f2e3d4c", "/run/netns/cni-1f2e3d4c", NULL}};
	static const char *warnings[] = {"the process that kept the stand-in host (nsloom-holder) was killed"};
	const char *story = getenv("FAKE_NSLOOM");
	int64_t now = time(NULL);

	labs[0] = (struct nsloom_lab_summary){"tutorial", "/labs/tutorial/nsloom.yaml", "up", 3, 1, 2, now - 3 * 3600};
	labs[1] = (struct nsloom_lab_summary){
		"dual",          "/home/somebody/a/path/that/takes/much/room/on/a/line/dual.yaml", "partial", 3, 1, 0,
		now - 42 * 86400};
	labs[2] = (struct nsloom_lab_summary){"busy", NULL, "busy", 1000, 12, 1999, 0};
	labs[3] = (struct nsloom_lab_summary){"tutorial", "/srv/nsloom.yaml", "up", 2, 1, 1, now - 60, "root", false};
	*out = must(calloc(1, sizeof(**out)));
	if (!story || !streq(story, "bare"))
		**out = (struct nsloom_list){story && streq(story, "busy") ? 3 : 2, 2, labs, others, 0, NULL};
	if (story && streq(story, "user")) {
		labs[1].isolated = true;
		labs[2] = labs[3];
		others[1].user = "root";
		**out = (struct nsloom_list){3, 2, labs, others, 1, warnings};
	}
	return 0;
}

void nsloom_list_free(struct nsloom_list *list)
{
	free(list);
}

/* ---- inside ------------------------------------------------------------------------------------ */

int nsloom_exec(struct nsloom *ns, const struct nsloom_target *target, const char *node, char *const argv[],
                struct nsl_error **err)
{
	int r = begin(target, err);

	if (r < 0)
		return r;
	if (streq(node, "nobody"))
		return error_set(err, NSL_E_NOT_FOUND, ENOENT, "lab \"tutorial\" has no node \"nobody\"");
	printf("[%s%s%s]", target->lab ? target->lab : "", target->lab ? " " : "", node);
	for (size_t i = 0; argv && argv[i]; i++)
		printf(" <%s>", argv[i]);
	printf("\n");
	fflush(stdout);
	if (!argv)
		_exit(0);
	execvp(argv[0], argv);
	return error_set(err, NSL_E_FAILED, errno, "%s: %s", argv[0], strerror(errno));
}

static struct nsloom_ping_pair well[] = {
	{"one", "two", "192.168.15.2", "192.168.15.1", 1, 1, 38, 38, 38, NSLOOM_REPLY, NULL, NULL},
	{"one", "two", "192.168.1.2", "192.168.1.1", 1, 1, 1240, 1240, 1240, NSLOOM_REPLY, NULL, NULL},
	{"one", "r1", "192.168.15.9", "192.168.15.1", 1, 1, 41, 41, 41, NSLOOM_REPLY, NULL, NULL},
	{"two", "one", "192.168.15.1", "192.168.15.2", 1, 1, 45, 45, 45, NSLOOM_REPLY, NULL, NULL},
	{"two", "one", "192.168.1.1", "192.168.1.2", 1, 1, 51, 51, 51, NSLOOM_REPLY, NULL, NULL},
	{"two", "r1", "192.168.15.9", "192.168.15.2", 1, 1, 132456, 132456, 132456, NSLOOM_REPLY, NULL, NULL},
	{"r1", "one", "192.168.15.1", "192.168.15.9", 1, 1, 45, 45, 45, NSLOOM_REPLY, NULL, NULL},
	{"r1", "one", "192.168.1.1", "192.168.15.9", 1, 1, 51, 51, 51, NSLOOM_REPLY, NULL, NULL},
	{"r1", "two", "192.168.15.2", "192.168.15.9", 1, 1, 44, 44, 44, NSLOOM_REPLY, NULL, NULL},
	{"r1", "two", "192.168.1.2", "192.168.15.9", 1, 1, 48, 48, 48, NSLOOM_REPLY, NULL, NULL},
};
static struct nsloom_ping_pair ill[] = {
	{"a", "b", "10.0.0.2", "10.0.0.1", 3, 3, 38, 40, 44, NSLOOM_REPLY, NULL, NULL},
	{"a", "b", "fd00::2", NULL, 3, 0, 0, 0, 0, NSLOOM_NO_ROUTE, NULL, NULL},
	{"a", "c", "10.1.0.3", "10.0.0.1", 3, 0, 0, 0, 0, NSLOOM_UNREACHABLE, "10.0.0.9",
         "administratively prohibited"},
	{"b", "a", "10.0.0.1", "10.0.0.2", 3, 2, 38, 40, 44, NSLOOM_NO_ANSWER, NULL, NULL},
	{"b", "c", "10.1.0.3", "10.0.0.2", 3, 0, 0, 0, 0, NSLOOM_UNREACHABLE, "10.0.0.9", "host unreachable"},
	{"c", "a", "10.0.0.1", "10.1.0.3", 3, 0, 0, 0, 0, NSLOOM_SEND_FAILED, NULL, "Operation not permitted"},
	{"c", "b", NULL, NULL, 0, 0, 0, 0, 0, NSLOOM_NO_ROUTE, NULL, NULL},
};

/* 50 nodes, of which the last answers nobody. */
static void big_ping(struct nsloom_ping *ping)
{
	enum { N = 50 };
	static struct nsloom_ping_pair pairs[N * (N - 1)];
	static char names[N][16];
	static const char *nodes[N];
	size_t n = 0;

	for (int i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		nodes[i] = names[i];
	}
	for (int i = 0; i < N; i++) {
		for (int k = 0; k < N; k++) {
			if (i == k)
				continue;
			pairs[n++] = (struct nsloom_ping_pair){.from = names[i],
			                                       .to = names[k],
			                                       .address = "10.0.0.7",
			                                       .sent = 1,
			                                       .received = k != N - 1,
			                                       .rtt_avg_us = 30,
			                                       .result = k == N - 1 ? NSLOOM_NO_ANSWER : NSLOOM_REPLY};
		}
	}
	*ping = (struct nsloom_ping){"big", n, pairs, n - (N - 1), N, nodes};
}

int nsloom_ping(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_ping_options *options,
                struct nsloom_ping **out, struct nsl_error **err)
{
	static const char *tutorial_names[] = {"one", "two", "r1"}, *ill_names[] = {"a", "b", "c"};
	int r = begin(target, err);
	size_t first = 0, n = 0;

	if (r < 0)
		return r;
	*out = must(malloc(sizeof(**out)));
	**out = (struct nsloom_ping){"tutorial", ARRAY_SIZE(well), well, 0, 3, tutorial_names};
	if (tells(target, "ill"))
		**out = (struct nsloom_ping){"ill", ARRAY_SIZE(ill), ill, 0, 3, ill_names};
	if (tells(target, "big"))
		big_ping(*out);
	if (tells(target, "empty"))
		(*out)->n_pairs = 0;
	/* The pairs of FROM and TO stand together in the stories. */
	for (size_t i = 0; i < (*out)->n_pairs; i++) {
		const struct nsloom_ping_pair *p = &(*out)->pairs[i];

		if ((options->from && !streq(p->from, options->from)) || (options->to && !streq(p->to, options->to)))
			continue;
		first = n++ ? first : i;
	}
	(*out)->pairs += first;
	(*out)->n_pairs = n;
	(*out)->n_answered = 0;
	for (size_t i = 0; i < n; i++)
		(*out)->n_answered += (*out)->pairs[i].result == NSLOOM_REPLY;
	return 0;
}

void nsloom_ping_free(struct nsloom_ping *ping)
{
	free(ping);
}

/* ---- doctor ----------------------------------------------------------------------------------- */

int nsloom_doctor(struct nsloom *ns, const struct nsloom_target *target, struct nsloom_diagnosis **out,
                  struct nsl_error **err)
{
	static struct nsloom_finding findings[] = {
		{NSLOOM_OK, "privileges", "privileges", "root, with CAP_NET_ADMIN and CAP_SYS_ADMIN", NULL, 0},
		{NSLOOM_INFO, "tun", "/dev/net/tun", "cannot be opened (No such device): rootless labs have no way out",
	         "modprobe tun", 0},
		{NSLOOM_WARNING, "backlog", "broadcast",
	         "net.core.netdev_max_backlog holds 500 packets, a broadcast to 600 ports may lose some",
	         "sysctl -w net.core.netdev_max_backlog=20000", 0},
		{NSLOOM_FAILURE, "devices", "devices", "this kernel has no bridge (device kind)", "modprobe -a bridge",
	         4},
	};
	static struct nsloom_diagnosis host = {NULL, NULL, 3, findings, 1, 0};
	static struct nsloom_diagnosis lab = {"tutorial", "/labs/nsloom.yaml", 4, findings, 1, 1};

	*out = target && (target->file || target->lab) ? &lab : &host;
	return 0;
}

void nsloom_diagnosis_free(struct nsloom_diagnosis *diagnosis)
{
}

/* ---- generated topologies --------------------------------------------------------------------- */

bool nsloom_shape(size_t i, struct nsloom_shape *out)
{
	static const struct nsloom_shape all[] = {{"star", "N hosts on one switch", {"N"}},
	                                          {"grid", "routers", {"WIDTH", "HEIGHT"}}};

	if (i >= 2)
		return false;
	*out = all[i];
	return true;
}

int nsloom_gen(const char *shape, const unsigned *sizes, size_t n, const struct nsloom_gen_options *options, char **out,
               struct nsl_error **err)
{
	if (asprintf(out, "%s %u, %zu of them\nname: %s\n", shape, sizes[0], n, options->name ? options->name : shape) <
	    0)
		return error_oom(err);
	return 0;
}

/* ---- explain --------------------------------------------------------------------------------------- */

int nsloom_explain(struct nsloom *ns, const struct nsloom_target *target, const char *from, const char *to,
                   struct nsl_explanation **out, struct nsl_error **err)
{
	static struct nsl_step steps[] = {
		{NSL_STEP_ROUTE, false, "tutorial.one", "eth0",
	         "to 192.168.15.2 by eth0 (192.168.15.0/24, from an address of its own)"},
		{NSL_STEP_OUT, false, "tutorial.one", "eth0", "leaves by eth0, to 192.168.15.2"},
		{NSL_STEP_BRIDGE, false, "host", "veth-one-br", "the port veth-one-br"},
		{NSL_STEP_BRIDGE, false, "host", "v-net-0", "passes the bridge v-net-0"},
		{NSL_STEP_FAULT, false, "host", "veth-two-br", "veth-two-br, a port of v-net-0, is down"},
		{NSL_STEP_ARRIVE, false, "tutorial.two", NULL, "has arrived: 192.168.15.2 is here"},
		{NSL_STEP_ARRIVE, true, "tutorial.one", NULL, "the answer has come back"},
	};
	static const struct nsl_explanation lost = {"tutorial.one",
	                                            "tutorial.two",
	                                            NULL,
	                                            "192.168.15.2",
	                                            5,
	                                            steps,
	                                            NSL_FAILS,
	                                            "veth-two-br, a port of v-net-0, is down",
	                                            "host",
	                                            "ip link set dev veth-two-br up",
	                                            true,
	                                            false,
	                                            0},
					    found = {"tutorial.one",
	                                             NULL,
	                                             "192.168.15.1",
	                                             "192.0.2.1",
	                                             2,
	                                             steps + 5,
	                                             NSL_REACHES,
	                                             "tutorial.one reaches 192.0.2.1, and the answer comes back",
	                                             NULL,
	                                             NULL,
	                                             true,
	                                             true,
	                                             420};
	int r = begin(target, err);

	if (r < 0)
		return r;
	*out = must(malloc(sizeof(**out)));
	**out = strcmp(to, "192.0.2.1") == 0 ? found : lost;
	return 0;
}

void nsloom_explanation_free(struct nsl_explanation *explanation)
{
	free(explanation);
}
