/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outpost: a process that stays on the machine when the one that made it moves into the stand-in
 * host, which there is no way back from. As long as its maker lives, it opens files for it as they are seen
 * there, and starts the program that is the way out.
 */
#ifndef STANDIN_OUTPOST_H
#define STANDIN_OUTPOST_H

#include <sys/types.h>

struct outpost {
	pid_t pid; /* 0: none */
	int sock;
};
#define OUTPOST_NONE ((struct outpost){.sock = -1})

/* `holder`: a pidfd, whose PID namespace programs are started in; -1: none are. 0 or -errno. */
int outpost_make(struct outpost *o, int holder);
void outpost_end(struct outpost *o);

/* Opens a file to be read. >= 0 or -errno. */
int outpost_open(const struct outpost *o, const char *path);

struct started {
	int program; /* pidfd */
	int ready;   /* the other end is its descriptor 3 */
};
/* Starts a program, in the holder's user namespace and below the holder: it ends with it. What it says goes to the file `log`. 0
 * or -errno. */
int outpost_start(const struct outpost *o, const char *log, const char *const argv[], struct started *out);

#endif
