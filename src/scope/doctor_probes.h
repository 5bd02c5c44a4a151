/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The doctor's probes. Each fills one finding; what leaves it without a text is not reported. */
#ifndef SCOPE_DOCTOR_PROBES_H
#define SCOPE_DOCTOR_PROBES_H

#include "doctor.h"

typedef void probe_fn(struct doctor *d, struct finding *f);

/* Tries what the kernel can in a child's own namespace: fills d->needs.have. In doctor_trial.c. */
void doctor_try(struct doctor *d);
probe_fn probe_kinds, probe_marks, probe_flowtables;

/* doctor_limits.c */
probe_fn probe_privileges, probe_neighbours4, probe_neighbours6, probe_backlog, probe_connections, probe_files,
	probe_inotify;
/* doctor_firewall.c: the one that may have several findings adds all but its last by doctor_add(). */
probe_fn probe_firewalls, probe_legacy, probe_bridged;
/* doctor_host.c */
probe_fn probe_rp_filter, probe_forwarding4, probe_forwarding6, probe_managers;
/* doctor_rootless.c */
probe_fn probe_user_namespaces, probe_ids, probe_sys, probe_lingering, probe_tun, probe_way_out;

void doctor_add(struct doctor *d, const char *id, const char *subject, const struct finding *f);
/* A sysctl that is a number; false: the kernel has none of that name here. */
bool sysctl_number(const char *path, unsigned long long *out);

#endif
