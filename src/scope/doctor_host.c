/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's own settings and services that a lab meets. */
#include <dirent.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor_probes.h"
#include "forwarding.h"
#include "nft.h"
#include "rules.h"
#include "sysctl.h"
#include "text.h"

/* The larger of `all` and the device's own counts. */
void probe_rp_filter(struct doctor *d, struct finding *f)
{
	unsigned long long all = 0, fresh = 0;
	bool routes = d->want && d->want->spaces.items[HOST_SPACE].routes.n;

	sysctl_number("net/ipv4/conf/all/rp_filter", &all);
	sysctl_number("net/ipv4/conf/default/rp_filter", &fresh);
	if (all != 1 && fresh != 1) {
		find(f, FINDING_OK, "rp_filter is not strict");
		return;
	}
	find(f, routes ? FINDING_WARNING : FINDING_OK,
	     "rp_filter is strict on the host: it drops what arrives another way than answers would leave; nodes have "
	     "their own "
	     "setting");
	if (routes)
		find_mend(f, "sysctl -w net.ipv4.conf.all.rp_filter=2");
}

/* ---- forwarding ------------------------------------------------------------------------------------ */

struct borrowers {
	enum ip_family family;
	char labs[128];
	char was[16]; /* "": nothing is noted */
};

static int take_borrower(const char *table, const char *comment, void *data)
{
	struct borrowers *b = data;
	size_t n = strlen(b->labs);

	if (has_prefix(table, MARK_TABLE) && strstr(comment, rules_claim(b->family)))
		snprintf(b->labs + n, sizeof(b->labs) - n, "%s%s", n ? ", " : "", table + strlen(MARK_TABLE));
	return 0;
}

/* "was-0-net/ipv4/ip_forward" */
static int take_note(const struct nftnl_chain *c, void *data)
{
	struct borrowers *b = data;
	const char *name = nftnl_chain_get_str(c, NFTNL_CHAIN_NAME);
	char value[16], path[128];

	if (sscanf(name, "was-%15[^-]-%127s", value, path) == 2 && streq(path, forwarding_path(b->family)))
		snprintf(b->was, sizeof(b->was), "%s", value);
	return 0;
}

static void forwarding(const struct doctor *d, enum ip_family family, struct finding *f)
{
	struct borrowers b = {.family = family};
	unsigned long long value;

	if (!sysctl_number(forwarding_path(family), &value))
		return;
	nft_tables(take_borrower, &b);
	nft_chains(NFPROTO_INET, "nsloom", take_note, &b);
	if (*b.was && *b.labs)
		find(f, FINDING_OK, "%llu, lent to %s: the last down puts it back to %s", value, b.labs, b.was);
	else if (*b.was)
		find(f, FINDING_WARNING, "%llu; nsloom's note says that it was %s, and no lab needs it", value, b.was);
	else if (value || !d->want)
		find(f, FINDING_OK, value ? "on" : "off: a lab that needs it turns it on, and the last down off again");
	else
		find(f, FINDING_OK,
		     d->want->rules.forward[family] ? "off: up turns it on, and the last down off again"
		                                    : "off, and the lab does not need it");
	if (f->level == FINDING_WARNING)
		find_mend(f, "nsloom down --all");
}

void probe_forwarding4(struct doctor *d, struct finding *f)
{
	forwarding(d, IP4, f);
}

void probe_forwarding6(struct doctor *d, struct finding *f)
{
	forwarding(d, IP6, f);
}

/* ---- who manages devices --------------------------------------------------------------------------- */

/* As /proc/PID/comm cuts them. */
static const struct {
	const char *comm, *name;
} managers[] = {{"NetworkManager", "NetworkManager"}, {"systemd-network", "systemd-networkd"}};

/* Those that run in this /proc, as bits. */
static unsigned running(void)
{
	DIR *proc = opendir("/proc");
	unsigned found = 0;

	for (struct dirent *e; proc && (e = readdir(proc));) {
		char path[300], comm[32] = "";
		FILE *file;

		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(comm, sizeof(comm), file))
			comm[strcspn(comm, "\n")] = '\0';
		fclose(file);
		for (unsigned i = 0; i < sizeof(managers) / sizeof(managers[0]); i++)
			found |= streq(comm, managers[i].comm) ? 1u << i : 0;
	}
	if (proc)
		closedir(proc);
	return found;
}

static bool rule_installed(void)
{
	static const char *const folders[] = {"/etc/udev", "/run/udev", "/usr/local/lib/udev", "/usr/lib/udev",
	                                      "/lib/udev"};
	char path[64];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/rules.d/80-nsloom.rules", folders[i]);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

void probe_managers(struct doctor *d, struct finding *f)
{
	unsigned found = running();
	char names[64] = "";

	for (unsigned i = 0; i < sizeof(managers) / sizeof(managers[0]); i++)
		if (found & 1u << i)
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", *names ? " and " : "",
			         managers[i].name);
	if (!found)
		find(f, FINDING_OK, "neither NetworkManager nor systemd-networkd runs");
	else if (rule_installed())
		find(f, FINDING_OK, "%s run, and nsloom's udev rule keeps its devices out of their hands", names);
	else
		find(f, FINDING_WARNING,
		     "%s may take over nsloom's devices on the host: its udev rule is not installed", names);
	if (f->level == FINDING_WARNING)
		find_mend(f, "install 80-nsloom.rules in /etc/udev/rules.d; udevadm control --reload");
}
