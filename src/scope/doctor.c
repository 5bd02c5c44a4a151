/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The doctor's round: all probes in their order. See doctor.h. */
#include "doctor.h"

#include "doctor_probes.h"
#include "sysctl.h"
#include "text.h"

struct row {
	const char *id, *subject;
	probe_fn *probe; /* NULL: all checks that up makes too, under their own names */
};

static const struct row rows[] = {
	{"privileges", "privileges", probe_privileges},
	{NULL, NULL, NULL},
	{"kinds", "beyond need", probe_kinds},
	{"marks", "marks", probe_marks},
	{"flowtables", "flowtables", probe_flowtables},
	{"neighbours4", "IPv4 neighbours", probe_neighbours4},
	{"neighbours6", "IPv6 neighbours", probe_neighbours6},
	{"backlog", "broadcast", probe_backlog},
	{"connections", "connections", probe_connections},
	{"files", "open files", probe_files},
	{"inotify", "inotify", probe_inotify},
	{"firewalls", "firewalls", probe_firewalls},
	{"legacy", "legacy iptables", probe_legacy},
	{"bridged", "bridged packets", probe_bridged},
	{"forwarding4", "IPv4 forwarding", probe_forwarding4},
	{"forwarding6", "IPv6 forwarding", probe_forwarding6},
	{"rp_filter", "reverse path", probe_rp_filter},
	{"managers", "network managers", probe_managers},
	{"user_namespaces", "user namespaces", probe_user_namespaces},
	{"ids", "subordinate ids", probe_ids},
	{"sys", "/sys", probe_sys},
	{"lingering", "lingering", probe_lingering},
	{"tun", "/dev/net/tun", probe_tun},
	{"way_out", "rootless way out", probe_way_out},
};

void doctor_add(struct doctor *d, const char *id, const char *subject, const struct finding *f)
{
	if (!*f->text)
		return;
	*vec_push(d->arena, &d->found) = (struct diagnosis){
		.id = id,
		.subject = subject,
		.level = f->level,
		.text = arena_strdup(d->arena, f->text),
		.mend = *f->mend ? arena_strdup(d->arena, f->mend) : NULL,
		.line = f->pos.line,
	};
}

static void run_checks(struct doctor *d)
{
	for (const struct check *c = checks; c->id; c++) {
		struct finding f = {0};

		c->check(&d->needs, &f);
		doctor_add(d, c->id, c->subject, &f);
	}
}

void doctor_run(struct doctor *d)
{
	needs_of_state(d->want, d->standing, &d->needs);
	doctor_try(d);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct finding f = {0};

		if (!rows[i].probe) {
			run_checks(d);
			continue;
		}
		rows[i].probe(d, &f);
		doctor_add(d, rows[i].id, rows[i].subject, &f);
	}
}

bool sysctl_number(const char *path, unsigned long long *out)
{
	char value[32];

	return sysctl_read(path, value, sizeof(value)) == 0 && parse_u64(value, UINT64_MAX, out);
}
