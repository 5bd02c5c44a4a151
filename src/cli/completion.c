/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scripts that teach a shell to complete are those of completions/, which the build puts into an array each. */
#include <errno.h>

#include "cli.h"
#include "fd.h"
#include "text.h"

extern const char completion_bash[], completion_fish[], completion_zsh[];

static const struct {
	const char *name, *script;
} shells[] = {{"bash", completion_bash}, {"fish", completion_fish}, {"zsh", completion_zsh}};

static int run(struct cli *cli, struct nsl_error **err)
{
	const char *shell = cli_operand(cli, 0);

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (streq(shell, shells[i].name)) {
			out_raw(&cli->out, shells[i].script);
			return STATUS_DONE;
		}
	}
	return error_set(err, NSL_E_USAGE, EINVAL, "there is no completion for \"%s\", only for bash, fish and zsh",
	                 shell);
}

static const struct operand operands[] = {{"SHELL", WORD_SHELL}, {0}};

const struct command command_completion = {
	.name = "completion",
	.group = "More",
	.help = "print the script that completes nsloom in a shell",
	.details = "SHELL is bash, fish or zsh. For this bash alone: source\n"
		   "<(nsloom completion bash).",
	.operands = operands,
	.flags = COMMAND_NO_JSON,
	.run = run,
};
