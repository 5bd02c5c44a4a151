/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "fd.h"

enum {
	VIEW_USES = 32,  /* of one path, or … */
	VIEW_LOOKS = 96, /* … in all */
	PLAIN_USES = 8,  /* that many are sooner had from /proc than a mounter is started */
};

/* ---- views ----------------------------------------------------------------------------------------- */

static void mount_anew(struct sysctl_view *v, const char *path)
{
	int r = v->elsewhere ? proc_mount_elsewhere(&v->mounts) : proc_mount();

	v->uses = v->looks = 0;
	snprintf(v->path, sizeof(v->path), "%s", path);
	v->proc = r;
	if (r >= 0)
		return;
	v->proc = -1;
	v->plain = r != -EPERM || v->elsewhere;
	v->elsewhere = true;
}

/* The folder that paths below "sys/" start from; AT_FDCWD: from /proc. */
static int view_root(struct sysctl_view *v, const char *path)
{
	if (v->proc >= 0 && (v->uses >= VIEW_USES || v->looks >= VIEW_LOOKS))
		close(take_fd(&v->proc));
	if (v->proc < 0 && !v->plain && (!v->elsewhere || v->looks >= PLAIN_USES))
		mount_anew(v, path);
	v->looks++;
	v->uses += strncmp(v->path, path, sizeof(v->path) - 1) == 0;
	return v->proc < 0 ? AT_FDCWD : v->proc;
}

void sysctl_view_done(struct sysctl_view *v)
{
	fd_closep(&v->proc);
	proc_mounts_done(&v->mounts);
	*v = SYSCTL_VIEW_NONE;
}

/* ---- reading and writing --------------------------------------------------------------------------- */

static int open_sysctl(int root, const char *path, int flags)
{
	_cleanup_fd_ int proc = root == AT_FDCWD ? open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	char full[512];

	if (root == AT_FDCWD && proc < 0)
		return -errno;
	if ((size_t)snprintf(full, sizeof(full), "sys/%s", path) >= sizeof(full))
		return -ENAMETOOLONG;
	return open_beneath(proc < 0 ? root : proc, full, flags, 0);
}

static int read_from(int root, const char *path, char *buf, size_t size)
{
	_cleanup_fd_ int fd = open_sysctl(root, path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, buf, size - 1);
	if (n < 0)
		return -errno;
	while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == ' '))
		n--;
	buf[n] = '\0';
	return 0;
}

static int write_to(int root, const char *path, const char *value)
{
	_cleanup_fd_ int fd = open_sysctl(root, path, O_WRONLY | O_TRUNC);
	size_t len = strlen(value);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, value, len);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

int sysctl_read(const char *path, char *buf, size_t size)
{
	return read_from(AT_FDCWD, path, buf, size);
}

int sysctl_write(const char *path, const char *value)
{
	return write_to(AT_FDCWD, path, value);
}

int sysctl_view_read(struct sysctl_view *v, const char *path, char *buf, size_t size)
{
	return read_from(view_root(v, path), path, buf, size);
}

int sysctl_view_write(struct sysctl_view *v, const char *path, const char *value)
{
	return write_to(view_root(v, path), path, value);
}

bool sysctl_is_writable(const char *path)
{
	_cleanup_fd_ int fd = open_sysctl(AT_FDCWD, path, O_WRONLY);

	return fd >= 0;
}

bool sysctl_is_on(const char *path)
{
	char value[32];

	return sysctl_read(path, value, sizeof(value)) == 0 && strcmp(value, "0") != 0;
}
