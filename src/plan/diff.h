/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of planning share: match.c finds what is there already, remove.c and create.c say what is to be done. */
#ifndef PLAN_DIFF_H
#define PLAN_DIFF_H

#include "error.h"
#include "plan.h"

/* What was found for one wanted device. */
struct match {
	struct device *was; /* NULL: nothing that can stay */
	const char *remake; /* why what is there cannot stay, or NULL */
	bool readdressed;   /* loses an address: the kernel may drop its routes */
	bool lies;          /* a cable that is made by an operation of the plan */
	bool finished;      /* and the last touch of this end is in the plan, too */
};

struct diff {
	struct arena *arena;
	struct plan *plan;
	struct state *want; /* NULL: nothing shall stand */
	const struct state *have;
	const struct space *born;
	const struct plan_options *options;
	struct match **match; /* [wanted space][wanted device] */
	bool **kept;          /* [found space][found device]: a wanted device is it, or it is deleted already */
	uint32_t *next_index; /* [wanted space]: the next free ifindex; 0: the kernel chooses */
	uint32_t next_far;    /* the same for far ends of cables: one that no space of the lab has */
	struct nsl_error *obstacles, *last_obstacle;
};

struct op *diff_op(struct diff *d, enum op_kind kind, enum action action, uint32_t space, struct nsl_pos pos);

void diff_warn(struct diff *d, const char *fmt, ...) PRINTF(2, 3);
/* Collects an error of code NSL_E_TAKEN; returns where to put a hint. */
struct nsl_error **diff_obstacle(struct diff *d, struct nsl_pos pos, const char *fmt, ...) PRINTF(3, 4);

/* Fills match and kept; collects what stands in the way in d->obstacles. */
void diff_match(struct diff *d);
/* Subnets that the host has other ideas about: obstacles and warnings. In conflicts.c. */
void diff_conflicts(struct diff *d);
/* What in the lab's namespaces is not the lab's: removed with `prune`, else told. In strangers.c. */
void diff_strangers(struct diff *d);
/* Published ports: what is in the way, and what goes and comes. In publish.c. */
void diff_publish_conflicts(struct diff *d);
void diff_publish_remove(struct diff *d);
void diff_publish_create(struct diff *d);
/* The way out of a stand-in host. In way_out.c. */
void diff_way_out_conflicts(struct diff *d);
void diff_way_out_remove(struct diff *d);
void diff_way_out_create(struct diff *d);
/* "3 ports led in" */
const char *way_out_words(struct arena *a, const port_ranges *ports);
/* Limits of the machine: what is too low is told, raised, put back. In limit.c. */
void diff_limits_tell(struct diff *d);
void diff_limits_create(struct diff *d);
void diff_limits_remove(struct diff *d);
void diff_remove(struct diff *d);
void diff_create(struct diff *d);

/* The found space behind a wanted one where it stands, else NULL. */
static inline const struct space *found_space(const struct diff *d, uint32_t space)
{
	const struct space *sp = d->plan->spaces.items[space].found;

	return sp && sp->present ? sp : NULL;
}

#endif
