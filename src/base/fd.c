/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors and small files: whole reads, whole writes, whole replacements. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fd.h"

/* Without openat2(), as below some container's filter: part by part. */
static int open_parts(int dir, const char *path, int flags, unsigned mode)
{
	_cleanup_fd_ int at = -1;
	char part[NAME_MAX + 1];

	for (;;) {
		size_t len = strcspn(path, "/");
		bool last = path[len] == '\0';
		int fd;

		if (len == 0 || len >= sizeof(part))
			return len ? -ENAMETOOLONG : -ENOENT;
		memcpy(part, path, len);
		part[len] = '\0';
		if (strcmp(part, "..") == 0)
			return -EXDEV;
		fd = openat(at < 0 ? dir : at, part, (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC,
		            (mode_t)mode);
		if (fd < 0)
			return -errno;
		if (last)
			return fd;
		fd_closep(&at);
		at = fd;
		path += len + 1;
	}
}

int open_beneath(int dir, const char *path, int flags, unsigned mode)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	do /* EAGAIN: something was renamed meanwhile */
		fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return open_parts(dir, path, flags, mode);
	return fd < 0 ? -errno : (int)fd;
}

void fd_reserve(int fd, size_t more)
{
	struct rlimit limit;
	rlim_t top = (rlim_t)fd + more;
	int far;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (top >= limit.rlim_cur)
		top = limit.rlim_cur - 1;
	if (top <= (rlim_t)fd || top > INT_MAX)
		return;
	far = fcntl(fd, F_DUPFD_CLOEXEC, (int)top);
	fd_closep(&far);
}

int fd_read_all(int fd, size_t max, char **out, size_t *len)
{
	_cleanup_free_ char *buf = NULL;
	size_t n = 0, cap = 0;

	if (max > SSIZE_MAX - 2)
		max = SSIZE_MAX - 2;
	for (;;) {
		ssize_t got;

		if (n + 1 >= cap) { /* always room for a byte and the NUL */
			size_t more = cap ? cap * 2 : 4096;
			char *grown = realloc(buf, more);

			if (!grown)
				return -ENOMEM;
			buf = grown;
			cap = more;
		}
		got = read(fd, buf + n, cap - n - 1);
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		n += (size_t)got;
		if (n > max)
			return -EFBIG;
	}
	buf[n] = '\0';
	*out = TAKE_PTR(buf);
	*len = n;
	return 0;
}

int fd_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Fills the new file `name`, which nobody reads yet, and closes it. */
static int file_fill(int dirfd, const char *name, const void *data, size_t len, unsigned mode)
{
	_cleanup_fd_ int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return -errno;
	rc = fd_write_all(fd, data, len);
	if (rc < 0)
		return rc;
	if (fchmod(fd, (mode_t)mode) < 0) /* exactly the mode asked for, whatever the umask */
		return -errno;
	return close(take_fd(&fd)) < 0 ? -errno : 0;
}

int file_replace(int dirfd, const char *name, const void *data, size_t len, unsigned mode)
{
	char fresh[NAME_MAX + 1];
	int rc;

	if ((size_t)snprintf(fresh, sizeof(fresh), ".%s.new", name) >= sizeof(fresh))
		return -ENAMETOOLONG;
	if (unlinkat(dirfd, fresh, 0) < 0 && errno != ENOENT) /* left by a crash */
		return -errno;
	rc = file_fill(dirfd, fresh, data, len, mode);
	if (rc == 0 && renameat(dirfd, fresh, dirfd, name) < 0)
		rc = -errno;
	if (rc < 0)
		unlinkat(dirfd, fresh, 0);
	return rc;
}
