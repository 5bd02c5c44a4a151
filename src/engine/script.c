/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans as scripts. Which plan it is depends on what stands:
 *
 *   the lab is up      up: the plan of the change; down: that of its removal. Both where nsloom mounted it.
 *   it is not          up: the plan of its making; down: that of its removal once that script has run. The latter looks at
 *                      the host as if the lab had never been there, so that it is the same before and after.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "text.h"

struct job {
	struct engine *e;
	const char *lab;
	struct kernel *kernel;
	struct arena *arena;
	struct script_options options;
	struct state *want;
	struct plan *plan;
};

static void job_end(struct job *j)
{
	kernel_close(j->kernel);
	arena_free(j->arena);
}

/* A host that has nothing of the lab. What it has of others counts. */
static struct state *untouched(struct job *j, const struct state *seen)
{
	struct state *s = state_new(j->arena, j->lab);

	s->host_group = seen->host_group;
	s->foreign.items = seen->foreign.items;
	s->foreign.n = seen->foreign.n;
	for (int i = 0; i < LIMIT_COUNT; i++) {
		struct limit_found *f = &s->limits[i];

		*f = seen->limits[i];
		f->claim = f->stale = 0;
		if (f->noted && !f->others) { /* by the lab itself */
			f->noted = false;
			f->value = f->was;
		}
	}
	memcpy(s->forwarding, seen->forwarding, sizeof(s->forwarding));
	memcpy(s->filters_bridged, seen->filters_bridged, sizeof(s->filters_bridged));
	return s;
}

/* Taking away what the script of the model makes. */
static int plan_undoing(struct job *j, const struct model *m, const struct state *seen, struct nsl_error **err)
{
	struct plan *making;
	struct state *want = state_of_model(j->arena, m, &j->e->thresholds, NULL);
	int r;

	if (way_out_takes_ports(j->e->view.runs ? j->e->view.runs : j->e->view.can))
		publish_on_standin(want);
	r = plan_diff(j->arena, want, untouched(j, seen), NULL, NULL, &making, err);
	return r < 0 ? r : plan_diff(j->arena, NULL, state_after(making), NULL, NULL, &j->plan, err);
}

/* What is to be looked at is told by what the script of the model makes. */
static int look(struct job *j, const struct model *m, struct state **seen, struct nsl_error **err)
{
	if (arena_exhausted(j->arena)) {
		arena_settle(j->arena);
		return error_oom(err);
	}
	if (!j->options.lab_dir)
		j->want = state_of_model(j->arena, m, &j->e->thresholds, NULL);
	arena_settle(j->arena);
	return kernel_observe(j->kernel, j->arena, j->want, NULL, seen, err);
}

static int plan_down(struct job *j, const struct model *m, struct nsl_error **err)
{
	struct state *seen = NULL;
	int r = look(j, m, &seen, err);

	if (r < 0)
		return r;
	if (arena_exhausted(j->arena)) {
		arena_settle(j->arena);
		return error_oom(err);
	}
	r = j->options.lab_dir ? plan_diff(j->arena, NULL, seen, NULL, NULL, &j->plan, err)
	                       : plan_undoing(j, m, seen, err);
	arena_settle(j->arena);
	return r;
}

static int write_script(struct job *j, struct strbuf *out, struct nsl_error **err)
{
	int r = kernel_script_input(j->kernel, j->arena, j->plan, &j->options, err);

	if (r < 0)
		return r;
	if (arena_exhausted(j->arena)) {
		arena_settle(j->arena);
		return error_oom(err);
	}
	plan_script(j->arena, j->plan, &j->options, out);
	arena_settle(j->arena);
	return out->failed ? error_oom(err) : 0;
}

static int refuse_renaming(const struct work *w, const char *lab, struct nsl_error **err)
{
	if (!*w->renamed_from)
		return 0;
	error_set(err, NSL_E_TAKEN, EEXIST, "lab \"%s\" was woven from this file, which is named \"%s\" now",
	          w->renamed_from, lab);
	error_hint(err, "take it down first (nsloom down %s): a script begins from one lab and ends in the same",
	           w->renamed_from);
	return -EEXIST;
}

int engine_script(struct engine *e, const char *lab, const struct model *m, const char *file, const char *named,
                  const struct engine_options *opt, bool down, struct strbuf *out, struct nsl_error **err)
{
	__attribute__((cleanup(job_end))) struct job j = {.e = e, .lab = lab, .arena = arena_new()};
	_cleanup_work_ struct work w = {0};
	char dir[256];
	int r = j.arena ? 0 : error_oom(err);

	rundir_path(&e->dirs, lab, NULL, dir, sizeof(dir));
	j.options = (struct script_options){.file = named,
	                                    .lab_dir = rundir_has_lab(&e->dirs, lab) ? dir : NULL,
	                                    .run_dir = e->dirs.root,
	                                    .down = down};
	if (r == 0 && !m && !j.options.lab_dir)
		r = error_set(err, NSL_E_NOT_FOUND, ENOENT, "lab \"%s\" is not up", lab);
	if (r == 0 && !down) {
		r = engine_plan(e, m, file, opt, &w, err);
		j.plan = w.plan;
	}
	if (r == 0 && !down)
		r = refuse_renaming(&w, lab, err);
	if (r == 0)
		r = engine_open_kernel(e, lab, &j.kernel, err);
	if (r == 0 && down)
		r = plan_down(&j, m, err);
	return r < 0 ? r : write_script(&j, out, err);
}
