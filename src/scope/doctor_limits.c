/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Privileges, and limits of the host that slow a lab down or lose its packets, but do not keep it from coming up. */
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor_probes.h"

static unsigned long long effective_capabilities(void)
{
	unsigned long long caps = 0;
	char line[256];
	FILE *file = fopen("/proc/thread-self/status", "re");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			break;
	if (file)
		fclose(file);
	return caps;
}

void probe_privileges(struct doctor *d, struct finding *f)
{
	unsigned long long caps = effective_capabilities();
	bool net = caps >> CAP_NET_ADMIN & 1, sys = caps >> CAP_SYS_ADMIN & 1;

	if (d->user == DOCTOR_OUTSIDE) {
		find(f, FINDING_FAILURE, "an ordinary user, who has no stand-in host: labs cannot be woven");
		find_mend(f, "sudo nsloom up; or see what is said of user namespaces");
	} else if (net && sys) {
		find(f, FINDING_OK, "%s, with CAP_NET_ADMIN and CAP_SYS_ADMIN",
		     d->user == DOCTOR_ROOT ? "root" : "an ordinary user, but root on a stand-in host");
	} else {
		find(f, FINDING_FAILURE, "root, but without %s%s%s", net ? "" : "CAP_NET_ADMIN",
		     net || sys ? "" : " and ", sys ? "" : "CAP_SYS_ADMIN");
		find_mend(f, "give the container both capabilities");
	}
}

/* Entries of all namespaces count together; the first namespace alone can see and set how many there may be. */
static void neighbours(const struct doctor *d, enum ip_family family, struct finding *f)
{
	static const char *const names[IP_FAMILIES] = {"ipv4", "ipv6"};
	unsigned long long need = d->needs.neighbours[family], max;
	char path[64];

	snprintf(path, sizeof(path), "net/%s/neigh/default/gc_thresh3", names[family]);
	if (!sysctl_number(path, &max)) {
		if (d->want && need > 1024)
			find(f, FINDING_INFO,
			     "up to %llu entries where all nodes talk to all; how many there may be is seen only "
			     "in the machine's first namespace",
			     need);
		else
			find(f, FINDING_INFO,
			     "how many entries there may be is seen only in the machine's first namespace");
		return;
	}
	find(f, FINDING_OK, "room for %llu entries in all namespaces together", max);
	if (need <= max)
		return;
	find(f, FINDING_WARNING, "room for %llu entries in all namespaces together; %llu where all nodes talk to all",
	     max, need);
	find_mend(f, "sysctl -w net.%s.neigh.default.gc_thresh2=%llu net.%s.neigh.default.gc_thresh3=%llu",
	          names[family], need, names[family], 2 * need);
}

void probe_neighbours4(struct doctor *d, struct finding *f)
{
	neighbours(d, IP4, f);
}

void probe_neighbours6(struct doctor *d, struct finding *f)
{
	neighbours(d, IP6, f);
}

void probe_backlog(struct doctor *d, struct finding *f)
{
	unsigned long long backlog;

	if (!sysctl_number("net/core/netdev_max_backlog", &backlog))
		return;
	find(f, FINDING_OK, "net.core.netdev_max_backlog holds %llu packets", backlog);
	if (d->needs.broadcast <= backlog)
		return;
	find(f, FINDING_WARNING,
	     "net.core.netdev_max_backlog holds %llu packets, a broadcast to %zu ports may lose some", backlog,
	     d->needs.broadcast);
	find_mend(f, "sysctl -w net.core.netdev_max_backlog=20000");
}

void probe_inotify(struct doctor *d, struct finding *f)
{
	unsigned long long instances, watches;

	if (sysctl_number("fs/inotify/max_user_instances", &instances) &&
	    sysctl_number("fs/inotify/max_user_watches", &watches))
		find(f, FINDING_INFO,
		     "%llu instances and %llu watches a user, for programs in nodes: nsloom needs none", instances,
		     watches);
}
