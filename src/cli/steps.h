/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan for a person and for a program: `plan` and `up` show the same. */
#ifndef CLI_STEPS_H
#define CLI_STEPS_H

#include "cli.h"
#include "json.h"

/* One line for each step, below the node it belongs to. */
void steps_print(struct cli *cli, const struct nsloom_plan *plan);
/* A line for the nodes, the host, the fabric, that counts what is done there. */
void steps_summarize(struct cli *cli, const struct nsloom_plan *plan);
/* "12 to create, 1 to change, 0 to remove"; done: "12 created, …". Coloured where it is not 0. */
void steps_count(struct cli *cli, const struct nsloom_plan *plan, bool done);
/* To standard error. */
void steps_warn(struct cli *cli, const struct nsloom_plan *plan);
json_t *steps_json(const struct nsloom_plan *plan);

#endif
