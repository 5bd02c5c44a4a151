/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doctor: what the machine has, and what a lab needs of it. */
#include "doctor.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "api.h"
#include "fd.h"

struct diagnosis_box {
	struct nsloom_diagnosis diagnosis;
	struct arena *arena;
};

static const enum nsloom_level levels[] = {
	[FINDING_OK] = NSLOOM_OK,
	[FINDING_INFO] = NSLOOM_INFO,
	[FINDING_WARNING] = NSLOOM_WARNING,
	[FINDING_FAILURE] = NSLOOM_FAILURE,
};
static_assert(ARRAY_SIZE(levels) == FINDING_LEVELS, "every level has its name outside");

static void describe(struct arena *a, const struct doctor *d, struct nsloom_diagnosis *out)
{
	out->findings = arena_array(a, d->found.n, struct nsloom_finding);
	out->n_findings = d->found.n;
	for (size_t i = 0; i < d->found.n; i++) {
		const struct diagnosis *f = &d->found.items[i];

		out->findings[i] =
			(struct nsloom_finding){levels[f->level], f->id, f->subject, f->text, f->mend, f->line};
		out->n_warnings += f->level == FINDING_WARNING;
		out->n_failures += f->level == FINDING_FAILURE;
	}
}

static enum doctor_user user_of(const struct nsloom *ns)
{
	return ns->standin && ns->standin->entered ? DOCTOR_STANDIN : geteuid() == 0 ? DOCTOR_ROOT : DOCTOR_OUTSIDE;
}

static struct diagnosis_box *examine(const struct nsloom *ns, struct arena *a, const struct model *m, const char *file,
                                     bool standing)
{
	struct diagnosis_box *box = arena_new_of(a, struct diagnosis_box);
	struct doctor *d = arena_new_of(a, struct doctor);

	*d = (struct doctor){.arena = a,
	                     .want = m ? state_of_model(a, m, NULL, NULL) : NULL,
	                     .standing = standing,
	                     .user = user_of(ns),
	                     .uid = ns->standin ? ns->standin->user : geteuid(),
	                     .refused = ns->refused};
	doctor_run(d);
	box->arena = a;
	box->diagnosis.lab = m ? arena_strdup(a, m->name) : NULL;
	box->diagnosis.file = m && *file ? arena_strdup(a, file) : NULL;
	describe(a, d, &box->diagnosis);
	return box;
}

int nsloom_doctor(struct nsloom *ns, const struct nsloom_target *target, struct nsloom_diagnosis **out,
                  struct nsl_error **err)
{
	_cleanup_model_ struct model *m = NULL;
	char file[PATH_MAX] = "";
	struct arena *a;
	int r = target ? load_file(ns, target, &m, file, err) : 0;

	if (r < 0)
		return r;
	a = arena_new();
	if (!a || arena_exhausted(a)) {
		arena_free(a);
		return error_oom(err);
	}
	*out = &examine(ns, a, m, file, m && rundir_has_lab(&ns->engine.dirs, m->name))->diagnosis;
	arena_settle(a);
	return 0;
}

void nsloom_diagnosis_free(struct nsloom_diagnosis *diagnosis)
{
	if (diagnosis)
		arena_free(((struct diagnosis_box *)diagnosis)->arena);
}
