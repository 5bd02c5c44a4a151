/* SPDX-License-Identifier: GPL-2.0-or-later */
/* up, plan, down: the engine's transactions, and what they did in words. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "api.h"
#include "text.h"

/* ---- plans in words -------------------------------------------------------------------------------- */

static const enum nsloom_action actions[] = {
	[ACTION_CREATE] = NSLOOM_CREATE,
	[ACTION_CHANGE] = NSLOOM_CHANGE,
	[ACTION_REMOVE] = NSLOOM_REMOVE,
};

static const char *copy(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : NULL;
}

void describe_step(struct arena *a, const struct plan *p, const struct op *op, struct nsloom_step *out)
{
	struct op_text t;

	op_describe(a, p, op, &t);
	*out = (struct nsloom_step){
		.action = actions[op->action],
		.place = copy(a, t.place),
		.kind = t.kind,
		.object = copy(a, t.object),
		.was = copy(a, t.was),
		.now = copy(a, t.now),
		.reason = copy(a, t.why),
		.line = op->pos.line,
	};
}

static void count_step(struct nsloom_plan *plan, enum nsloom_action action)
{
	plan->n_create += action == NSLOOM_CREATE;
	plan->n_change += action == NSLOOM_CHANGE;
	plan->n_remove += action == NSLOOM_REMOVE;
}

/* In a plan too long to be read step by step. *place: the copy of its name, made with the first step there. */
static void describe_step_briefly(struct arena *a, const struct plan *p, const struct op *op, const char **place,
                                  struct nsloom_step *out)
{
	struct op_text t;

	op_describe_briefly(p, op, &t);
	if (!*place)
		*place = copy(a, t.place);
	*out = (struct nsloom_step){
		.action = actions[op->action],
		.place = *place,
		.kind = t.kind,
		.object = "",
		.line = op->pos.line,
	};
}

static void describe_steps(struct arena *a, const struct plan *p, size_t brief_above, struct nsloom_plan *out)
{
	size_t n = plan_shown(p);
	const char **places = arena_array(a, p->spaces.n, const char *);
	bool brief = brief_above && n > brief_above;

	out->steps = arena_array(a, n, struct nsloom_step);
	for (size_t i = 0; i < p->ops.n; i++) {
		const struct op *op = &p->ops.items[i];
		struct nsloom_step *step = &out->steps[out->n_steps];

		if (op->quiet)
			continue;
		if (brief)
			describe_step_briefly(a, p, op, &places[op->space], step);
		else
			describe_step(a, p, op, step);
		count_step(out, step->action);
		out->n_steps++;
	}
}

int describe_plan(const struct nsloom *ns, const struct work *w, const char *lab, const char *file, size_t brief_above,
                  struct nsloom_plan **out, struct nsl_error **err)
{
	struct arena *a = arena_new();
	struct plan_box *box;
	size_t notes = 0;

	if (!a || arena_exhausted(a)) {
		arena_free(a);
		return error_oom(err);
	}
	box = arena_new_of(a, struct plan_box);
	box->arena = a;
	box->plan.lab = arena_strdup(a, lab);
	box->plan.file = file && *file ? arena_strdup(a, file) : NULL;
	describe_steps(a, w->plan, brief_above, &box->plan);
	while (ns && nsloom_enter_note(ns, notes))
		notes++;
	box->plan.warnings = arena_array(a, w->plan->warnings.n + 1 + notes, const char *);
	for (size_t i = 0; i < notes; i++)
		box->plan.warnings[box->plan.n_warnings++] = arena_strdup(a, nsloom_enter_note(ns, i));
	if (*w->renamed_from)
		box->plan.warnings[box->plan.n_warnings++] = arena_printf(
			a, "lab \"%s\" was woven from this file: renaming removes all of it and creates \"%s\"",
			w->renamed_from, lab);
	for (size_t i = 0; i < w->plan->warnings.n; i++)
		box->plan.warnings[box->plan.n_warnings++] = arena_strdup(a, w->plan->warnings.items[i]);
	arena_settle(a);
	*out = &box->plan;
	return 0;
}

void nsloom_plan_free(struct nsloom_plan *plan)
{
	if (plan)
		arena_free(((struct plan_box *)plan)->arena);
}

/* ---- progress -------------------------------------------------------------------------------------- */

/* A step is put into words now and then only: that takes longer than to make an address. */
enum { WORDS_EVERY = 40 * 1000000 /* ns */ };

struct progress {
	void (*fn)(void *data, size_t done, size_t total, const struct nsloom_step *step);
	void *data;
	int64_t next; /* when to find words again; ns, CLOCK_MONOTONIC */
};

static void report_in_words(struct progress *p, const struct plan *plan, size_t done, size_t total, const struct op *op)
{
	struct arena *a = arena_new();
	struct nsloom_step step;

	if (!a || arena_exhausted(a)) {
		p->fn(p->data, done, total, NULL);
	} else {
		describe_step(a, plan, op, &step);
		arena_settle(a);
		p->fn(p->data, done, total, &step);
	}
	arena_free(a);
}

static void report(void *data, const struct plan *plan, size_t done, size_t total, const struct op *op)
{
	struct progress *p = data;
	struct timespec t;
	int64_t now;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
	if (now < p->next) {
		p->fn(p->data, done, total, NULL);
		return;
	}
	p->next = now + WORDS_EVERY;
	report_in_words(p, plan, done, total, op);
}

struct onlooker {
	nsloom_trace_fn *fn;
	void *data;
	const char *file; /* or NULL */
};

static void pass_on(void *data, const struct traced *t)
{
	const struct onlooker *o = data;
	struct nsloom_traced out = {
		.title = t->title,
		.commands = t->commands,
		.file = o->file,
		.line = t->line,
		.ns = t->with_other ? -1 : t->ns,
		.refusal = !t->err                           ? NULL
	                   : t->err->kernel                  ? t->err->kernel
	                   : t->err->code == NSL_E_CANCELLED ? "interrupted"
	                                                     : strerror(t->err->errnum),
	};

	o->fn(o->data, &out);
}

static void watch(struct nsloom *ns, struct progress *p, struct onlooker *o)
{
	ns->engine.tracer = (struct tracer){o && o->fn ? pass_on : NULL, o};
	ns->engine.hooks = (struct kernel_hooks){.after = p->fn ? report : NULL, .data = p};
}

/* ---- up and plan ----------------------------------------------------------------------------------- */

typedef int transaction(struct engine *e, const struct model *m, const char *file, const struct engine_options *opt,
                        struct work *w, struct nsl_error **err);

static int run(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_up_options *options,
               transaction *fn, struct nsloom_plan **out, struct nsl_error **err)
{
	static const struct nsloom_up_options none;
	const struct nsloom_up_options *o = options ? options : &none;
	struct engine_options opt = {.no_wait = o->no_wait, .prune = o->prune};
	struct progress progress = {o->progress, o->data};
	struct onlooker onlooker = {o->trace, o->trace_data};
	_cleanup_model_ struct model *m = NULL;
	_cleanup_work_ struct work w = {0};
	char file[PATH_MAX] = "";
	int r = call_begin(ns, err);

	if (r == 0)
		r = load_file(ns, target, &m, file, err);
	if (r < 0)
		return call_end(ns, r);
	onlooker.file = *file ? file : NULL;
	watch(ns, &progress, &onlooker);
	r = fn(&ns->engine, m, *file ? file : NULL, &opt, &w, err);
	if (r < 0)
		add_excerpts(m, err);
	else if (out)
		r = describe_plan(ns, &w, m->name, file, o->brief_above, out, err);
	return call_end(ns, r);
}

int nsloom_plan(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_up_options *options,
                struct nsloom_plan **out, struct nsl_error **err)
{
	return run(ns, target, options, engine_plan, out, err);
}

int nsloom_up(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_up_options *options,
              struct nsloom_plan **out, struct nsl_error **err)
{
	return run(ns, target, options, engine_up, out, err);
}

/* ---- down ------------------------------------------------------------------------------------------ */

struct down_box {
	struct nsloom_down down;
	struct arena *arena;
};

static int describe_down(const struct work *w, const char *lab, const struct survivors *s, struct nsloom_down **out,
                         struct nsl_error **err)
{
	struct arena *a = arena_new();
	struct down_box *box;

	if (!a || arena_exhausted(a)) {
		arena_free(a);
		return error_oom(err);
	}
	box = arena_new_of(a, struct down_box);
	*box = (struct down_box){.arena = a};
	box->down = (struct nsloom_down){
		.lab = arena_strdup(a, lab),
		.was_up = w->was_up,
		.n_processes = s->items.n,
		.n_removed = w->plan ? plan_shown(w->plan) : 0,
		.processes = arena_array(a, s->items.n, struct nsloom_process),
	};
	for (size_t i = 0; i < s->items.n; i++)
		box->down.processes[i] =
			(struct nsloom_process){s->items.items[i].pid, arena_strdup(a, s->items.items[i].name),
		                                arena_strdup(a, s->items.items[i].node)};
	arena_settle(a);
	*out = &box->down;
	return 0;
}

void nsloom_down_free(struct nsloom_down *down)
{
	if (down)
		arena_free(((struct down_box *)down)->arena);
}

int nsloom_down(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_down_options *options,
                struct nsloom_down **out, struct nsl_error **err)
{
	static const struct nsloom_down_options none;
	const struct nsloom_down_options *o = options ? options : &none;
	struct engine_options opt = {.no_wait = o->no_wait, .kill = o->kill, .wait = o->wait};
	struct progress progress = {o->progress, o->data};
	struct onlooker onlooker = {o->trace, o->trace_data};
	struct target t = target_of(target);
	struct survivors survivors = {0};
	_cleanup_work_ struct work w = {0};
	char lab[NAME_MAX_LEN + 1];
	int r = call_begin(ns, err);

	if (r == 0)
		r = find_lab(&ns->engine, &t, lab, err);
	if (r < 0)
		return call_end(ns, r);
	watch(ns, &progress, &onlooker);
	if (!ns->engine.dirs.nowhere) /* else nothing is up */
		r = engine_down(&ns->engine, lab, &opt, &w, &survivors, err);
	if (ns->standin)
		ns->standin->tidy = true;
	if (r == 0 && out)
		r = describe_down(&w, lab, &survivors, out, err);
	return call_end(ns, r);
}

/* ---- scripts --------------------------------------------------------------------------------------- */

/* The lab's name; its model where there is a file to be read: a lab that is up comes down without. */
static int load_for_script(struct nsloom *ns, const struct nsloom_target *target, bool down, char lab[NAME_MAX_LEN + 1],
                           struct model **m, char file[PATH_MAX], struct nsl_error **err)
{
	struct target t = target_of(target);
	int r = down ? find_lab(&ns->engine, &t, lab, err) : 0;

	if (r < 0 || (down && rundir_has_lab(&ns->engine.dirs, lab)))
		return r;
	r = load_file(ns, target, m, file, err);
	if (r == 0)
		snprintf(lab, NAME_MAX_LEN + 1, "%s", (*m)->name);
	return r;
}

int nsloom_script(struct nsloom *ns, const struct nsloom_target *target, const struct nsloom_up_options *options,
                  bool down, char **out, struct nsl_error **err)
{
	struct engine_options opt = {.no_wait = options && options->no_wait, .prune = options && options->prune};
	struct progress none = {0};
	_cleanup_strbuf_ struct strbuf text = {0};
	_cleanup_model_ struct model *m = NULL;
	char file[PATH_MAX] = "", lab[NAME_MAX_LEN + 1];
	int r = load_for_script(ns, target, down, lab, &m, file, err);

	if (r < 0)
		return r;
	watch(ns, &none, NULL);
	r = engine_script(&ns->engine, lab, m, *file ? file : NULL, m ? m->source.file : NULL, &opt, down, &text, err);
	if (r < 0) {
		add_excerpts(m, err);
		return r;
	}
	*out = strbuf_steal(&text);
	return *out ? 0 : error_oom(err);
}
