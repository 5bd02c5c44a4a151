/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command in any namespace. See named.h. */
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "enter.h"
#include "furnish.h"
#include "named.h"
#include "text.h"

#define ETC_DIR "/etc/netns"

enum { PATH_SIZE = 1024 };

/* A file that /etc does not have cannot be mounted over: it is left out, as ip-netns(8) does. */
static void bind_etc(const char *name)
{
	char folder[PATH_SIZE], from[2 * PATH_SIZE], to[PATH_SIZE];
	DIR *dir;

	if (strchr(name, '/'))
		return;
	snprintf(folder, sizeof(folder), "%s/%s", ETC_DIR, name);
	dir = opendir(folder);
	for (struct dirent *e; dir && (e = readdir(dir));) {
		if (streq(e->d_name, ".") || streq(e->d_name, ".."))
			continue;
		snprintf(from, sizeof(from), "%s/%s", folder, e->d_name);
		snprintf(to, sizeof(to), "/etc/%s", e->d_name);
		mount(from, to, "none", MS_BIND, NULL);
	}
	if (dir)
		closedir(dir);
}

int named_exec(int ns, const char *name, char *const argv[], struct nsl_error **err)
{
	int r;

	if (setns(ns, CLONE_NEWNET) < 0) {
		r = errno;
		error_errno(err, r, "cannot enter namespace \"%s\"", name);
		if (r == EPERM)
			error_hint(err, "entering a namespace needs root: run the same command with sudo");
		return -r;
	}
	if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0)
		return error_errno(err, errno, "cannot make a mount namespace");
	r = mount_sys();
	if (r < 0 && r != -EPERM && r != -EACCES)
		return error_errno(err, -r, "cannot mount /sys for namespace \"%s\"", name);
	bind_etc(name);
	return enter_run(argv, err);
}
