/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of the program: what was asked, what it is asked of, and what is to
 * be said. main() fills it, runs the one command, writes what it left in `out`
 * and `notes`, and turns its result into an exit status.
 *
 * All memory of a command comes from `arena`, which has main()'s landing: no
 * function of the cli asks whether memory was there. Nothing of the arena is
 * taken inside a callback of the library, which must not be jumped out of.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <limits.h>

#include <nsloom/nsloom.h>

#include "arena.h"
#include "command.h"
#include "out.h"
#include "parse.h"

/* What the program ends with; commands.c says what each means. */
enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_TODO = 3,
	STATUS_NSLOOM = 125,
	STATUS_CANNOT_RUN = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_COUNT
};

struct cli {
	struct arena *arena;
	struct parsed parsed;
	struct nsloom *ns;
	char here[PATH_MAX]; /* the current folder; "" where it has no path */
	struct out out;      /* to standard output, when the command has ended */
	struct out notes;    /* to standard error, after that: warnings, hints */
};

/* The operand, or NULL where fewer were given. */
const char *cli_operand(const struct cli *cli, size_t i);

/*
 * The lab that is meant: by --file or --lab, or by the operand i if there is one. An operand is a file if it has a '/',
 * ends in .yaml, .yml or .json, or is "-"; else a lab. Fails with NSL_E_USAGE where both name a
 * file, or both a lab; a file and a lab go together, if the file describes that lab.
 */
int cli_target(const struct cli *cli, size_t i, struct nsloom_target *out, struct nsl_error **err);
/* The lab that is meant where no operand names it: by --file or --lab, else by a node written as LAB.NODE (may be NULL). */
struct nsloom_target cli_target_of_node(const struct cli *cli, const char *node);

/* Brings an ordinary user's process to where the command has to run. */
int cli_enter(struct cli *cli, struct nsl_error **err);
/* A warning, to standard error. */
void cli_warn(struct cli *cli, const char *text);

/* A file of the library's as one would write it here: from the current folder if it lies below, else as it is. Arena. */
const char *cli_path(const struct cli *cli, const char *file);
/* "nsloom.yaml:12" for the margin of a listing; without a line, or a file, "". Arena. */
const char *cli_place(const struct cli *cli, const char *file, unsigned line);

/* "1 node", "3 nodes", "2 addresses". Arena. */
const char *cli_count(const struct cli *cli, size_t n, const char *noun);

/* Nanoseconds of a clock that only goes on. */
int64_t cli_clock(void);
/* "0.4 ms", "13 ms", "1.24 s", "2 min 5 s". Arena. */
const char *cli_elapsed(const struct cli *cli, int64_t ns);

/* From here on SIGINT, SIGTERM and SIGHUP call nsloom_cancel(), as often as they come. A signal that was ignored stays so. */
void cancel_on_signals(struct nsloom *ns);
/* The same, without a word about it: where a signal is the way to end. */
void cancel_quietly_on_signals(struct nsloom *ns);
/* Before the context is freed: signals that come yet do nothing. */
void cancel_nothing(void);

/* Adds the usage of a command, or the overview of all (NULL). */
void help_print(struct out *o, struct arena *a, const struct command *command);

#endif
