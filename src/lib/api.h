/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files behind include/nsloom share. Every object that is handed out lies in an arena of its own, as its last member says. */
#ifndef LIB_API_H
#define LIB_API_H

#include <errno.h>
#include <limits.h>
#include <nsloom/nsloom.h>

#include "engine.h"
#include "find.h"
#include "standin.h"

struct nsloom {
	struct engine engine;
	struct standin *standin; /* NULL: root, or none stands */
	char *refused;           /* why nsloom_enter() failed, or NULL */
};

/* Public objects are the first member of these. */
struct lab_box {
	struct nsloom_lab lab;
	struct arena *arena;
};

struct plan_box {
	struct nsloom_plan plan;
	struct arena *arena;
};

/* A cancel stops the call that is under way, or else the next one: so none is lost that comes a moment too early. */
static inline int call_begin(struct nsloom *ns, struct nsl_error **err)
{
	if (!ns->engine.cancel)
		return 0;
	ns->engine.cancel = 0;
	return error_set(err, NSL_E_CANCELLED, ECANCELED, "interrupted");
}

/* `r`: what the call ends with. */
static inline int call_end(struct nsloom *ns, int r)
{
	if (r == -ECANCELED || r == -EINTR)
		ns->engine.cancel = 0;
	return r;
}

static inline struct target target_of(const struct nsloom_target *t)
{
	return t ? (struct target){t->file, t->lab} : (struct target){0};
}

/* The model of the file that is meant (where a lab is: the one it was woven from), and the file's absolute path. */
int load_file(struct nsloom *ns, const struct nsloom_target *t, struct model **out, char absolute[PATH_MAX],
              struct nsl_error **err);

/* Shows the lines that an error (and those behind it) is about. */
void add_excerpts(const struct model *m, struct nsl_error **err);

/* A model for readers. `file`: absolute path or NULL. `up`: a lab of that name stands; `as_it_stands`: it is this one. */
int describe_lab(struct nsloom *ns, const struct model *m, const char *file, bool up, bool as_it_stands,
                 struct nsloom_lab **out, struct nsl_error **err);
/* The bridges of its networks. Looks at what stands if it `stands`. Adds to the arena, which has no landing. */
void describe_bridges(struct nsloom *ns, struct arena *a, const struct model *m, bool stands, struct nsloom_lab *lab);

/* The operations of a plan in words, after what is to be told of the stand-in host; `file` or NULL; `brief_above`: see
 * struct nsloom_up_options. */
int describe_plan(const struct nsloom *ns, const struct work *w, const char *lab, const char *file, size_t brief_above,
                  struct nsloom_plan **out, struct nsl_error **err);
/* One operation; strings in the arena, which has a landing. */
void describe_step(struct arena *a, const struct plan *p, const struct op *op, struct nsloom_step *out);

#endif
