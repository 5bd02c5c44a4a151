/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ns add, del, exec, pids, identify, monitor: what ip-netns(8) does, on the same names. */
#include <errno.h>
#include <nsloom/scope.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "json.h"
#include "options.h"
#include "text.h"

static const struct operand a_namespace[] = {{"NAMESPACE", WORD_NETNS}, {0}};

/* ---- add, del -------------------------------------------------------------------------------------- */

struct add_args {
	unsigned pid;
};

static int run_add(struct cli *cli, struct nsl_error **err)
{
	const struct add_args *args = cli->parsed.args;

	return nsloom_ns_add(cli->ns, cli_operand(cli, 0), (int)args->pid, err);
}

static int run_del(struct cli *cli, struct nsl_error **err)
{
	return nsloom_ns_delete(cli->ns, cli_operand(cli, 0), err);
}

static const struct option add_options[] = {
	{'p', "pid", "PID", NUMBER(struct add_args, pid), "name the namespace of this process, do not make one",
         WORD_PID, .max = 4194304},
	{0},
};

static const struct operand a_name[] = {{"NAME", WORD_ANY}, {0}};
static const struct operand a_kept_name[] = {{"NAMESPACE", WORD_NETNS_NAME}, {0}};

const struct command command_ns_add = {
	.name = "ns add",
	.group = "Look",
	.help = "make a namespace with a name",
	.details = "Its lo is there, and down. \"ip netns\" sees it, and \"nsloom ns del\" removes it.",
	.operands = a_name,
	.options = add_options,
	.args_size = sizeof(struct add_args),
	.flags = COMMAND_NO_JSON,
	.where = PLACE_MAKE,
	.run = run_add,
};

const struct command command_ns_del = {
	.name = "ns del",
	.group = "Look",
	.help = "take the name of a namespace away",
	.details = "With the last that keeps it, the namespace goes. Processes in it live on. The\n"
		   "nodes of labs are not deleted so: \"nsloom down\" takes a lab down.",
	.operands = a_kept_name,
	.flags = COMMAND_NO_JSON,
	.where = PLACE_JOIN,
	.run = run_del,
};

/* ---- exec ------------------------------------------------------------------------------------------ */

static int run_exec(struct cli *cli, struct nsl_error **err)
{
	const char *what = cli_operand(cli, 0);

	if (!cli->parsed.rest[0])
		return error_set(err, NSL_E_USAGE, EINVAL, "there is no command to run in \"%s\"", what);
	return nsloom_ns_exec(cli->ns, what, cli->parsed.rest, err);
}

const struct command command_ns_exec = {
	.name = "ns exec",
	.group = "Look",
	.help = "run a command in a namespace",
	.details = "Becomes COMMAND in the namespace, with a /sys that shows its devices, and with\n"
		   "the files of /etc/netns/NAME in the place of those of /etc.",
	.operands = a_namespace,
	.flags = COMMAND_REST | COMMAND_EXEC | COMMAND_NO_JSON,
	.where = PLACE_JOIN,
	.run = run_exec,
};

/* ---- pids, identify -------------------------------------------------------------------------------- */

static int find(struct cli *cli, const char *what, struct nsl_census **census, int32_t *at, struct nsl_error **err)
{
	static const struct nsl_census_options names_only = {.no_devices = true};
	int r = nsloom_census(cli->ns, &names_only, census, err);

	if (r < 0)
		return r;
	r = nsloom_census_need(*census, what, at, err);
	if (r < 0)
		nsloom_census_free(*census);
	return r;
}

static void print_pids(struct cli *cli, const struct nsl_netns *ns)
{
	json_t *document = cli->parsed.globals.json ? json_object() : NULL, *processes = NULL;

	if (document) {
		put_text(document, "namespace", ns->name);
		processes = put_array(document, "processes");
	}
	for (size_t i = 0; i < ns->n_holds; i++) {
		if (ns->holds[i].by != NSL_KEPT_BY_PROCESS)
			continue;
		if (document) {
			json_t *process = add_object(processes);

			put_number(process, "pid", ns->holds[i].pid);
			put_text(process, "command", ns->holds[i].command);
		} else {
			out_printf(&cli->out, STYLE_PLAIN, "%d", ns->holds[i].pid);
			out_newline(&cli->out);
		}
	}
	if (document)
		json_print(&cli->out, document);
}

static int run_pids(struct cli *cli, struct nsl_error **err)
{
	struct nsl_census *census = NULL;
	int32_t at;
	int r = find(cli, cli_operand(cli, 0), &census, &at, err);

	if (r < 0)
		return r;
	print_pids(cli, &census->items[at]);
	nsloom_census_free(census);
	return STATUS_DONE;
}

const struct command command_ns_pids = {
	.name = "ns pids",
	.group = "Look",
	.help = "list the processes in a namespace",
	.details = "One number a line. A thread whose process is elsewhere is listed by its own.",
	.operands = a_namespace,
	.where = PLACE_JOIN,
	.run = run_pids,
};

/* All its names below /run/netns; without any, what tables call it. */
static void print_names(struct cli *cli, const struct nsl_netns *ns)
{
	json_t *document = cli->parsed.globals.json ? json_object() : NULL, *names = NULL;
	size_t n = 0;

	if (document) {
		put_text(document, "namespace", ns->name);
		names = put_array(document, "names");
	}
	for (size_t i = 0; i < ns->n_holds && ns->holds[i].by == NSL_KEPT_BY_NAME; i++, n++) {
		const char *name = strrchr(ns->holds[i].path, '/') + 1;

		if (document) {
			json_array_append_new(names, json_text(name));
		} else {
			out_text(&cli->out, STYLE_PLAIN, name);
			out_newline(&cli->out);
		}
	}
	if (document) {
		json_print(&cli->out, document);
	} else if (!n) {
		out_text(&cli->out, STYLE_PLAIN, ns->name);
		out_newline(&cli->out);
	}
}

static int run_identify(struct cli *cli, struct nsl_error **err)
{
	const char *number = cli_operand(cli, 0);
	struct nsl_census *census = NULL;
	unsigned long long pid;
	int32_t at;
	int r;

	if (number && !parse_u64(number, INT32_MAX, &pid))
		return error_set(err, NSL_E_USAGE, EINVAL, "\"%s\" is not the number of a process", number);
	if (number && access(arena_printf(cli->arena, "/proc/%s", number), F_OK) < 0)
		return error_set(err, NSL_E_NOT_FOUND, ENOENT, "there is no process %s", number);
	r = find(cli, number ? arena_printf(cli->arena, "pid:%s", number) : "host", &census, &at, err);
	if (r < 0)
		return r;
	print_names(cli, &census->items[at]);
	nsloom_census_free(census);
	return STATUS_DONE;
}

static const struct operand a_process[] = {{"PID", WORD_PID, true}, {0}};

const struct command command_ns_identify = {
	.name = "ns identify",
	.group = "Look",
	.help = "say in which namespace a process is",
	.details = "All its names below /run/netns; where it has none, what \"nsloom ns ls\" calls\n"
		   "it. Without PID: nsloom's own.",
	.operands = a_process,
	.where = PLACE_JOIN,
	.run = run_identify,
};

/* ---- monitor --------------------------------------------------------------------------------------- */

struct monitor {
	struct cli *cli;
	int error; /* of writing */
};

static int take_name(void *data, bool added, const char *name)
{
	struct monitor *m = data;
	struct cli *cli = m->cli;

	if (cli->parsed.globals.json) {
		json_t *event = json_object();

		put_text(event, "action", added ? "add" : "delete");
		put_text(event, "name", name);
		json_print_line(&cli->out, event);
	} else {
		out_printf(&cli->out, STYLE_PLAIN, "%s %s", added ? "add" : "delete", name);
		out_newline(&cli->out);
	}
	m->error = out_flush(&cli->out);
	return m->error < 0 ? STATUS_FAILED : STATUS_DONE;
}

static int run_monitor(struct cli *cli, struct nsl_error **err)
{
	struct monitor m = {.cli = cli};
	int r = nsloom_ns_monitor(cli->ns, take_name, &m, err);

	if (m.error < 0 && m.error != -EPIPE)
		return error_errno(err, -m.error, "cannot write the output");
	return r;
}

const struct command command_ns_monitor = {
	.name = "ns monitor",
	.group = "Look",
	.help = "tell of names that come and go",
	.details = "\"add NAME\" or \"delete NAME\", as it happens; with --json an object a line.",
	.where = PLACE_JOIN,
	.run = run_monitor,
};
