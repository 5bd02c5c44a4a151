/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contexts, files, and reading labs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "fd.h"
#include "text.h"
#include "topology.h"

#ifndef NSLOOM_VERSION
#define NSLOOM_VERSION "0.1.0"
#endif

int nsloom_new(struct nsloom **out, struct nsl_error **err)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return error_oom(err);
	engine_init(&(*out)->engine);
	return 0;
}

void nsloom_free(struct nsloom *ns)
{
	if (!ns)
		return;
	engine_done(&ns->engine);
	standin_close(ns->standin);
	free(ns->refused);
	free(ns);
}

const char *nsloom_version(void)
{
	return NSLOOM_VERSION;
}

void nsloom_cancel(struct nsloom *ns)
{
	engine_cancel(&ns->engine);
}

int load_file(struct nsloom *ns, const struct nsloom_target *t, struct model **out, char absolute[PATH_MAX],
              struct nsl_error **err)
{
	struct target target = target_of(t);
	char path[PATH_MAX];
	int r = find_file(&ns->engine, &target, path, absolute, err);

	if (r == 0)
		r = topology_load(path, out, err);
	if (r == 0 && target.lab && !streq(target.lab, (*out)->name)) {
		error_set(err, NSL_E_USAGE, EINVAL, "%s describes lab \"%s\", not \"%s\"", path, (*out)->name,
		          target.lab);
		model_free(TAKE_PTR(*out));
		return -EINVAL;
	}
	return r;
}

void add_excerpts(const struct model *m, struct nsl_error **err)
{
	if (err && *err && m && m->source.text)
		source_excerpt(&m->source, *err);
}

int nsloom_check(struct nsloom *ns, const struct nsloom_target *target, struct nsloom_lab **out, struct nsl_error **err)
{
	_cleanup_model_ struct model *m = NULL;
	char file[PATH_MAX];
	int r = load_file(ns, target, &m, file, err);

	return r < 0 ? r : describe_lab(ns, m, file, rundir_has_lab(&ns->engine.dirs, m->name), false, out, err);
}

int nsloom_show(struct nsloom *ns, const struct nsloom_target *target, struct nsloom_lab **out, struct nsl_error **err)
{
	_cleanup_model_ struct model *m = NULL;
	struct target t = target_of(target);
	char lab[NAME_MAX_LEN + 1], file[PATH_MAX];
	struct record_head head;
	int r = find_lab(&ns->engine, &t, lab, err);

	if (r < 0)
		return r;
	r = record_read(&ns->engine.dirs, lab, &m, err);
	if (r < 0)
		return r;
	if (m)
		return describe_lab(ns, m, record_head(&ns->engine.dirs, lab, &head) == 0 ? head.file : NULL, true,
		                    true, out, err);
	if (t.lab) {
		error_set(err, NSL_E_NOT_FOUND, ENOENT, "lab \"%s\" is not up", lab);
		error_hint(err, "nsloom ls shows what is up");
		return -ENOENT;
	}
	r = load_file(ns, target, &m, file, err);
	return r < 0 ? r : describe_lab(ns, m, file, false, false, out, err);
}
