/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ping found, in the three ways it is shown: one command, several pictures. */
#ifndef CLI_PING_H
#define CLI_PING_H

#include "cli.h"

/* Milliseconds, to three digits: "0.045", "1.24", "132". Arena. */
const char *ping_rtt(struct cli *cli, uint32_t us);

/* A line for each pair, or of very many for each that failed. */
void ping_print_lines(struct cli *cli, const struct nsloom_ping *ping, unsigned timeout_ms);

/* Rows from, columns to. False, and nothing printed, where that fits neither by addresses nor by nodes. */
bool ping_print_matrix(struct cli *cli, const struct nsloom_ping *ping);

#endif
