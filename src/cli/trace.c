/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace.h"

#include <string.h>

#include "cli.h"
#include "text.h"

void trace_init(struct trace *t, struct cli *cli)
{
	*t = (struct trace){.out = &cli->out, .array = cli->parsed.globals.json ? json_array() : NULL};
}

/* Like the blocks of `plan --as sh`. */
static void put_title(struct trace *t, const struct nsloom_traced *done)
{
	const char *slash = done->file ? strrchr(done->file, '/') : NULL;

	if (t->title.s && streq(t->title.s, done->title) && t->line == done->line)
		return;
	t->title.len = 0;
	strbuf_adds(&t->title, done->title);
	t->line = done->line;
	out_raw(t->out, "# ");
	if (done->file && done->line)
		out_printf(t->out, STYLE_DIM, "%s:%u  ", slash ? slash + 1 : done->file, done->line);
	out_text(t->out, STYLE_BOLD, done->title);
	out_newline(t->out);
}

/* The first line of an operation has its time; the others went with it. */
static void put_commands(struct trace *t, const struct nsloom_traced *done)
{
	const char *line = done->commands;
	bool first = true;

	while (*line || first) {
		size_t len = strcspn(line, "\n");

		if (first && done->ns >= 0)
			out_printf(t->out, STYLE_DIM, "%8.2f ms  ", (double)done->ns / 1e6);
		else
			out_raw(t->out, "             ");
		first = false;
		for (; *line == '\t'; line++, len--)
			out_raw(t->out, "    ");
		out_printf(t->out, STYLE_PLAIN, "%.*s", (int)len, line);
		out_newline(t->out);
		line += len + (line[len] == '\n');
	}
	if (done->refusal) {
		out_raw(t->out, "             ");
		out_printf(t->out, STYLE_BAD, "refused: %s", done->refusal);
		out_newline(t->out);
	}
}

static void put_object(struct trace *t, const struct nsloom_traced *done)
{
	json_t *object = add_object(t->array);

	put_text(object, "title", done->title);
	put_known(object, "line", done->line);
	put_text(object, "commands", done->commands);
	if (done->ns >= 0)
		put_number(object, "ns", done->ns);
	put_text(object, "refusal", done->refusal);
}

void trace_show(void *data, const struct nsloom_traced *done)
{
	struct trace *t = data;

	if (t->array) {
		put_object(t, done);
		return;
	}
	put_title(t, done);
	put_commands(t, done);
	out_flush(t->out);
}

void trace_done(struct trace *t, json_t *document)
{
	if (t->array && document)
		json_object_set(document, "trace", t->array);
	else if (!t->array && t->title.s)
		out_raw(t->out, "\nEach operation was done by itself. Without --trace those for one namespace travel "
		                "together,\n"
		                "which is faster; a line without a time went with the one above it.\n\n");
	json_decref(t->array);
	strbuf_done(&t->title);
}
