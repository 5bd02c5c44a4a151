/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: load, observe, plan, apply, record. Each call here is one
 * transaction on one lab, under its lock (and the host's, for what labs share
 * there):
 *
 *   - `up` applies the difference between what stands and the model. Where that
 *     fails, the same machinery takes the lab back to the model last applied, or,
 *     where there is none, to nothing;
 *   - `down` removes everything that carries the lab's marks.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "kernel.h"
#include "model.h"
#include "plan.h"
#include "record.h"
#include "rundir.h"
#include "standin.h"
#include "strbuf.h"
#include "trace.h"
#include "way_out.h"

struct engine {
	struct rundir dirs;
	struct kernel_hooks hooks;     /* for tests, and for progress */
	struct tracer tracer;          /* who looks on while something is done */
	struct thresholds thresholds;  /* for tests: none, the default */
	volatile int cancel;           /* set by engine_cancel() */
	const struct standin *standin; /* the stand-in host that the process is on, or NULL */
	struct kernel_machine machine; /* what is behind it */
	struct way_out_view view;      /* of the way out, at the beginning of a transaction */
};
void engine_done(struct engine *e);
/* From here on the host is a stand-in; it is the caller's, and outlives the engine. */
void engine_move_in(struct engine *e, const struct standin *s);

/*
 * Where the host is a stand-in with a way out: devices that are made on it from now on keep the packets of a connection in
 * order, as long as it stands (the kernel has net.core.rps_default_mask since 6.3; without it, nothing is done). Else
 * those that a node sends while its program moves from one processor to another overtake each other: TCP heeds that
 * little, but pasta takes them for lost, and knows no selective acknowledgement.
 */
void engine_keep_order(const struct engine *e);

void engine_init(struct engine *e);
/* Async-signal-safe. */
void engine_cancel(struct engine *e);

/* What a transaction did, or would do. Everything in it lives until work_done(). */
struct work {
	struct arena *arena;
	struct model *before; /* as last applied, or NULL */
	struct state *want, *have;
	struct plan *plan;
	bool was_up;
	char renamed_from[NAME_MAX_LEN +
	                  1]; /* the lab that this file was woven into before, and that is (to be) removed; or "" */
};
void work_done(struct work *w);
#define _cleanup_work_ __attribute__((cleanup(work_done)))

struct engine_options {
	bool no_wait;
	bool prune;
	bool kill; /* down */
	bool wait; /* down: until the kernel has freed all */
};

/* `file`: absolute path of the file that the model comes from, or NULL. */
int engine_plan(struct engine *e, const struct model *m, const char *file, const struct engine_options *opt,
                struct work *w, struct nsl_error **err);
int engine_up(struct engine *e, const struct model *m, const char *file, const struct engine_options *opt,
              struct work *w, struct nsl_error **err);

/*
 * What `up` would do (with `down`: what takes it away again) as a shell script, see plan/script.h. `m` may be NULL with `down` where the
 * lab stands. `named`: how comments call the file, or NULL.
 */
int engine_script(struct engine *e, const char *lab, const struct model *m, const char *file, const char *named,
                  const struct engine_options *opt, bool down, struct strbuf *out, struct nsl_error **err);

/* Whether the process is root where labs stand: on the host, or on a stand-in for it. NSL_E_PERMISSION. */
int need_root(const struct engine *e, const char *what, struct nsl_error **err);

/* The kernel side, with the engine's folders. kernel_close(). */
int engine_open_kernel(struct engine *e, const char *lab, struct kernel **out, struct nsl_error **err);

/* A process that keeps a namespace of the lab alive after the lab is gone. */
struct survivor {
	int pid;
	const char *name, *node;
};

/* What `down` finds beside its plan. */
struct survivors {
	VEC(struct survivor) items;
};
int engine_down(struct engine *e, const char *lab, const struct engine_options *opt, struct work *w,
                struct survivors *survivors, struct nsl_error **err);

#endif
