/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of a topology file and the complaints about them.
 *
 * Complaints live on the heap, because they outlive the arena of what they are
 * about. Where memory is out for one of them it is counted and left out: a
 * file with one complaint less is still refused.
 */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "strbuf.h"

/* A line longer than this is no help as an excerpt (a whole topology as one line of JSON). */
enum { EXCERPT_MAX = 1000 };

/* Where a scan for lines stands. */
struct cursor {
	const char *at;
	unsigned line;
};

/* Moves forward to a line. Returns its length without its end, or -1 where there is no such line. */
static ptrdiff_t cursor_seek(const struct source *s, struct cursor *c, unsigned line)
{
	const char *end = s->text + s->len;

	while (c->line < line) {
		const char *nl = memchr(c->at, '\n', (size_t)(end - c->at));

		if (!nl)
			return -1;
		c->at = nl + 1;
		c->line++;
	}
	const char *nl = memchr(c->at, '\n', (size_t)(end - c->at));
	ptrdiff_t len = (nl ? nl : end) - c->at;

	if (len > 0 && c->at[len - 1] == '\r')
		len--;
	return len;
}

const char *source_line(const struct source *s, struct arena *a, unsigned line)
{
	if (!s->text || line == 0)
		return NULL;

	struct cursor c = {s->text, 1};
	ptrdiff_t len = cursor_seek(s, &c, line);

	return len < 0 ? NULL : arena_strndup(a, c.at, (size_t)len);
}

void source_excerpt(const struct source *s, struct nsl_error *err)
{
	if (!s || !s->text)
		return;

	struct cursor c = {s->text, 1};

	for (struct nsl_error *e = err; e; e = e->next) {
		if (e->code == NSL_E_MEMORY || e->excerpt || e->pos.line == 0)
			continue;
		if (e->pos.line < c.line)
			c = (struct cursor){s->text, 1};

		ptrdiff_t len = cursor_seek(s, &c, e->pos.line);

		if (len >= 0 && len <= EXCERPT_MAX)
			e->excerpt = strndup(c.at, (size_t)len);
	}
}

void faults_init(struct faults *f, const struct source *source)
{
	*f = (struct faults){.source = source};
	f->tail = &f->list;
}

void fault(struct faults *f, struct nsl_pos pos, const char *fmt, ...)
{
	_cleanup_strbuf_ struct strbuf text = {0};
	va_list ap;

	f->last = NULL;
	if (++f->n > FAULTS_MAX)
		return;
	va_start(ap, fmt);
	strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (text.failed || !text.s)
		return;

	struct nsl_error *e = NULL;

	error_at(&e, NSL_E_FILE, EINVAL, pos, "%s", text.s);
	if (!e || e->code == NSL_E_MEMORY) {
		nsl_error_free(e);
		return;
	}
	f->last = *f->tail = e;
	f->tail = &e->next;
}

void fault_hint(struct faults *f, const char *fmt, ...)
{
	_cleanup_strbuf_ struct strbuf text = {0};
	va_list ap;

	if (!f->last)
		return;
	va_start(ap, fmt);
	strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (!text.failed && text.s)
		error_hint(&f->last, "%s", text.s);
}

/* Whether a stands after b in the file. What has no line comes last. */
static bool stands_after(const struct nsl_error *a, const struct nsl_error *b)
{
	unsigned la = a->pos.line - 1, lb = b->pos.line - 1;

	return la != lb ? la > lb : a->pos.column > b->pos.column;
}

void faults_take_back(struct faults *f, struct nsl_pos pos)
{
	const struct nsl_error here = {.pos = pos};
	struct nsl_error **at = &f->list;

	while (*at) {
		struct nsl_error *e = *at;

		if (!stands_after(e, &here)) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		e->next = NULL;
		nsl_error_free(e);
		f->n--;
	}
	f->tail = at;
	f->last = NULL;
}

/* Stable insertion sort: at most FAULTS_MAX items, and most of them stand right already. */
static struct nsl_error *sorted(struct nsl_error *list)
{
	struct nsl_error *out = NULL, *last = NULL;

	while (list) {
		struct nsl_error *e = list, **at = &out;

		list = e->next;
		if (last && !stands_after(last, e))
			at = &last->next;
		while (*at && !stands_after(*at, e))
			at = &(*at)->next;
		e->next = *at;
		*at = e;
		if (!e->next)
			last = e;
	}
	return out;
}

int faults_finish(struct faults *f, struct nsl_error **err)
{
	size_t n = f->n;

	if (n == 0)
		return 0;
	if (!f->list)
		return error_oom(err);

	struct nsl_error *list = sorted(f->list);

	source_excerpt(f->source, list);
	if (n > FAULTS_MAX) {
		struct nsl_error *more = NULL;

		error_at(&more, NSL_E_FILE, EINVAL, (struct nsl_pos){.file = list->pos.file},
		         "%zu more faults are not shown", n - FAULTS_MAX);
		error_append(&list, more);
	}
	faults_init(f, f->source);
	if (err)
		*err = list;
	else
		nsl_error_free(list);
	return -EINVAL;
}

void faults_done(struct faults *f)
{
	nsl_error_free(f->list);
	faults_init(f, f->source);
}
