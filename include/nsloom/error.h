/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error.h - what went wrong, where, why, and how to mend it
 *
 * Every call that can fail returns 0, or a negative errno and an error in
 * *err: never one without the other. The error belongs to the caller, who
 * frees it with nsl_error_free(). `err` may be NULL if the caller does not
 * want to know. The library itself never prints and never exits.
 *
 * Reading a file collects all its faults: they hang together by `next`, in
 * file order. `cause` is the deeper reason of one error (what failed while
 * something else was tried).
 */
#ifndef NSLOOM_ERROR_H
#define NSLOOM_ERROR_H

/* What the shared library shows to the world. */
#ifndef NSLOOM_EXPORT
#define NSLOOM_EXPORT __attribute__((visibility("default")))
#endif

/* What kind of failure it is. Stable: programs may switch on it. */
enum nsl_error_code {
	NSL_E_FAILED,     /* something else; see the message */
	NSL_E_USAGE,      /* the call or the command line makes no sense */
	NSL_E_FILE,       /* a file is not a sound topology */
	NSL_E_NOT_FOUND,  /* no such lab, node, file */
	NSL_E_PERMISSION, /* not allowed (not root, mostly) */
	NSL_E_TAKEN,      /* something in the way belongs to somebody else */
	NSL_E_BUSY,       /* another nsloom is at work on this lab */
	NSL_E_KERNEL,     /* the kernel refused a request */
	NSL_E_MISSING,    /* this kernel or host lacks a needed feature */
	NSL_E_MEMORY,     /* out of memory */
	NSL_E_CANCELLED,  /* a signal or the caller asked to stop */
	NSL_E_COUNT
};

/* A place in a topology file. line and column count from 1; 0: unknown. column counts characters (Unicode code points, a
 * tab is one), not bytes. */
struct nsl_pos {
	const char *file; /* as the user named it; NULL: no file. An error has its own copy */
	unsigned line;
	unsigned column;
};

struct nsl_error {
	enum nsl_error_code code;
	int errnum;         /* positive errno, 0 if none fits */
	struct nsl_pos pos; /* the line of the file that asked for it */
	char *message;      /* one sentence, no full stop, no position */
	char *excerpt;      /* the line of the file itself, or NULL */
	char *hint;         /* how to mend it, or NULL */
	char *kernel;       /* the kernel's extended ACK, or NULL */
	struct nsl_error *cause;
	struct nsl_error *next;
};

/* Stable lower-case word of a code ("file", "kernel", …), for JSON. */
NSLOOM_EXPORT const char *nsl_error_word(enum nsl_error_code code);

/* Frees an error with all its causes and successors. NULL is fine. */
NSLOOM_EXPORT void nsl_error_free(struct nsl_error *err);

/*
 * The whole chain as text for a person, one error after the other:
 *
 *   nsloom.yaml:7:9: error: unknown key "adress"
 *       7 |   one: {adress: 10.0.0.1}
 *         |         ^
 *         = hint: did you mean "address"?
 *
 * Beside "hint" there are "kernel" (its extended ACK) and "because" (a cause).
 * Control characters are shown as \xNN; a tab of the excerpt as spaces; of a
 * long line, the part around the caret. NULL gives "". Returns a malloc'd string that the
 * caller frees, or NULL when memory is out.
 */
NSLOOM_EXPORT char *nsl_error_text(const struct nsl_error *err);

#endif
