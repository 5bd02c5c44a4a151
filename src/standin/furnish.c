/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Furnishing. See furnish.h. */
#include "furnish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"
#include "text.h"

#define CGROUPS "/sys/fs/cgroup"

int mount_sys(void)
{
	_cleanup_fd_ int cgroups =
		(int)syscall(SYS_open_tree, AT_FDCWD, CGROUPS, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	struct statvfs old;
	unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	if (statvfs("/sys", &old) == 0 && (old.f_flag & ST_RDONLY))
		flags |= MS_RDONLY;
	if (umount2("/sys", MNT_DETACH) < 0 && errno != EINVAL)
		return -errno;
	if (mount("nsloom", "/sys", "sysfs", flags, NULL) < 0)
		return -errno;
	if (cgroups >= 0) /* where this fails there are no cgroups to see, as after `ip netns exec` */
		syscall(SYS_move_mount, cgroups, "", AT_FDCWD, CGROUPS, MOVE_MOUNT_F_EMPTY_PATH);
	return 0;
}

/* ---- /run ------------------------------------------------------------------------------------------ */

/* A link for each thing that the machine has there, but for what a stand-in has of its own. */
static int link_entries(void)
{
	_cleanup_fd_ int run = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *machine = run < 0 ? NULL : opendir(STANDIN_MACHINE);
	int r = 0;

	if (!machine)
		return -errno;
	for (struct dirent *e; r == 0 && (e = readdir(machine));) {
		char target[NAME_MAX + sizeof(STANDIN_MACHINE)];

		if (streq(e->d_name, ".") || streq(e->d_name, "..") || streq(e->d_name, "nsloom") ||
		    streq(e->d_name, "netns"))
			continue;
		snprintf(target, sizeof(target), "%s/%s", strrchr(STANDIN_MACHINE, '/') + 1, e->d_name);
		if (symlinkat(target, run, e->d_name) < 0 && errno != EEXIST)
			r = -errno;
	}
	closedir(machine);
	return r;
}

static int mount_run(void)
{
	_cleanup_fd_ int old =
		(int)syscall(SYS_open_tree, AT_FDCWD, "/run", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (old < 0 && errno != ENOENT)
		return -errno;
	if (mount("nsloom", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		return -errno;
	if (old < 0)
		return 0;
	if (mkdir(STANDIN_MACHINE, 0755) < 0 ||
	    syscall(SYS_move_mount, old, "", AT_FDCWD, STANDIN_MACHINE, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -errno;
	return link_entries();
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static int raise_lo(void)
{
	_cleanup_fd_ int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq lo = {.ifr_name = "lo"};

	if (sock < 0 || ioctl(sock, SIOCGIFFLAGS, &lo) < 0)
		return -errno;
	lo.ifr_flags = (short)(lo.ifr_flags | IFF_UP);
	return ioctl(sock, SIOCSIFFLAGS, &lo) < 0 ? -errno : 0;
}

/* What comes to be mounted on the machine is seen; what is mounted here is not seen there. */
static int become_slave(void)
{
	return mount("", "/", NULL, MS_SLAVE | MS_REC, NULL) < 0 ? -errno : 0;
}

int furnish_host(struct holder_made *made)
{
	static const struct {
		const char *what;
		int (*step)(void);
	} steps[] = {
		{"take over the machine's mounts", become_slave},
		{"give it a /run of its own", mount_run},
		{"raise its lo", raise_lo},
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(steps) && r == 0; i++) {
		snprintf(made->what, sizeof(made->what), "%s", steps[i].what);
		r = steps[i].step();
	}
	if (r == 0)
		made->sys_told = (uint32_t)-mount_sys(); /* it can do without */
	return r;
}
