/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `nsloom up` with bridges of two ports (plan/cascade.h): what a large network looks like, in small.
 *
 * usage: small FILE
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "topology.h"

int main(int argc, char **argv)
{
	struct engine_options none = {0};
	struct nsl_error *err = NULL;
	struct model *m = NULL;
	struct work w = {0};
	struct engine e;
	int r;

	engine_init(&e);
	e.thresholds = (struct thresholds){.host = 2, .bridge = 2};
	r = topology_load(argc > 1 ? argv[1] : "", &m, &err);
	if (r == 0)
		r = engine_up(&e, m, NULL, &none, &w, &err);
	if (r < 0) {
		char *text = nsl_error_text(err);

		fprintf(stderr, "%s", text ? text : "");
		free(text);
	}
	work_done(&w);
	model_free(m);
	nsl_error_free(err);
	return r < 0;
}
