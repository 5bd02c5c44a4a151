/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which lab, or which file, a user means. */
#ifndef ENGINE_FIND_H
#define ENGINE_FIND_H

#include <limits.h>

#include "engine.h"

struct target {
	const char *file, *lab; /* either may be NULL; see struct nsloom_target */
};

/* The topology file meant (one that nobody named must be its user's own, see find_file()): target->file; that which target->lab was woven from; nsloom.yaml (.yml, .json) in this folder or the nearest
 * above; that of the only lab up. `path` gets it as it is to be
 * opened and named in messages; `absolute` its resolved path ("" for standard input). NSL_E_NOT_FOUND. */
int find_file(struct engine *e, const struct target *t, char path[PATH_MAX], char absolute[PATH_MAX],
              struct nsl_error **err);

/* The name of the lab meant, which need not be up: target->lab; that which the file was woven into or else names; where there is no file, the
 * only lab up. NSL_E_NOT_FOUND where that is not clear. */
int find_lab(struct engine *e, const struct target *t, char lab[NAME_MAX_LEN + 1], struct nsl_error **err);

/* "LAB.NODE", or NODE of the lab meant. NSL_E_NOT_FOUND, with the nearest name. */
int find_node(struct engine *e, const struct target *t, const char *node, char lab[NAME_MAX_LEN + 1],
              char name[NAME_MAX_LEN + 1], struct nsl_error **err);

#endif
