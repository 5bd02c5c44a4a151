/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a command has to run when its user is not root. The tables say it: the command's row, and what its first operand is. */
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "fd.h"
#include "options.h"
#include "text.h"

static const enum nsloom_entry entries[] = {
	[PLACE_LOOK] = NSLOOM_ENTRY_LOOK, [PLACE_JOIN] = NSLOOM_ENTRY_JOIN, [PLACE_WORK] = NSLOOM_ENTRY_WORK,
	[PLACE_MAKE] = NSLOOM_ENTRY_MAKE, [PLACE_TRY] = NSLOOM_ENTRY_TRY,
};

/* A flag of the command's own, where it has one of that name. */
static bool is_set(const struct parsed *p, const char *name)
{
	for (const struct option *o = p->command->options; o && o->name; o++)
		if (streq(o->name, name))
			return *(const bool *)((const char *)p->args + o->offset);
	return false;
}

/* What the command is about: a lab (which may have to be found), all of them, who are in several places, the host itself, or
 * none of these. */
struct subject {
	bool lab, all, host;
	struct nsloom_target target;
};

static int find_subject(const struct cli *cli, struct subject *s, struct nsl_error **err)
{
	const struct operand *first = cli->parsed.command->operands;
	bool node = first && first->word == WORD_NODE;
	const char *operand = cli_operand(cli, 0);

	*s = (struct subject){.lab = true};
	s->all = first && first->word == WORD_TARGET && is_set(&cli->parsed, "all");
	if (first && first->word == WORD_TARGET) {
		int r = cli_target(cli, 0, &s->target, err);

		if (cli->parsed.command->flags & COMMAND_MACHINE)
			s->lab = s->target.file || s->target.lab;
		return r;
	}
	s->target = cli_target_of_node(cli, node ? operand : NULL);
	s->host = node && operand && streq(operand, "host") && (cli->parsed.command->flags & COMMAND_EXEC);
	s->lab = s->target.file || s->target.lab || (node && !s->host);
	return 0;
}

int cli_enter(struct cli *cli, struct nsl_error **err)
{
	const struct command *c = cli->parsed.command;
	struct nsloom_enter_options options = {.isolated = is_set(&cli->parsed, ISOLATED)};
	struct subject s;
	int r;

	if (c->where == PLACE_ANY)
		return 0;
	r = find_subject(cli, &s, err);
	if (r < 0 || s.all)
		return r;
	/* Who becomes a command on the host wants one. */
	options.entry = entries[s.host ? PLACE_MAKE : c->where];
	r = nsloom_enter(cli->ns, s.lab ? &s.target : NULL, &options, err);
	if (r < 0 || cli->parsed.globals.json || (c->flags & (COMMAND_TELLS | COMMAND_HIDDEN)))
		return r;
	for (size_t i = 0; nsloom_enter_note(cli->ns, i); i++)
		cli_warn(cli, nsloom_enter_note(cli->ns, i));
	if (c->flags & COMMAND_EXEC) /* nothing can be said later */
		out_flush(&cli->notes);
	return r;
}
