/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "cli.h"
#include "fd.h"
#include "options.h"
#include "steps.h"

enum form { FORM_STEPS, FORM_SCRIPT };

struct plan_args {
	bool exit_code, prune, down;
	int form;
};

static const char *const forms[] = {[FORM_STEPS] = "steps", [FORM_SCRIPT] = "sh", NULL};

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

static int run_script(struct cli *cli, const struct nsloom_target *target, const struct nsloom_up_options *options,
                      struct nsl_error **err)
{
	const struct plan_args *args = cli->parsed.args;
	_cleanup_free_ char *script = NULL;
	int r = nsloom_script(cli->ns, target, options, args->down, &script, err);

	if (r < 0)
		return r;
	if (cli->parsed.globals.json) {
		json_t *document = json_object();

		put_text(document, "script", script);
		json_print(&cli->out, document);
	} else {
		out_raw(&cli->out, script); /* all names in it are quoted, see plan/script.h */
	}
	return STATUS_DONE;
}

static int check_usage(const struct plan_args *args, struct nsl_error **err)
{
	if (args->down && args->form != FORM_SCRIPT)
		return error_set(err, NSL_E_USAGE, EINVAL, "--down goes with --as sh");
	if (args->exit_code && args->form == FORM_SCRIPT)
		return error_set(err, NSL_E_USAGE, EINVAL, "--exit-code does not go with --as sh");
	return 0;
}

static int run(struct cli *cli, struct nsl_error **err)
{
	const struct plan_args *args = cli->parsed.args;
	struct nsloom_up_options options = {.prune = args->prune};
	struct nsloom_target target;
	struct nsloom_plan *plan = NULL;
	int r = check_usage(args, err);

	if (r == 0)
		r = cli_target(cli, 0, &target, err);
	if (r < 0)
		return r;
	if (args->form == FORM_SCRIPT)
		return run_script(cli, &target, &options, err);
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
	{0, "as", "FORM", OPTION_CHOICE, FIELD_OF(struct plan_args, form, int),
         "write steps, or sh: a shell script (default: steps)", .choices = forms},
	{0, "down", NULL, FLAG(struct plan_args, down), "with --as sh: write the script that takes it away again"},
	{0, "exit-code", NULL, FLAG(struct plan_args, exit_code), "end with status 3 if something is to be done"},
	{0, "prune", NULL, FLAG(struct plan_args, prune), "plan also to remove what was added by hand inside nodes"},
	{0},
};

static const struct operand operands[] = {{"FILE", WORD_TARGET, true}, {0}};

static const struct ending endings[] = {
	{STATUS_DONE, "done; with --exit-code: nothing is to be done"},
	{STATUS_TODO, "with --exit-code: something is to be done"},
	{0},
};

const struct command command_plan = {
	.name = "plan",
	.group = "Build",
	.help = "show what up would do, and do nothing",
	.details = "Each line is one thing to create (+), change (~) or remove (-), below the node\n"
		   "it belongs to, with the line of the file that asks for it. With --as sh it is\n"
		   "a script of ip, sysctl and nft commands that does the same, and says which\n"
		   "line each is for.",
	.operands = operands,
	.options = options,
	.endings = endings,
	.args_size = sizeof(struct plan_args),
	.flags = COMMAND_TELLS,
	.where = PLACE_TRY,
	.run = run,
};
