/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders and locks below /run/nsloom. See rundir.h. */
#include "rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "fd.h"
#include "text.h"

#define HOST_LOCK ".host"
#define NAMES_MARK ".netns"

enum { PATH_SIZE = 512 };

void rundir_init(struct rundir *rd)
{
	*rd = (struct rundir){.root = RUN_LABS, .names = RUN_NAMES};
}

void rundir_nowhere(struct rundir *rd)
{
	*rd = (struct rundir){.root = "/nonexistent" RUN_LABS, .names = "/nonexistent" RUN_NAMES, .nowhere = true};
}

void rundir_below(struct rundir *rd, const char *root)
{
	*rd = (struct rundir){0};
	snprintf(rd->root, sizeof(rd->root), "%.64s" RUN_LABS, root);
	snprintf(rd->names, sizeof(rd->names), "%.64s" RUN_NAMES, root);
}

void rundir_path(const struct rundir *rd, const char *lab, const char *file, char *buf, unsigned long size)
{
	snprintf(buf, size, "%s/%s%s%s", rd->root, lab, file ? "/" : "", file ? file : "");
}

/* ---- trust ----------------------------------------------------------------------------------------- */

/* Who could change what lies there could have root's next `down` remove what is not a lab's. */
static int check_root(int dir)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		return -errno;
	return (st.st_uid == 0 || st.st_uid == geteuid()) && !(st.st_mode & (S_IWGRP | S_IWOTH)) ? 0 : -EPERM;
}

static int open_root(const struct rundir *rd)
{
	_cleanup_fd_ int dir = open(rd->root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r = dir < 0 ? -errno : check_root(dir);

	return r < 0 ? r : take_fd(&dir);
}

int rundir_open(const struct rundir *rd, const char *lab, const char *file, int flags)
{
	_cleanup_fd_ int dir = open_root(rd);
	char path[PATH_SIZE];

	if (dir < 0)
		return dir;
	snprintf(path, sizeof(path), "%s%s%s", lab, file ? "/" : "", file ? file : "");
	return open_beneath(dir, path, flags, 0);
}

/* Made if need be. */
static int trust_root(const struct rundir *rd, struct nsl_error **err)
{
	int dir = -ENOENT;

	while (dir == -ENOENT) {
		if (mkdir(rd->root, 0755) < 0 && errno != EEXIST)
			return error_errno(err, errno, "cannot make %s", rd->root);
		dir = open_root(rd);
	}
	if (dir >= 0) {
		close(dir);
		return 0;
	}
	if (dir == -EPERM || dir == -ELOOP || dir == -ENOTDIR) {
		error_set(err, NSL_E_PERMISSION, -dir,
		          "%s is not what nsloom makes: a folder that root alone may change", rd->root);
		error_hint(err, "look what it is, and remove it");
		return dir;
	}
	return error_errno(err, -dir, "cannot open %s", rd->root);
}

/* ---- locks ----------------------------------------------------------------------------------------- */

static bool still_named(int file, int dir, const char *name)
{
	struct stat open_file, named;

	return fstat(file, &open_file) == 0 && fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

static int wait_for(const struct rundir *rd, int file, enum lock_wait wait)
{
	while (flock(file, LOCK_EX | (wait == LOCK_NO_WAIT ? LOCK_NB : 0)) < 0) {
		if (errno != EINTR)
			return -errno;
		if (rd->cancel && *rd->cancel)
			return -ECANCELED;
	}
	return 0;
}

/* Opens (makes) the folder, then the lock in it, and takes it; again from the start where a `down` took them away. */
static int take_lock(const struct rundir *rd, const char *folder, const char *name, enum lock_wait wait,
                     struct lock *out)
{
	for (;;) {
		_cleanup_fd_ int dir = -1, file = -1;
		int r;

		if (mkdir(rd->root, 0755) < 0 && errno != EEXIST)
			return -errno;
		if (mkdir(folder, 0755) < 0 && errno != EEXIST) {
			if (errno == ENOENT)
				continue;
			return -errno;
		}
		dir = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir < 0)
			r = -errno;
		else
			r = file = open_beneath(dir, name, O_RDWR | O_CREAT, 0644);
		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r;
		r = wait_for(rd, file, wait);
		if (r < 0)
			return r;
		if (!still_named(file, dir, name) || access(folder, F_OK) < 0)
			continue;
		*out = (struct lock){take_fd(&dir), take_fd(&file)};
		return 0;
	}
}

/* What making a lock left of folders; they go only where they are empty. */
static void drop_folders(const struct rundir *rd, const char *folder)
{
	rmdir(folder);
	rmdir(rd->root);
}

int rundir_lock_lab(const struct rundir *rd, const char *lab, enum lock_wait wait, struct lock *out,
                    struct nsl_error **err)
{
	char folder[PATH_SIZE];
	int r = trust_root(rd, err);

	if (r < 0)
		return r;
	rundir_path(rd, lab, NULL, folder, sizeof(folder));
	r = take_lock(rd, folder, "lock", wait, out);
	if (r < 0)
		drop_folders(rd, folder);
	if (r == -EWOULDBLOCK)
		return error_set(err, NSL_E_BUSY, EBUSY, "another nsloom is at work on lab \"%s\"", lab);
	if (r == -ECANCELED)
		return error_set(err, NSL_E_CANCELLED, ECANCELED, "interrupted while waiting for lab \"%s\"", lab);
	if (r < 0) {
		error_errno(err, -r, "cannot lock lab \"%s\" (%s)", lab, folder);
		if (r == -EACCES || r == -EPERM)
			error_hint(err, "run the same command with sudo");
	}
	return r;
}

int rundir_lock_host(const struct rundir *rd, struct lock *out, struct nsl_error **err)
{
	int r = trust_root(rd, err);

	if (r < 0)
		return r;
	r = take_lock(rd, rd->root, HOST_LOCK, LOCK_WAIT, out);
	if (r == -ECANCELED)
		return error_set(err, NSL_E_CANCELLED, ECANCELED, "interrupted while waiting for another lab");
	return r < 0 ? error_errno(err, -r, "cannot lock what labs share on the host (%s/" HOST_LOCK ")", rd->root) : 0;
}

void lock_release(struct lock *l)
{
	fd_closep(&l->file);
	fd_closep(&l->dir);
	*l = LOCK_NONE;
}

/* ---- taking away ----------------------------------------------------------------------------------- */

/* A file, or an empty folder: a mount point that a failure left before anything was mounted on it. */
static int remove_entry(int folder, const char *name)
{
	if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
		return 0;
	return errno == EISDIR ? unlinkat(folder, name, AT_REMOVEDIR) : -1;
}

static int remove_files(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int r = dir ? 0 : -errno;

	for (struct dirent *e; dir && (e = readdir(dir));)
		if (!streq(e->d_name, ".") && !streq(e->d_name, "..") && remove_entry(folder, e->d_name) < 0)
			r = -errno;
	if (dir)
		closedir(dir);
	return r;
}

int rundir_remove_lab(const struct rundir *rd, const char *lab, struct lock *lab_lock, struct nsl_error **err)
{
	char folder[PATH_SIZE];
	int r;

	rundir_path(rd, lab, NULL, folder, sizeof(folder));
	r = remove_files(lab_lock->dir);
	/* Somebody may have begun anew since the lock's file went: then the folder is his. */
	if (r == 0 && rmdir(folder) < 0 && errno != ENOENT && errno != ENOTEMPTY)
		r = -errno;
	lock_release(lab_lock);
	return r < 0 ? error_errno(err, -r, "cannot remove %s", folder) : 0;
}

static bool any_lab(const struct rundir *rd)
{
	DIR *dir = opendir(rd->root);
	bool any = false;

	for (struct dirent *e; dir && !any && (e = readdir(dir));)
		any = e->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return any;
}

void rundir_tidy(const struct rundir *rd, struct lock *host_lock)
{
	if (host_lock->file >= 0 && !any_lab(rd)) {
		if (faccessat(host_lock->dir, NAMES_MARK, F_OK, 0) == 0)
			rmdir(rd->names); /* ours, and stays where somebody else has put names into it */
		unlinkat(host_lock->dir, NAMES_MARK,
		         0); /* after it: a crash between the two must not forget whose it is */
		/* What a crash left half written of lent.h's files. */
		unlinkat(host_lock->dir, "..lent4.new", 0);
		unlinkat(host_lock->dir, "..lent6.new", 0);
		unlinkat(host_lock->dir, "..lentlimits.new", 0);
		unlinkat(host_lock->dir, HOST_LOCK, 0);
		rmdir(rd->root);
	} else if (host_lock->file < 0) {
		rmdir(rd->root); /* if nobody ever took it */
	}
	lock_release(host_lock);
}

/* ---- looking --------------------------------------------------------------------------------------- */

/* /proc/locks tells without disturbing anybody: "1: FLOCK  ADVISORY  WRITE 123 00:19:456 0 EOF". */
bool rundir_is_locked(const struct rundir *rd, const char *lab)
{
	char path[PATH_SIZE], want[64], line[256];
	struct stat st;
	bool found = false;
	FILE *f;

	rundir_path(rd, lab, "lock", path, sizeof(path));
	if (stat(path, &st) < 0)
		return false;
	snprintf(want, sizeof(want), " %02x:%02x:%lu ", major(st.st_dev), minor(st.st_dev), (unsigned long)st.st_ino);
	f = fopen("/proc/locks", "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, "FLOCK") && !strstr(line, "->") && strstr(line, want);
	if (f)
		fclose(f);
	return found;
}

bool rundir_has_lab(const struct rundir *rd, const char *lab)
{
	char path[PATH_SIZE];

	rundir_path(rd, lab, NULL, path, sizeof(path));
	return access(path, F_OK) == 0;
}

int rundir_each(const struct rundir *rd, rundir_lab_fn *fn, void *data)
{
	int fd = open_root(rd), r = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		return fd == -ENOENT ? 0 : fd < 0 ? fd : -errno;
	for (struct dirent *e; r == 0 && (e = readdir(dir));)
		if (e->d_name[0] != '.' && strlen(e->d_name) < NAME_MAX / 2)
			r = fn(e->d_name, data);
	closedir(dir);
	return r;
}
