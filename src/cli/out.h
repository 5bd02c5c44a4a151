/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command has to say, gathered in memory and written at once when the
 * command has ended: so that a full disk or a closed pipe is noticed in one
 * place, and a document is printed whole or not at all.
 *
 * Whatever comes from outside goes through out_text() or out_printf(), which
 * make control characters visible. Only out_raw() passes bytes on as they are.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>

#include "error.h"
#include "strbuf.h"

enum style {
	STYLE_PLAIN,
	STYLE_BOLD, /* headings, names */
	STYLE_DIM,  /* what the eye may skip */
	STYLE_GOOD, /* created, answered, up */
	STYLE_WARN, /* changed, partial */
	STYLE_BAD,  /* removed, failed */
	STYLE_COUNT
};

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct out {
	struct strbuf text;
	int fd;
	bool color;
	unsigned width; /* cells to a line; 0: no limit */
};

/*
 * Output to fd: the width is that of $COLUMNS, else of the terminal (80 where it does not tell); what is no terminal has
 * no limit. COLOR_AUTO is colour on a terminal that is not "dumb", unless $NO_COLOR is set.
 */
void out_init(struct out *o, int fd, enum color color);
void out_done(struct out *o);

void out_raw(struct out *o, const char *s);
void out_text(struct out *o, enum style style, const char *s);
/* No newline in it: that is a control character. */
void out_printf(struct out *o, enum style style, const char *fmt, ...) PRINTF(3, 4);
void out_newline(struct out *o);
void out_style(struct out *o, enum style style); /* STYLE_PLAIN ends any other */

/* Writes everything and empties the buffer. 0 or -errno. */
int out_flush(struct out *o);

#endif
