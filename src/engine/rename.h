/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lab whose file gives it another `name:` than the one it was woven under. The
 * kernel knows no renaming of all that carries the name: the old lab is removed, the new one
 * created, and if that fails the old one is woven again.
 */
#ifndef ENGINE_RENAME_H
#define ENGINE_RENAME_H

#include "engine.h"

/* The lab that is up from this file under another name. False: none. */
bool renamed_from(struct engine *e, const char *lab, const char *file, char old[NAME_MAX_LEN + 1]);

/* Takes the old lab down; *earlier (may become NULL) is its model, to weave it again. */
int rename_remove(struct engine *e, const char *old, struct model **earlier, struct nsl_error **err);
/* Weaves the old one again after the new one failed; what fails then is put behind *err. */
void rename_restore(struct engine *e, const struct model *earlier, const char *file, struct nsl_error **err);

#endif
