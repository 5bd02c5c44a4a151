/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a topology file, kept so that every complaint can show the line
 * it is about, and the list in which complaints are collected: one run reports
 * all of them.
 */
#ifndef MODEL_SOURCE_H
#define MODEL_SOURCE_H

#include "arena.h"
#include "error.h"

struct source {
	const char *file; /* as the user named it */
	const char *text; /* NUL-terminated, no NUL inside */
	size_t len;
};

/* The text of one line (from 1) without its end, copied into the arena; NULL where there is none. */
const char *source_line(const struct source *s, struct arena *a, unsigned line);

/* Gives an error (and each of its successors) that names a line of this source its excerpt. */
void source_excerpt(const struct source *s, struct nsl_error *err);

/* Complaints, in the order in which they were made. More than FAULTS_MAX are counted, not kept. */
enum { FAULTS_MAX = 200 };

struct faults {
	const struct source *source; /* may be NULL */
	struct nsl_error *list, **tail;
	struct nsl_error *last; /* the one that fault_hint() is about; NULL if it was not kept */
	size_t n;
};

void faults_init(struct faults *f, const struct source *source);
/* Adds a fault of code NSL_E_FILE at pos. */
void fault(struct faults *f, struct nsl_pos pos, const char *fmt, ...) PRINTF(3, 4);
/* Adds the way to mend it to the fault just made. */
void fault_hint(struct faults *f, const char *fmt, ...) PRINTF(2, 3);
/* Takes back what was said of places behind pos, for it only follows from what is there. */
void faults_take_back(struct faults *f, struct nsl_pos pos);
/* Sorts by position, moves the list to *err with excerpts of the source. Returns 0 if there is none, else -EINVAL (-ENOMEM
 * where memory did not reach for a single one). */
int faults_finish(struct faults *f, struct nsl_error **err);
/* Drops what was collected. */
void faults_done(struct faults *f);

#endif
