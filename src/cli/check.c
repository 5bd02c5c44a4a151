/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "json.h"

static int run(struct cli *cli, struct nsl_error **err)
{
	struct nsloom_target target;
	struct nsloom_lab *lab = NULL;
	const char *file;
	int r = cli_target(cli, 0, &target, err);

	if (r < 0)
		return r;
	r = nsloom_check(cli->ns, &target, &lab, err);
	if (r < 0)
		return r;
	file = target.file ? target.file : lab->file ? cli_path(cli, lab->file) : NULL;
	if (cli->parsed.globals.json) {
		json_t *document = json_object();

		put_text(document, "lab", lab->name);
		put_text(document, "file", lab->file);
		put_number(document, "nodes", (long long)lab->n_nodes);
		put_number(document, "networks", (long long)lab->n_networks);
		put_number(document, "links", (long long)lab->n_links);
		json_print(&cli->out, document);
	} else {
		out_printf(&cli->out, STYLE_PLAIN, "%s: ", file ? file : lab->name);
		out_text(&cli->out, STYLE_GOOD, "sound");
		out_printf(&cli->out, STYLE_PLAIN, ": lab %s, %s, %s, %s", lab->name,
		           cli_count(cli, lab->n_nodes, "node"), cli_count(cli, lab->n_networks, "network"),
		           cli_count(cli, lab->n_links, "link"));
		out_newline(&cli->out);
	}
	nsloom_lab_free(lab);
	return STATUS_DONE;
}

static const struct operand operands[] = {{"FILE", WORD_TARGET, true}, {0}};

const struct command command_check = {
	.name = "check",
	.group = "Build",
	.help = "read the file and name all its faults",
	.details = "Touches nothing and needs no privileges. Every fault is named at once, with\n"
		   "file, line and column.",
	.operands = operands,
	.where = PLACE_LOOK,
	.run = run,
};
