/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exec and shell: become another program inside a node. */
#include <errno.h>

#include "cli.h"

static int run_exec(struct cli *cli, struct nsl_error **err)
{
	const char *node = cli_operand(cli, 0);
	struct nsloom_target target = cli_target_of_node(cli, node);

	if (!cli->parsed.rest[0]) {
		error_set(err, NSL_E_USAGE, EINVAL, "there is no command to run in \"%s\"", node);
		error_hint(err, "for a shell: nsloom shell %s", node);
		return -EINVAL;
	}
	return nsloom_exec(cli->ns, &target, node, cli->parsed.rest, err);
}

static int run_shell(struct cli *cli, struct nsl_error **err)
{
	const char *node = cli_operand(cli, 0);
	struct nsloom_target target = cli_target_of_node(cli, node);

	return nsloom_exec(cli->ns, &target, node, NULL, err);
}

static const struct operand operands[] = {{"NODE", WORD_NODE}, {0}};

const struct command command_exec = {
	.name = "exec",
	.group = "Use",
	.help = "run a command in a node",
	.details = "Becomes COMMAND in the node: its network, its name, and an /etc/hosts that\n"
		   "knows all nodes of the lab. NODE may be LAB.NODE. What follows NODE is\n"
		   "COMMAND's own, options included.",
	.operands = operands,
	.flags = COMMAND_REST | COMMAND_EXEC | COMMAND_NO_JSON,
	.where = PLACE_JOIN,
	.run = run_exec,
};

const struct command command_shell = {
	.name = "shell",
	.group = "Use",
	.help = "open a shell in a node",
	.details = "The shell is $SHELL, or /bin/sh. NODE may be LAB.NODE.",
	.operands = operands,
	.flags = COMMAND_EXEC | COMMAND_NO_JSON,
	.where = PLACE_JOIN,
	.run = run_shell,
};
