/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several commands need: whom they are about, and how to put numbers and names into words. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "fd.h"
#include "text.h"

const char *cli_operand(const struct cli *cli, size_t i)
{
	return i < cli->parsed.operands.n ? cli->parsed.operands.items[i] : NULL;
}

static bool names_file(const char *s)
{
	return streq(s, "-") || strchr(s, '/') || has_suffix(s, ".yaml") || has_suffix(s, ".yml") ||
	       has_suffix(s, ".json");
}

int cli_target(const struct cli *cli, size_t i, struct nsloom_target *out, struct nsl_error **err)
{
	const struct globals *g = &cli->parsed.globals;
	const char *operand = cli_operand(cli, i);
	bool file = operand && names_file(operand);

	*out = (struct nsloom_target){.file = g->file, .lab = g->lab};
	if (operand && (file ? g->file : g->lab))
		return error_set(err, NSL_E_USAGE, EINVAL, "\"%s\" and --%s %s: give one of them", operand,
		                 file ? "file" : "lab", file ? g->file : g->lab);
	if (operand)
		*(file ? &out->file : &out->lab) = operand;
	return 0;
}

struct nsloom_target cli_target_of_node(const struct cli *cli, const char *node)
{
	const struct globals *g = &cli->parsed.globals;
	struct nsloom_target t = {.file = g->file, .lab = g->lab};
	const char *dot = node ? strchr(node, '.') : NULL;

	/* Neither has a dot in its name; an address has more, or none of letters. */
	if (!t.file && !t.lab && dot && dot > node && !strchr(dot + 1, '.'))
		t.lab = arena_strndup(cli->arena, node, (size_t)(dot - node));
	return t;
}

void cli_warn(struct cli *cli, const char *text)
{
	out_text(&cli->notes, STYLE_WARN, "warning: ");
	out_text(&cli->notes, STYLE_PLAIN, text);
	out_newline(&cli->notes);
}

const char *cli_path(const struct cli *cli, const char *file)
{
	size_t len = strlen(cli->here);

	if (len > 1 && strncmp(file, cli->here, len) == 0 && file[len] == '/' && file[len + 1])
		return arena_strdup(cli->arena, file + len + 1);
	return file;
}

const char *cli_place(const struct cli *cli, const char *file, unsigned line)
{
	const char *path, *slash;

	if (!file || !line)
		return "";
	path = cli_path(cli, file);
	slash = strrchr(path, '/');
	return arena_printf(cli->arena, "%s:%u", path[0] == '/' && slash ? slash + 1 : path, line);
}

const char *cli_count(const struct cli *cli, size_t n, const char *noun)
{
	const char *ending = n == 1 ? "" : has_suffix(noun, "ss") ? "es" : has_suffix(noun, "s") ? "" : "s";

	return arena_printf(cli->arena, "%zu %s%s", n, noun, ending);
}

int64_t cli_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

const char *cli_elapsed(const struct cli *cli, int64_t ns)
{
	int64_t ms = ns / 1000000;

	if (ms < 10)
		return arena_printf(cli->arena, "%.1f ms", (double)ns / 1e6);
	if (ms < 1000)
		return arena_printf(cli->arena, "%" PRId64 " ms", ms);
	if (ms < 60000)
		return arena_printf(cli->arena, "%.2f s", (double)ns / 1e9);
	return arena_printf(cli->arena, "%" PRId64 " min %" PRId64 " s", ms / 60000, ms / 1000 % 60);
}
