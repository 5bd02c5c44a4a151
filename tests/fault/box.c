/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "box.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static void skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	exit(0);
}

/* The host's own. Not every kernel or machine has each of it. */
static void furnish(void)
{
	static const char *const commands[] = {
		"ip link set lo up",
		"ip link add up0 address 02:00:00:00:00:01 type veth peer name up1 address 02:00:00:00:00:02",
		/* no addresses that come late, after duplicate-address detection */
		"sysctl -q -w net.ipv6.conf.up0.accept_dad=0 net.ipv6.conf.up1.accept_dad=0",
		"ip link set up1 up && ip link set up0 up",
		"ip address add 203.0.113.2/24 dev up0 && ip route add default via 203.0.113.1",
		"ip address add 2001:db8:1::2/64 dev up0 nodad && ip -6 route add default via 2001:db8:1::1",
		("nft add table inet guard && nft 'add chain inet guard input { type filter hook input priority 0; }' "
	         "&& "
	         "nft add rule inet guard input iifname up0 tcp dport 25 drop"),
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		char line[512];

		snprintf(line, sizeof(line), "{ %s; } >/dev/null 2>&1", commands[i]);
		if (system(line) != 0 && i < 2)
			skip_all("needs ip(8) and veth");
	}
	for (int i = 0; i < 300; i++) { /* tentative addresses settle */
		if (system("ip -6 address show | grep -q tentative") != 0)
			return;
		usleep(10000);
	}
}

/*
 * Limits of the whole machine: in place of those that everybody's labs share stand others of the kernel's, which this namespace
 * has for itself and nothing here uses; so low that any lab comes up against them. Where they cannot be covered, there are none
 * to be raised.
 */
static void cover_limits(void)
{
	static const char line[] =
		"{ stand_for() { touch $1 && mount --bind $2 $1 && echo $3 >$1; }; cd /proc/sys && "
		"mount -t tmpfs box net/core && mount -t tmpfs box fs/inotify && "
		"stand_for net/core/netdev_max_backlog net/ipv4/tcp_max_tw_buckets 2 && "
		"stand_for fs/inotify/max_user_instances net/ipv4/tcp_max_syn_backlog 3 && "
		"stand_for fs/inotify/max_user_watches net/ipv4/igmp_max_memberships 4; } >/dev/null 2>&1";

	if (system(line) != 0)
		printf("# limits of the machine cannot be covered\n");
}

void box_enter(void)
{
	static bool inside;

	if (inside && umount2("/run", MNT_DETACH) < 0)
		skip_all("cannot leave the last machine");
	inside = true;
	if (geteuid() != 0)
		skip_all("needs root");
	if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS) < 0)
		skip_all("no namespaces here");
	if (mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0 || mount("box", "/run", "tmpfs", 0, "mode=0755") < 0)
		skip_all("cannot mount a tmpfs on /run");
	mount("sysfs", "/sys", "sysfs", 0, NULL); /* not where the container forbids it */
	furnish();
	cover_limits();
}

int box_limit_run(const char *options)
{
	bool ro = strcmp(options, "ro") == 0, rw = strcmp(options, "rw") == 0;

	return mount("box", "/run", "tmpfs", MS_REMOUNT | (ro ? MS_RDONLY : 0), ro || rw ? "" : options) < 0 ? -errno
	                                                                                                     : 0;
}
