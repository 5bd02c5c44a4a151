/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <time.h>

#include "cli.h"
#include "fd.h"
#include "json.h"
#include "table.h"
#include "text.h"

/* How long ago, in the largest unit that gives at least 1: "42 s", "5 min", "3 h", "12 d". */
static const char *age(struct cli *cli, int64_t since)
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}};
	int64_t now = time(NULL), s = now > since ? now - since : 0;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (s >= units[i].seconds)
			return arena_printf(cli->arena, "%" PRId64 " %s", s / units[i].seconds, units[i].unit);
	}
	return arena_printf(cli->arena, "%" PRId64 " s", s);
}

static void print_labs(struct cli *cli, const struct nsloom_list *list)
{
	static const struct column columns[] = {
		{"LAB", COLUMN_CUT},        {"STATUS", 0},         {"NODES", COLUMN_RIGHT}, {"NETWORKS", COLUMN_RIGHT},
		{"LINKS", COLUMN_RIGHT},    {"AGE", COLUMN_RIGHT}, {"USER", COLUMN_CUT},    {"HOST", 0},
		{"FILE", COLUMN_CUT_START},
	};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < list->n_labs; i++) {
		const struct nsloom_lab_summary *l = &list->labs[i];

		table_row(t);
		table_put(t, 0, STYLE_BOLD, l->name);
		table_put(t, 1, streq(l->status, "up") ? STYLE_GOOD : STYLE_WARN, l->status);
		table_putf(t, 2, STYLE_PLAIN, "%zu", l->n_nodes);
		table_putf(t, 3, STYLE_PLAIN, "%zu", l->n_networks);
		table_putf(t, 4, STYLE_PLAIN, "%zu", l->n_links);
		if (l->since)
			table_put(t, 5, STYLE_PLAIN, age(cli, l->since));
		if (l->user)
			table_put(t, 6, STYLE_WARN, l->user);
		if (l->isolated)
			table_put(t, 7, STYLE_PLAIN, "its own");
		if (l->file)
			table_put(t, 8, STYLE_PLAIN, cli_path(cli, l->file));
	}
	table_print(t, &cli->out);
}

static void print_others(struct cli *cli, const struct nsloom_list *list)
{
	static const struct column columns[] = {
		{"OTHER NAMESPACE", COLUMN_CUT}, {"USER", COLUMN_CUT}, {"PATH", COLUMN_CUT_START}};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < list->n_others; i++) {
		table_row(t);
		table_put(t, 0, STYLE_PLAIN, list->others[i].name);
		if (list->others[i].user)
			table_put(t, 1, STYLE_WARN, list->others[i].user);
		table_put(t, 2, STYLE_DIM, list->others[i].path);
	}
	out_newline(&cli->out);
	table_print(t, &cli->out);
}

static json_t *to_json(const struct nsloom_list *list)
{
	json_t *document = json_object(), *labs = put_array(document, "labs"), *others = put_array(document, "others");

	for (size_t i = 0; i < list->n_labs; i++) {
		const struct nsloom_lab_summary *l = &list->labs[i];
		json_t *lab = add_object(labs);

		put_text(lab, "lab", l->name);
		put_text(lab, "file", l->file);
		put_text(lab, "status", l->status);
		put_number(lab, "nodes", (long long)l->n_nodes);
		put_number(lab, "networks", (long long)l->n_networks);
		put_number(lab, "links", (long long)l->n_links);
		put_known(lab, "since", l->since);
		put_text(lab, "user", l->user);
		put_bool(lab, "isolated", l->isolated);
	}
	for (size_t i = 0; i < list->n_others; i++) {
		json_t *other = add_object(others);

		put_text(other, "name", list->others[i].name);
		put_text(other, "path", list->others[i].path);
		put_text(other, "user", list->others[i].user);
	}
	put_texts(document, "warnings", list->warnings, list->n_warnings);
	return document;
}

static int run(struct cli *cli, struct nsl_error **err)
{
	struct nsloom_list *list = NULL;
	int r = nsloom_ls(cli->ns, &list, err);

	if (r < 0)
		return r;
	if (cli->parsed.globals.json) {
		json_print(&cli->out, to_json(list));
	} else {
		if (list->n_labs)
			print_labs(cli, list);
		else
			out_raw(&cli->out, "No lab is up.\n");
		if (list->n_others)
			print_others(cli, list);
		for (size_t i = 0; i < list->n_warnings; i++)
			cli_warn(cli, list->warnings[i]);
	}
	nsloom_list_free(list);
	return STATUS_DONE;
}

const struct command command_ls = {
	.name = "ls",
	.group = "Look",
	.help = "list the labs that are up, and other namespaces",
	.details = "A lab is \"up\", \"partial\" (a crash left half of it: up completes it, down\n"
		   "removes it) or \"busy\" (another nsloom is at work on it).",
	.flags = COMMAND_TELLS,
	.run = run,
};
