/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of commands. Each has its row, and all else about it, in a file of its own. */
#include <string.h>

#include "cli.h"
#include "options.h"
#include "text.h"

extern const struct command command_up, command_down, command_plan, command_check, command_ls, command_show,
	command_exec, command_shell, command_ping, command_doctor, command_ns, command_completion, command_version,
	command_help, command_complete, command_gen, command_explain, command_map;

const struct command *const commands[] = {
	&command_up,   &command_down,    &command_plan, &command_check,      &command_gen,     &command_ls,
	&command_show, &command_ns,      &command_map,  &command_doctor,     &command_exec,    &command_shell,
	&command_ping, &command_explain, &command_help, &command_completion, &command_version, &command_complete,
	NULL,
};

static const char *const colors[] = {[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never", NULL};

const struct option global_options[] = {
	{'f', "file", "FILE", TEXT(struct globals, file), "the lab that this topology file describes", WORD_FILE},
	{'l', "lab", "LAB", TEXT(struct globals, lab), "the lab of this name", WORD_LAB},
	{0, "json", NULL, FLAG(struct globals, json), "print one JSON document, see nsloom-json(7)"},
	{0, "color", "WHEN", OPTION_CHOICE, offsetof(struct globals, color),
         "use colour: auto, always or never (default: auto)", .choices = colors},
	{'h', "help", NULL, FLAG(struct globals, help), "say what the command does"},
	{0, "version", NULL, FLAG(struct globals, version), "say which version this is"},
	{0},
};

const char *command_word(const struct command *command)
{
	const char *space = strrchr(command->name, ' ');

	return space ? space + 1 : command->name;
}

const struct command *command_find(const struct command *const *list, const char *word)
{
	for (size_t i = 0; list[i]; i++) {
		if (streq(command_word(list[i]), word))
			return list[i];
	}
	return NULL;
}

/* Of every command that becomes no other program. */
static const struct ending usual_endings[] = {
	{STATUS_DONE, "done"},
	{STATUS_FAILED, "failed"},
	{STATUS_USAGE, "bad usage, or a file that is not sound"},
	{0},
};

/* Of those that do: its own, and these. */
static const struct ending exec_endings[] = {
	{STATUS_NSLOOM, "nsloom failed"},
	{STATUS_CANNOT_RUN, "the command cannot be run"},
	{STATUS_NOT_FOUND, "the command is not found"},
	{0},
};

static const char *find_ending(const struct ending *table, int status)
{
	for (const struct ending *e = table; e && e->meaning; e++) {
		if (e->status == status)
			return e->meaning;
	}
	return NULL;
}

const char *command_ending(const struct command *command, int status)
{
	const char *own = find_ending(command->endings, status);

	return own ? own : find_ending(command->flags & COMMAND_EXEC ? exec_endings : usual_endings, status);
}

bool option_applies(const struct command *command, const struct option *option)
{
	return !(command && (command->flags & COMMAND_NO_JSON) && streq(option->name, "json"));
}
