/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `nsloom __complete -- WORD...`: what may stand in the place of the last WORD.
 * The scripts of `nsloom completion` ask it, so that all shells complete the
 * same, and what the tables and the labs that are up say.
 *
 * Each line is a word, then, after a tab, what it is. ":file" and ":program"
 * ask the shell for what it knows better.
 */
#include <string.h>

#include <nsloom/scope.h>

#include "cli.h"
#include "text.h"

struct completer {
	struct cli *cli;
	const struct parsed *line; /* the words before the last */
	const char *lead;          /* of the last word, what is to stand in each answer before the value: "--lab=" */
	const char *begun;         /* what is there of the value itself */
};

static void offer(struct completer *c, const char *word, const char *what)
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

static void offer_labs(struct completer *c)
{
	struct nsloom_list *list = NULL;

	if (nsloom_ls(c->cli->ns, &list, NULL) < 0)
		return;
	for (size_t i = 0; i < list->n_labs; i++)
		offer(c, list->labs[i].name, list->labs[i].file ? list->labs[i].file : "lab");
	nsloom_list_free(list);
}

static void offer_nodes(struct completer *c)
{
	struct nsloom_target target = {.file = c->line->globals.file, .lab = c->line->globals.lab};
	struct nsloom_lab *lab = NULL;

	if (nsloom_show(c->cli->ns, &target, &lab, NULL) < 0)
		return;
	for (size_t i = 0; i < lab->n_nodes; i++)
		offer(c, lab->nodes[i].name, lab->nodes[i].router ? "router" : "node");
	nsloom_lab_free(lab);
}

static void offer_commands(struct completer *c, const struct command *const *list)
{
	for (size_t i = 0; list && list[i]; i++) {
		if (!(list[i]->flags & COMMAND_HIDDEN))
			offer(c, command_word(list[i]), list[i]->help);
	}
}

static void offer_namespaces(struct completer *c)
{
	struct nsl_census_options names_only = {.no_devices = true};
	struct nsl_census *census = NULL;

	if (nsloom_census(c->cli->ns, &names_only, &census, NULL) < 0)
		return;
	for (size_t i = 0; i < census->n; i++) {
		const struct nsl_netns *ns = &census->items[i];

		offer(c, ns->name, ns->lab ? "node" : ns->engine ? ns->engine : "namespace");
	}
	nsloom_census_free(census);
}

static void offer_shapes(struct completer *c)
{
	struct nsloom_shape shape;

	for (size_t i = 0; nsloom_shape(i, &shape); i++)
		offer(c, shape.name, shape.help);
}

static void offer_words(struct completer *c, enum word word)
{
	const struct command *group;

	switch (word) {
	case WORD_ANY:
		break;
	case WORD_TARGET:
		offer_labs(c);
		__attribute__((fallthrough));
	case WORD_FILE:
		out_raw(&c->cli->out, ":file\n");
		break;
	case WORD_LAB:
		offer_labs(c);
		break;
	case WORD_NODE:
		offer_nodes(c);
		break;
	case WORD_PROGRAM:
		out_raw(&c->cli->out, ":program\n");
		break;
	case WORD_COMMAND:
		offer_commands(c, commands);
		break;
	case WORD_SUBCOMMAND:
		group = command_find(commands, c->line->operands.items[c->line->operands.n - 1]);
		offer_commands(c, group ? group->subcommands : NULL);
		break;
	case WORD_NETNS:
		offer_namespaces(c);
		break;
	case WORD_SHELL:
		offer(c, "bash", NULL);
		offer(c, "fish", NULL);
		offer(c, "zsh", NULL);
		break;
	case WORD_SHAPE:
		offer_shapes(c);
		break;
	}
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

static void answer(struct completer *c)
{
	const struct parsed *line = c->line;

	if (line->pending)
		offer_value(c, line->pending);
	else if (line->in_rest)
		offer_words(c, line->rest[0] ? WORD_FILE : WORD_PROGRAM);
	else if (c->begun[0] == '-' && !line->only_operands)
		offer_dashed(c);
	else if (line->command && line->command->subcommands)
		offer_commands(c, line->command->subcommands);
	else if (line->command)
		offer_operand(c);
	else if (line->operands.n == 0)
		offer_commands(c, commands);
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
	answer(&c);
	return STATUS_DONE;
}

const struct command command_complete = {
	.name = "__complete",
	.group = "More",
	.help = "say what may complete a command line",
	.flags = COMMAND_HIDDEN | COMMAND_REST | COMMAND_NO_JSON,
	.run = run,
};
