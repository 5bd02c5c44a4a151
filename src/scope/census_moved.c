/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where Docker keeps a container's files, if not where it does by itself: the
 * container has some of them mounted (/etc/hostname), and mountinfo (proc(5)) tells what
 * of which file system that is: its ROOT is a path below that file system's own root,
 * which one of the caller's mounts leads to.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "census.h"
#include "fd.h"
#include "text.h"

enum { MOUNTS_MAX = 64 << 20, PATH_SIZE = 4096 };
enum { DEVICE, ROOT, POINT, FIELDS };

/* "ID PARENT MAJOR:MINOR ROOT MOUNTPOINT OPTIONS …": the third to the fifth, in place. Paths with a space are left out. */
static bool split(char *line, char *field[FIELDS])
{
	static const int which[] = {-1, -1, DEVICE, ROOT, POINT};

	for (size_t i = 0; i < ARRAY_SIZE(which); i++) {
		char *word = strsep(&line, " ");

		if (!word)
			return false;
		if (which[i] >= 0)
			field[which[i]] = word;
	}
	return !strchr(field[ROOT], '\\') && !strchr(field[POINT], '\\');
}

/* Calls fn with the fields of each line until it returns true. */
static bool any_mount(int pid, bool (*fn)(char *field[FIELDS], void *data), void *data)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fd_ int fd = -1;
	char path[64], *rest, *field[FIELDS];
	size_t len;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/mountinfo", pid);
	else
		snprintf(path, sizeof(path), "/proc/thread-self/mountinfo");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fd_read_all(fd, MOUNTS_MAX, &text, &len) < 0)
		return false;
	rest = text;
	for (char *line; (line = strsep(&rest, "\n"));)
		if (split(line, field) && fn(field, data))
			return true;
	return false;
}

struct quest {
	const char *id;
	char device[32], root[PATH_SIZE]; /* what the container has mounted */
	char path[PATH_SIZE];             /* where that is for the caller */
};

/* "…/containers/ID/hostname" */
static bool is_its_file(char *field[FIELDS], void *data)
{
	struct quest *q = data;
	char end[128];

	snprintf(end, sizeof(end), "/containers/%s/hostname", q->id);
	if (!has_suffix(field[ROOT], end) || strlen(field[DEVICE]) >= sizeof(q->device) ||
	    strlen(field[ROOT]) >= sizeof(q->root))
		return false;
	snprintf(q->device, sizeof(q->device), "%s", field[DEVICE]);
	snprintf(q->root, sizeof(q->root), "%s", field[ROOT]);
	return true;
}

/* A mount of a folder above it. */
static bool leads_there(char *field[FIELDS], void *data)
{
	struct quest *q = data;
	const char *root = streq(field[ROOT], "/") ? "" : field[ROOT],
		   *point = streq(field[POINT], "/") ? "" : field[POINT];

	if (!streq(field[DEVICE], q->device) || !has_prefix(q->root, root) || q->root[strlen(root)] != '/')
		return false;
	return (size_t)snprintf(q->path, sizeof(q->path), "%s%s", point, q->root + strlen(root)) < sizeof(q->path);
}

bool container_folder(int pid, const char *id, char *buf, size_t size)
{
	struct quest q = {.id = id};

	if (!any_mount(pid, is_its_file, &q) || !any_mount(0, leads_there, &q))
		return false;
	*strrchr(q.path, '/') = '\0';
	return (size_t)snprintf(buf, size, "%s", q.path) < size;
}
