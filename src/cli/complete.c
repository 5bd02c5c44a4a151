/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `nsloom __complete -- WORD...`: what may stand in the place of the last WORD.
 * The scripts in completions/ ask it, so that all shells complete the same, and
 * what the tables, the labs that are up and the kernel say.
 *
 * Each line is a word, then, after a tab, what it is. What the shell knows
 * better it is asked for: ":topology" for the files that describe labs,
 * ":program N" for what belongs to another program, whose name is (or will be)
 * the N-th WORD, from 0.
 */
#include <string.h>

#include <nsloom/scope.h>

#include "cli.h"
#include "complete.h"
#include "fd.h"
#include "text.h"

void offer(struct completer *c, const char *word, const char *what)
{
	if (!has_prefix(word, c->begun))
		return;
	out_printf(&c->cli->out, STYLE_PLAIN, "%s%s", c->lead, word);
	if (what) {
		out_raw(&c->cli->out, "\t");
		out_text(&c->cli->out, STYLE_PLAIN, what);
	}
	out_newline(&c->cli->out);
}

/* ---- what the tables say --------------------------------------------------------------------------- */

static void offer_commands(struct completer *c, const struct command *const *list)
{
	for (size_t i = 0; list && list[i]; i++) {
		if (!(list[i]->flags & COMMAND_HIDDEN))
			offer(c, command_word(list[i]), list[i]->help);
	}
}

static void offer_all_commands(struct completer *c)
{
	offer_commands(c, commands);
}

static void offer_subcommands(struct completer *c)
{
	const struct command *group = command_find(commands, c->line->operands.items[c->line->operands.n - 1]);

	offer_commands(c, group ? group->subcommands : NULL);
}

static void offer_shapes(struct completer *c)
{
	struct nsloom_shape shape;

	for (size_t i = 0; nsloom_shape(i, &shape); i++)
		offer(c, shape.name, shape.help);
}

static void offer_shells(struct completer *c)
{
	offer(c, "bash", NULL);
	offer(c, "fish", NULL);
	offer(c, "zsh", NULL);
}

static void offer_files(struct completer *c)
{
	out_raw(&c->cli->out, ":topology\n");
}

/* ---- words ----------------------------------------------------------------------------------------- */

/* Who offers what a word may be, in the order of the offers. */
static void (*const offers[WORD_COUNT][4])(struct completer *) = {
	[WORD_ANY] = {NULL},
	[WORD_FILE] = {offer_files},
	[WORD_LAB] = {offer_labs},
	[WORD_TARGET] = {offer_labs, offer_files},
	[WORD_NODE] = {offer_nodes, offer_nodes_of_others},
	[WORD_FROM] = {offer_nodes, offer_nodes_of_others, offer_host},
	[WORD_TO] = {offer_nodes, offer_host, offer_addresses, offer_interfaces},
	[WORD_NETNS] = {offer_namespaces},
	[WORD_NETNS_NAME] = {offer_namespace_names},
	[WORD_EXPLAIN_FROM] = {offer_nodes, offer_namespaces},
	[WORD_EXPLAIN_TO] = {offer_nodes, offer_namespaces, offer_addresses, offer_devices},
	[WORD_PID] = {offer_processes},
	[WORD_COMMAND] = {offer_all_commands},
	[WORD_SUBCOMMAND] = {offer_subcommands},
	[WORD_SHELL] = {offer_shells},
	[WORD_SHAPE] = {offer_shapes},
};

static void offer_words(struct completer *c, enum word word)
{
	for (size_t i = 0; i < ARRAY_SIZE(offers[word]) && offers[word][i]; i++)
		offers[word][i](c);
}

static void offer_value(struct completer *c, const struct option *o)
{
	for (size_t i = 0; o->choices && o->choices[i]; i++)
		offer(c, o->choices[i], NULL);
	offer_words(c, o->word);
}

static void offer_options(struct completer *c, const struct option *table)
{
	for (const struct option *o = table; o && o->name; o++) {
		if (option_applies(c->line->command, o))
			offer(c, arena_printf(c->cli->arena, "--%s", o->name), o->help);
	}
}

/* "--name=begun": the value of that option in one of the tables. */
static void offer_attached(struct completer *c, const struct option *table, const char *equals)
{
	const char *word = c->begun;
	size_t len = (size_t)(equals - word - 2);

	for (const struct option *o = table; o && o->name; o++) {
		if (strlen(o->name) != len || strncmp(o->name, word + 2, len) != 0)
			continue;
		c->lead = arena_strndup(c->cli->arena, word, len + 3);
		c->begun = equals + 1;
		offer_value(c, o);
		return;
	}
}

static void offer_dashed(struct completer *c)
{
	const struct option *tables[] = {c->line->command ? c->line->command->options : NULL, global_options};
	const char *equals = has_prefix(c->begun, "--") ? strchr(c->begun, '=') : NULL;

	for (size_t i = 0; i < 2; i++) {
		if (equals)
			offer_attached(c, tables[i], equals);
		else
			offer_options(c, tables[i]);
	}
}

static void offer_operand(struct completer *c)
{
	const struct operand *o = c->line->command->operands;
	size_t at = 0;

	while (o && o[at].name && at < c->line->operands.n)
		at++;
	if (o && o[at].name)
		offer_words(c, o[at].word);
}

/* ---- the line -------------------------------------------------------------------------------------- */

static void offer_program(struct completer *c, size_t at)
{
	out_printf(&c->cli->out, STYLE_PLAIN, ":program %zu", at);
	out_newline(&c->cli->out);
}

static void answer(struct completer *c, size_t rest)
{
	const struct parsed *line = c->line;

	if (line->pending)
		offer_value(c, line->pending);
	else if (line->in_rest)
		offer_program(c, rest);
	else if (c->begun[0] == '-' && !line->only_operands)
		offer_dashed(c);
	else if (line->command && line->command->subcommands)
		offer_commands(c, line->command->subcommands);
	else if (line->command)
		offer_operand(c);
	else if (line->operands.n == 0)
		offer_all_commands(c);
}

static int run(struct cli *cli, struct nsl_error **err)
{
	struct parsed line;
	struct completer c = {.cli = cli, .line = &line, .lead = "", .begun = ""};
	char **words = cli->parsed.rest;
	size_t n = 0;

	(void)err;
	while (words[n])
		n++;
	if (n) {
		c.begun = words[n - 1];
		words[n - 1] = NULL;
	}
	parse(cli->arena, words, &line, NULL);
	answer(&c, line.in_rest ? (size_t)(line.rest - words) : 0);
	complete_done(&c);
	return STATUS_DONE;
}

const struct command command_complete = {
	.name = "__complete",
	.group = "More",
	.help = "say what may complete a command line",
	.flags = COMMAND_HIDDEN | COMMAND_REST | COMMAND_NO_JSON,
	.where = PLACE_JOIN,
	.run = run,
};
