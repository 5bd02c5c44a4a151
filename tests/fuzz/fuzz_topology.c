/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a topology: any bytes give a model or an error and never both; what
 * a model is written as reads as the same model.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "topology.h"

static void check_error(struct nsl_error *err)
{
	char *text = nsl_error_text(err);

	if (!err || !text || !*text)
		abort();
	free(text);
	nsl_error_free(err);
}

static void check_round_trip(const struct model *m)
{
	struct strbuf once = {0}, twice = {0};
	struct nsl_error *err = NULL;
	struct model *again = NULL;

	topology_write(m, &once);
	if (topology_load_text(once.s, once.len, "again", NULL, &again, &err))
		abort();
	topology_write(again, &twice);
	if (strcmp(once.s, twice.s))
		abort();
	model_free(again);
	strbuf_done(&once);
	strbuf_done(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct nsl_error *err = NULL;
	struct model *m = NULL;

	if (topology_load_text((const char *)data, len, "fuzz.yaml", "fuzz", &m, &err)) {
		if (m)
			abort();
		check_error(err);
		return 0;
	}
	if (err)
		abort();
	check_round_trip(m);
	model_free(m);
	return 0;
}
