/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few programs that nsloom starts, all of them without root's hand: newuidmap(1), newgidmap(1), pasta(1), slirp4netns(1). */
#ifndef STANDIN_PROGRAM_H
#define STANDIN_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

/* Whether $PATH leads to it. */
bool program_exists(const char *name);

/* Runs a program to its end; what it complains of first goes to `said`. Its status (127: there is none of that name), or -errno. */
int program_run(char *const argv[], char *said, size_t size);

#endif
