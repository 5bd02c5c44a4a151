/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A census for programs: one shape, whichever command prints it. */
#ifndef CLI_CENSUS_JSON_H
#define CLI_CENSUS_JSON_H

#include <nsloom/scope.h>

#include "json.h"

/* "name", "mount", … */
const char *keeper_word(enum nsl_keeper by);

/* "namespaces", "hidden" and "unsearched" of the document. */
void put_census(json_t *document, const struct nsl_census *census, const struct nsl_census_options *options);

#endif
