/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Switches that forbid user namespaces. See bans.h. */
#include "bans.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "text.h"

static const struct ban bans[] = {
	{"kernel/apparmor_restrict_unprivileged_userns", "kernel.apparmor_restrict_unprivileged_userns", 1,
         "AppArmor keeps programs without a profile from using user namespaces",
         "sudo install -m 644 " NSLOOM_SHARE "/apparmor-nsloom /etc/apparmor.d/nsloom && sudo apparmor_parser -r "
         "/etc/apparmor.d/nsloom"},
	{"kernel/unprivileged_userns_clone", "kernel.unprivileged_userns_clone", 0,
         "the kernel keeps ordinary users from making user namespaces",
         "sudo sysctl -w kernel.unprivileged_userns_clone=1"},
	{"user/max_user_namespaces", "user.max_user_namespaces", 0, "this system allows no user namespaces",
         "sudo sysctl -w user.max_user_namespaces=16384"},
};

static int value_of(const char *path, unsigned long long *out)
{
	char full[128], value[32];
	_cleanup_fd_ int fd = -1;
	ssize_t n;

	snprintf(full, sizeof(full), "/proc/sys/%s", path);
	fd = open(full, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, value, sizeof(value) - 1);
	if (n <= 0)
		return -1;
	value[n] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return parse_u64(value, UINT64_MAX, out) ? 0 : -1;
}

const struct ban *ban_in_force(void)
{
	unsigned long long value;

	for (size_t i = 0; i < ARRAY_SIZE(bans); i++)
		if (value_of(bans[i].path, &value) == 0 && value == bans[i].bans)
			return &bans[i];
	return NULL;
}
