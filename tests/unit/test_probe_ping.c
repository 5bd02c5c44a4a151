/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pings against the real kernel, in namespaces of this program's own, which end
 * with it: a user namespace where it is not root. Built with ip(8) and nft(8);
 * skipped where they, or namespaces, are not to be had.
 *
 *   one ─┐              ┌─ far
 *   two ─┴─ sw ── r1 ───┘        one, two, deaf, r1: 10.1.0.0/24, fd01::/64
 *  deaf ─┘                       r1, far: 10.2.0.0/24, fd02::/64
 */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "ping.h"

static const char build[] =
	"set -e\n"
	"for n in sw one two deaf r1 far; do\n"
	"  ip netns add $n; ip -n $n link set lo up\n"
	/* A router that forwards asks for neighbours from its link-local address, which takes 2 s to be found free. */
	"  ip netns exec $n sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'\n"
	"done\n"
	"ip -n sw link add br0 type bridge mcast_snooping 0\n"
	"i=1; for n in one two deaf r1; do\n"
	"  ip -n sw link add p$n type veth peer name eth0 netns $n\n"
	"  ip -n sw link set p$n master br0 up\n"
	"  [ $n = r1 ] && i=254\n"
	"  ip -n $n addr add 10.1.0.$i/24 dev eth0\n"
	"  ip -n $n addr add fd01::$i/64 dev eth0 nodad\n"
	"  ip -n $n link set eth0 up\n"
	"  i=$((i + 1))\n"
	"done\n"
	"ip -n sw link set br0 up\n"
	"ip -n r1 link add eth1 type veth peer name eth0 netns far\n"
	"ip -n r1 addr add 10.2.0.254/24 dev eth1; ip -n r1 addr add fd02::254/64 dev eth1 nodad\n"
	"ip -n far addr add 10.2.0.1/24 dev eth0; ip -n far addr add fd02::1/64 dev eth0 nodad\n"
	"ip -n r1 link set eth1 up; ip -n far link set eth0 up\n"
	"ip netns exec r1 sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 "
	">/proc/sys/net/ipv6/conf/all/forwarding'\n"
	"ip -n far route add default via 10.2.0.254; ip -n far -6 route add default via fd02::254\n"
	"for to in 10.2.0.0/24 10.8.0.0/16 10.9.0.0/16; do ip -n one route add $to via 10.1.0.254; done\n"
	"for to in fd02::/64 fd08::/64 fd09::/64; do ip -n one -6 route add $to via fd01::254; done\n"
	"ip -n r1 route add prohibit 10.8.0.0/16; ip -n r1 -6 route add prohibit fd08::/64\n"
	"ip -n one route add prohibit 10.7.0.0/16; ip -n one route add blackhole 10.6.0.0/16; ip -n one -6 route add "
	"blackhole fd06::/64\n"
	"ip netns exec deaf nft 'table inet t { chain i { type filter hook input priority 0; icmp type echo-request "
	"drop;"
	" icmpv6 type echo-request drop; }; }'\n"
	"ip netns exec two nft 'table inet t { chain o { type filter hook output priority 0; ip daddr 10.1.0.1 ip dscp "
	"0"
	" icmp type echo-request drop; }; }'\n";

static bool shell(const char *script)
{
	_cleanup_free_ char *command = NULL;

	if (asprintf(&command, "{ %s\n} >/dev/null 2>&1 </dev/null", script) < 0)
		return false;
	return system(command) == 0;
}

static bool write_file(const char *path, const char *text)
{
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && fd_write_all(fd, text, strlen(text)) == 0;
}

/* Becomes root of namespaces of its own, with an empty /run. NULL, or why not. */
static const char *enter_own_machine(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	if (uid && unshare(CLONE_NEWUSER) < 0)
		return "no user namespaces";
	if (uid) {
		write_file("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "0 %u 1", uid);
		if (!write_file("/proc/self/uid_map", map))
			return "no user namespaces";
		snprintf(map, sizeof(map), "0 %u 1", gid);
		write_file("/proc/self/gid_map", map);
	}
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/run", "tmpfs", 0, NULL) < 0)
		return "no network or mount namespaces";
	return NULL;
}

/* ---- pinging ----------------------------------------------------------------------------------- */

static struct ip ip(const char *text)
{
	struct ip v;

	if (!ip_parse(text, &v))
		fail_msg("%s: not an address", text);
	return v;
}

static size_t descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static ino_t own_netns(void)
{
	struct stat st;

	assert_int_equal(stat("/proc/thread-self/ns/net", &st), 0);
	return st.st_ino;
}

/* ping_run(), and that it leaves the process as it was. */
static int run(const struct ping_place *places, size_t n_places, struct ping_probe *probes, size_t n,
               const struct ping_options *options, struct nsl_error **err)
{
	size_t before = descriptors();
	ino_t home = own_netns();
	int r = ping_run(places, n_places, probes, n, options, err);

	assert_int_equal(descriptors(), before);
	assert_int_equal(own_netns(), home);
	assert_int_equal(r != 0, *err != NULL);
	return r;
}

/* One ping that must not fail as such. */
static struct ping_probe ping(const char *from, const char *to, uint32_t timeout_ms)
{
	_cleanup_free_ char *path = NULL;
	struct ping_probe p = {.to = ip(to)};
	struct ping_options options = {.timeout_ms = timeout_ms};
	struct nsl_error *err = NULL;
	struct ping_place place;

	assert_true(asprintf(&path, "/run/netns/%s", from) > 0);
	place.netns = path;
	if (run(&place, 1, &p, 1, &options, &err) < 0)
		fail_msg("%s: %s", to, err->message);
	return p;
}

static void check_ip(const struct ip *found, const char *want)
{
	char text[IP_TEXT_MAX] = "(none)";

	if (found->set)
		ip_text(found, text);
	assert_string_equal(text, want);
}

static void check_reply(const char *from, const char *to, const char *source)
{
	struct ping_probe p = ping(from, to, 0);

	if (p.result != PING_REPLY)
		fail_msg("%s to %s: %s", from, to, ping_reason(&p) ? ping_reason(&p) : "no answer");
	assert_int_equal(p.sent, 1);
	assert_int_equal(p.received, 1);
	check_ip(&p.by, to);
	check_ip(&p.source, source);
	assert_in_range(p.rtt_max_us, 1, 1000000);
	assert_int_equal(p.rtt_min_us, p.rtt_max_us);
	assert_int_equal(p.rtt_avg_us, p.rtt_max_us);
	assert_null(ping_reason(&p));
}

static void replies(void **state)
{
	check_reply("one", "10.1.0.2", "10.1.0.1");
	check_reply("one", "10.1.0.1", "10.1.0.1");
	check_reply("one", "127.0.0.1", "127.0.0.1");
	check_reply("one", "10.2.0.1", "10.1.0.1");
	check_reply("far", "10.1.0.254", "10.2.0.1");
	check_reply("one", "fd01::2", "fd01::1");
	check_reply("one", "fd02::1", "fd01::1");
}

static void check_unreachable(const char *to, uint32_t timeout_ms, const char *by, const char *reason)
{
	struct ping_probe p = ping("one", to, timeout_ms);

	assert_int_equal(p.result, PING_UNREACHABLE);
	assert_int_equal(p.sent, 1);
	assert_int_equal(p.received, 0);
	assert_int_equal(p.rtt_max_us, 0);
	check_ip(&p.by, by);
	assert_string_equal(ping_reason(&p), reason);
}

static void unreachable(void **state)
{
	check_unreachable("10.9.0.1", 0, "10.1.0.254", "network unreachable");
	check_unreachable("10.8.0.1", 0, "10.1.0.254", "administratively prohibited");
	check_unreachable("fd09::1", 0, "fd01::254", "network unreachable");
	check_unreachable("fd08::1", 0, "fd01::254", "administratively prohibited");
	/* Nobody has the address: the sender's own kernel says so, after three ARP requests. */
	check_unreachable("10.1.0.77", 5000, "10.1.0.1", "host unreachable");
}

static void check_not_sent(const char *from, const char *to, enum ping_result result, const char *reason)
{
	struct ping_probe p = ping(from, to, 0);

	assert_int_equal(p.result, result);
	assert_int_equal(p.sent, 0);
	assert_false(p.by.set);
	assert_string_equal(ping_reason(&p), reason);
}

static void not_sent(void **state)
{
	check_not_sent("one", "172.16.0.1", PING_NO_ROUTE, "no route");
	check_not_sent("one", "fd77::1", PING_NO_ROUTE, "no route");
	check_not_sent("one", "10.7.0.1", PING_SEND_FAILED, "prohibited by a route, or a broadcast address");
	check_not_sent("one", "10.6.0.1", PING_SEND_FAILED, "dropped by a blackhole route");
	check_not_sent("one", "fd06::1", PING_SEND_FAILED,
	               "dropped by a blackhole route, or no room in the kernel's neighbour table");
	check_not_sent("two", "10.1.0.1", PING_SEND_FAILED, "not permitted (a firewall drops it)");
}

static void no_answer(void **state)
{
	static const char *const deaf[] = {"10.1.0.3", "fd01::3", "10.1.0.77"};

	for (size_t i = 0; i < ARRAY_SIZE(deaf); i++) {
		struct ping_probe p = ping("one", deaf[i], 150);

		assert_int_equal(p.result, PING_NO_ANSWER);
		assert_int_equal(p.sent, 1);
		assert_int_equal(p.received, 0);
		assert_null(ping_reason(&p));
	}
}

/* Several requests for each, answered and not, side by side: the time is that of one. */
static void counts(void **state)
{
	struct ping_place places[] = {{"/run/netns/one"}, {"/run/netns/far"}, {NULL}};
	struct ping_probe probes[] = {
		{.place = 0, .to = ip("10.1.0.2")},   {.place = 0, .to = ip("10.1.0.3")},
		{.place = 0, .to = ip("fd02::1")},    {.place = 1, .to = ip("10.1.0.254")},
		{.place = 0, .to = ip("172.16.0.1")}, {.place = 0, .to = ip("10.9.0.1")},
		{.place = 2, .to = ip("10.1.0.1")},
	};
	static const struct {
		enum ping_result result;
		uint32_t sent, received;
	} want[] = {
		{PING_REPLY, 5, 5},    {PING_NO_ANSWER, 5, 0},   {PING_REPLY, 5, 5},    {PING_REPLY, 5, 5},
		{PING_NO_ROUTE, 0, 0}, {PING_UNREACHABLE, 5, 0}, {PING_NO_ROUTE, 0, 0},
	};
	struct ping_options options = {.count = 5, .timeout_ms = 100};
	struct timespec begin, end;
	struct nsl_error *err = NULL;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(run(places, 3, probes, ARRAY_SIZE(probes), &options, &err), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		assert_int_equal(probes[i].result, want[i].result);
		assert_int_equal(probes[i].sent, want[i].sent);
		assert_int_equal(probes[i].received, want[i].received);
	}
	assert_true(probes[0].rtt_min_us <= probes[0].rtt_avg_us && probes[0].rtt_avg_us <= probes[0].rtt_max_us);
	assert_in_range((end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000, 490, 3000);
}

/* ---- many -------------------------------------------------------------------------------------- */

enum { MANY = 24, DEAD = 7 };

static const char build_star[] =
	"set -e\n"
	"ip netns add star; ip -n star link add br0 type bridge mcast_snooping 0\n"
	"for i in $(seq 24); do\n"
	"  ip netns add m$i; ip -n m$i link set lo up\n"
	"  ip -n star link add p$i type veth peer name eth0 netns m$i; ip -n star link set p$i master br0 up\n"
	"  ip -n m$i addr add 10.5.0.$i/24 dev eth0; ip -n m$i addr add fd05::$i/64 dev eth0 nodad\n"
	"  ip -n m$i link set eth0 up\n"
	"done\n"
	"ip -n star link set br0 up\n"
	"ip -n star link set p8 nomaster\n" /* m8 is DEAD: nothing goes in or out */
	"ip -n m1 neigh add 10.5.0.3 lladdr $(ip -n m3 link show eth0 | awk '/ether/ {print $2}') dev eth0 nud "
	"permanent\n";

/* All pairs, so many that neigh.c helps: all answer but the dead one, and the table is left as it was. */
static void check_many(const char *subnet)
{
	static struct ping_place places[MANY];
	static struct ping_probe probes[MANY * MANY];
	struct ping_options options = {.count = 2, .timeout_ms = 500};
	struct nsl_error *err = NULL;
	char text[64];
	size_t n = 0;

	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "/run/netns/m%u", i + 1);
		places[i].netns = strdup(text);
		for (uint32_t j = 0; j < MANY; j++) {
			snprintf(text, sizeof(text), "%s%u", subnet, j + 1);
			probes[n] = (struct ping_probe){.place = i, .to = ip(text)};
			n += i != j;
		}
	}
	if (run(places, MANY, probes, n, &options, &err) < 0)
		fail_msg("%s", err->message);
	for (size_t i = 0; i < n; i++) {
		bool dead = probes[i].place == DEAD || probes[i].to.b[probes[i].to.family == IP4 ? 3 : 15] == DEAD + 1;

		assert_int_equal(probes[i].sent, 2);
		assert_int_equal(probes[i].result, dead ? PING_NO_ANSWER : PING_REPLY);
		assert_int_equal(probes[i].received, dead ? 0 : 2);
	}
	for (size_t i = 0; i < MANY; i++)
		free((char *)places[i].netns);
	/* the permanent entry stands, and no other has a MAC */
	assert_true(shell("ip -n m1 neigh | grep -q '^10.5.0.3 .*PERMANENT'"));
	assert_true(shell("for i in 1 2 12 24; do ! ip -n m$i neigh | grep -v PERMANENT | grep -q lladdr.*STALE || "
	                  "exit 1; done"));
}

static void many(void **state)
{
	assert_true(shell(build_star));
	check_many("10.5.0.");
	check_many("fd05::");
}

/* ---- refusals ---------------------------------------------------------------------------------- */

static void check_refused(const struct ping_place *place, uint32_t index, const char *to,
                          const volatile sig_atomic_t *cancel, int want, enum nsl_error_code code)
{
	struct ping_probe p = {.place = index, .to = ip(to)};
	struct ping_options options = {.cancel = cancel};
	struct nsl_error *err = NULL;

	assert_int_equal(run(place, 1, &p, 1, &options, &err), want);
	assert_int_equal(err->code, code);
	nsl_error_free(err);
}

static void refusals(void **state)
{
	struct ping_place one = {"/run/netns/one"}, nowhere = {"/run/netns/nowhere"}, no_netns = {"/proc/self/ns/mnt"};
	volatile sig_atomic_t cancelled = 1;

	check_refused(&one, 0, "fe80::1", NULL, -EINVAL, NSL_E_USAGE);
	check_refused(&one, 0, "224.0.0.1", NULL, -EINVAL, NSL_E_USAGE);
	check_refused(&one, 1, "10.1.0.2", NULL, -EINVAL, NSL_E_USAGE);
	check_refused(&nowhere, 0, "10.1.0.2", NULL, -ENOENT, NSL_E_FAILED);
	check_refused(&no_netns, 0, "10.1.0.2", NULL, -EINVAL, NSL_E_FAILED);
	check_refused(&one, 0, "10.1.0.3", &cancelled, -EINTR, NSL_E_CANCELLED);
}

static void out_of_memory(void **state)
{
	struct ping_place one = {"/run/netns/one"};
	struct ping_options options = {0};

	for (unsigned long n = 1;; n++) {
		struct ping_probe p = {.to = ip("10.1.0.2")};
		struct nsl_error *err = NULL;
		int r;

		memory_fail_after(n);
		r = ping_run(&one, 1, &p, 1, &options, &err);
		memory_fail_after(0);
		if (r == 0)
			return;
		assert_int_equal(r, -ENOMEM);
		assert_int_equal(err->code, NSL_E_MEMORY);
		nsl_error_free(err);
		assert_true(n < 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies),   cmocka_unit_test(unreachable),   cmocka_unit_test(not_sent),
		cmocka_unit_test(no_answer), cmocka_unit_test(counts),        cmocka_unit_test(many),
		cmocka_unit_test(refusals),  cmocka_unit_test(out_of_memory),
	};
	const char *why = enter_own_machine();

	if (!why && !shell(build))
		why = "ip(8) or nft(8) cannot build the test network";
	if (why) {
		printf("1..0 # SKIP %s\n", why);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
