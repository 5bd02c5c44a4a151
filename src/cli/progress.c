/* SPDX-License-Identifier: GPL-2.0-or-later */
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

void progress_show(void *data, size_t done, size_t total, const struct nsloom_step *step)
{
	struct progress *p = data;
	int64_t now = p->off ? 0 : cli_clock();
	size_t full = total ? done * BAR / total : 0;

	if (p->off || now < p->next)
		return;
	p->next = now + BETWEEN;
	p->shown = true;
	out_raw(&p->out, "\r\033[K");
	put_bar(&p->out, STYLE_GOOD, "█", full);
	put_bar(&p->out, STYLE_DIM, "░", BAR - full);
	out_printf(&p->out, STYLE_PLAIN, " %zu of %zu", done, total);
	/* Only where it surely fits the line: a line that wraps cannot be taken back. */
	if (step && utf8_cells(step->place, strlen(step->place)) + strlen(step->kind) + BAR + 28 < p->out.width)
		out_printf(&p->out, STYLE_DIM, "  %s: %s", step->place, step->kind);
	out_flush(&p->out);
}

void progress_done(struct progress *p)
{
	if (p->shown) {
		out_raw(&p->out, "\r\033[K");
		out_flush(&p->out);
	}
	out_done(&p->out);
}
