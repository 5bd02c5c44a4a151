/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can keep an ordinary user from having namespaces, each with the command that mends it. */
#ifndef STANDIN_BANS_H
#define STANDIN_BANS_H

struct ban {
	const char *path; /* of the switch, below /proc/sys */
	const char *key;
	unsigned long long bans; /* this value forbids */
	const char *what;        /* "AppArmor keeps …" */
	const char *mend;
};

/* The first that is in force, or NULL. */
const struct ban *ban_in_force(void);

#endif
