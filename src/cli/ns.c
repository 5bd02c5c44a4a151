/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `nsloom ns`: the namespaces of the machine, whoever made them. Each subcommand has a file of its own. */
#include "cli.h"

extern const struct command command_ns_ls, command_ns_add, command_ns_del, command_ns_exec, command_ns_pids,
	command_ns_identify, command_ns_monitor, command_ns_diff;

static const struct command *const subcommands[] = {
	&command_ns_ls,       &command_ns_diff,    &command_ns_add,
	&command_ns_del,      &command_ns_exec,    &command_ns_pids,
	&command_ns_identify, &command_ns_monitor, NULL,
};

const struct command command_ns = {
	.name = "ns",
	.group = "Look",
	.help = "see and handle any network namespace of the machine",
	.details = "A namespace is called by its name below /run/netns, as ip-netns(8) does; where\n"
		   "it has none, as \"nsloom ns ls\" lists it. Also understood: \"host\", where\n"
		   "nsloom was started; LAB.NODE; a container's name or the beginning of its id;\n"
		   "the number of a process, or pid:N; inode:N; the path of a mount.",
	.subcommands = subcommands,
};
