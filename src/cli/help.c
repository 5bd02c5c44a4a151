/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Usage, all of it read from the tables of command.h. The manual says the same
 * at more length; tests/check-manual.py compares the two.
 */
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "fd.h"
#include "json.h"
#include "table.h"
#include "text.h"

/* "nsloom ping [OPTION]... [FROM [TO]]" */
static const char *usage_of(struct arena *a, const struct command *c)
{
	const char *s, *close = "";

	if (c->subcommands)
		return arena_printf(a, "nsloom %s COMMAND [ARGUMENT]...", c->name);
	s = arena_printf(a, "nsloom %s [OPTION]...", c->name);

	for (const struct operand *o = c->operands; o && o->name; o++) {
		s = arena_printf(a, "%s %s%s", s, o->optional ? "[" : "", o->name);
		if (o->optional)
			close = arena_printf(a, "%s]", close);
	}
	return arena_printf(a, "%s%s%s", s, close, c->flags & COMMAND_REST ? " [--] COMMAND [ARGUMENT]..." : "");
}

static void overview(struct out *o, struct arena *a)
{
	static const struct column columns[] = {{NULL, 0}, {NULL, 0}, {NULL, COLUMN_CUT}};
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));
	const char *group = "";

	out_raw(o, "nsloom weaves Linux network namespaces into networks.\n\n"
	           "Usage: nsloom [-f FILE | -l LAB] COMMAND [ARGUMENT]...\n\n");
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];

		if (c->flags & COMMAND_HIDDEN)
			continue;
		table_row(t);
		if (!streq(group, c->group))
			table_put(t, 0, STYLE_DIM, c->group);
		group = c->group;
		table_put(t, 1, STYLE_BOLD, c->name);
		table_put(t, 2, STYLE_PLAIN, c->help);
	}
	table_print(t, o);
	out_raw(o, "\nWithout FILE or LAB: the nsloom.yaml of this folder or the nearest above, else\n"
	           "the only lab that is up. More: nsloom help COMMAND, nsloom(1), nsloom.yaml(5).\n");
}

static void add_options(struct arena *a, struct table *t, const struct option *table, const struct command *command)
{
	for (const struct option *o = table; o && o->name; o++) {
		if (!option_applies(command, o))
			continue;
		table_row(t);
		table_putf(t, 0, STYLE_PLAIN, "  %s --%s%s%s", o->letter ? arena_printf(a, "-%c,", o->letter) : "   ",
		           o->name, o->value ? " " : "", o->value ? o->value : "");
		table_put(t, 1, STYLE_PLAIN, o->help);
	}
}

static void print_options(struct out *o, struct arena *a, const struct command *c)
{
	static const struct column columns[] = {{NULL, 0}, {NULL, COLUMN_CUT}};
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));

	if (c->options) {
		table_heading(t, STYLE_BOLD, "Options:");
		add_options(a, t, c->options, c);
		table_heading(t, STYLE_PLAIN, "");
	}
	table_heading(t, STYLE_BOLD, "Options of every command:");
	add_options(a, t, global_options, c);
	table_print(t, o);
}

/* Only where they say something of this command's own. */
static void print_endings(struct out *o, struct arena *a, const struct command *c)
{
	static const struct column columns[] = {{NULL, COLUMN_RIGHT}, {NULL, COLUMN_CUT}};
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));

	if (!c->endings && !(c->flags & COMMAND_EXEC))
		return;
	table_heading(t, STYLE_BOLD, c->flags & COMMAND_EXEC ? "Status (else that of the command):" : "Status:");
	for (int status = 0; status < STATUS_COUNT; status++) {
		const char *meaning = command_ending(c, status);

		if (!meaning)
			continue;
		table_row(t);
		table_putf(t, 0, STYLE_PLAIN, "  %d", status);
		table_put(t, 1, STYLE_PLAIN, meaning);
	}
	out_newline(o);
	table_print(t, o);
}

/* What may stand in the place of an operand SHAPE. */
static void print_shapes(struct out *o, struct arena *a)
{
	static const struct column columns[] = {{NULL, 0}, {NULL, COLUMN_CUT}};
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));
	struct nsloom_shape shape;

	table_heading(t, STYLE_BOLD, "Shapes, with their sizes:");
	for (size_t i = 0; nsloom_shape(i, &shape); i++) {
		const char *words = arena_printf(a, "  %s", shape.name);

		for (size_t k = 0; k < NSLOOM_SHAPE_SIZES && shape.sizes[k]; k++)
			words = arena_printf(a, "%s %s", words, shape.sizes[k]);
		table_row(t);
		table_put(t, 0, STYLE_PLAIN, words);
		table_put(t, 1, STYLE_PLAIN, shape.help);
	}
	table_print(t, o);
	out_newline(o);
}

/* The page of the manual: a subcommand stands on that of its group. */
static const char *page_of(struct arena *a, const struct command *c)
{
	return arena_strndup(a, c->name, strcspn(c->name, " "));
}

static void print_subcommands(struct out *o, struct arena *a, const struct command *group)
{
	static const struct column columns[] = {{NULL, 0}, {NULL, COLUMN_CUT}};
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));

	table_heading(t, STYLE_BOLD, "Commands:");
	for (size_t i = 0; group->subcommands[i]; i++) {
		table_row(t);
		table_putf(t, 0, STYLE_PLAIN, "  %s", command_word(group->subcommands[i]));
		table_put(t, 1, STYLE_PLAIN, group->subcommands[i]->help);
	}
	table_print(t, o);
	out_printf(o, STYLE_PLAIN, "Each has its own: nsloom help %s COMMAND", group->name);
	out_newline(o);
}

void help_print(struct out *o, struct arena *a, const struct command *command)
{
	if (!command) {
		overview(o, a);
		return;
	}
	out_printf(o, STYLE_BOLD, "nsloom %s", command->name);
	out_raw(o, ": ");
	out_raw(o, command->help);
	out_raw(o, "\n\nUsage: ");
	out_raw(o, usage_of(a, command));
	out_raw(o, "\n\n");
	if (command->details) {
		out_raw(o, command->details);
		out_raw(o, "\n\n");
	}
	for (const struct operand *operand = command->operands; operand && operand->name; operand++) {
		if (operand->word == WORD_SHAPE)
			print_shapes(o, a);
	}
	if (command->subcommands) {
		print_subcommands(o, a, command);
	} else {
		print_options(o, a, command);
		print_endings(o, a, command);
	}
	out_newline(o);
	out_printf(o, STYLE_PLAIN, "More: nsloom-%s(1)", page_of(a, command));
	out_newline(o);
}

static void put_options(json_t *object, const struct option *table)
{
	json_t *array = put_array(object, "options");

	for (const struct option *o = table; o && o->name; o++) {
		char letter[] = {o->letter, '\0'};
		json_t *option = add_object(array);

		put_text(option, "name", o->name);
		put_text(option, "letter", o->letter ? letter : NULL);
		put_text(option, "value", o->value);
		put_text(option, "help", o->help);
		if (o->choices) {
			json_t *choices = put_array(option, "choices");

			for (size_t i = 0; o->choices[i]; i++)
				json_array_append_new(choices, json_text(o->choices[i]));
		}
	}
}

static void put_statuses(json_t *object, const struct command *c)
{
	json_t *array = put_array(object, "statuses");

	for (int status = 0; status < STATUS_COUNT && c->run; status++) {
		const char *meaning = command_ending(c, status);
		json_t *row = meaning ? add_object(array) : NULL;

		if (!row)
			continue;
		put_number(row, "status", status);
		put_text(row, "meaning", meaning);
	}
}

static void put_command(struct arena *a, json_t *array, const struct command *c)
{
	json_t *command = add_object(array), *below;

	put_text(command, "name", c->name);
	put_text(command, "group", c->group);
	put_text(command, "help", c->help);
	put_text(command, "usage", usage_of(a, c));
	put_text(command, "details", c->details);
	put_options(command, c->options);
	put_statuses(command, c);
	below = put_array(command, "commands");
	for (size_t i = 0; c->subcommands && c->subcommands[i]; i++)
		put_command(a, below, c->subcommands[i]);
}

static json_t *to_json(struct arena *a, const struct command *only)
{
	json_t *document = json_object(), *array = put_array(document, "commands");

	if (only)
		put_command(a, array, only);
	for (size_t i = 0; !only && commands[i]; i++) {
		if (!(commands[i]->flags & COMMAND_HIDDEN))
			put_command(a, array, commands[i]);
	}
	put_options(document, global_options);
	return document;
}

static int run(struct cli *cli, struct nsl_error **err)
{
	const struct command *const *list = commands, *c = NULL;
	const char *lead = "", *word;

	for (size_t i = 0; (word = cli_operand(cli, i)); i++) {
		c = list ? command_find(list, word) : NULL;
		if (!c) {
			error_set(err, NSL_E_USAGE, EINVAL, "unknown command \"%s%s\"", lead, word);
			error_hint(err, "see: nsloom help");
			return -EINVAL;
		}
		lead = arena_printf(cli->arena, "%s ", c->name);
		list = c->subcommands;
	}
	if (cli->parsed.globals.json)
		json_print(&cli->out, to_json(cli->arena, c));
	else
		help_print(&cli->out, cli->arena, c);
	return STATUS_DONE;
}

static const struct operand operands[] = {{"COMMAND", WORD_COMMAND, true}, {"SUBCOMMAND", WORD_SUBCOMMAND, true}, {0}};

const struct command command_help = {
	.name = "help",
	.group = "More",
	.help = "say what a command does",
	.operands = operands,
	.run = run,
};
