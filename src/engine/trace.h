/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Applying a plan so that one can look on: each operation as the commands that do the same, with its time. */
#ifndef ENGINE_TRACE_H
#define ENGINE_TRACE_H

#include "kernel.h"

/* One operation that was done, or refused. Strings live for the call. */
struct traced {
	const char *title;           /* what it is for */
	const char *commands;        /* a line each; "" where it needs none */
	unsigned line;               /* of the file, 0: none */
	int64_t ns;                  /* how long it took */
	bool with_other;             /* an operation before has done it too: ns says nothing */
	const struct nsl_error *err; /* why not, or NULL */
};

struct tracer {
	void (*fn)(void *data, const struct traced *t); /* NULL: nobody looks on */
	void *data;
};

/* kernel_apply(), looked on. */
int trace_apply(const struct tracer *tracer, struct kernel *k, const struct plan *p, struct nsl_error **err);

#endif
