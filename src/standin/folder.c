/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders of stand-ins. See folder.h. */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "ids.h"
#include "text.h"

enum { OPEN_FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* ---- which, and whether it can be trusted ---------------------------------------------------------- */

/* The user whose folders they are: the same before the user namespace was entered and, as the files see it, after. */
static bool is_own(int fd, struct stat *st)
{
	return fstat(fd, st) == 0 && st->st_uid == geteuid();
}

static int foreign(const char *path, struct nsl_error **err)
{
	error_set(err, NSL_E_PERMISSION, EACCES, "%s belongs to somebody else", path);
	error_hint(err, "have it removed, or set XDG_RUNTIME_DIR to a folder of your own");
	return -EACCES;
}

/* A folder that others may use cannot say whose holder it is that answers. */
static int check(int fd, const char *path, struct nsl_error **err)
{
	struct stat st;

	if (!is_own(fd, &st))
		return foreign(path, err);
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		error_set(err, NSL_E_PERMISSION, EACCES, "%s is open to others (mode %03o)", path, st.st_mode & 0777u);
		error_hint(err, "chmod 700 %s", path);
		return -EACCES;
	}
	return 0;
}

static int cannot(struct nsl_error **err, int errnum, const char *what, const char *path)
{
	if (errnum == ELOOP || errnum == ENOTDIR)
		return error_set(err, NSL_E_PERMISSION, errnum, "%s is in the way: it is no folder", path);
	return error_errno(err, errnum, "cannot %s %s", what, path);
}

/* Opens (makes) a folder below another one, and checks it. */
static int open_below(int dir, const char *name, const char *path, bool make, struct nsl_error **err)
{
	_cleanup_fd_ int fd = -1;
	struct stat st;
	int r;

	if (make && mkdirat(dir, name, 0700) < 0 && errno != EEXIST)
		return cannot(err, errno, "make", path);
	fd = openat(dir, name, OPEN_FOLDER);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0 && errno == EACCES && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_uid != geteuid())
		return foreign(path, err);
	if (fd < 0)
		return cannot(err, errno, "open", path);
	r = check(fd, path, err);
	return r < 0 ? r : take_fd(&fd);
}

/* The runtime folder of the user, where it is there and his; -1: the next one is asked for. */
static int open_runtime(const char *path)
{
	_cleanup_fd_ int fd = path && path[0] == '/' ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct stat st;

	return fd >= 0 && is_own(fd, &st) ? take_fd(&fd) : -1;
}

int folder_top(bool make, struct nsl_error **err)
{
	const char *given = getenv("XDG_RUNTIME_DIR");
	char usual[64], path[PATH_MAX];
	_cleanup_fd_ int runtime = open_runtime(given);

	if (!ids_known())
		return make ? error_set(err, NSL_E_PERMISSION, EPERM,
		                        "user %u is not known in the user namespace that nsloom runs in", geteuid())
		            : -ENOENT;
	snprintf(usual, sizeof(usual), "/run/user/%u", geteuid());
	if (runtime >= 0) {
		snprintf(path, sizeof(path), "%.4000s/nsloom", given);
		return open_below(runtime, "nsloom", path, make, err);
	}
	runtime = open_runtime(usual);
	if (runtime >= 0) {
		snprintf(path, sizeof(path), "%s/nsloom", usual);
		return open_below(runtime, "nsloom", path, make, err);
	}
	snprintf(path, sizeof(path), "/tmp/nsloom-%u", geteuid());
	return open_below(AT_FDCWD, path, path, make, err);
}

int folder_open(int top, const char *name, bool make, struct nsl_error **err)
{
	return open_below(top, name, name, make, err);
}

/* ---- locks ----------------------------------------------------------------------------------------- */

static bool still_named(int fd, int dir, const char *name)
{
	struct stat own, named;

	return fstat(fd, &own) == 0 && fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       own.st_ino == named.st_ino && own.st_dev == named.st_dev;
}

static int wait_lock(int fd, int operation)
{
	while (flock(fd, operation) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* 0, or -EAGAIN where somebody took the folder away meanwhile. */
static int try_take(const char *name, enum folder_lock kind, bool make, int *folder, int *lock, struct nsl_error **err)
{
	_cleanup_fd_ int top = folder_top(make, err), dir = -1, file = -1;
	int r;

	if (top < 0)
		return top;
	dir = folder_open(top, name, make, err);
	if (dir == -ENOENT && make)
		return -EAGAIN;
	if (dir < 0)
		return dir;
	file = openat(dir, FOLDER_LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return errno == ENOENT ? -EAGAIN : error_errno(err, errno, "cannot open the lock of the stand-in host");
	r = wait_lock(file, kind == FOLDER_ALONE ? LOCK_EX : LOCK_SH);
	if (r < 0)
		return error_errno(err, -r, "cannot lock the stand-in host");
	if (!still_named(file, dir, FOLDER_LOCK) || !still_named(dir, top, name))
		return -EAGAIN;
	*folder = take_fd(&dir);
	*lock = take_fd(&file);
	return 0;
}

int folder_take(const char *name, enum folder_lock kind, bool make, int *folder, int *lock, struct nsl_error **err)
{
	int r;

	do
		r = try_take(name, kind, make, folder, lock, err);
	while (r == -EAGAIN);
	return r;
}

bool folder_alone(int lock)
{
	if (flock(lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (flock(lock, LOCK_SH | LOCK_NB) == 0) { /* those who share it see to it when they have done */
		flock(lock, LOCK_UN);
		return false;
	}
	return wait_lock(lock, LOCK_EX) == 0;
}

/* ---- the end --------------------------------------------------------------------------------------- */

static void remove_files(int folder)
{
	int fd = openat(folder, ".", OPEN_FOLDER);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	for (struct dirent *e; dir && (e = readdir(dir));)
		if (!streq(e->d_name, ".") && !streq(e->d_name, "..") && !streq(e->d_name, FOLDER_LOCK))
			unlinkat(folder, e->d_name, 0);
	if (dir)
		closedir(dir);
	unlinkat(folder, FOLDER_LOCK, 0); /* last: who comes now makes everything anew */
}

/* The name by which the folder above knows it. */
static bool name_of(int fd, char name[PATH_MAX])
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	snprintf(name, PATH_MAX, "%s", strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	return *name != '\0';
}

static void remove_folder(int fd)
{
	_cleanup_fd_ int above = openat(fd, "..", OPEN_FOLDER);
	char name[PATH_MAX];

	if (above >= 0 && name_of(fd, name))
		unlinkat(above, name, AT_REMOVEDIR);
}

void folder_remove(int folder)
{
	_cleanup_fd_ int top = openat(folder, "..", OPEN_FOLDER);

	remove_files(folder);
	remove_folder(folder);
	if (top >= 0)
		remove_folder(top); /* stays where there are others in it */
}
