/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything below /proc/sys/net that can be read: it leads to the namespace of
 * who looks. What counts or is drawn by lot says nothing of a setting.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "inside.h"
#include "text.h"

enum { PATH = 512, DEEP = 8 };

static const char *const left_out[] = {
	"net/netfilter/nf_conntrack_count",
	"net/ipv4/tcp_fastopen_key",
	"net/ipv4/tcp_child_ehash_entries",
};

static void take(struct facts *f, int dir, const char *name, const char *path)
{
	_cleanup_fd_ int fd = -1;
	char value[4096];
	ssize_t n;

	for (size_t i = 0; i < ARRAY_SIZE(left_out); i++)
		if (streq(path, left_out[i]))
			return;
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, value, sizeof(value) - 1);
	if (n < 0) /* some are for writing only */
		return;
	value[n] = '\0';
	if (n && value[n - 1] == '\n')
		value[n - 1] = '\0';
	for (char *c = value; *c; c++) /* several numbers, or several lines */
		*c = *c == '\t' || *c == '\n' ? ' ' : *c;
	fact_add(f, NSL_ASPECT_SYSCTLS, path, "%s", value);
}

/* `path` is "net" and so on; the folder is open below /proc/sys. */
static int walk(struct facts *f, int above, const char *name, const char *path, int depth)
{
	int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		return -errno;
	for (struct dirent *e; r == 0 && (e = readdir(dir));) {
		char below[PATH];

		if (streq(e->d_name, ".") || streq(e->d_name, "..") ||
		    snprintf(below, sizeof(below), "%s/%s", path, e->d_name) >= (int)sizeof(below))
			continue;
		if (e->d_type == DT_DIR && depth < DEEP)
			walk(f, fd, e->d_name, below, depth + 1); /* a device may have gone meanwhile */
		else if (e->d_type == DT_REG)
			take(f, fd, e->d_name, below);
	}
	closedir(dir);
	return r;
}

int collect_sysctls(struct facts *f)
{
	_cleanup_fd_ int root = open("/proc/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return root < 0 ? -errno : walk(f, root, "net", "net", 0);
}
