/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making and freeing errors.
 *
 * An error is one block: the struct, and behind it its own copy of the file's
 * name, since it outlives the arena that name came from. The other strings are
 * blocks of their own. Where memory is out, the error is `no_memory`, which is
 * constant: it takes no hint and no successor, and freeing it does nothing.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "strbuf.h"

/* Its message is never written and never freed. */
static const struct nsl_error no_memory = {
	.code = NSL_E_MEMORY,
	.errnum = ENOMEM,
	.message = (char *)"out of memory",
};

static bool is_static(const struct nsl_error *e)
{
	return e == &no_memory;
}

/* The constant error, as a caller's. */
static struct nsl_error *static_error(void)
{
	return (struct nsl_error *)&no_memory;
}

/* fmt, formatted, in a malloc'd string; NULL when memory is out. */
PRINTF(1, 0)
static char *format(const char *fmt, va_list ap)
{
	_cleanup_strbuf_ struct strbuf b = {0};

	strbuf_vprintf(&b, fmt, ap);
	return strbuf_steal(&b);
}

/* A new error that takes the message over, or the static one. */
static struct nsl_error *make(enum nsl_error_code code, int errnum, struct nsl_pos pos, char *message)
{
	size_t name = pos.file ? strlen(pos.file) + 1 : 0;
	struct nsl_error *e = message ? malloc(sizeof(*e) + name) : NULL;

	if (!e) {
		free(message);
		return static_error();
	}
	*e = (struct nsl_error){.code = code, .errnum = errnum, .pos = pos, .message = message};
	if (name)
		e->pos.file = memcpy(e + 1, pos.file, name);
	return e;
}

PRINTF(5, 0)
static int set(struct nsl_error **err, enum nsl_error_code code, int errnum, struct nsl_pos pos, const char *fmt,
               va_list ap)
{
	if (errnum <= 0)
		errnum = EINVAL;
	if (err) {
		assert(!*err);
		*err = make(code, errnum, pos, format(fmt, ap));
	}
	return -errnum;
}

int error_set(struct nsl_error **err, enum nsl_error_code code, int errnum, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = set(err, code, errnum, (struct nsl_pos){0}, fmt, ap);
	va_end(ap);
	return rc;
}

int error_at(struct nsl_error **err, enum nsl_error_code code, int errnum, struct nsl_pos pos, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = set(err, code, errnum, pos, fmt, ap);
	va_end(ap);
	return rc;
}

static enum nsl_error_code code_of(int errnum)
{
	switch (errnum) {
	case EPERM:
	case EACCES:
		return NSL_E_PERMISSION;
	case ENOMEM:
		return NSL_E_MEMORY;
	default:
		return NSL_E_FAILED;
	}
}

/* The C library's words for an errno: untranslated and safe in threads where it knows how. */
static const char *description(int errnum)
{
#ifdef HAVE_STRERRORDESC_NP
	const char *text = strerrordesc_np(errnum);

	return text ? text : "unknown error";
#else
	return strerror(errnum);
#endif
}

int error_errno(struct nsl_error **err, int errnum, const char *fmt, ...)
{
	_cleanup_strbuf_ struct strbuf b = {0};
	va_list ap;

	if (errnum <= 0)
		errnum = EINVAL;
	if (!err)
		return -errnum;
	assert(!*err);
	va_start(ap, fmt);
	strbuf_vprintf(&b, fmt, ap);
	va_end(ap);
	strbuf_printf(&b, ": %s", description(errnum));
	*err = make(code_of(errnum), errnum, (struct nsl_pos){0}, strbuf_steal(&b));
	return -errnum;
}

int error_oom(struct nsl_error **err)
{
	if (err) {
		assert(!*err);
		*err = static_error();
	}
	return -ENOMEM;
}

/* Puts `text` (taken over, may be NULL) in a field of an error; a field that memory is out for stays as it was. */
static void replace(char **field, char *text)
{
	if (!text)
		return;
	free(*field);
	*field = text;
}

static bool can_change(struct nsl_error **err)
{
	return err && *err && !is_static(*err);
}

void error_hint(struct nsl_error **err, const char *fmt, ...)
{
	va_list ap;

	if (!can_change(err))
		return;
	va_start(ap, fmt);
	replace(&(*err)->hint, format(fmt, ap));
	va_end(ap);
}

void error_kernel(struct nsl_error **err, const char *text)
{
	if (can_change(err) && text && *text)
		replace(&(*err)->kernel, strdup(text));
}

void error_place(struct nsl_error **err, struct nsl_pos pos)
{
	size_t name = pos.file ? strlen(pos.file) + 1 : 0;
	struct nsl_error *e;

	if (!can_change(err) || (*err)->pos.file || (*err)->pos.line)
		return;
	e = realloc(*err, sizeof(*e) + name);
	if (!e)
		return;
	*err = e;
	e->pos = pos;
	if (name)
		e->pos.file = memcpy(e + 1, pos.file, name);
}

int error_wrap(struct nsl_error **err, const char *fmt, ...)
{
	struct nsl_error *top;
	va_list ap;

	if (!err)
		return -EINVAL;
	assert(*err);
	va_start(ap, fmt);
	top = make((*err)->code, (*err)->errnum, (struct nsl_pos){0}, format(fmt, ap));
	va_end(ap);
	if (!is_static(top)) { /* else the reason alone must do */
		top->cause = *err;
		*err = top;
	}
	return -((*err)->errnum ? (*err)->errnum : EINVAL);
}

void error_append(struct nsl_error **err, struct nsl_error *more)
{
	struct nsl_error *last;

	if (!err) {
		nsl_error_free(more);
		return;
	}
	if (!*err) {
		*err = more;
		return;
	}
	for (last = *err; last->next; last = last->next)
		;
	if (is_static(last))
		nsl_error_free(more);
	else
		last->next = more;
}

void nsl_error_free(struct nsl_error *err)
{
	while (err && !is_static(err)) {
		struct nsl_error *next = err->next;

		nsl_error_free(err->cause);
		free(err->message);
		free(err->excerpt);
		free(err->hint);
		free(err->kernel);
		free(err);
		err = next;
	}
}
