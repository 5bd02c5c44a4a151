/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "cli.h"
#include "error.h"
#include "json.h"
#include "options.h"
#include "text.h"

struct gen_args {
	const char *name, *subnet;
	bool nat;
	unsigned seed;
};

static int read_sizes(const struct cli *cli, unsigned sizes[NSLOOM_SHAPE_SIZES], size_t *n, struct nsl_error **err)
{
	unsigned long long value;
	const char *word;

	for (*n = 0; *n < NSLOOM_SHAPE_SIZES && (word = cli_operand(cli, *n + 1)); ++*n) {
		if (!parse_u64(word, 1000000, &value))
			return error_set(err, NSL_E_USAGE, EINVAL,
			                 "\"%s\" is no size: it has to be a number up to 1000000", word);
		sizes[*n] = (unsigned)value;
	}
	return 0;
}

static int run(struct cli *cli, struct nsl_error **err)
{
	const struct gen_args *args = cli->parsed.args;
	struct nsloom_gen_options options = {
		.name = args->name, .subnet = args->subnet, .nat = args->nat, .seed = args->seed};
	unsigned sizes[NSLOOM_SHAPE_SIZES];
	char *text = NULL;
	size_t n;
	int r = read_sizes(cli, sizes, &n, err);

	if (r == 0)
		r = nsloom_gen(cli_operand(cli, 0), sizes, n, &options, &text, err);
	if (r < 0)
		return r;
	if (cli->parsed.globals.json) {
		json_t *document = json_object();

		put_text(document, "topology", text);
		json_print(&cli->out, document);
	} else {
		out_raw(&cli->out, text);
	}
	free(text);
	return STATUS_DONE;
}

static const struct option options[] = {
	{0, "name", "LAB", TEXT(struct gen_args, name), "the lab's name (default: the shape's)"},
	{0, "subnet", "PREFIX", TEXT(struct gen_args, subnet),
         "where the addresses are taken from (default: 10.0.0.0/8)"},
	{0, "nat", NULL, FLAG(struct gen_args, nat), "star: give it a gateway on the host and the way out"},
	{0, "seed", "N", NUMBER(struct gen_args, seed), "random: which of all such networks (default: 1)",
         .max = 2147483647},
	{0},
};

static const struct operand operands[] = {
	{"SHAPE", WORD_SHAPE}, {"SIZE", WORD_ANY}, {"SIZE2", WORD_ANY, true}, {"SIZE3", WORD_ANY, true}, {0}};

const struct command command_gen = {
	.name = "gen",
	.group = "Build",
	.help = "write the file of a network of a given shape",
	.details = "The file comes on standard output, in the ordinary format. The same request\n"
		   "writes the same file everywhere.",
	.operands = operands,
	.options = options,
	.args_size = sizeof(struct gen_args),
	.run = run,
};
