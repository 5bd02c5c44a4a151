/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See trace.h. */
#include "trace.h"

#include "strbuf.h"

struct looking {
	const struct tracer *tracer;
	const struct plan *plan;
	struct script_options options;
};

static void tell(const struct looking *l, struct arena *a, const struct op *op, struct strbuf *commands,
                 struct traced *t)
{
	t->title = script_title(a, l->plan, &l->options, op);
	op_commands(a, l->plan, &l->options, op, commands);
	t->commands = commands->s ? commands->s : "";
}

static void look(void *data, const struct op *op, int64_t ns, const struct nsl_error *err)
{
	const struct looking *l = data;
	_cleanup_arena_ struct arena *a = arena_new();
	struct strbuf commands = {0};
	struct traced t = {
		.title = "", .commands = "", .line = op->pos.line, .ns = ns, .with_other = op->done, .err = err};

	if (a && !arena_exhausted(a)) { /* without memory nobody is told what was done: it is done all the same */
		tell(l, a, op, &commands, &t);
		arena_settle(a);
		if (*t.commands || err)
			l->tracer->fn(l->tracer->data, &t);
	}
	strbuf_done(&commands);
}

int trace_apply(const struct tracer *tracer, struct kernel *k, const struct plan *p, struct nsl_error **err)
{
	struct looking l = {.tracer = tracer, .plan = p, .options = {.mark = "proto 110"}};
	_cleanup_arena_ struct arena *a = NULL;
	int r = 0;

	if (!tracer->fn)
		return kernel_apply(k, p, err);
	a = arena_new();
	if (!a)
		return error_oom(err);
	r = kernel_script_input(k, a, p, &l.options, err);
	if (r < 0)
		return r;
	kernel_trace(k, look, &l);
	r = kernel_apply(k, p, err);
	kernel_trace(k, NULL, NULL);
	return r;
}
