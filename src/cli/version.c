/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "json.h"

static int run(struct cli *cli, struct nsl_error **err)
{
	(void)err;
	if (cli->parsed.globals.json) {
		json_t *document = json_object();

		put_text(document, "version", nsloom_version());
		json_print(&cli->out, document);
	} else {
		out_printf(&cli->out, STYLE_PLAIN, "nsloom %s", nsloom_version());
		out_newline(&cli->out);
	}
	return STATUS_DONE;
}

const struct command command_version = {
	.name = "version",
	.group = "More",
	.help = "say which version this is",
	.run = run,
};
