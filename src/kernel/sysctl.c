/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "fd.h"

static int open_sysctl(const char *path, int flags)
{
	char full[512];

	if ((size_t)snprintf(full, sizeof(full), "/proc/sys/%s", path) >= sizeof(full))
		return -ENAMETOOLONG;
	int fd = open(full, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int sysctl_read(const char *path, char *buf, size_t size)
{
	_cleanup_fd_ int fd = open_sysctl(path, O_RDONLY);
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

int sysctl_write(const char *path, const char *value)
{
	_cleanup_fd_ int fd = open_sysctl(path, O_WRONLY);
	size_t len = strlen(value);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, value, len);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

bool sysctl_is_on(const char *path)
{
	char value[32];

	return sysctl_read(path, value, sizeof(value)) == 0 && strcmp(value, "0") != 0;
}
