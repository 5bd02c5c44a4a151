/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Letting things go wrong. Three sorts of steps are counted in an armed process, from 1 on:
 *
 *   requests     what struct kernel_hooks tells: every request that changes something
 *   calls        every call of the C library's by which nsloom's folders ask the kernel for anything (open, mkdir, mount,
 *                setns, sendto, …): the program is linked with --wrap for each, see inject_calls.c
 *   allocations  malloc, calloc, realloc
 *
 * At the n-th of one sort something happens: it fails, the process is killed just before it, the engine is told to cancel, or
 * another process begins something of its own beside.
 */
#ifndef FAULT_INJECT_H
#define FAULT_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine.h"

enum inject_sort { INJECT_NONE, INJECT_REQUEST, INJECT_CALL, INJECT_MEMORY, INJECT_SORT_COUNT };
enum inject_how { INJECT_FAIL, INJECT_KILL, INJECT_CANCEL, INJECT_MEET };

struct inject {
	enum inject_sort sort;
	enum inject_how how;
	uint64_t at;      /* 0: never */
	unsigned variant; /* which of the errnos that fit, from 0 on; beyond the last it is EIO and no_variant is set */
	uint64_t again;   /* fails a second time, so many steps later; 0: only once */
	bool for_ever;    /* all steps behind it fail too */
	bool split;       /* every message in a send of its own */
	/* INJECT_MEET: what the other does, in a process of its own, in the host's namespace and without anything of ours. */
	void (*other)(void);
	int home; /* a process that is in the host's namespace */
};

/* What an armed process tells, in memory that is shared with its parent. */
struct inject_report {
	uint64_t steps[INJECT_SORT_COUNT]; /* so far, of each sort */
	bool hit, no_variant;
	int errnum;    /* of the failure made */
	char what[48]; /* the step that it hit */
};

void inject_arm(const struct inject *in, struct engine *e, struct inject_report *report);
void inject_disarm(void);

/* For the wrappers: counts a step. 0, or the errno with which it is to fail. */
int inject_step(enum inject_sort sort, const char *what);

#endif
