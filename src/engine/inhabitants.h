/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who lives in a lab's namespaces: processes keep a namespace alive after its
 * name and mount are gone. `down` remembers the namespaces (by inode) before it
 * drops them and looks for such processes after.
 */
#ifndef ENGINE_INHABITANTS_H
#define ENGINE_INHABITANTS_H

#include <stdbool.h>

#include "engine.h"

struct inhabitants;

/* Remembers the namespaces of a lab's folder. NULL where there are none (or memory is out: then nobody is found). */
struct inhabitants *inhabitants_list(int lab_dir);
/* Finds the processes that are in them still; ends them (SIGTERM, after two seconds SIGKILL) if asked; waits until no process is left if
 * asked. in NULL: nobody. */
int inhabitants_settle(struct inhabitants *in, struct arena *a, bool kill, bool wait, struct survivors *out,
                       struct nsl_error **err);
void inhabitants_free(struct inhabitants *in);

#endif
