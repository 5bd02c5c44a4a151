/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Renaming labs. See rename.h. */
#include "rename.h"

#include <stdio.h>

#include "text.h"

struct search {
	struct engine *e;
	const char *lab, *file;
	char *old;
};

static int same_file(const char *lab, void *data)
{
	struct search *s = data;
	struct record_head head;

	if (streq(lab, s->lab) || record_head(&s->e->dirs, lab, &head) < 0 || !streq(head.file, s->file))
		return 0;
	snprintf(s->old, NAME_MAX_LEN + 1, "%s", lab);
	return 1;
}

bool renamed_from(struct engine *e, const char *lab, const char *file, char old[NAME_MAX_LEN + 1])
{
	struct search s = {e, lab, file, old};

	return file && rundir_each(&e->dirs, same_file, &s) > 0;
}

int rename_remove(struct engine *e, const char *old, struct model **earlier, struct nsl_error **err)
{
	_cleanup_work_ struct work w = {0};
	struct engine_options none = {0};
	struct survivors ignored = {0};
	int r = record_read(&e->dirs, old, earlier, err);

	return r < 0 ? r : engine_down(e, old, &none, &w, &ignored, err);
}

void rename_restore(struct engine *e, const struct model *earlier, const char *file, struct nsl_error **err)
{
	_cleanup_work_ struct work w = {0};
	struct engine_options none = {0};
	struct nsl_error *second = NULL;

	e->cancel = 0;
	if (earlier && engine_up(e, earlier, file, &none, &w, &second) < 0) {
		error_wrap(&second, "weaving lab \"%s\" again failed too", earlier->name);
		error_append(err, second);
	}
}
