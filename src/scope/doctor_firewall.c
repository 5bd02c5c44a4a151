/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other people's firewalls, and what of a lab's packets passes them. */
#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor_probes.h"
#include "foreign.h"
#include "sysctl.h"
#include "text.h"

static const char *family_name(uint8_t family)
{
	return family == NFPROTO_IPV4 ? "ip" : family == NFPROTO_IPV6 ? "ip6" : "inet";
}

static bool passes(const struct foreign_chain *c, enum ip_family f)
{
	return c->family == NFPROTO_INET || c->family == (f == IP6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
}

static const char *const bridged[IP_FAMILIES] = {"net/bridge/bridge-nf-call-iptables",
                                                 "net/bridge/bridge-nf-call-ip6tables"};

/* Whether up would put its accept rule there. */
static bool concerns(const struct doctor *d, const struct foreign_chain *c)
{
	bool does = false;

	for (int f = 0; d->want && d->want->rules.networks.n && f < IP_FAMILIES; f++)
		does |= passes(c, (enum ip_family)f) && (d->want->rules.forward[f] || sysctl_is_on(bridged[f]));
	return does;
}

static void say_chain(const struct doctor *d, const struct foreign_chain *c, struct finding *f)
{
	const char *what = !d->want         ? "up lets labs with a gateway pass by one accept rule at its head"
	                   : c->accepts     ? "this lab's accept rule stands at its head"
	                   : concerns(d, c) ? "up puts one accept rule at its head"
	                                    : "the lab's packets do not pass it";

	find(f, FINDING_OK, "%s %s %s drops forwarded packets: %s", family_name(c->family), c->table, c->name, what);
}

void probe_firewalls(struct doctor *d, struct finding *f)
{
	struct state *s = state_new(d->arena, d->want ? d->want->lab : "");
	int r = foreign_observe(d->arena, s->lab, s);

	if (r < 0)
		find(f, FINDING_INFO, "cannot be looked at: %s", strerror(-r));
	else if (!s->foreign.n)
		find(f, FINDING_OK, "none that nf_tables knows drops forwarded packets");
	for (size_t i = 0; i < s->foreign.n; i++) {
		doctor_add(d, "firewalls", "firewalls", f);
		say_chain(d, &s->foreign.items[i], f);
	}
}

/* "filter nat": tables of the old iptables that stand, whether anything is in them or not. */
static void legacy_tables(const char *path, const char *family, char *buf, size_t size)
{
	FILE *file = fopen(path, "re");
	char name[64];

	while (file && fgets(name, sizeof(name), file)) {
		size_t n = strlen(buf);

		name[strcspn(name, "\n")] = '\0';
		if (streq(name, "filter") || streq(name, "nat"))
			snprintf(buf + n, size - n, "%s%s %s", n ? ", " : "", family, name);
	}
	if (file)
		fclose(file);
}

void probe_legacy(struct doctor *d, struct finding *f)
{
	char tables[128] = "";

	legacy_tables("/proc/net/ip_tables_names", "ip", tables, sizeof(tables));
	legacy_tables("/proc/net/ip6_tables_names", "ip6", tables, sizeof(tables));
	if (!*tables && access("/proc/net/ip_tables_names", R_OK) < 0 && errno == EACCES) {
		find(f, FINDING_INFO, "only the machine's root may see its tables");
		return;
	}
	if (!*tables) {
		find(f, FINDING_OK, "no tables of it");
		return;
	}
	find(f, FINDING_WARNING,
	     "its tables stand beside nf_tables (%s): what they drop, nsloom neither sees nor mends", tables);
	find_mend(f, "iptables-legacy -S; ip6tables-legacy -S # then move to iptables-nft");
}

void probe_bridged(struct doctor *d, struct finding *f)
{
	if (sysctl_is_on(bridged[IP4]) || sysctl_is_on(bridged[IP6]))
		find(f, FINDING_INFO,
		     "pass the host's firewall (br_netfilter): up lets those of its networks on the host through");
	else
		find(f, FINDING_OK, "do not pass the host's firewall");
}
