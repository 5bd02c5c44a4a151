/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two namespaces of a census, side by side: what is inside each (inside.h), and what they share (compare_isolation.c). */
#ifndef SCOPE_COMPARE_H
#define SCOPE_COMPARE_H

#include <nsloom/scope.h>

#include "arena.h"

struct diff_box {
	struct nsl_diff diff;
	struct arena *arena;
};

/* Rows in the making. */
struct comparing {
	struct arena *a; /* has a landing */
	const struct nsl_census *census;
	int32_t at[2];
	VEC(struct nsl_row) rows;
};

/* Rows of NSL_ASPECT_ISOLATION and NSL_ASPECT_PROCESSES. */
void compare_isolation(struct comparing *d);
void compare_processes(struct comparing *d);

/* 0 or -errno with *err set. */
int compare_take(const struct nsl_census *census, int32_t a, int32_t b, struct nsl_diff **out, struct nsl_error **err);

#endif
