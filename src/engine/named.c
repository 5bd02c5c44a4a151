/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names below /run/netns: made, removed, opened. See named.h. */
#include "named.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "fd.h"
#include "netns.h"
#include "text.h"

enum { PATH_SIZE = 512 };

/* The rules of ip-netns(8); "host" is a word of nsloom's own. */
static int check_name(const char *name, struct nsl_error **err)
{
	size_t len = strnlen(name, NAME_MAX + 1);

	if (streq(name, "host"))
		return error_set(err, NSL_E_USAGE, EINVAL,
		                 "\"host\" is where nsloom was started: no namespace can be called so");
	if (!len || len > NAME_MAX || strchr(name, '/') || streq(name, ".") || streq(name, ".."))
		return error_set(err, NSL_E_USAGE, EINVAL, "\"%s\" cannot be the name of a namespace", name);
	return 0;
}

static void path_of(const struct rundir *rd, const char *name, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s/%s", rd->names, name);
}

static int hint_root(int r, struct nsl_error **err)
{
	if (r == -EPERM || r == -EACCES)
		error_hint(err, "this needs root: run the same command with sudo");
	return r;
}

/* ---- adding ---------------------------------------------------------------------------------------- */

/*
 * The folder is a mount of its own and shared: so a name that is removed here
 * goes from all mount namespaces, and does not live on in the copies that `exec`
 * makes. Its lock keeps two from mounting it twice; ip-netns(8) takes the same.
 */
static int share_names(const struct rundir *rd)
{
	_cleanup_fd_ int dir = -1;

	if (mkdir(rd->names, 0755) < 0 && errno != EEXIST)
		return -errno;
	dir = open(rd->names, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || flock(dir, LOCK_EX) < 0)
		return -errno;
	if (mount("", rd->names, "none", MS_SHARED | MS_REC, NULL) == 0)
		return 0;
	if (errno != EINVAL || mount(rd->names, rd->names, "none", MS_BIND | MS_REC, NULL) < 0 ||
	    mount("", rd->names, "none", MS_SHARED | MS_REC, NULL) < 0)
		return -errno;
	return 0;
}

/* Mounts the namespace of a process, or a new one. */
static int bind_namespace(const char *path, int pid)
{
	_cleanup_fd_ int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	char from[64] = "/proc/thread-self/ns/net";
	int r;

	if (own < 0)
		return -errno;
	if (pid)
		snprintf(from, sizeof(from), "/proc/%d/ns/net", pid);
	else if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	r = mount(from, path, "none", MS_BIND, NULL) < 0 ? -errno : 0;
	if (!pid && setns(own, CLONE_NEWNET) < 0 && r == 0)
		r = -errno;
	return r;
}

static int add(const struct rundir *rd, const char *name, int pid)
{
	char path[PATH_SIZE];
	int fd, r = share_names(rd);

	if (r < 0)
		return r;
	path_of(rd, name, path);
	fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	close(fd);
	r = bind_namespace(path, pid);
	if (r < 0) {
		umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
		unlink(path);
	}
	return r;
}

int named_add(const struct rundir *rd, const char *name, int pid, struct nsl_error **err)
{
	int r = check_name(name, err);

	if (r < 0)
		return r;
	r = add(rd, name, pid);
	if (r == -EEXIST)
		return error_set(err, NSL_E_TAKEN, EEXIST, "there is a namespace \"%s\" already", name);
	if (r == -ENOENT && pid)
		return error_set(err, NSL_E_NOT_FOUND, ENOENT, "there is no process %d", pid);
	if (r < 0)
		error_errno(err, -r, "cannot add namespace \"%s\"", name);
	return hint_root(r, err);
}

/* ---- deleting -------------------------------------------------------------------------------------- */

/* The lab whose folder the name is a link into; false: it is no such link. */
static bool of_lab(const struct rundir *rd, const char *path, char lab[NAME_MAX + 1])
{
	char target[PATH_SIZE];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	size_t root = strlen(rd->root);

	if (n < 0)
		return false;
	target[n] = '\0';
	if (strncmp(target, rd->root, root) != 0 || target[root] != '/')
		return false;
	snprintf(lab, NAME_MAX + 1, "%.*s", (int)strcspn(target + root + 1, "/"), target + root + 1);
	return true;
}

static int not_found(const struct rundir *rd, const char *name, struct nsl_error **err)
{
	_cleanup_free_ const char **names = NULL;
	DIR *dir = opendir(rd->names);
	size_t n = 0, cap = 0;
	const char *near;

	error_set(err, NSL_E_NOT_FOUND, ENOENT, "there is no namespace \"%s\" below %s", name, rd->names);
	for (struct dirent *e; dir && (e = readdir(dir));) {
		if (n == cap) {
			void *more = reallocarray(names, cap = 2 * cap + 16, sizeof(*names));

			if (!more)
				break;
			names = more;
		}
		names[n] = strdup(e->d_name);
		n += names[n] != NULL;
	}
	near = nearest_word(name, names, n);
	if (near)
		error_hint(err, "did you mean \"%s\"?", near);
	for (size_t i = 0; i < n; i++)
		free((char *)names[i]);
	if (dir)
		closedir(dir);
	return -ENOENT;
}

int named_delete(const struct rundir *rd, const char *name, struct nsl_error **err)
{
	char path[PATH_SIZE], lab[NAME_MAX + 1];
	int r = check_name(name, err);

	if (r < 0)
		return r;
	path_of(rd, name, path);
	if (of_lab(rd, path, lab)) {
		error_set(err, NSL_E_TAKEN, EBUSY, "namespace \"%s\" is a node of lab \"%s\"", name, lab);
		error_hint(err, "nsloom down %s takes the lab down", lab);
		return -EBUSY;
	}
	if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
		r = -errno;
	if (r == 0 && unlink(path) < 0)
		r = -errno;
	if (r == -ENOENT)
		return not_found(rd, name, err);
	if (r < 0)
		error_errno(err, -r, "cannot delete namespace \"%s\"", name);
	return hint_root(r, err);
}

/* ---- opening --------------------------------------------------------------------------------------- */

static int open_namespace(const char *path)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return netns_is(fd) ? take_fd(&fd) : -ENOENT;
}

int named_open(const struct rundir *rd, const char *what)
{
	const char *number = has_prefix(what, "pid:") ? what + strlen("pid:") : what;
	unsigned long long pid;
	char path[PATH_SIZE];
	int fd;

	if (streq(what, "host"))
		return open_namespace("/proc/thread-self/ns/net");
	if (strchr(what, '/'))
		return open_namespace(what);
	path_of(rd, what, path);
	fd = open_namespace(path);
	if (fd != -ENOENT || !parse_u64(number, INT32_MAX, &pid))
		return fd;
	snprintf(path, sizeof(path), "/proc/%llu/ns/net", pid);
	return open_namespace(path);
}
