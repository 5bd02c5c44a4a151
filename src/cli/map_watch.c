/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `nsloom map --watch`. On a terminal the drawing takes the place of the one before,
 * on the terminal's second page, and what was there comes back at the end. Elsewhere one
 * drawing follows the other, or one document a line, or a file is written anew.
 *
 * Each drawing has an arena of its own: it may go on for days.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "map_command.h"

enum { LOOK_MS = 250, COUNT_NS = 1000000000 };

struct watching {
	struct cli *cli;
	const struct nsloom_target *target;
	enum map_format format;
	bool screen; /* drawn in place, on a terminal */
	struct winsize size;
	struct nsl_map *map; /* the last one */
};

/* ---- the terminal ---------------------------------------------------------------------------------- */

static bool resized(struct watching *w)
{
	struct winsize now = {0};

	if (!w->screen || ioctl(w->cli->out.fd, TIOCGWINSZ, &now) < 0 ||
	    (now.ws_row == w->size.ws_row && now.ws_col == w->size.ws_col))
		return false;
	w->size = now;
	w->cli->out.width = now.ws_col ? now.ws_col : 80;
	return true;
}

static void say(struct cli *cli, const char *sequence)
{
	out_raw(&cli->out, sequence);
	out_flush(&cli->out);
}

/* The lines that fit, each to its end, and nothing below them. */
static void put_screen(struct watching *w)
{
	struct cli *cli = w->cli;
	struct out page = cli->out;
	const char *at = page.text.s ? page.text.s : "";
	size_t room = w->size.ws_row > 2 ? w->size.ws_row - 1U : 1000, lines = 0, left = 0;

	cli->out.text = (struct strbuf){0};
	out_raw(&cli->out, "\033[H");
	for (; *at; lines++) {
		size_t len = strcspn(at, "\n");

		if (lines < room) {
			strbuf_add(&cli->out.text, at, len);
			out_raw(&cli->out, "\033[K\n");
		}
		left += lines >= room;
		at += len + (at[len] == '\n');
	}
	if (left)
		out_printf(&cli->out, STYLE_DIM, "%zu more lines: the terminal is too low", left);
	out_raw(&cli->out, "\033[K\033[J");
	out_done(&page);
}

/* ---- drawing --------------------------------------------------------------------------------------- */

static int draw(struct watching *w, struct nsl_error **err)
{
	struct cli *cli = w->cli;
	const struct map_args *args = cli->parsed.args;
	int r = map_draw(cli, w->map, w->format, err);

	if (r < 0)
		return r;
	if (args->output)
		return map_write(cli, args->output, err);
	if (w->screen) {
		strbuf_adds(&cli->out.text, cli->notes.text.s ? cli->notes.text.s : "");
		out_done(&cli->notes);
		put_screen(w);
	} else if (w->format == MAP_TEXT) {
		out_newline(&cli->out);
		out_flush(&cli->notes);
	}
	r = out_flush(&cli->out);
	return r < 0 && r != -EPIPE ? error_errno(err, -r, "cannot write the output") : r;
}

/* In memory of its own. */
static int draw_once(struct watching *w, struct nsl_error **err)
{
	struct arena *outer = w->cli->arena, *own = arena_new();
	int r;

	if (!own)
		return error_oom(err);
	w->cli->arena = own;
	r = arena_exhausted(own) ? error_oom(err) : draw(w, err);
	w->cli->arena = outer;
	arena_free(own);
	return r;
}

/* Waits until there is something new to draw: a map that says something else, a window of another size, or, where counters are
 * shown, another second. NSL_MAP_CHANGED, NSL_MAP_CANCELLED, or -errno with *err set. */
static int wait_for_news(struct watching *w, struct nsl_map_watch *watch, struct nsl_error **err)
{
	const struct map_args *args = w->cli->parsed.args;
	int64_t counted = cli_clock();

	for (;;) {
		struct nsl_map *map = NULL;
		int r = nsloom_map_watch_next(watch, LOOK_MS, &map, err);

		if (r == NSL_MAP_SAME && w->screen && args->counters && cli_clock() - counted > COUNT_NS) {
			r = nsloom_map(w->cli->ns, w->target, &map, err);
			r = r < 0 ? r : NSL_MAP_CHANGED;
		}
		if (r == NSL_MAP_CHANGED) {
			nsloom_map_free(w->map);
			w->map = map;
		}
		if (r != NSL_MAP_SAME)
			return r;
		if (w->map && resized(w))
			return NSL_MAP_CHANGED;
	}
}

static int follow(struct watching *w, struct nsl_map_watch *watch, struct nsl_error **err)
{
	int r;

	while ((r = wait_for_news(w, watch, err)) == NSL_MAP_CHANGED) {
		resized(w);
		r = draw_once(w, err);
		if (r < 0)
			return r == -EPIPE && !*err ? STATUS_DONE : r; /* who reads it has enough */
	}
	return r < 0 ? r : STATUS_DONE;
}

int map_watch(struct cli *cli, const struct nsloom_target *target, enum map_format format, struct nsl_error **err)
{
	const struct map_args *args = cli->parsed.args;
	struct watching w = {.cli = cli, .target = target, .format = format};
	struct nsl_map_watch *watch = NULL;
	int r = nsloom_map_watch_new(cli->ns, target, (int)args->interval_ms, &watch, err);

	if (r < 0)
		return r;
	cancel_quietly_on_signals(cli->ns);
	w.screen = format == MAP_TEXT && !args->output && isatty(STDOUT_FILENO);
	resized(&w);
	if (w.screen)
		say(cli, "\033[?1049h\033[?25l");
	r = follow(&w, watch, err);
	if (w.screen)
		say(cli, "\033[?25h\033[?1049l");
	nsloom_map_watch_free(watch);
	nsloom_map_free(w.map);
	return r;
}
