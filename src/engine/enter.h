/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Becoming a command inside a node. */
#ifndef ENGINE_ENTER_H
#define ENGINE_ENTER_H

#include "engine.h"

/*
 * Moves the process into the node (its network; a mount namespace of its own with a /sys
 * that shows the node's devices, /etc/hosts with the lab's nodes, a resolv.conf
 * that works from there; a host name of its own) and executes argv, or a shell
 * where argv is NULL. Returns on failure only: *err has errnum ENOENT and code
 * NSL_E_FAILED where the command was not found.
 */
int enter_exec(struct engine *e, const char *lab, const char *node, char *const argv[], struct nsl_error **err);

/* The same on the host, where the process is already. */
int enter_host(struct engine *e, char *const argv[], struct nsl_error **err);
/* Executes argv as it is; errors as above. */
int enter_run(char *const argv[], struct nsl_error **err);

#endif
