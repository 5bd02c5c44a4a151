/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * golden_check [--model] FILE: what nsloom says of a topology file. Prints the
 * faults as a person sees them (status 1), or nothing; with --model the model
 * as written by topology_write() instead.
 *
 * golden_check --keys: the tables of keys, a line each: "network subnet gateway …".
 */
#include <stdio.h>
#include <stdlib.h>

#include "keys.h"
#include "strbuf.h"
#include "text.h"
#include "topology.h"

static int print_error(const struct nsl_error *err)
{
	char *text = nsl_error_text(err);

	fputs(text ? text : "out of memory\n", stdout);
	free(text);
	return 1;
}

static int print_keys(void)
{
	for (const struct keyset *const *set = topology_keysets; *set; set++) {
		fputs((*set)->name, stdout);
		for (size_t i = 0; i < (*set)->n; i++)
			printf(" %s", (*set)->keys[i].name);
		putchar('\n');
	}
	return 0;
}

int main(int argc, char **argv)
{
	bool write = argc == 3 && streq(argv[1], "--model");
	struct nsl_error *err = NULL;
	struct model *m = NULL;
	struct strbuf out = {0};
	int r;

	if (argc == 2 && streq(argv[1], "--keys"))
		return print_keys();
	if (argc != 2 + write) {
		fputs("usage: golden_check [--model] FILE\n", stderr);
		return 2;
	}
	if (topology_load(argv[argc - 1], &m, &err)) {
		r = print_error(err);
		nsl_error_free(err);
		return r;
	}
	if (write) {
		topology_write(m, &out);
		fputs(out.s ? out.s : "", stdout);
		strbuf_done(&out);
	}
	model_free(m);
	return 0;
}
