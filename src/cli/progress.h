/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A progress line on standard error, if that is a terminal (not a dumb one) and the work takes
 * longer than half a second; it vanishes when the work is done.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "out.h"

struct nsloom_step;

struct progress {
	struct out out;
	bool off, shown;
	int64_t next; /* time of the next line, of cli_clock() */
};

void progress_init(struct progress *p, enum color color, bool off);
/* The callback of nsloom_up() and nsloom_down(); data is the struct. */
void progress_show(void *data, size_t done, size_t total, const struct nsloom_step *step);
void progress_done(struct progress *p);

#endif
