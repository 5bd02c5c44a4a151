/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The census of the machine's namespaces, and named namespaces. */
#include "census.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "compare.h"
#include "fd.h"
#include "named.h"
#include "text.h"

int nsloom_census(struct nsloom *ns, const struct nsl_census_options *options, struct nsl_census **out,
                  struct nsl_error **err)
{
	struct rundir rd = ns->engine.dirs;
	bool entered = ns->standin && ns->standin->entered;

	if (rd.nowhere || (ns->standin && !entered)) /* what the machine itself has can be looked at */
		rundir_init(&rd);
	return census_take(&(struct census_paths){rd.names, rd.root, entered ? STANDIN_MACHINE : NULL}, options, out,
	                   err);
}

void nsloom_census_free(struct nsl_census *census)
{
	if (census)
		arena_free(((struct census_box *)census)->arena);
}

int32_t nsloom_census_find(const struct nsl_census *census, const char *what)
{
	return census_find(census, what);
}

int nsloom_census_need(const struct nsl_census *census, const char *what, int32_t *out, struct nsl_error **err)
{
	_cleanup_free_ const char **names = NULL;
	const char *near;

	*out = census_find(census, what);
	if (*out >= 0)
		return 0;
	names = calloc(census->n + 1, sizeof(*names));
	if (!names)
		return error_oom(err);
	for (size_t i = 0; i < census->n; i++)
		names[i] = census->items[i].name;
	near = nearest_word(what, names, census->n);
	for (size_t i = 0; i < census->n; i++) /* a node without its lab */
		if (census->items[i].node && streq(census->items[i].node, what))
			near = census->items[i].name;
	error_set(err, NSL_E_NOT_FOUND, ENOENT, "there is no namespace \"%s\"", what);
	if (near)
		error_hint(err, "did you mean \"%s\"?", near);
	else
		error_hint(err, "nsloom ns ls shows all");
	return -ENOENT;
}

/* ---- names ----------------------------------------------------------------------------------------- */

int nsloom_ns_add(struct nsloom *ns, const char *name, int pid, struct nsl_error **err)
{
	int r = need_root(&ns->engine, "naming a namespace", err);

	return r < 0 ? r : named_add(&ns->engine.dirs, name, pid, err);
}

int nsloom_ns_delete(struct nsloom *ns, const char *name, struct nsl_error **err)
{
	if (ns->standin)
		ns->standin->tidy = true;
	return named_delete(&ns->engine.dirs, name, err);
}

/* What no name leads to is looked for. *name: what it is called then. */
static int search(struct nsloom *ns, const char *what, char **name, struct nsl_error **err)
{
	static const struct nsl_census_options names_only = {.no_devices = true};
	struct nsl_census *census = NULL;
	int32_t at;
	int r = nsloom_census(ns, &names_only, &census, err);

	if (r < 0)
		return r;
	r = nsloom_census_need(census, what, &at, err);
	if (r == 0) {
		*name = strdup(census->items[at].name);
		r = census_open(census, at);
		if (r < 0)
			error_errno(err, -r, "cannot open namespace \"%s\"", what);
	}
	nsloom_census_free(census);
	return r;
}

int nsloom_ns_exec(struct nsloom *ns, const char *what, char *const argv[], struct nsl_error **err)
{
	_cleanup_fd_ int fd = named_open(&ns->engine.dirs, what);
	_cleanup_free_ char *name = NULL;

	if (fd < 0 && fd != -ENOENT)
		return error_errno(err, -fd, "cannot open namespace \"%s\"", what);
	if (fd < 0)
		fd = search(ns, what, &name, err);
	return fd < 0 ? fd : named_exec(fd, name ? name : what, argv, err);
}

int nsloom_ns_monitor(struct nsloom *ns, int (*fn)(void *data, bool added, const char *name), void *data,
                      struct nsl_error **err)
{
	struct rundir rd = ns->engine.dirs;
	int r;

	rd.cancel = &ns->engine.cancel;
	r = named_watch(&rd, fn, data, err);
	ns->engine.cancel = 0;
	return r;
}

/* ---- side by side ---------------------------------------------------------------------------------- */

int nsloom_ns_diff(struct nsloom *ns, const char *a, const char *b, struct nsl_diff **out, struct nsl_error **err)
{
	struct nsl_census *census = NULL;
	int32_t x = -1, y = -1;
	int r = nsloom_census(ns, NULL, &census, err);

	if (r < 0)
		return r;
	r = nsloom_census_need(census, a, &x, err);
	if (r == 0)
		r = nsloom_census_need(census, b, &y, err);
	if (r == 0)
		r = compare_take(census, x, y, out, err);
	nsloom_census_free(census);
	return r;
}

void nsloom_ns_diff_free(struct nsl_diff *diff)
{
	if (diff)
		arena_free(((struct diff_box *)diff)->arena);
}
