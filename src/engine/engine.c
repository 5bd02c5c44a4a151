/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transactions on labs. See engine.h. */
#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cascade.h"
#include "fd.h"
#include "inhabitants.h"
#include "preflight.h"
#include "release.h"
#include "rename.h"
#include "session_peer.h"
#include "text.h"

void engine_init(struct engine *e)
{
	*e = (struct engine){0};
	if (geteuid() == 0)
		rundir_init(&e->dirs);
	else
		rundir_nowhere(&e->dirs);
}

void engine_cancel(struct engine *e)
{
	e->cancel = 1;
}

void work_done(struct work *w)
{
	model_free(w->before);
	arena_free(w->arena);
	*w = (struct work){0};
}

/* ---- parts of a transaction ------------------------------------------------------------------------ */

/* What a transaction holds while it runs. */
struct session {
	struct engine *e;
	const char *lab;
	struct lock lab_lock, host_lock;
	struct kernel *kernel;
	bool fresh; /* the lab had no folder before */
};

static void session_end(struct session *s)
{
	kernel_close(s->kernel);
	lock_release(&s->host_lock);
	lock_release(&s->lab_lock);
}
#define _cleanup_session_ __attribute__((cleanup(session_end)))

int engine_open_kernel(struct engine *e, const char *lab, struct kernel **out, struct nsl_error **err)
{
	char lab_dir[256], mark[256];

	rundir_path(&e->dirs, lab, NULL, lab_dir, sizeof(lab_dir));
	rundir_path(&e->dirs, ".netns", NULL, mark, sizeof(mark));
	return kernel_open(lab, &(struct kernel_paths){lab_dir, e->dirs.names, mark, e->standin ? &e->machine : NULL},
	                   &e->hooks, out, err);
}

static int open_kernel(struct session *s, struct nsl_error **err)
{
	return engine_open_kernel(s->e, s->lab, &s->kernel, err);
}

int need_root(const struct engine *e, const char *what, struct nsl_error **err)
{
	if (geteuid() == 0 && !e->dirs.nowhere)
		return 0;
	error_set(err, NSL_E_PERMISSION, EPERM, "%s needs root, or a stand-in host", what);
	error_hint(err, "a program calls nsloom_enter() before");
	return -EPERM;
}

static int session_begin(struct session *s, struct engine *e, const char *lab, const struct engine_options *opt,
                         struct nsl_error **err)
{
	int r;

	*s = (struct session){.e = e, .lab = lab, .lab_lock = LOCK_NONE, .host_lock = LOCK_NONE};
	s->fresh = !rundir_has_lab(&e->dirs, lab);
	e->dirs.cancel = e->hooks.cancel = &e->cancel;
	r = rundir_lock_lab(&e->dirs, lab, opt->no_wait ? LOCK_NO_WAIT : LOCK_WAIT, &s->lab_lock, err);
	if (r == 0)
		r = rundir_lock_host(&e->dirs, &s->host_lock, err);
	if (r == 0)
		r = open_kernel(s, err);
	return r;
}

static int work_begin(struct work *w, struct nsl_error **err)
{
	*w = (struct work){.arena = arena_new()};
	return w->arena ? 0 : error_oom(err);
}

/* The state of a model, where `have` stands (NULL: nothing does); NULL for no model. */
static int lower(const struct engine *e, struct work *w, const struct model *m, const struct state *have,
                 struct state **out, struct nsl_error **err)
{
	*out = NULL;
	if (!m)
		return 0;
	if (arena_exhausted(w->arena)) {
		arena_settle(w->arena);
		return error_oom(err);
	}
	*out = state_of_model(w->arena, m, &e->thresholds, have);
	if (way_out_takes_ports(e->view.runs ? e->view.runs : e->view.can))
		publish_on_standin(*out);
	arena_settle(w->arena);
	return 0;
}

static int diff(struct work *w, const struct space *born, const struct engine_options *opt, struct nsl_error **err)
{
	struct plan_options options = {.prune = opt->prune};
	int r;

	if (arena_exhausted(w->arena)) {
		arena_settle(w->arena);
		return error_oom(err);
	}
	r = plan_diff(w->arena, w->want, w->have, born, &options, &w->plan, err);
	arena_settle(w->arena);
	return r;
}

/* Behind a stand-in host. */
static int look_at_machine(struct engine *e, struct nsl_error **err)
{
	way_out_forget(&e->view);
	return e->standin && way_out_look(e->standin, &e->view) < 0 ? error_oom(err) : 0;
}

/* Observes, and compares with the model (NULL: nothing shall stand). What `was` (may be NULL) names is looked at too. */
static int make_plan(struct session *s, struct work *w, const struct model *m, const struct model *was,
                     const struct engine_options *opt, struct nsl_error **err)
{
	struct state *before = NULL;
	struct space *born = NULL;
	int r = look_at_machine(s->e, err);

	if (r == 0)
		r = lower(s->e, w, m, NULL, &w->want, err);
	if (r == 0)
		r = lower(s->e, w, was, NULL, &before, err);
	if (r == 0)
		r = kernel_observe(s->kernel, w->arena, w->want, before, &w->have, err);
	if (r == 0 && m &&
	    cascade_matters(w->want, w->have)) /* what to look at was known; where ports are to be, is now */
		r = lower(s->e, w, m, w->have, &w->want, err);
	if (r == 0) {
		if (!s->e->standin) /* no lab there cuts a connection of the machine's */
			w->have->session_peer = session_peer();
		if (*w->renamed_from) /* is to go before */
			state_without_lab(w->have, w->renamed_from);
	}
	if (r == 0 && m)
		r = kernel_born(s->kernel, w->arena, w->want, before, &born, err);
	return r < 0 ? r : diff(w, born, opt, err);
}

/* A lab of this name that another file describes is not this one. */
static int check_file(struct engine *e, const char *lab, const char *file, struct nsl_error **err)
{
	struct record_head head;

	if (!file || record_head(&e->dirs, lab, &head) < 0 || !*head.file || streq(head.file, file) ||
	    access(head.file, F_OK) < 0)
		return 0;
	error_set(err, NSL_E_TAKEN, EEXIST, "a lab \"%s\" from another file is up: %s", lab, head.file);
	error_hint(err, "take it down (nsloom down %s), or give this one another `name:`", lab);
	return -EEXIST;
}

/* ---- up -------------------------------------------------------------------------------------------- */

/* Takes the lab back to what it was; nothing interrupts this. The error of a failure is put behind the one that led here. */
static int roll_back(struct session *s, const struct work *failed, const struct model *m, struct nsl_error **err)
{
	_cleanup_work_ struct work w = {0};
	struct nsl_error *second = NULL;
	struct engine_options none = {0};
	int r = work_begin(&w, &second);

	kernel_close(TAKE_PTR(s->kernel));
	s->e->hooks.cancel = NULL;
	if (r == 0)
		r = open_kernel(s, &second);
	if (r == 0)
		r = make_plan(s, &w, failed->before, m, &none, &second);
	if (r == 0)
		r = trace_apply(&s->e->tracer, s->kernel, w.plan, &second);
	if (r == 0)
		return 0;
	error_wrap(&second, "taking back what was done failed too: parts of lab \"%s\" stand", s->lab);
	error_hint(&second, "nsloom down %s removes them", s->lab);
	error_append(err, second);
	return r;
}

/* Nothing stands: the folder goes too. */
static int leave_nothing(struct session *s, struct nsl_error **err)
{
	int r;

	kernel_close(TAKE_PTR(s->kernel));
	r = rundir_remove_lab(&s->e->dirs, s->lab, &s->lab_lock, err);
	if (r == 0)
		rundir_tidy(&s->e->dirs, &s->host_lock);
	return r;
}

static int add_regrets(struct work *w, const char *regrets, struct nsl_error **err)
{
	if (!*regrets)
		return 0;
	if (arena_exhausted(w->arena)) {
		arena_settle(w->arena);
		return error_oom(err);
	}
	*vec_push(w->arena, &w->plan->warnings) = arena_strdup(w->arena, regrets);
	arena_settle(w->arena);
	return 0;
}

/* One try: 0, or -errno with the lab as it was before. */
static int transact(struct session *s, struct work *w, const struct model *m, const char *file,
                    const struct engine_options *opt, struct nsl_error **err)
{
	int r = record_read(&s->e->dirs, s->lab, &w->before, err);

	if (r < 0)
		return r;
	r = make_plan(s, w, m, w->before, opt, err);
	if (r < 0)
		return r;
	w->was_up = w->before != NULL;
	r = kernel_preflight(s->kernel, w->plan, err);
	if (r < 0)
		return r;
	if (rules_nat_network(&w->want->rules))
		engine_keep_order(s->e);
	r = trace_apply(&s->e->tracer, s->kernel, w->plan, err);
	if (r == 0)
		r = add_regrets(w, kernel_regrets(s->kernel), err);
	if (r == 0)
		r = record_write(s->lab_lock.dir, m, file, err);
	if (r < 0 && roll_back(s, w, m, err) == 0) {
		s->fresh |= !w->before; /* rolled back to nothing */
		if (r == -ECANCELED)
			error_hint(err, w->before ? "lab \"%s\" is as it was before" : "nothing of lab \"%s\" is left",
			           s->lab);
	}
	return r;
}

static int weave(struct engine *e, const struct model *m, const char *file, const struct engine_options *opt,
                 struct work *w, struct nsl_error **err)
{
	_cleanup_session_ struct session s = {.lab_lock = LOCK_NONE, .host_lock = LOCK_NONE};
	struct nsl_error *ignored = NULL;
	int r = work_begin(w, err);

	if (r < 0)
		return r;
	r = session_begin(&s, e, m->name, opt, err);
	if (r == 0)
		r = transact(&s, w, m, file, opt, err);
	if (r < 0 && s.fresh && s.lab_lock.file >= 0) {
		leave_nothing(&s, &ignored);
		nsl_error_free(ignored);
	}
	return r;
}

int engine_up(struct engine *e, const struct model *m, const char *file, const struct engine_options *opt,
              struct work *w, struct nsl_error **err)
{
	_cleanup_model_ struct model *earlier = NULL;
	char old[NAME_MAX_LEN + 1] = "";
	int r = need_root(e, "weaving a lab", err);

	*w = (struct work){0};
	if (r == 0)
		r = check_file(e, m->name, file, err);
	if (r == 0 && renamed_from(e, m->name, file, old))
		r = rename_remove(e, old, &earlier, err);
	if (r < 0)
		return r;
	r = weave(e, m, file, opt, w, err);
	if (r < 0)
		rename_restore(e, earlier, file, err);
	memcpy(w->renamed_from, old, sizeof(old));
	return r;
}

int engine_plan(struct engine *e, const struct model *m, const char *file, const struct engine_options *opt,
                struct work *w, struct nsl_error **err)
{
	_cleanup_session_ struct session s = {.e = e, .lab = m->name, .lab_lock = LOCK_NONE, .host_lock = LOCK_NONE};
	int r = need_root(e, "looking at what stands", err);

	*w = (struct work){0};
	if (r == 0)
		r = check_file(e, m->name, file, err);
	if (r == 0)
		r = work_begin(w, err);
	if (r < 0)
		return r;
	renamed_from(e, m->name, file, w->renamed_from);
	if (rundir_has_lab(&e->dirs, m->name)) /* a lab that is being worked on is looked at when that is over */
		r = session_begin(&s, e, m->name, opt, err);
	else
		r = open_kernel(&s, err);
	if (r == 0)
		r = record_read(&e->dirs, m->name, &w->before, err);
	if (r == 0)
		r = make_plan(&s, w, m, w->before, opt, err);
	if (r == 0)
		r = kernel_preflight(s.kernel, w->plan, err);
	w->was_up = w->before != NULL;
	return r;
}

/* ---- down ------------------------------------------------------------------------------------------ */

int engine_down(struct engine *e, const char *lab, const struct engine_options *opt, struct work *w,
                struct survivors *survivors, struct nsl_error **err)
{
	_cleanup_session_ struct session s = {.lab_lock = LOCK_NONE, .host_lock = LOCK_NONE};
	struct inhabitants *inside = NULL;
	int r = need_root(e, "taking a lab down", err);

	*w = (struct work){0};
	if (r == 0)
		r = work_begin(w, err);
	if (r == 0)
		r = session_begin(&s, e, lab, opt, err);
	if (r == 0)
		r = make_plan(&s, w, NULL, NULL, opt, err);
	if (r < 0)
		return r;
	w->was_up = w->have->any;
	if (e->cancel)
		return error_set(err, NSL_E_CANCELLED, ECANCELED, "interrupted");
	kernel_uninterrupted(s.kernel); /* half a lab is of no use to anybody */
	inside = inhabitants_list(s.lab_lock.dir);
	r = trace_apply(&e->tracer, s.kernel, w->plan, err);
	if (r == 0)
		r = inhabitants_settle(inside, w->arena, opt->kill, opt->wait, survivors, err);
	inhabitants_free(inside);
	if (r == 0)
		r = leave_nothing(&s, err);
	return r == 0 && opt->wait ? release_await(&e->cancel, err) : r; /* others need not wait for it */
}
