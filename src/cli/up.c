/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "options.h"
#include "progress.h"
#include "steps.h"
#include "trace.h"

/* A longer plan scrolls away: it is summed up. */
enum { MANY_STEPS = 60 };

struct up_args {
	bool no_wait, quiet, verbose, prune, trace, isolated;
};

static void print_done(struct cli *cli, const struct nsloom_plan *plan, int64_t ns)
{
	const struct up_args *args = cli->parsed.args;

	if (plan->n_steps == 0) {
		out_text(&cli->out, STYLE_BOLD, plan->lab);
		out_raw(&cli->out, " is up to date");
		out_newline(&cli->out);
		return;
	}
	if (plan->n_steps > MANY_STEPS && !args->verbose)
		steps_summarize(cli, plan);
	else
		steps_print(cli, plan);
	out_text(&cli->out, STYLE_BOLD, plan->lab);
	out_raw(&cli->out, " is up: ");
	steps_count(cli, plan, true);
	out_printf(&cli->out, STYLE_PLAIN, " in %s", cli_elapsed(cli, ns));
	out_newline(&cli->out);
}

static int run(struct cli *cli, struct nsl_error **err)
{
	const struct up_args *args = cli->parsed.args;
	struct progress progress;
	struct trace trace;
	struct nsloom_up_options options = {
		.no_wait = args->no_wait, .prune = args->prune, .progress = progress_show, .data = &progress};
	json_t *document;
	struct nsloom_target target;
	struct nsloom_plan *plan = NULL;
	int64_t began = cli_clock();
	int r = cli_target(cli, 0, &target, err);

	if (r < 0)
		return r;
	if (!args->verbose && !cli->parsed.globals.json)
		options.brief_above = args->quiet ? 1 : MANY_STEPS;
	progress_init(&progress, cli->parsed.globals.color, args->quiet || args->trace);
	trace_init(&trace, cli);
	if (args->trace) {
		options.trace = trace_show;
		options.trace_data = &trace;
	}
	r = nsloom_up(cli->ns, &target, &options, &plan, err);
	progress_done(&progress);
	document = r == 0 && cli->parsed.globals.json ? steps_json(plan) : NULL;
	trace_done(&trace, args->trace ? document : NULL);
	if (r < 0)
		return r;
	if (document) {
		json_print(&cli->out, document);
	} else {
		if (!args->quiet)
			print_done(cli, plan, cli_clock() - began);
		steps_warn(cli, plan);
	}
	nsloom_plan_free(plan);
	return STATUS_DONE;
}

static const struct option options[] = {
	ISOLATED_ROW(struct up_args),
	NO_WAIT_ROW(struct up_args),
	{0, "prune", NULL, FLAG(struct up_args, prune), "remove also what was added by hand inside nodes"},
	QUIET_ROW(struct up_args),
	TRACE_ROW(struct up_args),
	{'v', "verbose", NULL, FLAG(struct up_args, verbose), "list every step, however many there are"},
	{0},
};

static const struct operand operands[] = {{"FILE", WORD_TARGET, true}, {0}};

const struct command command_up = {
	.name = "up",
	.group = "Build",
	.help = "make the kernel look like the file",
	.details = "Does what is missing and nothing else: a second up does nothing, and processes\n"
		   "in nodes that do not change notice nothing. It is a transaction: if it fails or\n"
		   "is interrupted, the lab is taken back to what it was before.\n"
		   "\n"
		   "Without FILE it takes nsloom.yaml (.yml, .json) of this folder or the nearest\n"
		   "above.",
	.operands = operands,
	.options = options,
	.args_size = sizeof(struct up_args),
	.flags = COMMAND_CANCEL | COMMAND_TELLS,
	.where = PLACE_MAKE,
	.run = run,
};
