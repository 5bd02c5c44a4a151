/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "fd.h"
#include "json.h"
#include "options.h"
#include "progress.h"
#include "table.h"
#include "trace.h"

struct down_args {
	bool all, kill, wait, no_wait, quiet, trace;
};

/* The labs that went down, and what stood in the way of others. */
struct report {
	json_t *labs;  /* of the document, with --json */
	json_t *parts; /* errors that others found, with --json */
	struct nsl_error *errors;
	bool failed; /* another process said why */
};

static void report_errors(struct cli *cli, const struct nsl_error *errors)
{
	_cleanup_free_ char *text = nsl_error_text(errors);

	out_raw(&cli->notes, text ? text : "error: out of memory\n");
}

static void print_processes(struct cli *cli, const struct nsloom_down *down)
{
	static const struct column columns[] = {{"PID", COLUMN_RIGHT}, {"PROCESS", COLUMN_CUT}, {"NODE", COLUMN_CUT}};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));

	out_newline(&cli->out);
	out_printf(&cli->out, STYLE_WARN,
	           down->n_processes == 1 ? "%zu process lives on in a node that lost its name:"
	                                  : "%zu processes live on in nodes that lost their names:",
	           down->n_processes);
	out_newline(&cli->out);
	for (size_t i = 0; i < down->n_processes; i++) {
		const struct nsloom_process *p = &down->processes[i];

		table_row(t);
		table_putf(t, 0, STYLE_PLAIN, "%d", p->pid);
		table_put(t, 1, STYLE_PLAIN, p->name ? p->name : "?");
		table_put(t, 2, STYLE_PLAIN, p->node ? p->node : "?");
	}
	table_print(t, &cli->out);
	out_raw(&cli->out, "\"nsloom down --kill\" would have ended them; now this does:\n  kill");
	for (size_t i = 0; i < down->n_processes; i++)
		out_printf(&cli->out, STYLE_PLAIN, " %d", down->processes[i].pid);
	out_newline(&cli->out);
}

static void print(struct cli *cli, const struct nsloom_down *down, int64_t ns)
{
	const struct down_args *args = cli->parsed.args;

	if (args->quiet && down->n_processes == 0)
		return;
	out_text(&cli->out, STYLE_BOLD, down->lab);
	if (down->was_up)
		out_printf(&cli->out, STYLE_PLAIN, " is down (%s removed in %s)",
		           cli_count(cli, down->n_removed, "object"), cli_elapsed(cli, ns));
	else
		out_raw(&cli->out, " was not up: nothing to remove");
	out_newline(&cli->out);
	if (down->n_processes)
		print_processes(cli, down);
}

static void put_json(json_t *object, const struct nsloom_down *down)
{
	json_t *processes;

	put_text(object, "lab", down->lab);
	put_bool(object, "was_up", down->was_up);
	put_number(object, "removed", (long long)down->n_removed);
	processes = put_array(object, "processes");
	for (size_t i = 0; i < down->n_processes; i++) {
		json_t *p = add_object(processes);

		put_number(p, "pid", down->processes[i].pid);
		put_text(p, "name", down->processes[i].name);
		put_text(p, "node", down->processes[i].node);
	}
}

static int down_one(struct cli *cli, struct report *report, const struct nsloom_target *target, struct nsl_error **err)
{
	const struct down_args *args = cli->parsed.args;
	struct progress progress;
	struct nsloom_down_options options = {.no_wait = args->no_wait,
	                                      .wait = args->wait,
	                                      .kill = args->kill,
	                                      .progress = progress_show,
	                                      .data = &progress};
	struct nsloom_down *down = NULL;
	int64_t began = cli_clock();
	struct trace trace;
	json_t *object;
	int r;

	progress_init(&progress, cli->parsed.globals.color, args->quiet || args->trace);
	trace_init(&trace, cli);
	if (args->trace) {
		options.trace = trace_show;
		options.trace_data = &trace;
	}
	r = nsloom_down(cli->ns, target, &options, &down, err);
	progress_done(&progress);
	object = r == 0 && report->labs ? add_object(report->labs) : NULL;
	trace_done(&trace, args->trace ? object : NULL);
	if (r < 0)
		return r;
	if (object)
		put_json(object, down);
	else
		print(cli, down, cli_clock() - began);
	nsloom_down_free(down);
	return 0;
}

/* Each for itself: one that fails does not keep the others up. False: stop. */
static bool down_another(struct cli *cli, struct report *report, const char *lab)
{
	struct nsloom_target target = {.lab = lab};
	struct nsl_error *one = NULL;
	bool go_on = true;

	if (down_one(cli, report, &target, &one) < 0) {
		go_on = one->code != NSL_E_CANCELLED;
		error_append(&report->errors, one);
	}
	return go_on;
}

/* In a process that has moved in there, and that cannot come back. Its document, or its text, is its part of the whole. */
static _Noreturn void down_there(struct cli *cli, const char *lab, int to)
{
	json_t *document = json_object();
	struct report report = {.labs = cli->parsed.globals.json ? put_array(document, "labs") : NULL};
	struct nsloom_target target = {.lab = lab};
	const struct nsloom_enter_options work = {.entry = NSLOOM_ENTRY_WORK};

	if (nsloom_enter(cli->ns, &target, &work, &report.errors) == 0)
		down_another(cli, &report, lab);
	cancel_nothing();
	nsloom_free(cli->ns);
	if (report.errors && report.labs)
		put_errors(document, report.errors);
	else if (report.errors)
		report_errors(cli, report.errors);
	if (report.labs)
		json_dumpfd(document, to, JSON_COMPACT);
	out_flush(&cli->out);
	out_flush(&cli->notes);
	_exit(report.errors ? STATUS_FAILED : STATUS_DONE);
}

static void take_part(struct report *report, int from)
{
	json_t *part = json_loadfd(from, 0, NULL), *document;

	if (!part)
		return;
	document = json_object_get(part, "labs");
	if (document)
		json_array_extend(report->labs, document);
	document = json_object_get(part, "errors");
	if (document && report->parts)
		json_array_extend(report->parts, document);
	json_decref(part);
}

/* A lab that has a stand-in host of its own. */
static void down_isolated(struct cli *cli, struct report *report, const char *lab)
{
	int ends[2], status = 0;
	pid_t pid;

	if (pipe(ends) < 0)
		return;
	out_flush(&cli->out);
	pid = fork();
	if (pid == 0)
		down_there(cli, lab, ends[1]);
	close(ends[1]);
	if (report->labs)
		take_part(report, ends[0]);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	report->failed |= pid < 0 || status != 0;
}

static int down_all(struct cli *cli, struct report *report, struct nsl_error **err)
{
	const struct down_args *args = cli->parsed.args;
	const struct nsloom_enter_options work = {.entry = NSLOOM_ENTRY_WORK};
	struct nsloom_list *list = NULL;
	size_t own = 0, shared = 0;
	int r = nsloom_ls(cli->ns, &list, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < list->n_labs; i++) {
		own += !list->labs[i].user;
		shared += !list->labs[i].user && !list->labs[i].isolated;
		if (!list->labs[i].user && list->labs[i].isolated)
			down_isolated(cli, report, list->labs[i].name);
	}
	if (own == 0 && !report->labs && !args->quiet)
		out_raw(&cli->out, "No lab is up.\n");
	if (shared)
		r = nsloom_enter(cli->ns, NULL, &work, err);
	for (size_t i = 0; r == 0 && i < list->n_labs; i++)
		if (!list->labs[i].user && !list->labs[i].isolated && !down_another(cli, report, list->labs[i].name))
			break;
	nsloom_list_free(list);
	return r;
}

static int down(struct cli *cli, struct report *report, struct nsl_error **err)
{
	const struct down_args *args = cli->parsed.args;
	const struct globals *g = &cli->parsed.globals;
	struct nsloom_target target;
	int r = cli_target(cli, 0, &target, err);

	if (r < 0)
		return r;
	if (!args->all)
		return down_one(cli, report, &target, err);
	if (target.file || target.lab)
		return error_set(err, NSL_E_USAGE, EINVAL, "--all and \"%s\" say different things: give one of them",
		                 cli_operand(cli, 0) ? cli_operand(cli, 0)
		                 : g->file           ? "--file"
		                                     : "--lab");
	return down_all(cli, report, err);
}

static int run(struct cli *cli, struct nsl_error **err)
{
	bool json = cli->parsed.globals.json;
	json_t *document = json ? json_object() : NULL;
	struct report report = {.labs = json ? put_array(document, "labs") : NULL, .parts = json ? json_array() : NULL};
	int r = down(cli, &report, err);

	/* Errors of single labs stand beside what was done; only an error that kept everything from being done stands alone. */
	if (r == 0 && json) {
		if (report.errors)
			put_errors(document, report.errors);
		if (json_array_size(report.parts)) {
			json_t *errors = json_object_get(document, "errors");

			json_array_extend(errors ? errors : put_array(document, "errors"), report.parts);
		}
		json_print(&cli->out, document);
	} else if (json) {
		json_decref(document);
	}
	json_decref(report.parts);
	if (r < 0)
		return r;
	if (report.errors && !json)
		report_errors(cli, report.errors);
	r = report.errors || report.failed ? STATUS_FAILED : STATUS_DONE;
	nsl_error_free(report.errors);
	return r;
}

static const struct option options[] = {
	{'a', "all", NULL, FLAG(struct down_args, all), "take down every lab that is up"},
	{'k', "kill", NULL, FLAG(struct down_args, kill), "end the processes that still run in nodes"},
	NO_WAIT_ROW(struct down_args),
	QUIET_ROW(struct down_args),
	TRACE_ROW(struct down_args),
	{'w', "wait", NULL, FLAG(struct down_args, wait), "return only when the kernel has freed everything"},
	{0},
};

static const struct operand operands[] = {{"LAB|FILE", WORD_TARGET, true}, {0}};

const struct command command_down = {
	.name = "down",
	.group = "Build",
	.help = "take a lab down and leave no trace of it",
	.details = "Removes everything that belongs to the lab and nothing else, with or without\n"
		   "its file, after a crash too. Processes in nodes are named and left alone,\n"
		   "unless --kill is given. Taking down what is not up is a success.",
	.operands = operands,
	.options = options,
	.args_size = sizeof(struct down_args),
	.flags = COMMAND_CANCEL,
	.where = PLACE_WORK,
	.run = run,
};
