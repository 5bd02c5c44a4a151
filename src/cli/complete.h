/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What completion knows of labs and of the machine. Each function offers what
 * there is at this moment and begins as the word does; where that cannot be
 * read, nothing.
 */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli.h"

struct completer {
	struct cli *cli;
	const struct parsed *line; /* the words before the last */
	const char *lead;          /* of the last word, what is to stand in each answer before the value: "--lab=" */
	const char *begun;         /* what is there of the value itself */
	struct nsloom_lab *lab;    /* the one that is meant; read when it is first asked for */
	bool no_lab;               /* it cannot be read */
};

/* A word that may stand here, and what it is (may be NULL). What does not begin as the word does is passed over. */
void offer(struct completer *c, const char *word, const char *what);

void offer_labs(struct completer *c);
void offer_host(struct completer *c);
/* The nodes of the lab that is meant, by their names alone. */
void offer_nodes(struct completer *c);
/* LAB.NODE of all labs that are up; of the one that is meant only once a dot was written. */
void offer_nodes_of_others(struct completer *c);
/* NODE:INTERFACE, once the colon was written. */
void offer_interfaces(struct completer *c);
/* Those of the lab that is meant, once one was begun. */
void offer_addresses(struct completer *c);

/* The namespaces of the machine, by what `ns ls` calls them, and by their names below /run/netns. */
void offer_namespaces(struct completer *c);
void offer_namespace_names(struct completer *c);
/* NAMESPACE:DEVICE, once the colon was written; NODE:INTERFACE as well. */
void offer_devices(struct completer *c);
void offer_processes(struct completer *c);

/* Frees what was read. */
void complete_done(struct completer *c);

#endif
