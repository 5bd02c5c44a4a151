/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What labs without root would stand on. Information: nobody who is root needs it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor_probes.h"
#include "fd.h"
#include "text.h"

/* Each can forbid them to who is not root. */
static const struct {
	const char *path, *key;
	unsigned long long bans; /* this value does */
	const char *mend;
} switches[] = {
	{"kernel/apparmor_restrict_unprivileged_userns", "kernel.apparmor_restrict_unprivileged_userns", 1,
         "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 # or an AppArmor profile for nsloom"},
	{"kernel/unprivileged_userns_clone", "kernel.unprivileged_userns_clone", 0,
         "sysctl -w kernel.unprivileged_userns_clone=1"},
	{"user/max_user_namespaces", "user.max_user_namespaces", 0, "sysctl -w user.max_user_namespaces=16384"},
};

void probe_user_namespaces(struct doctor *d, struct finding *f)
{
	unsigned long long value;

	for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
		if (!sysctl_number(switches[i].path, &value) || value != switches[i].bans)
			continue;
		find(f, FINDING_INFO, "forbidden without root: %s = %llu", switches[i].key, value);
		find_mend(f, "%s", switches[i].mend);
		return;
	}
	find(f, FINDING_OK, "allowed without root");
}

void probe_tun(struct doctor *d, struct finding *f)
{
	_cleanup_fd_ int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	int error = errno;

	if (fd >= 0) {
		find(f, FINDING_OK, "usable");
		return;
	}
	find(f, FINDING_INFO, "cannot be opened (%s): rootless labs have no way out", strerror(error));
	find_mend(f, error == ENOENT   ? "mkdir -p /dev/net; mknod /dev/net/tun c 10 200"
	             : error == ENODEV ? "modprobe tun"
	                               : "chmod 666 /dev/net/tun");
}

static bool in_path(const char *program)
{
	const char *list = getenv("PATH");
	_cleanup_free_ char *path = strdup(list ? list : "/usr/bin:/bin");
	char *rest = path;

	for (char *folder; path && (folder = strsep(&rest, ":"));) {
		char file[4096];

		snprintf(file, sizeof(file), "%s/%s", folder, program);
		if (access(file, X_OK) == 0)
			return true;
	}
	return false;
}

void probe_way_out(struct doctor *d, struct finding *f)
{
	bool pasta = in_path("pasta"), slirp = in_path("slirp4netns");

	if (pasta || slirp) {
		find(f, FINDING_OK, "%s%s%s", pasta ? "pasta" : "", pasta && slirp ? " and " : "",
		     slirp ? "slirp4netns" : "");
		return;
	}
	find(f, FINDING_INFO, "neither pasta nor slirp4netns is installed");
	find_mend(f, "apt install passt");
}
