/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command is: a row of data and a function. The parser, the usage text,
 * `nsloom help` and the shells' completion all read these rows and nothing
 * else, so that they cannot disagree; the manual is compared with them
 * (tests/check-manual.py).
 *
 * A new command is one file with its row, and one line in commands.c.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct cli;
struct nsl_error;

/* What a word stands for: how a shell completes it (complete.c). */
enum word {
	WORD_ANY,
	WORD_FILE, /* of a lab */
	WORD_LAB,
	WORD_TARGET, /* a file or a lab */
	WORD_NODE,
	WORD_FROM,         /* a node or host */
	WORD_TO,           /* the same, NODE:INTERFACE, or an address */
	WORD_NETNS,        /* any namespace of the machine */
	WORD_NETNS_NAME,   /* below /run/netns */
	WORD_EXPLAIN_FROM, /* any namespace, a node of this lab by its name alone */
	WORD_EXPLAIN_TO,   /* the same, NAMESPACE:DEVICE, or an address */
	WORD_PID,
	WORD_COMMAND,
	WORD_SUBCOMMAND, /* of the command that is the operand before it */
	WORD_SHELL,
	WORD_SHAPE, /* of gen */
	WORD_COUNT
};

enum option_type {
	OPTION_FLAG,    /* bool */
	OPTION_TEXT,    /* const char * */
	OPTION_NUMBER,  /* unsigned, 1 to max */
	OPTION_SECONDS, /* unsigned milliseconds, at most max; written in seconds: "2", "0.5" */
	OPTION_CHOICE,  /* int: index into choices */
};

/* One option. A table ends with a row without name. */
struct option {
	char letter;       /* 0: none */
	const char *name;  /* without the dashes */
	const char *value; /* what help calls its value; NULL for flags */
	enum option_type type;
	size_t offset; /* of the field that takes the value */
	const char *help;
	enum word word;
	unsigned max;
	const char *const *choices; /* NULL-terminated */
};

/* One operand (argument that is no option). A table ends with a row without name. */
struct operand {
	const char *name;
	enum word word;
	bool optional; /* then all that follow are */
};

/* An exit status, and what it says. A table ends with a row without meaning. */
struct ending {
	int status;
	const char *meaning;
};

enum command_flags {
	COMMAND_HIDDEN = 1 << 0, /* not in help and completion */
	COMMAND_NO_JSON = 1 << 1,
	COMMAND_REST = 1 << 2,    /* what follows the operands belongs to another program */
	COMMAND_EXEC = 1 << 3,    /* becomes another program: statuses 125 to 127 */
	COMMAND_CANCEL = 1 << 4,  /* signals ask it to stop and take back what it did */
	COMMAND_COMPARE = 1 << 5, /* status 1 says that two things differ: a failure is 2, as with diff(1) */
	COMMAND_TELLS = 1 << 6,   /* what is to be told of the stand-in host is among what it says */
	COMMAND_MACHINE =
		1 << 7, /* without its operand it is about the machine, not about the lab of a file that lies here */
};

/* Where an ordinary user's process is to be while the command runs: see nsloom_enter(). */
enum where {
	PLACE_ANY,  /* it is about no lab that stands */
	PLACE_LOOK, /* it reads what is written down of labs */
	PLACE_JOIN, /* on the stand-in host, if there is one */
	PLACE_WORK, /* the same, to change something */
	PLACE_MAKE, /* on the stand-in host, which is made where there is none */
	PLACE_TRY,  /* on the stand-in host, or on one that ends with the process */
};

struct command {
	const char *name;    /* of a subcommand both words: "ns ls" */
	const char *group;   /* heading of the overview; a new one begins where it differs from the row before */
	const char *help;    /* one line */
	const char *details; /* paragraphs for `help COMMAND`, wrapped by hand at 79; or NULL */
	const struct operand *operands; /* NULL: none */
	const struct option *options;   /* NULL: none of its own */
	const struct ending *endings;   /* statuses that say something else than usually; NULL: none */
	size_t args_size;               /* of the struct that its options are put into */
	unsigned flags;
	enum where where;
	const struct command *const
		*subcommands; /* ends with NULL. Such a command is only a word before these; no run() */
	/* Returns an exit status, or -errno with *err set. */
	int (*run)(struct cli *cli, struct nsl_error **err);
};

/* All commands, in the order of the overview; ends with NULL. */
extern const struct command *const commands[];

/* What is written on the command line for it: "ls" of "ns ls". */
const char *command_word(const struct command *command);
/* In a list that ends with NULL, by its word. NULL: there is none. */
const struct command *command_find(const struct command *const *list, const char *word);

/* What goes with every command. */
struct globals {
	const char *file, *lab;
	bool json, help, version;
	int color; /* enum color */
};
extern const struct option global_options[];

/* What the status (0 to 127) says of the command, or NULL where it does not end so. */
const char *command_ending(const struct command *command, int status);

/* False where the option makes no sense with the command (--json where nothing is printed). */
bool option_applies(const struct command *command, const struct option *option);

#endif
