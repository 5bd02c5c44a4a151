/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reaching a holder by its folder. */
#ifndef STANDIN_CONTACT_H
#define STANDIN_CONTACT_H

#include <stdbool.h>
#include <sys/types.h>

struct contact {
	int sock;    /* greeted; one request may follow */
	int holder;  /* pidfd */
	int way_out; /* pidfd of the program that is the way out; -1: none */
};
#define CONTACT_NONE ((struct contact){-1, -1, -1})

/* A socket that listens in the folder, in the place of any other. >= 0 or -errno. */
int contact_listen(int folder);

/* 0 or -errno. -ENOENT: nobody is expected there; -ECONNREFUSED: somebody was, and has gone without ado; -EPROTO: it is of another
 * version of nsloom. */
int contact_make(int folder, struct contact *out);
void contact_done(struct contact *c);

/* It ends, and has ended when this returns, or has only its namespaces left to give back: 0 or -errno. */
int contact_end(struct contact *c);
/* Tells the holder which program is the way out. 0 or -errno. */
int contact_way_out(struct contact *c, int program);

/* The number that /proc has for the process of a pidfd; 0: it has ended. */
pid_t pidfd_number(int pidfd);
/* Whether the process of a pidfd has ended within so many milliseconds (-1: waits for it). */
bool pidfd_ended(int pidfd, int ms);

#endif
