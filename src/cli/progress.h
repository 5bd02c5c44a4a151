/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A progress line on standard error, if that is a terminal (not a dumb one) and the work takes
 * longer than half a second: what is being made, how much of how much, and what time is left if
 * it goes on like that. It vanishes when the work is done.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "out.h"

struct nsloom_step;

struct progress {
	struct out out;
	bool off, shown;
	int64_t next;  /* time of the next line, of cli_clock() */
	int64_t began; /* when so much was done: */
	size_t began_with;
	char what[96]; /* is being made */
};

void progress_init(struct progress *p, enum color color, bool off);
/* The callback of nsloom_up() and nsloom_down(); data is the struct. */
void progress_show(void *data, size_t done, size_t total, const struct nsloom_step *step);
void progress_done(struct progress *p);

/* "3 s left", "2 min 5 s left"; "" for less than a second. Never in a hurry: rounded up. */
void progress_left(int64_t ns, char *buf, size_t size);

#endif
