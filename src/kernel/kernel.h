/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel side: observing what stands of a lab, and applying a plan to it.
 *
 * Everything happens in the calling thread, which is moved from namespace to
 * namespace and is back in its own after every call here. No other program is
 * started. For each space a netlink socket is opened once, inside it, and kept
 * for the run; messages for a space travel together and are sent when another
 * space has its turn.
 */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include "arena.h"
#include "error.h"
#include "plan.h"
#include "script.h"
#include "state.h"

struct kernel;

/* Where things lie. */
struct kernel_paths {
	const char *lab_dir;                  /* "/run/nsloom/LAB"; where it does not exist, nothing can be applied */
	const char *names_dir;                /* "/run/netns", as ip-netns(8) */
	const char *names_mark;               /* a file that is made if names_dir had to be */
	const struct kernel_machine *machine; /* NULL: the host is no stand-in */
};

/*
 * The machine behind a stand-in host, which the process is on. Each call may fail.
 */
struct kernel_machine {
	/* A descriptor of a file of the machine's /proc, or -errno. */
	int (*open)(void *data, const char *path);
	/* Fills in what there is of a way out; memory for it comes from the arena, which has a landing. */
	void (*look)(void *data, struct arena *a, struct way_out *out);
	/* Makes the way out lead these ports in; NULL: takes it away. */
	int (*lead)(void *data, const port_ranges *ports, struct nsl_error **err);
	void *data;
};

/*
 * What a test may do between requests, and a caller to stop in time. `before`
 * is called before every request that changes something, with a running number
 * from 1 on; a value < 0 makes that request fail with this errno.
 */
struct kernel_hooks {
	int (*before)(void *data, uint64_t n, const char *what);
	/* Called after each operation of a plan, but not for each of the namespaces that a second thread makes. */
	void (*after)(void *data, const struct plan *p, size_t done, size_t total, const struct op *op);
	void *data;
	const volatile int *cancel; /* not 0: stop at the next operation. May be NULL */
	/* Called with each operation that was done, or refused (err). Each then has a send of its own, and nothing is done beside. */
	void (*trace)(void *data, const struct op *op, int64_t ns, const struct nsl_error *err);
	void *trace_data;
	bool split; /* every message in a send of its own, so that `before` falls between what the kernel did */
};

int kernel_open(const char *lab, const struct kernel_paths *paths, const struct kernel_hooks *hooks,
                struct kernel **out, struct nsl_error **err);
void kernel_close(struct kernel *k); /* NULL is fine */
/* From now on this is the hook `trace`. */
void kernel_trace(struct kernel *k,
                  void (*fn)(void *data, const struct op *op, int64_t ns, const struct nsl_error *err), void *data);

/*
 * What stands of the lab. `want` (may be NULL) says which sysctls to read, which
 * rules to compare with and which neighbours to expect; `before`, the lab as last
 * applied (may be NULL), which further sysctls and unmarked addresses are ours.
 * Without `want` only as much is observed as taking the lab down needs.
 * The state lies in the arena, which has no landing on entry and none after.
 */
int kernel_observe(struct kernel *k, struct arena *a, const struct state *want, const struct state *before,
                   struct state **out, struct nsl_error **err);

/* Only what host and fabric hold of it: bridges and their ports. */
int kernel_observe_bridges(struct kernel *k, struct arena *a, struct state **out, struct nsl_error **err);

/* What the sysctls that `want` and `before` name are in a namespace just born: makes one, reads, lets it go. */
int kernel_born(struct kernel *k, struct arena *a, const struct state *want, const struct state *before,
                struct space **out, struct nsl_error **err);

/* What only the kernel can tell of a plan that is to be written down as a script: rules and switches. Adds to the arena. */
int kernel_script_input(struct kernel *k, struct arena *a, const struct plan *p, struct script_options *o,
                        struct nsl_error **err);

/* From now on the hook `cancel` is not asked: what has begun goes on to its end. */
void kernel_uninterrupted(struct kernel *k);
/* Does what the plan says. Stops at the first refusal: the error names the operation, the object, the line and the kernel's
 * own words. */
int kernel_apply(struct kernel *k, const struct plan *p, struct nsl_error **err);

/* What went wrong beside applying a plan, and does no harm to the lab: a sentence, or "". */
const char *kernel_regrets(const struct kernel *k);

static inline void kernel_closep(struct kernel **k)
{
	kernel_close(*k);
}
#define _cleanup_kernel_ __attribute__((cleanup(kernel_closep)))

#endif
