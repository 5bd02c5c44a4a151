/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line, read by the tables of command.h. Options stand anywhere,
 * as --name=value, --name value, -x value, -xvalue or -xyz; "--" ends them, and
 * so does the last operand of a command that starts another program.
 */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "arena.h"
#include "command.h"
#include "error.h"

struct parsed {
	const struct command *command; /* NULL: none was named */
	struct globals globals;
	void *args; /* the command's own struct, of args_size */
	VEC(const char *) operands;
	char **rest;  /* COMMAND_REST: what follows the operands; never NULL for such a command, maybe empty */
	bool in_rest; /* the line has got beyond the operands */
	const struct option *pending; /* the option at the very end that lacks its value */
	bool only_operands;           /* a "--" was seen */
};

/*
 * Reads words (NULL-terminated, without the program's name). The memory is the arena's (which must have a landing) and
 * the words'. Fails with NSL_E_USAGE; *p then holds what could be read, the globals of the whole line among it. Does not ask
 * whether operands are missing.
 */
int parse(struct arena *a, char **words, struct parsed *p, struct nsl_error **err);

/* Fails with NSL_E_USAGE if the command's operands are too few, or --json does not go with it. */
int parse_complete(const struct parsed *p, struct nsl_error **err);

#endif
