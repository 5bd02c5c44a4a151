/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <nsloom/scope.h>

#include "cli.h"
#include "fd.h"
#include "json.h"
#include "options.h"
#include "table.h"
#include "text.h"

struct diff_args {
	bool all;
};

/* For people, and for programs. */
static const struct {
	const char *title, *word;
} aspects[] = {
	[NSL_ASPECT_ISOLATION] = {"apart and together", "isolation"},
	[NSL_ASPECT_PROCESSES] = {"processes", "processes"},
	[NSL_ASPECT_DEVICES] = {"devices", "devices"},
	[NSL_ASPECT_ADDRESSES] = {"addresses", "addresses"},
	[NSL_ASPECT_ROUTES] = {"routes", "routes"},
	[NSL_ASPECT_RULES] = {"policy rules", "rules"},
	[NSL_ASPECT_NEIGHBOURS] = {"neighbours", "neighbours"},
	[NSL_ASPECT_SOCKETS] = {"sockets", "sockets"},
	[NSL_ASPECT_UNIX] = {"abstract unix sockets", "unix"},
	[NSL_ASPECT_NFTABLES] = {"nf_tables", "nftables"},
	[NSL_ASPECT_SYSCTLS] = {"sysctls", "sysctls"},
};
static_assert(ARRAY_SIZE(aspects) == NSL_ASPECT_COUNT, "every aspect has its words");

/* ---- for people ------------------------------------------------------------------------------------ */

static bool is_shown(const struct cli *cli, const struct nsl_row *row)
{
	const struct diff_args *args = cli->parsed.args;

	return args->all || row->differs || row->told;
}

/* What both have alike, of what should keep them apart, is what does not isolate them. */
static enum style style_of(const struct nsl_row *row)
{
	if (row->aspect == NSL_ASPECT_ISOLATION)
		return has_suffix(row->what, "namespace") && streq(row->value[0], row->value[1]) ? STYLE_WARN
		                                                                                 : STYLE_PLAIN;
	return row->differs || row->told ? STYLE_PLAIN : STYLE_DIM;
}

static void print_row(struct cli *cli, struct table *t, const struct nsl_row *row)
{
	enum style style = style_of(row);

	table_row(t);
	table_putf(t, 0, STYLE_PLAIN, "  %s", row->what);
	for (size_t i = 0; i < 2; i++)
		table_put(t, 1 + i, row->value[i] ? style : STYLE_DIM,
		          !row->value[i]   ? "-"
		          : *row->value[i] ? row->value[i]
		                           : "yes");
	if (row->aspect == NSL_ASPECT_ISOLATION && style == STYLE_WARN)
		table_put(t, 3, STYLE_WARN, "shared");
}

static void print(struct cli *cli, const struct nsl_diff *d)
{
	const struct column columns[] = {
		{"WHAT", COLUMN_CUT}, {d->name[0], COLUMN_CUT}, {d->name[1], COLUMN_CUT}, {NULL, 0}};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));
	int aspect = -1;

	for (size_t i = 0; i < d->n; i++) {
		const struct nsl_row *row = &d->rows[i];

		if (!is_shown(cli, row))
			continue;
		if ((int)row->aspect != aspect)
			table_heading(t, STYLE_BOLD, aspects[row->aspect].title);
		aspect = (int)row->aspect;
		print_row(cli, t, row);
	}
	table_print(t, &cli->out);
	out_newline(&cli->out);
	out_printf(&cli->out, STYLE_BOLD, "%s, %s", d->name[0], d->name[1]);
	out_printf(&cli->out, STYLE_PLAIN, ": %s", cli_count(cli, d->n_differ, "difference"));
	out_newline(&cli->out);
}

/* ---- for programs ---------------------------------------------------------------------------------- */

static json_t *to_json(struct cli *cli, const struct nsl_diff *d)
{
	json_t *document = json_object(), *rows;

	put_texts(document, "namespaces", d->name, 2);
	put_bool(document, "one", d->one);
	put_number(document, "differences", (long long)d->n_differ);
	rows = put_array(document, "rows");
	for (size_t i = 0; i < d->n; i++) {
		const struct nsl_row *row = &d->rows[i];
		json_t *object;

		if (!is_shown(cli, row))
			continue;
		object = add_object(rows);
		put_text(object, "aspect", aspects[row->aspect].word);
		put_text(object, "what", row->what);
		put_text(object, "first", row->value[0]);
		put_text(object, "second", row->value[1]);
		put_bool(object, "differs", row->differs);
	}
	return document;
}

/* ---- the command ----------------------------------------------------------------------------------- */

static int run(struct cli *cli, struct nsl_error **err)
{
	struct nsl_diff *diff = NULL;
	int r = nsloom_ns_diff(cli->ns, cli_operand(cli, 0), cli_operand(cli, 1), &diff, err);

	if (r < 0)
		return r;
	if (cli->parsed.globals.json) {
		json_print(&cli->out, to_json(cli, diff));
	} else if (diff->one) {
		out_printf(&cli->out, STYLE_PLAIN, "%s and %s are one and the same namespace", cli_operand(cli, 0),
		           cli_operand(cli, 1));
		out_newline(&cli->out);
	} else {
		print(cli, diff);
	}
	r = diff->n_differ ? STATUS_FAILED : STATUS_DONE;
	nsloom_ns_diff_free(diff);
	return r;
}

static const struct option options[] = {
	{'a', "all", NULL, FLAG(struct diff_args, all), "show also what is the same"},
	{0},
};

static const struct operand operands[] = {{"NAMESPACE", WORD_NETNS}, {"NAMESPACE2", WORD_NETNS}, {0}};

static const struct ending endings[] = {
	{STATUS_DONE, "nothing differs"},
	{STATUS_FAILED, "something differs"},
	{STATUS_USAGE, "bad usage, or nsloom failed"},
	{0},
};

const struct command command_ns_diff = {
	.name = "ns diff",
	.group = "Look",
	.help = "show how two namespaces are isolated, and where not",
	.details = "Side by side: what they share, where a cable, a bridge or a parent joins them;\n"
		   "processes, devices, addresses, routes, policy rules, neighbours, sockets,\n"
		   "nf_tables, sysctls. Each may be \"host\".",
	.operands = operands,
	.options = options,
	.endings = endings,
	.args_size = sizeof(struct diff_args),
	.flags = COMMAND_COMPARE,
	.where = PLACE_JOIN,
	.run = run,
};
