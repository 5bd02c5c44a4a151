/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The census of the machine's namespaces. */
#include "census.h"

#include "api.h"

int nsloom_census(struct nsloom *ns, const struct nsl_census_options *options, struct nsl_census **out,
                  struct nsl_error **err)
{
	struct census_paths paths = {.names = ns->engine.dirs.names, .labs = ns->engine.dirs.root};

	return census_take(&paths, options, out, err);
}

void nsloom_census_free(struct nsl_census *census)
{
	if (census)
		arena_free(((struct census_box *)census)->arena);
}

int32_t nsloom_census_find(const struct nsl_census *census, const char *what)
{
	return census_find(census, what);
}
