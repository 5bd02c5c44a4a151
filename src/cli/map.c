/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `nsloom map`: which drawing of what goes where. The drawing for a terminal is in map_text.c, --watch in map_watch.c. */
#include <nsloom/map.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fd.h"
#include "map_command.h"
#include "map_json.h"
#include "options.h"
#include "text.h"

static const char *const formats[] = {
	[MAP_AUTO] = "auto", [MAP_TEXT] = "text",       [MAP_SVG] = "svg",   [MAP_HTML] = "html",
	[MAP_DOT] = "dot",   [MAP_MERMAID] = "mermaid", [MAP_JSON] = "json", NULL};
static_assert(ARRAY_SIZE(formats) == MAP_FORMAT_COUNT + 1, "every format has its word");

/* ---- what is wanted -------------------------------------------------------------------------------- */

static enum map_format format_of_file(const char *file)
{
	static const struct {
		const char *ending;
		enum map_format format;
	} endings[] = {{".svg", MAP_SVG}, {".html", MAP_HTML},   {".htm", MAP_HTML},  {".dot", MAP_DOT},
	               {".gv", MAP_DOT},  {".mmd", MAP_MERMAID}, {".json", MAP_JSON}, {".txt", MAP_TEXT}};

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (has_suffix(file, endings[i].ending))
			return endings[i].format;
	return MAP_AUTO;
}

/* --json, --format, and the name of the file must agree. */
static int choose_format(const struct cli *cli, enum map_format *out, struct nsl_error **err)
{
	const struct map_args *args = cli->parsed.args;

	*out = (enum map_format)args->format;
	if (cli->parsed.globals.json && *out != MAP_AUTO && *out != MAP_JSON)
		return error_set(err, NSL_E_USAGE, EINVAL, "--json and --format %s: give one of them", formats[*out]);
	if (cli->parsed.globals.json)
		*out = MAP_JSON;
	if (*out == MAP_AUTO && args->output) {
		*out = format_of_file(args->output);
		if (*out != MAP_AUTO)
			return 0;
		error_set(err, NSL_E_USAGE, EINVAL, "the name of %s does not tell which format is meant", args->output);
		error_hint(err, "say --format svg, html, dot, mermaid, json or text");
		return -EINVAL;
	}
	if (*out == MAP_AUTO)
		*out = MAP_TEXT;
	if (args->watch && *out != MAP_TEXT && *out != MAP_JSON && !args->output) {
		error_set(err, NSL_E_USAGE, EINVAL, "--watch --format %s wants a file that it can write anew",
		          formats[*out]);
		error_hint(err, "give one by --output FILE");
		return -EINVAL;
	}
	return 0;
}

/* A terminal of a locale without UTF-8 gets ASCII. */
static bool wants_ascii(const struct map_args *args)
{
	const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"}, *value = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !(value && *value); i++)
		value = getenv(names[i]);
	return args->ascii || !value || !(strcasestr(value, "UTF-8") || strcasestr(value, "utf8"));
}

/* ---- drawing --------------------------------------------------------------------------------------- */

int map_draw(struct cli *cli, const struct nsl_map *map, enum map_format format, struct nsl_error **err)
{
	static const enum nsl_map_format drawn[] = {[MAP_SVG] = NSL_MAP_SVG,
	                                            [MAP_HTML] = NSL_MAP_HTML,
	                                            [MAP_DOT] = NSL_MAP_DOT,
	                                            [MAP_MERMAID] = NSL_MAP_MERMAID};
	const struct map_args *args = cli->parsed.args;
	struct map_text_options text = {wants_ascii(args), args->unfold, args->counters};
	char *document = NULL;
	int r;

	if (format == MAP_TEXT) {
		map_print(cli, map, &text);
		return 0;
	}
	if (format == MAP_JSON) {
		(args->watch ? json_print_line : json_print)(&cli->out, map_json(map));
		return 0;
	}
	r = nsloom_map_draw(map, drawn[format], &document, err);
	if (r == 0)
		out_raw(&cli->out, document);
	free(document);
	return r;
}

/* Whole or not at all; what is no ordinary file (a pipe, /dev/stdout) is written into. */
static int write_file(const char *path, const void *data, size_t len)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	_cleanup_fd_ int fd = -1;
	struct stat st = {.st_mode = S_IFREG | 0644};

	if (!folder)
		return -ENOMEM;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		return fd < 0 ? -errno : fd_write_all(fd, data, len);
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : file_replace(fd, slash ? slash + 1 : path, data, len, st.st_mode & 0777);
}

int map_write(struct cli *cli, const char *file, struct nsl_error **err)
{
	_cleanup_free_ char *path = realpath(file, NULL);
	int r = cli->out.text.failed ? -ENOMEM : write_file(path ? path : file, cli->out.text.s, cli->out.text.len);

	strbuf_done(&cli->out.text);
	return r < 0 ? error_errno(err, -r, "cannot write %s", file) : 0;
}

/* A file is to have no colours, and no width but what $COLUMNS says. */
static void prepare_file(struct cli *cli)
{
	_cleanup_fd_ int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	out_done(&cli->out);
	out_init(&cli->out, nowhere, cli->parsed.globals.color);
	cli->out.fd = STDOUT_FILENO;
}

static int run(struct cli *cli, struct nsl_error **err)
{
	const struct map_args *args = cli->parsed.args;
	struct nsloom_target target;
	struct nsl_map *map = NULL;
	enum map_format format;
	int r = choose_format(cli, &format, err);

	if (r == 0)
		r = cli_target(cli, 0, &target, err);
	if (r < 0)
		return r;
	if (args->output)
		prepare_file(cli);
	if (args->watch)
		return map_watch(cli, &target, format, err);
	r = nsloom_map(cli->ns, &target, &map, err);
	if (r == 0)
		r = map_draw(cli, map, format, err);
	if (r == 0 && args->output)
		r = map_write(cli, args->output, err);
	nsloom_map_free(map);
	return r < 0 ? r : STATUS_DONE;
}

/* ---- the command ----------------------------------------------------------------------------------- */

static const struct option options[] = {
	{0, "format", "FORMAT", OPTION_CHOICE, offsetof(struct map_args, format),
         "auto, text, svg, html, dot, mermaid or json", .choices = formats},
	{'o', "output", "FILE", TEXT(struct map_args, output), "write to FILE, in the format that it is named for",
         WORD_FILE},
	{'w', "watch", NULL, FLAG(struct map_args, watch), "draw anew when something changes, until Ctrl-C"},
	{0, "every", "SECONDS", SECONDS(struct map_args, interval_ms),
         "with --watch: look again at least so often (default: 1)", .max = 24 * 3600 * 1000},
	{'c', "counters", NULL, FLAG(struct map_args, counters), "text: how much went through each device"},
	{0, "unfold", NULL, FLAG(struct map_args, unfold), "text: a line for each namespace, however many"},
	{0, "ascii", NULL, FLAG(struct map_args, ascii), "text: use no signs but ASCII"},
	{0},
};

static const struct operand operands[] = {{"LAB|FILE", WORD_TARGET, true}, {0}};

const struct command command_map = {
	.name = "map",
	.group = "Look",
	.help = "draw what connects the namespaces of the machine",
	.details = "All network namespaces of the machine, whoever made them, and the devices that\n"
		   "tie them; or a lab with what it is tied to: if it is up, as the kernel has it,\n"
		   "else as \"nsloom up\" would make it.\n\n"
		   "SVG and HTML are one file each, in which one can zoom and search; they are\n"
		   "laid out by Graphviz's library. With --watch and --json one document a line.",
	.operands = operands,
	.options = options,
	.args_size = sizeof(struct map_args),
	.flags = COMMAND_MACHINE,
	.where = PLACE_JOIN,
	.run = run,
};
