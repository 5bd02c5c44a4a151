/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making errors. The type and its contract are public: <nsloom/error.h>.
 *
 * The constructors return -errnum, so that a failing function can say
 * `return error_set(err, …)`. They accept err == NULL (nobody wants to know)
 * and never fail: where memory is out, *err becomes a static error of code
 * NSL_E_MEMORY that nsl_error_free() knows not to free. It is constant: change
 * an error by the functions below, which leave it alone, and not by hand.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <nsloom/error.h>

#define PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Sets *err (which must be NULL before). Returns -errnum (errnum > 0; 0 is read as EINVAL). */
int error_set(struct nsl_error **err, enum nsl_error_code code, int errnum, const char *fmt, ...) PRINTF(4, 5);

/* The same with the place in the file. */
int error_at(struct nsl_error **err, enum nsl_error_code code, int errnum, struct nsl_pos pos, const char *fmt, ...)
	PRINTF(5, 6);

/* "MESSAGE: strerror(errnum)", code NSL_E_PERMISSION for EPERM/EACCES, NSL_E_MEMORY for ENOMEM, else NSL_E_FAILED. */
int error_errno(struct nsl_error **err, int errnum, const char *fmt, ...) PRINTF(3, 4);

/* Out of memory. */
int error_oom(struct nsl_error **err);

/* Adds the way to mend it to an error just made. No-op on NULL. */
void error_hint(struct nsl_error **err, const char *fmt, ...) PRINTF(2, 3);

/* Adds the kernel's own words (its extended ACK) to an error just made. No-op on NULL, NULL text or an empty one. */
void error_kernel(struct nsl_error **err, const char *text);

/* Gives an error its place in the file, unless it has one. The file's name is copied. *err may move. */
void error_place(struct nsl_error **err, struct nsl_pos pos);

/* Puts a new error on top; what *err held becomes its cause, and lends it code and errnum. Returns
 * -errnum of the old one. */
int error_wrap(struct nsl_error **err, const char *fmt, ...) PRINTF(2, 3);

/* Appends `more` (taken over) to the end of the chain *err by `next`. */
void error_append(struct nsl_error **err, struct nsl_error *more);

static inline void error_freep(struct nsl_error **err)
{
	nsl_error_free(*err);
}
#define _cleanup_error_ __attribute__((cleanup(error_freep)))

#endif
