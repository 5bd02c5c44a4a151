/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --trace of up and down: what is done, as commands, while it is done. */
#ifndef CLI_TRACE_H
#define CLI_TRACE_H

#include "json.h"
#include "options.h"
#include "strbuf.h"

struct cli;
struct nsloom_traced;

struct trace {
	struct out *out;     /* written at once */
	json_t *array;       /* with --json: gathered here instead; else NULL */
	struct strbuf title; /* the last one */
	unsigned line;
};

void trace_init(struct trace *t, struct cli *cli);
/* The callback of nsloom_up() and nsloom_down(); data is the struct. */
void trace_show(void *data, const struct nsloom_traced *done);
/* A last word on the times. With --json the array goes into the document. */
void trace_done(struct trace *t, json_t *document);

#define TRACE_ROW(s)                                                                                           \
	{                                                                                                      \
		0, "trace", NULL, FLAG(s, trace), "show each operation as a command, with its answer and time" \
	}

#endif
