/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The yardstick: makes the kernel state of a lab, and takes it down, with as little as the kernel allows. It reads no
 * topology, decides nothing, checks nothing and puts nothing right; what it is to make is in memory before the clock starts
 * (floor_list.h). How fast `nsloom up` may at best be on a machine is what this program takes there.
 *
 * Two threads in a pipeline: one makes namespaces (unshare, a mount, a name, sysctls, a socket), the other talks
 * netlink. For each space there is one send inside it: all its cables whose other end stands already, each wholly made by one
 * message, then what is to be set of its own ends, addresses and routes. Bridges are raised when all their ports are in.
 *
 * usage: floor LIST [up|down|both] [one]     "one": in one thread
 *        floor settle                        waits until the kernel has freed the namespaces that were dropped
 *
 * Writes one JSON object: seconds of wall, user and system time of both directions, and of their phases.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "floor_list.h"
#include "floor_messages.h"

#define NAMES "/run/netns"

enum { PATH = 512, HOST_BATCH = 64 << 10 };

static struct floor_list list;
static char folder[PATH / 2]; /* /run/nsloom/LAB */
static sem_t made;            /* how many spaces the other thread may work on */

/* ---- the clock ------------------------------------------------------------------------------------- */

struct clock {
	double wall, user, sys;
};

static struct clock clock_now(void)
{
	struct timespec t;
	struct rusage u;

	clock_gettime(CLOCK_MONOTONIC, &t);
	getrusage(RUSAGE_SELF, &u);
	return (struct clock){
		(double)t.tv_sec + (double)t.tv_nsec / 1e9,
		(double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6,
		(double)u.ru_stime.tv_sec + (double)u.ru_stime.tv_usec / 1e6,
	};
}

static void clock_say(const char *what, struct clock since, struct clock to)
{
	printf("\"%s\": {\"wall\": %.6f, \"user\": %.6f, \"sys\": %.6f", what, to.wall - since.wall,
	       to.user - since.user, to.sys - since.sys);
}

/* ---- namespaces ------------------------------------------------------------------------------------ */

/* Writes below /proc/sys go by an instance of proc of this thread's own, thrown away after some spaces. In a shared one the
 * entries of all namespaces have one parent and one name, hence hang in one hash chain: the three-thousandth write
 * costs 2.5 ms there, and 50 microseconds here. */
enum { SPACES_OF_A_PROC = 32 };

static int open_proc(void)
{
	int fs = (int)syscall(SYS_fsopen, "proc", 1 /* FSOPEN_CLOEXEC */), dir = -1;

	if (fs >= 0 && syscall(SYS_fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0) == 0)
		dir = (int)syscall(SYS_fsmount, fs, 1 /* FSMOUNT_CLOEXEC */, 0);
	if (fs >= 0)
		close(fs);
	return dir < 0 ? open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : dir;
}

static void write_sysctl(int proc, const char *path, const char *value)
{
	char full[PATH];
	int fd;

	snprintf(full, sizeof(full), "sys/%s", path);
	fd = openat(proc, full, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die(full);
	close(fd);
}

static void make_space(struct space *s, int names, int proc)
{
	char path[PATH];
	int fd;

	snprintf(path, sizeof(path), "%s/ns/%s", folder, s->name);
	fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0 || unshare(CLONE_NEWNET) < 0 || mount("/proc/thread-self/ns/net", path, NULL, MS_BIND, NULL) < 0)
		die(path);
	close(fd);
	for (size_t i = 0; i < s->sysctls.n; i++)
		write_sysctl(proc, s->sysctls.at[i].path, s->sysctls.at[i].value);
	s->sock = netlink_open(NETLINK_ROUTE);
	if (s->bridges.n || s->last > (size_t)(s - list.spaces.at)) /* later spaces lay cables to it */
		s->ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (*s->name != '@') {
		char name[PATH];

		snprintf(name, sizeof(name), "%s.%s", list.lab, s->name);
		if (symlinkat(path, names, name) < 0)
			die(name);
	}
}

static void *make_spaces(void *data)
{
	int names = open(NAMES, O_RDONLY | O_DIRECTORY | O_CLOEXEC), proc = -1;

	for (size_t i = 1; i < list.spaces.n; i++) {
		if (i % SPACES_OF_A_PROC == 1) {
			close(proc);
			proc = open_proc();
		}
		make_space(&list.spaces.at[i], names, proc);
		sem_post(&made);
	}
	close(names);
	close(proc);
	return NULL;
}

static void make_folders(void)
{
	char ns[PATH];

	mkdir("/run/nsloom", 0755);
	mkdir(folder, 0755);
	mkdir(NAMES, 0755);
	snprintf(ns, sizeof(ns), "%s/ns", folder);
	if (mkdir(ns, 0755) < 0 || mount("nsloom", ns, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755") < 0 ||
	    mount(NULL, ns, NULL, MS_SHARED, NULL) < 0)
		die(ns);
}

/* ---- cables ---------------------------------------------------------------------------------------- */

static struct batch near, other, host;

/* All that is set of a space when the last of its devices is there. */
static void put_space(struct batch *b, const struct space *s)
{
	if (s->lo_alias)
		put_lo(b, s->lo_up, s->lo_alias);
	for (size_t i = 0; i < s->addresses.n; i++)
		put_address(b, &s->addresses.at[i]);
	for (size_t i = 0; i < s->routes.n; i++)
		put_route(b, &s->routes.at[i]);
}

static void close_space(struct space *s)
{
	netlink_close(s->sock);
	if (s->ns >= 0)
		close(s->ns);
	s->sock = s->ns = -1;
}

/* The other ends: those on the host gather in a batch of their own, those of another node leave at once. */
static void set_far_ends(size_t at)
{
	struct space *s = &list.spaces.at[at];

	for (size_t i = 0; i < s->veths.n; i++) {
		struct end *far = &s->veths.at[i].end[1];
		struct space *there = &list.spaces.at[far->space];
		bool last = far->space && !there->bridges.n && there->last == at;

		if (far->space == 0)
			put_end(&host, far);
		else if (far->space != at)
			put_end(&other, far);
		/* Once, with the last cable that leads there. */
		for (size_t k = i + 1; last && k < s->veths.n; k++)
			last = s->veths.at[k].end[1].space != far->space;
		if (last && far->space != at)
			put_space(&other, there);
		batch_send(&other, there->sock);
		if (last && far->space != at)
			close_space(there);
	}
	if (host.len > HOST_BATCH)
		batch_send(&host, list.spaces.at[0].sock);
}

/* Lays the cables of a space, and finishes it if it waits for no later one. */
static void weave(size_t at)
{
	struct space *s = &list.spaces.at[at];

	for (size_t i = 0; i < s->bridges.n; i++)
		put_bridge(&near, &s->bridges.at[i]);
	for (size_t i = 0; i < s->veths.n; i++)
		put_veth(&near, &s->veths.at[i], list.spaces.at[s->veths.at[i].end[1].space].ns);
	for (size_t i = 0; i < s->veths.n; i++) {
		if (s->veths.at[i].end[0].master) /* from a bridge to another one */
			put_on_bridge(&near, &s->veths.at[i].end[0]);
		for (int e = 0; e < 2; e++)
			if (s->veths.at[i].end[e].space == at)
				put_end(&near, &s->veths.at[i].end[e]);
	}
	if (s->last == at && !s->bridges.n)
		put_space(&near, s);
	batch_send(&near, s->sock);
	set_far_ends(at);
	if (s->last == at && !s->bridges.n)
		close_space(s);
}

/* The host's switches; back: those that outlive its devices. */
static void set_host(bool back)
{
	const struct space *h = &list.spaces.at[0];
	int proc = h->sysctls.n ? open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	for (size_t i = 0; i < h->sysctls.n; i++)
		if (!back || !h->sysctls.at[i].device)
			write_sysctl(proc, h->sysctls.at[i].path,
			             back ? h->sysctls.at[i].before : h->sysctls.at[i].value);
	if (proc >= 0)
		close(proc);
}

/* The spaces of bridges, host among them: all ports are in. */
static void finish_bridges(size_t at)
{
	struct space *s = &list.spaces.at[at];

	if (at == 0)
		set_host(false);
	for (size_t i = 0; i < s->bridges.n; i++)
		put_raise_bridge(&near, &s->bridges.at[i]);
	put_space(&near, s);
	batch_send(&near, s->sock);
	close_space(s);
}

static void run_nft(const struct nft *messages, size_t n)
{
	int sock;

	if (!n)
		return;
	sock = netlink_open(NETLINK_NETFILTER);
	put_transaction(&near, messages, n);
	batch_send(&near, sock);
	netlink_close(sock);
}

/* ---- up and down ----------------------------------------------------------------------------------- */

static void up(bool one_thread)
{
	struct clock start = clock_now(), woven, end;
	struct space *spaces = list.spaces.at;
	pthread_t maker;

	make_folders();
	spaces[0].sock = netlink_open(NETLINK_ROUTE);
	spaces[0].ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	/* A table of descriptors that two threads share grows slowly: the kernel waits for RCU each time. */
	close(fcntl(spaces[0].ns, F_DUPFD_CLOEXEC, 2 * (int)list.spaces.n + 32));
	for (size_t i = 0; i < spaces[0].bridges.n; i++)
		put_bridge(&host, &spaces[0].bridges.at[i]);
	batch_send(&host, spaces[0].sock);
	run_nft(list.nft.at, list.nft.n); /* a flowtable has bridges in it */
	if (one_thread)
		make_spaces(NULL);
	else if (pthread_create(&maker, NULL, make_spaces, NULL))
		die("pthread_create");
	for (size_t i = 1; i < list.spaces.n; i++) {
		sem_wait(&made);
		weave(i);
	}
	if (!one_thread)
		pthread_join(maker, NULL);
	else if (setns(spaces[0].ns, CLONE_NEWNET) < 0)
		die("setns");
	batch_send(&host, spaces[0].sock);
	woven = clock_now();
	for (size_t i = 0; i < list.spaces.n; i++)
		if (i == 0 || spaces[i].bridges.n)
			finish_bridges(i);
	end = clock_now();
	clock_say("up", start, end);
	printf(", \"phases\": {");
	clock_say("weave", start, woven);
	printf("}, ");
	clock_say("finish", woven, end);
	printf("}}}");
}

static void unname(void)
{
	int names = open(NAMES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[PATH];

	for (size_t i = 1; i < list.spaces.n; i++) {
		snprintf(name, sizeof(name), "%s.%s", list.lab, list.spaces.at[i].name);
		unlinkat(names, name, 0);
	}
	close(names);
	rmdir(NAMES);
}

static void down(void)
{
	struct clock start = clock_now(), host_done, end;
	const struct space *h = &list.spaces.at[0];
	char ns[PATH];

	run_nft(list.unnft.at, list.unnft.n);
	set_host(true);
	if (h->bridges.n || h->devices.n) {
		int sock = netlink_open(NETLINK_ROUTE);

		put_delete_group(&near, h->bridges.n ? h->bridges.at[0].group : h->devices.at[0]->group);
		batch_send(&near, sock);
		netlink_close(sock);
	}
	host_done = clock_now();
	unname();
	snprintf(ns, sizeof(ns), "%s/ns", folder);
	if (umount2(ns, MNT_DETACH) < 0 || rmdir(ns) < 0)
		die(ns);
	rmdir(folder);
	rmdir("/run/nsloom");
	end = clock_now();
	clock_say("down", start, end);
	printf(", \"phases\": {");
	clock_say("host", start, host_done);
	printf("}, ");
	clock_say("spaces", host_done, end);
	printf("}}}");
}

/* ---- waiting for the kernel ------------------------------------------------------------------------ */

/* Namespaces are freed in the order in which they were dropped: when the last one has taken its end of a cable along, it
 * was the turn of all others too. */
static void wait_for_turn(void)
{
	int sock = netlink_open(NETLINK_ROUTE), home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	struct end end = {.name = "settle", .mac = {2}, .ifindex = 0};
	struct veth v = {{end, end}};

	v.end[1].mac[5] = 1;
	if (unshare(CLONE_NEWNET) < 0)
		die("unshare");
	close(sock);
	sock = netlink_open(NETLINK_ROUTE);
	put_veth(&near, &v, home);
	batch_send(&near, sock);
	netlink_close(sock);
	if (setns(home, CLONE_NEWNET) < 0)
		die("setns");
	sock = netlink_open(NETLINK_ROUTE);
	for (int i = 0; netlink_has_link(sock, "settle"); i++) {
		if (i == 600 * 200) {
			errno = ETIMEDOUT;
			die("settle");
		}
		usleep(5000);
	}
	close(sock);
	close(home);
}

/* Twice: the devices of a namespace go first, and its memory after a grace period; the next one's turn comes when that is over. */
static int settle(void)
{
	wait_for_turn();
	wait_for_turn();
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "both";
	struct rlimit files;

	if (argc == 2 && strcmp(argv[1], "settle") == 0)
		return settle();
	if (argc < 2 || (strcmp(what, "up") != 0 && strcmp(what, "down") != 0 && strcmp(what, "both") != 0)) {
		fprintf(stderr, "usage: floor LIST [up|down|both] [one] | floor settle\n");
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	floor_list_read(&list, argv[1]);
	snprintf(folder, sizeof(folder), "/run/nsloom/%s", list.lab);
	sem_init(&made, 0, 0);
	printf("{");
	if (strcmp(what, "down") != 0)
		up(argc > 3 && strcmp(argv[3], "one") == 0);
	if (strcmp(what, "both") == 0)
		printf(", ");
	if (strcmp(what, "up") != 0)
		down();
	printf("}\n");
	return 0;
}
