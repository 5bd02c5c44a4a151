/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the other users' labs are, for root. Root looks by a child that has become the
 * user: so whatever the user has put in the way is met with the user's own rights. What the child
 * says is the user's word, bounded in time and length, and parsed as such.
 */
#ifndef LIB_USERS_H
#define LIB_USERS_H

#include <nsloom/nsloom.h>
#include <stdio.h>

#include "arena.h"

/* A line for each lab, and back. A line that makes no sense is none: false. The strings of *out are in the line. */
void listed_write(FILE *file, const struct nsloom_lab_summary *lab);
bool listed_parse(char *line, struct nsloom_lab_summary *out);

/* Calls fn for each lab of each user who may have one; its strings live for the call. */
typedef void users_fn(void *data, const struct nsloom_lab_summary *lab);
void users_each(users_fn *fn, void *data);

#endif
