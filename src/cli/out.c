/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fd.h"
#include "out.h"
#include "text.h"

static const char *const escapes[] = {
	[STYLE_PLAIN] = "\033[0m", [STYLE_BOLD] = "\033[1m",  [STYLE_DIM] = "\033[2m",
	[STYLE_GOOD] = "\033[32m", [STYLE_WARN] = "\033[33m", [STYLE_BAD] = "\033[31m",
};
static_assert(ARRAY_SIZE(escapes) == STYLE_COUNT, "every style has its escape sequence");

static unsigned width_of(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = {0};
	unsigned long long n;

	if (columns && parse_u64(columns, 10000, &n) && n > 0)
		return (unsigned)n;
	if (!isatty(fd))
		return 0;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static bool color_of(int fd, enum color color)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (color != COLOR_AUTO)
		return color == COLOR_ALWAYS;
	return !(no && *no) && !(term && streq(term, "dumb")) && isatty(fd);
}

void out_init(struct out *o, int fd, enum color color)
{
	*o = (struct out){.fd = fd, .color = color_of(fd, color), .width = width_of(fd)};
}

void out_done(struct out *o)
{
	strbuf_done(&o->text);
}

void out_style(struct out *o, enum style style)
{
	if (o->color)
		strbuf_adds(&o->text, escapes[style]);
}

void out_raw(struct out *o, const char *s)
{
	strbuf_adds(&o->text, s);
}

void out_text(struct out *o, enum style style, const char *s)
{
	if (style != STYLE_PLAIN)
		out_style(o, style);
	strbuf_addsafe(&o->text, s, strlen(s));
	if (style != STYLE_PLAIN)
		out_style(o, STYLE_PLAIN);
}

void out_printf(struct out *o, enum style style, const char *fmt, ...)
{
	_cleanup_strbuf_ struct strbuf b = {0};
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(&b, fmt, ap);
	va_end(ap);
	if (b.failed)
		o->text.failed = true;
	else
		out_text(o, style, b.s ? b.s : "");
}

void out_newline(struct out *o)
{
	strbuf_addc(&o->text, '\n');
}

int out_flush(struct out *o)
{
	int r;

	if (o->text.failed)
		return -ENOMEM;
	r = o->text.len ? fd_write_all(o->fd, o->text.s, o->text.len) : 0;
	strbuf_done(&o->text);
	return r;
}
