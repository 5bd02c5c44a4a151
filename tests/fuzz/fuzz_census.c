/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the census reads of other people's processes: mounts, whose points they name as they like, and control groups. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "census.h"

static void check(const struct survey *s)
{
	for (size_t i = 0; i < s->all.n; i++) {
		const struct seen *ns = s->all.items[i];

		if (!ns->out.inode || !ns->holds.n)
			abort();
		for (size_t k = 0; k < ns->holds.n; k++)
			if (!ns->holds.items[k].path)
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct census_paths paths = {.names = "/run/netns", .labs = "/run/nsloom"};
	struct arena *a = len ? arena_new() : NULL;
	char *text = a ? malloc(len) : NULL;
	struct survey *s;

	if (!text) {
		arena_free(a);
		return 0;
	}
	memcpy(text, data + 1, len - 1);
	text[len - 1] = '\0';
	if (arena_exhausted(a))
		abort();
	s = arena_new_of(a, struct survey);
	*s = (struct survey){.a = a, .paths = &paths, .by_inode = map_new(a), .mounts_left = 1000};
	if (data[0] % 3 == 0) {
		struct container c = container_of_cgroup(a, text);

		if (c.engine && !c.name)
			abort();
	} else {
		survey_read_mounts(s, data[0] % 3 == 1 ? NULL : "4711", text);
		check(s);
	}
	arena_settle(a);
	arena_free(a);
	free(text);
	return 0;
}
