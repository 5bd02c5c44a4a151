/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "options.h"
#include "steps.h"

struct plan_args {
	bool exit_code, prune;
};

static void print(struct cli *cli, const struct nsloom_plan *plan)
{
	if (plan->n_steps == 0) {
		out_text(&cli->out, STYLE_BOLD, plan->lab);
		out_raw(&cli->out, " is up to date");
	} else {
		steps_print(cli, plan);
		out_raw(&cli->out, "Plan: ");
		steps_count(cli, plan, false);
	}
	out_newline(&cli->out);
	steps_warn(cli, plan);
}

static int run(struct cli *cli, struct nsl_error **err)
{
	const struct plan_args *args = cli->parsed.args;
	struct nsloom_up_options options = {.prune = args->prune};
	struct nsloom_target target;
	struct nsloom_plan *plan = NULL;
	int r = cli_target(cli, 0, &target, err);

	if (r < 0)
		return r;
	r = nsloom_plan(cli->ns, &target, &options, &plan, err);
	if (r < 0)
		return r;
	if (cli->parsed.globals.json)
		json_print(&cli->out, steps_json(plan));
	else
		print(cli, plan);
	r = args->exit_code && plan->n_steps ? STATUS_TODO : STATUS_DONE;
	nsloom_plan_free(plan);
	return r;
}

static const struct option options[] = {
	{0, "exit-code", NULL, FLAG(struct plan_args, exit_code), "end with status 3 if there is something to do"},
	{0, "prune", NULL, FLAG(struct plan_args, prune), "plan also to remove what was added by hand inside nodes"},
	{0},
};

static const struct operand operands[] = {{"FILE", WORD_TARGET, true}, {0}};

const struct command command_plan = {
	.name = "plan",
	.group = "Build",
	.help = "show what up would do, and do nothing",
	.details = "Each line is one thing to create (+), change (~) or remove (-), below the node\n"
		   "it belongs to, with the line of the file that asks for it.",
	.operands = operands,
	.options = options,
	.args_size = sizeof(struct plan_args),
	.run = run,
};
