/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Privileges, and limits of the host that slow a lab down or lose its packets, but do not keep it from coming up. */
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor_probes.h"
#include "limit.h"
#include "limit_notes.h"

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

/* Those that go with it, as they are. */
static void read_limits(const struct doctor *d, enum limit lead, uint64_t needed[LIMIT_COUNT],
                        struct limit_found found[LIMIT_COUNT])
{
	uint64_t all[LIMIT_COUNT];

	memset(found, 0, LIMIT_COUNT * sizeof(*found));
	for (int i = 0; i < LIMIT_COUNT; i++) {
		all[i] = 1;
		needed[i] = d->want ? d->want->limits_needed[i] : 0;
	}
	limits_read(all, found);
	if (!needed[lead] && d->want) /* little enough for any machine */
		needed[lead] = limit_least(lead, &d->needs.demand);
}

/* Fills a finding where the lab wants more than there may be. */
static bool too_low(const struct doctor *d, enum limit l, const struct limit_found found[LIMIT_COUNT],
                    const uint64_t needed[LIMIT_COUNT], struct finding *f)
{
	if (!d->want || limit_least(l, &d->needs.demand) <= found[l].value)
		return false;
	f->level = FINDING_WARNING;
	limit_mend(l, needed, found, f->mend, sizeof(f->mend));
	return true;
}

/* Entries of all namespaces count together; the first namespace alone can see and set how many there may be. */
static void neighbours(const struct doctor *d, enum limit l, struct finding *f)
{
	unsigned long long need = limit_least(l, &d->needs.demand);
	struct limit_found found[LIMIT_COUNT];
	uint64_t needed[LIMIT_COUNT];

	read_limits(d, l, needed, found);
	if (!found[l].known) {
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
	find(f, FINDING_OK, "room for %llu entries in all namespaces together", (unsigned long long)found[l].value);
	if (too_low(d, l, found, needed, f))
		find(f, FINDING_WARNING,
		     "room for %llu entries in all namespaces together; %llu where all nodes talk to all",
		     (unsigned long long)found[l].value, need);
}

void probe_neighbours4(struct doctor *d, struct finding *f)
{
	neighbours(d, LIMIT_NEIGHBOURS4, f);
}

void probe_neighbours6(struct doctor *d, struct finding *f)
{
	neighbours(d, LIMIT_NEIGHBOURS6, f);
}

void probe_backlog(struct doctor *d, struct finding *f)
{
	struct limit_found found[LIMIT_COUNT];
	uint64_t needed[LIMIT_COUNT];

	read_limits(d, LIMIT_BACKLOG, needed, found);
	if (!found[LIMIT_BACKLOG].known)
		return;
	find(f, FINDING_OK, "net.core.netdev_max_backlog holds %llu packets",
	     (unsigned long long)found[LIMIT_BACKLOG].value);
	if (too_low(d, LIMIT_BACKLOG, found, needed, f))
		find(f, FINDING_WARNING,
		     "net.core.netdev_max_backlog holds %llu packets, a broadcast to %zu ports may lose some",
		     (unsigned long long)found[LIMIT_BACKLOG].value, d->needs.demand.broadcast);
}

/* So many may there be of something that nodes want each its share of. */
static void shares(const struct doctor *d, enum limit l, const char *what, struct finding *f)
{
	struct limit_found found[LIMIT_COUNT];
	uint64_t needed[LIMIT_COUNT];

	read_limits(d, l, needed, found);
	if (!found[l].known)
		return;
	find(f, FINDING_OK, "%llu %s", (unsigned long long)found[l].value, what);
	if (too_low(d, l, found, needed, f))
		find(f, FINDING_WARNING, "%llu %s; the lab's nodes may want %llu", (unsigned long long)found[l].value,
		     what, (unsigned long long)limit_least(l, &d->needs.demand));
}

void probe_connections(struct doctor *d, struct finding *f)
{
	shares(d, LIMIT_CONNECTIONS, "connections through the host are kept track of", f);
}

void probe_files(struct doctor *d, struct finding *f)
{
	shares(d, LIMIT_FILES, "files may be open on the machine", f);
}

void probe_inotify(struct doctor *d, struct finding *f)
{
	shares(d, LIMIT_INSTANCES, "programs of a user may watch files; nsloom needs none", f);
	if (f->level == FINDING_OK && *f->text)
		f->level = FINDING_INFO; /* whether that is enough, only those programs know */
}
