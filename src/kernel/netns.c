/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making, naming and dropping namespaces. See netns.h. */
#include "netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "fd.h"
#include "text.h"

enum { PATH_SIZE = 512 };

bool netns_is(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

static bool is_tmpfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

/* A mount point is on another device than the folder it lies in. */
static bool is_mount_point(int dir, const char *name)
{
	struct stat outer, inner;

	return fstat(dir, &outer) == 0 && fstatat(dir, name, &inner, AT_SYMLINK_NOFOLLOW) == 0 &&
	       outer.st_dev != inner.st_dev;
}

/* The folder "ns" as a path that leads nowhere else, whatever else could have that name. */
static int pin_spaces(const struct kernel *k, char path[PATH_SIZE])
{
	int fd = open_beneath(k->lab_dir, "ns", O_PATH | O_DIRECTORY, 0);

	if (fd >= 0)
		snprintf(path, PATH_SIZE, "/proc/self/fd/%d", fd);
	return fd;
}

static int mount_spaces(struct kernel *k)
{
	_cleanup_fd_ int spaces = -1;
	char path[PATH_SIZE];
	int r;

	if (mkdirat(k->lab_dir, "ns", 0755) < 0 && errno != EEXIST)
		return -errno;
	spaces = pin_spaces(k, path);
	if (spaces < 0)
		return spaces;
	if (is_mount_point(k->lab_dir, "ns"))
		return 0;
	r = kernel_step(k, "mount the lab's namespaces");
	if (r < 0)
		return r;
	return mount("nsloom", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755") < 0 ? -errno : 0;
}

/* Before the first namespace is mounted; and again after a crash, which may have come between the two. */
static int share_spaces(struct kernel *k)
{
	_cleanup_fd_ int spaces = -1;
	char path[PATH_SIZE];

	if (k->shared)
		return 0;
	spaces = pin_spaces(k, path);
	if (spaces < 0)
		return spaces;
	if (mount(NULL, path, NULL, MS_SHARED, NULL) < 0)
		return -errno;
	k->shared = true;
	return 0;
}

int netns_open_dir(struct kernel *k, bool make)
{
	int r;

	if (k->spaces_dir >= 0)
		return 0;
	if (k->lab_dir < 0)
		return -ENOENT;
	if (make) {
		r = mount_spaces(k);
		if (r < 0)
			return r;
	} else if (!is_mount_point(k->lab_dir, "ns")) {
		return -ENOENT;
	}
	k->spaces_dir = openat(k->lab_dir, "ns", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (k->spaces_dir < 0)
		return -errno;
	return is_tmpfs(k->spaces_dir) ? 0 : -ENOTDIR;
}

/* ---- names ------------------------------------------------------------------------------------- */

static int open_names(struct kernel *k)
{
	if (k->names_dir >= 0)
		return 0;
	if (k->nameless)
		return -ENOENT;
	k->names_dir = open(k->paths.names_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (k->names_dir >= 0)
		return 0;
	k->nameless = errno == ENOENT;
	return -errno;
}

/* ip-netns(8) makes the folder when it needs it; so do we, and leave a mark so that the last `down` can take it back. */
static int make_names(struct kernel *k)
{
	int fd, r = open_names(k);

	if (r != -ENOENT)
		return r;
	fd = open(k->paths.names_mark, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	close(fd);
	if (mkdir(k->paths.names_dir, 0755) < 0 && errno != EEXIST)
		return -errno;
	k->nameless = false;
	return open_names(k);
}

static void name_target(const struct kernel *k, const char *node, char *buf)
{
	snprintf(buf, PATH_SIZE, "%s/ns/%s", k->paths.lab_dir, node);
}

static void full_name(const struct kernel *k, const char *node, char *buf)
{
	snprintf(buf, PATH_SIZE, "%s.%s", k->lab, node);
}

enum netns_name netns_name_state(struct kernel *k, const char *node)
{
	char name[PATH_SIZE], want[PATH_SIZE], target[PATH_SIZE];
	ssize_t n;

	if (open_names(k) < 0)
		return NAME_NONE;
	full_name(k, node, name);
	n = readlinkat(k->names_dir, name, target, sizeof(target) - 1);
	if (n < 0)
		return errno == ENOENT ? NAME_NONE : NAME_TAKEN;
	target[n] = '\0';
	name_target(k, node, want);
	return streq(target, want) ? NAME_OURS : NAME_TAKEN;
}

static int link_name(struct kernel *k, const char *node)
{
	char name[PATH_SIZE], target[PATH_SIZE];
	int r;

	full_name(k, node, name);
	name_target(k, node, target);
	if (symlinkat(target, k->names_dir, name) == 0)
		return 0;
	r = -errno;
	return r == -EEXIST && netns_name_state(k, node) == NAME_OURS ? 0 : r;
}

int netns_name(struct kernel *k, const char *node)
{
	int r = make_names(k);

	if (r == 0)
		r = kernel_step(k, "name a namespace");
	return r < 0 ? r : link_name(k, node);
}

static int unname(struct kernel *k, const char *node)
{
	char name[PATH_SIZE];

	if (netns_name_state(k, node) != NAME_OURS)
		return 0;
	full_name(k, node, name);
	return unlinkat(k->names_dir, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

/* Every name that leads into the lab's folder, whatever it is called. */
static int unname_all(struct kernel *k)
{
	size_t lab_len = strlen(k->lab);
	char inside[PATH_SIZE];
	DIR *dir;
	int fd, r = 0;

	if (open_names(k) < 0)
		return 0;
	name_target(k, "", inside);
	fd = openat(k->names_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return -errno;
	for (struct dirent *e; (e = readdir(dir));) {
		char target[PATH_SIZE];
		ssize_t n;

		if (strncmp(e->d_name, k->lab, lab_len) != 0 || e->d_name[lab_len] != '.')
			continue;
		n = readlinkat(k->names_dir, e->d_name, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		if (has_prefix(target, inside) && unlinkat(k->names_dir, e->d_name, 0) < 0 && errno != ENOENT)
			r = -errno;
	}
	closedir(dir);
	return r;
}

/* ---- namespaces -------------------------------------------------------------------------------- */

/* An empty file to bind on; one that a lost mount left is as good as a new one. */
static int make_mount_point(struct kernel *k, const char *name)
{
	int fd = openat(k->spaces_dir, name, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0444);
	bool stands;

	if (fd >= 0)
		return close(fd) < 0 ? -errno : 0;
	fd = errno == EEXIST ? openat(k->spaces_dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	if (fd < 0)
		return -errno;
	stands = netns_is(fd);
	close(fd);
	return stands ? -EEXIST : 0;
}

/* A new namespace for the thread, and its mount. */
static int make_mounted(struct kernel *k, const char *name)
{
	char path[PATH_SIZE];
	int r = make_mount_point(k, name);

	if (r < 0)
		return r;
	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	name_target(k, name, path);
	return mount("/proc/thread-self/ns/net", path, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

int netns_create(struct kernel *k, struct kspace *s)
{
	int r = netns_open_dir(k, true);

	if (r == 0)
		r = share_spaces(k);
	if (r == 0)
		r = kernel_step(k, "make a namespace");
	if (r < 0)
		return r;
	k->inside = NULL;
	r = make_mounted(k, s->name);
	if (r < 0)
		return r;
	k->inside = s;
	return s->kind == SPACE_NODE ? netns_name(k, s->name) : 0;
}

int netns_prepare(struct kernel *k)
{
	int r = netns_open_dir(k, true);

	if (r == 0)
		r = share_spaces(k);
	return r == 0 ? make_names(k) : r;
}

int netns_create_prepared(struct kernel *k, const struct kspace *s)
{
	int r = make_mounted(k, s->name);

	return r == 0 && s->kind == SPACE_NODE ? link_name(k, s->name) : r;
}

int netns_remove(struct kernel *k, struct kspace *s)
{
	char path[PATH_SIZE];
	int r = kernel_step(k, "remove a namespace");

	if (r == 0 && s->kind == SPACE_NODE)
		r = unname(k, s->name);
	if (r < 0)
		return r;
	kspace_forget(k, s);
	if (netns_open_dir(k, false) < 0)
		return 0;
	name_target(k, s->name, path);
	if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
		return -errno;
	return unlinkat(k->spaces_dir, s->name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int netns_remove_all(struct kernel *k)
{
	char path[PATH_SIZE];
	int r = kernel_step(k, "remove the lab's namespaces");

	if (r == 0)
		r = unname_all(k);
	if (r < 0)
		return r;
	for (size_t i = 0; i < k->list.n; i++)
		if (k->list.items[i] != k->host)
			kspace_forget(k, k->list.items[i]);
	if (k->spaces_dir >= 0)
		close(take_fd(&k->spaces_dir));
	snprintf(path, sizeof(path), "%s/ns", k->paths.lab_dir);
	while (is_mount_point(k->lab_dir, "ns")) /* mounted twice by a race that a crash won: all of them */
		if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
			return -errno;
	return unlinkat(k->lab_dir, "ns", AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}
