/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands on the machine. See snapshot.h. This file: namespaces, /run, sysctls; netlink is in snapshot_netlink.c. */
#include "snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snapshot_netlink.h"
#include "strbuf.h"

#define LABS "/run/nsloom"

void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(99);
}

/* ---- sysctls --------------------------------------------------------------------------------------- */

/*
 * Values that the kernel moves by itself. And addr_gen_mode: nobody sets it but for single devices, among whose attributes it
 * stands; a process that reads the file tries again and again while anybody holds the kernel's lock of all devices, a third of
 * all the time that the sweeps need.
 */
static bool is_left_out(const char *path)
{
	static const char *const names[] = {"nf_conntrack_count", "flush", "stable_secret", "nf_conntrack_buckets",
	                                    "addr_gen_mode"};
	const char *last = strrchr(path, '/');

	for (size_t i = 0; last && i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(last + 1, names[i]) == 0)
			return true;
	return false;
}

static void one_sysctl(struct net_dump *d, const char *place, const char *path)
{
	char value[1024];
	int fd = is_left_out(path) ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, value, sizeof(value) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return;
	while (n > 0 && value[n - 1] == '\n')
		n--;
	strbuf_printf(&d->out, "%s sysctl %s = %.*s\n", place, path + strlen("/proc/sys/"), (int)n, value);
}

/* The sysctls of one device: those below conf stand among its attributes too, and there are many. */
static bool of_device(const struct net_dump *d, const char *folder, const char *name)
{
	const char *last = strrchr(folder, '/');

	return (strcmp(last, "/conf") == 0 || strcmp(last, "/neigh") == 0) && net_is_device(d, name);
}

static void all_sysctls(struct net_dump *d, const char *place, const char *folder)
{
	DIR *dir = opendir(folder);

	for (struct dirent *e; dir && (e = readdir(dir));) {
		char path[PATH_MAX];

		if (e->d_name[0] == '.' || of_device(d, folder, e->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (e->d_type == DT_DIR)
			all_sysctls(d, place, path);
		else
			one_sysctl(d, place, path);
	}
	if (dir)
		closedir(dir);
}

static void node_sysctls(struct net_dump *d, const char *place)
{
	static const char *const whole[] = {"ip_forward", "tcp_syncookies", "ip_default_ttl", "ping_group_range",
	                                    "fib_multipath_hash_policy"};
	static const char *const folders[] = {
		"/proc/sys/net/ipv4/conf/all",
		"/proc/sys/net/ipv4/conf/default",
		"/proc/sys/net/ipv6/conf/all",
		"/proc/sys/net/ipv6/conf/default",
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++) {
		snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", whole[i]);
		one_sysctl(d, place, path);
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		all_sysctls(d, place, folders[i]);
}

/* ---- files ----------------------------------------------------------------------------------------- */

/* Its lines in one; those of a file that is a set of lines, one each. */
static void file_text(struct strbuf *out, const char *path)
{
	bool set = strncmp(path, LABS "/.lent", strlen(LABS "/.lent")) == 0;
	char buf[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (set && buf[i] == '\n')
				strbuf_printf(out, "\nfile %s ", path);
			else
				strbuf_addc(out, buf[i] == '\n' ? '|' : buf[i]);
	if (fd >= 0)
		close(fd);
}

/* A folder, all below it; of namespaces just that they are some. */
static void tree(struct strbuf *out, const char *folder)
{
	DIR *dir = opendir(folder);

	for (struct dirent *e; dir && (e = readdir(dir));) {
		char path[PATH_MAX], target[PATH_MAX];
		struct stat st;
		ssize_t n;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (lstat(path, &st) < 0)
			continue;
		strbuf_printf(out, "file %s %o\nfile %s ", path, (unsigned)st.st_mode, path);
		if (S_ISLNK(st.st_mode) && (n = readlink(path, target, sizeof(target))) > 0)
			strbuf_printf(out, "-> %.*s", (int)n, target);
		if (S_ISREG(st.st_mode) && !strstr(path, "/ns/"))
			file_text(out, path);
		strbuf_addc(out, '\n');
		if (S_ISDIR(st.st_mode))
			tree(out, path);
	}
	if (dir)
		closedir(dir);
}

/* Mount points below /run: place, type, options. IDs of mounts and peer groups, and inodes of namespaces, are volatile. */
static void mounts(struct strbuf *out)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[4096];

	while (f && fgets(line, sizeof(line), f)) {
		char point[1024], options[256], *dash = strstr(line, " - ");
		char type[64];

		if (!dash || sscanf(line, "%*d %*d %*s %*s %1023s %255s", point, options) != 2 ||
		    sscanf(dash + 3, "%63s", type) != 1 || strncmp(point, "/run/", 5) != 0)
			continue;
		strbuf_printf(out, "mount %s %s %s %s\n", point, type, options,
		              strstr(line, " shared:") ? "shared" : "private");
	}
	if (f)
		fclose(f);
}

/* ---- namespaces ------------------------------------------------------------------------------------ */

static void enter(int ns)
{
	if (setns(ns, CLONE_NEWNET) < 0)
		die("setns");
}

static void look_inside(struct net_dump *d, const char *lab)
{
	char folder[PATH_MAX];
	DIR *dir;

	snprintf(folder, sizeof(folder), LABS "/%s/ns", lab);
	dir = opendir(folder);
	for (struct dirent *e; dir && (e = readdir(dir));) {
		char place[PATH_MAX];
		int ns;

		if (e->d_name[0] == '.')
			continue;
		ns = openat(dirfd(dir), e->d_name, O_RDONLY | O_CLOEXEC);
		if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) { /* no namespace is mounted here */
			if (ns >= 0)
				close(ns);
			continue;
		}
		snprintf(place, sizeof(place), "%.60s/%.63s", lab, e->d_name);
		net_dump_space(d, place, ns);
		node_sysctls(d, place);
	}
	if (dir)
		closedir(dir);
}

/* What is mounted below /run/netns itself, as `ip netns add` does: LAB.NODE stands for LAB/NODE. */
static void look_at_names(struct net_dump *d)
{
	DIR *dir = opendir("/run/netns");

	for (struct dirent *e; dir && (e = readdir(dir));) {
		char place[PATH_MAX], *dot;
		int ns = e->d_type == DT_LNK || e->d_name[0] == '.'
		                 ? -1
		                 : openat(dirfd(dir), e->d_name, O_RDONLY | O_CLOEXEC);

		if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) {
			if (ns >= 0)
				close(ns);
			continue;
		}
		snprintf(place, sizeof(place), "%.120s", e->d_name);
		dot = strchr(place, '.');
		if (dot)
			*dot = '/';
		net_dump_space(d, place, ns);
		node_sysctls(d, place);
	}
	if (dir)
		closedir(dir);
}

static void look_at_labs(struct net_dump *d)
{
	DIR *dir = opendir(LABS);

	for (struct dirent *e; dir && (e = readdir(dir));)
		if (e->d_name[0] != '.')
			look_inside(d, e->d_name);
	if (dir)
		closedir(dir);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void split(struct snapshot *s)
{
	size_t n = 0;

	for (char *c = s->text; *c; c++)
		n += *c == '\n';
	s->lines = calloc(n + 1, sizeof(*s->lines));
	if (!s->lines)
		die("calloc");
	for (char *line = s->text, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		s->lines[s->n++] = line;
	}
	qsort(s->lines, s->n, sizeof(*s->lines), by_text);
}

void snapshot_take(struct snapshot *s)
{
	struct net_dump d = {0};
	int host = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	*s = (struct snapshot){0};
	if (host < 0)
		die("/proc/thread-self/ns/net");
	net_dump_space(&d, "host", host);
	net_dump_nft(&d);
	all_sysctls(&d, "host", "/proc/sys/net");
	all_sysctls(&d, "host", "/proc/sys/fs/inotify");
	look_at_labs(&d);
	look_at_names(&d);
	enter(host);
	net_dump_end(&d);
	tree(&d.out, "/run");
	mounts(&d.out);
	s->text = strbuf_steal(&d.out);
	if (!s->text)
		die("strbuf");
	split(s);
}

void snapshot_settled(struct snapshot *s)
{
	bool same = false;

	snapshot_take(s);
	for (int i = 0; !same && i < 100; i++) {
		struct snapshot next;

		usleep(20000);
		snapshot_take(&next);
		same = snapshot_same(s, &next, NULL);
		snapshot_done(s);
		*s = next;
	}
}

void snapshot_done(struct snapshot *s)
{
	free(s->text);
	free(s->lines);
	*s = (struct snapshot){0};
}

bool snapshot_same(const struct snapshot *before, const struct snapshot *after, FILE *out)
{
	size_t i = 0, k = 0, shown = 0;
	bool same = true;

	while (i < before->n || k < after->n) {
		int c = i == before->n ? 1 : k == after->n ? -1 : strcmp(before->lines[i], after->lines[k]);

		if (c) {
			same = false;
			if (out && shown++ < 40)
				fprintf(out, "#   %c %.400s\n", c < 0 ? '-' : '+',
				        c < 0 ? before->lines[i] : after->lines[k]);
		}
		i += c <= 0;
		k += c >= 0;
	}
	return same;
}
