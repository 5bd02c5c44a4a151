/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "progress.h"
#include "text.h"
#include "utf8.h"

enum {
	BAR = 24,               /* cells of the bar */
	FIRST = 500 * 1000000,  /* ns before the first line */
	BETWEEN = 80 * 1000000, /* ns between two */
	SECOND = 1000000000,
};

void progress_init(struct progress *p, enum color color, bool off)
{
	const char *term = getenv("TERM");
	bool able = isatty(STDERR_FILENO) && term && !streq(term, "dumb");

	*p = (struct progress){.off = off || !able, .next = cli_clock() + FIRST};
	out_init(&p->out, STDERR_FILENO, color);
}

static void put_bar(struct out *o, enum style style, const char *cell, size_t n)
{
	out_style(o, style);
	while (n--)
		out_raw(o, cell);
	out_style(o, STYLE_PLAIN);
}

void progress_left(int64_t ns, char *buf, size_t size)
{
	long long s = (ns + SECOND - 1) / SECOND;

	if (ns < SECOND)
		snprintf(buf, size, "%s", "");
	else if (s < 60)
		snprintf(buf, size, "%lld s left", s);
	else
		snprintf(buf, size, "%lld min %lld s left", s / 60, s % 60);
}

/* Appends to the line what surely fits: a line that wraps cannot be taken back. */
static void put_end(struct progress *p, const char *text, size_t *cells)
{
	size_t n = utf8_cells(text, strlen(text)) + 2;

	if (n == 2 || *cells + n >= p->out.width)
		return;
	out_raw(&p->out, "  ");
	out_text(&p->out, STYLE_DIM, text);
	*cells += n;
}

static void put_line(struct progress *p, size_t done, size_t total, int64_t now)
{
	size_t full = total ? done * BAR / total : 0, cells = BAR;
	char left[48] = "", numbers[64];

	if (done > p->began_with)
		progress_left(
			(int64_t)((double)(now - p->began) / (double)(done - p->began_with) * (double)(total - done)),
			left, sizeof(left));
	out_raw(&p->out, "\r\033[K");
	put_bar(&p->out, STYLE_GOOD, "█", full);
	put_bar(&p->out, STYLE_DIM, "░", BAR - full);
	cells += (size_t)snprintf(numbers, sizeof(numbers), " %zu of %zu", done, total);
	out_raw(&p->out, numbers);
	put_end(p, left, &cells);
	put_end(p, p->what, &cells);
	out_flush(&p->out);
}

void progress_show(void *data, size_t done, size_t total, const struct nsloom_step *step)
{
	struct progress *p = data;
	int64_t now = p->off ? 0 : cli_clock();

	if (p->off)
		return;
	if (!p->began) {
		p->began = now;
		p->began_with = done;
	}
	if (step)
		snprintf(p->what, sizeof(p->what), "%s: %s", step->place, step->kind);
	if (now < p->next)
		return;
	p->next = now + BETWEEN;
	p->shown = true;
	put_line(p, done, total, now);
}

void progress_done(struct progress *p)
{
	if (p->shown) {
		out_raw(&p->out, "\r\033[K");
		out_flush(&p->out);
	}
	out_done(&p->out);
}
