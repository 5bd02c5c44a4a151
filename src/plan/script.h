/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan as what one would type: the ip(8), sysctl(8) and nft(8) commands of
 * each operation, and a shell script of all. Pure, like the plan itself: what
 * only the kernel can tell comes in struct script_options.
 *
 * Two layouts. A lab that stands keeps its namespaces where nsloom mounted
 * them (`lab_dir` is set); a script that begins from nothing makes them as
 * people do, with `ip netns add`.
 *
 * Names are quoted for sh(1) wherever one could need it; commands that others
 * could take for an option or a keyword are written with the keyword before the
 * name ("name", "dev"), so that any name the kernel takes goes through.
 */
#ifndef PLAN_SCRIPT_H
#define PLAN_SCRIPT_H

#include "plan.h"
#include "strbuf.h"

/* A sysctl that goes with a forwarding switch. The first note of a switch is the switch itself. */
struct script_note {
	const char *path, *was; /* below /proc/sys; before */
	const char *meanwhile;  /* what it is set to as long as the switch is on, or NULL */
};

/* What turning one of the host's forwarding switches takes with it. */
struct script_switch {
	bool claimed;                  /* off: another lab needs it still */
	VEC(struct script_note) notes; /* none: it is on already and stays so */
};

struct script_options {
	const char *file;    /* named in comments; or NULL */
	const char *lab_dir; /* "/run/nsloom/LAB" of a lab that stands; NULL: it does not */
	const char *run_dir; /* "/run/nsloom" */
	const char *rules;   /* the wanted nf_tables table in nft(8)'s words, or NULL where there is none */
	struct script_switch switches[IP_FAMILIES];
	const char *mark; /* what marks an address; NULL: "$mark", which the script sets */
	bool down;        /* the script takes the lab away */
};

/* The whole script. Takes memory of the arena, which has a landing. */
void plan_script(struct arena *a, const struct plan *p, const struct script_options *o, struct strbuf *out);

/* What an operation is for, in a few words. */
const char *script_title(struct arena *a, const struct plan *p, const struct script_options *o, const struct op *op);

/* The commands of one operation, a line each (but for what is written to nft(8)). Nothing for one that needs none. */
void op_commands(struct arena *a, const struct plan *p, const struct script_options *o, const struct op *op,
                 struct strbuf *out);

/* "KEY=VALUE" of an OP_SETTING, as a word. */
const char *script_setting(struct arena *a, const struct setting *s);

/* What stands when a plan has been applied, in as far as taking it away needs to know. */
struct state *state_after(const struct plan *p);

/* A word of a shell command: as it is where it can be, else quoted. */
const char *shell_word(struct arena *a, const char *s);

#endif
