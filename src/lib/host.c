/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Without root: which stand-in host is meant, and moving in. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "fd.h"
#include "record.h"
#include "text.h"

/* ---- which one ------------------------------------------------------------------------------------- */

/* Looks for a lab in all of a user's stand-ins. */
struct hunt {
	const char *lab, *file; /* either may be NULL */
	char *found;            /* the stand-in's name; "" */
	const char *at;         /* the one that is looked into */
	struct rundir rd;
	size_t labs;
	char names[256];
};

static int look_at_lab(const char *lab, void *data)
{
	struct hunt *h = data;
	struct record_head head;
	size_t len = strlen(h->names);
	bool meant = h->lab ? streq(lab, h->lab)
	                    : h->file && record_head(&h->rd, lab, &head) == 0 && streq(head.file, h->file);

	snprintf(h->names + len, sizeof(h->names) - len, "%s%s", h->labs++ ? ", " : "", lab);
	if (meant || (!h->lab && !h->file && h->labs == 1))
		snprintf(h->found, NAME_MAX + 1, "%s", h->at);
	return meant;
}

static int look_into(void *data, const char *name)
{
	_cleanup_standin_ struct standin *s = NULL;
	struct hunt *h = data;

	if (standin_open(name, STANDIN_PEEK, &s, NULL) < 0 || !s || !*s->run)
		return 0;
	h->at = name;
	rundir_below(&h->rd, s->run);
	return rundir_each(&h->rd, look_at_lab, h) > 0;
}

static int is_isolated(void *data, const char *name)
{
	return !streq(name, STANDIN_SHARED);
}

/* The one that the lab stands in; where it stands in none, or all that is up is meant, the shared one. */
static int choose(struct nsloom *ns, const struct nsloom_target *target, char name[NAME_MAX + 1],
                  struct nsl_error **err)
{
	struct target t = target_of(target);
	char path[PATH_MAX], absolute[PATH_MAX], lab[NAME_MAX_LEN + 1];
	struct hunt h = {.lab = t.lab, .found = name};

	snprintf(name, NAME_MAX + 1, "%s", STANDIN_SHARED);
	if (!target || standin_each(is_isolated, NULL) <= 0)
		return 0;
	if (!t.lab && find_file(&ns->engine, &t, path, absolute, NULL) == 0)
		h.file = absolute;
	if (standin_each(look_into, &h) > 0 || h.labs <= 1)
		return 0;
	snprintf(name, NAME_MAX + 1, "%s", STANDIN_SHARED);
	if (h.file && find_lab(&ns->engine, &t, lab, NULL) == 0) { /* a file that was moved, or never woven */
		h.lab = lab;
		standin_each(look_into, &h);
	} else if (!t.lab && !h.file) {
		error_set(err, NSL_E_NOT_FOUND, ENOENT, "%zu labs are up (%s): which one?", h.labs, h.names);
		error_hint(err, "say it with -l LAB, or LAB.NODE");
		return -ENOENT;
	}
	return 0;
}

/* A stand-in of its own for a lab that stands in none yet, or in that one. */
static int choose_isolated(struct nsloom *ns, const struct nsloom_target *target, char name[NAME_MAX + 1],
                           struct nsl_error **err)
{
	struct target t = target_of(target);
	char lab[NAME_MAX_LEN + 1], other[NAME_MAX + 1] = "";
	struct hunt h = {.lab = lab, .found = other};
	int r = find_lab(&ns->engine, &t, lab, err);

	if (r < 0)
		return r;
	snprintf(name, NAME_MAX + 1, "%s", lab);
	if (standin_each(look_into, &h) <= 0 || streq(other, lab))
		return 0;
	error_set(err, NSL_E_TAKEN, EEXIST, "lab \"%s\" is up already, on the stand-in host that labs share", lab);
	error_hint(err, "take it down first (nsloom down %s), or leave --isolated out", lab);
	return -EEXIST;
}

/* ---- moving in ------------------------------------------------------------------------------------- */

static const enum standin_mode modes[] = {
	[NSLOOM_ENTRY_LOOK] = STANDIN_PEEK, [NSLOOM_ENTRY_JOIN] = STANDIN_ENTER, [NSLOOM_ENTRY_WORK] = STANDIN_WORK,
	[NSLOOM_ENTRY_MAKE] = STANDIN_MAKE, [NSLOOM_ENTRY_TRY] = STANDIN_TRY,
};

int nsloom_enter(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_enter_options *options,
                 struct nsl_error **err)
{
	char name[NAME_MAX + 1];
	int r;

	if (geteuid() == 0)
		return 0;
	r = options->isolated ? choose_isolated(ns, target, name, err) : choose(ns, target, name, err);
	if (r == 0)
		r = standin_open(name, modes[options->entry], &ns->standin, err);
	if (r < 0 && err && *err)
		ns->refused = strdup((*err)->message ? (*err)->message : "");
	if (r < 0 || !ns->standin)
		return r;
	if (ns->standin->entered)
		engine_move_in(&ns->engine, ns->standin);
	else if (*ns->standin->run)
		rundir_below(&ns->engine.dirs, ns->standin->run);
	return 0;
}

const char *nsloom_enter_note(const struct nsloom *ns, size_t i)
{
	for (size_t k = 0; ns->standin && k < STANDIN_NOTES; k++)
		if (*ns->standin->note[k] && i-- == 0)
			return ns->standin->note[k];
	return NULL;
}
