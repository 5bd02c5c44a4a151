/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a namespace is set to, as facts: each has an aspect, a key and a value
 * as text, so that two namespaces can be laid side by side. A child goes in to
 * collect them and sends them through a pipe: the caller stays where it is, and
 * an ordinary user gets into what is his.
 */
#ifndef SCOPE_INSIDE_H
#define SCOPE_INSIDE_H

#include <nsloom/scope.h>

#include "arena.h"
#include "error.h"
#include "strbuf.h"

/* Facts on their way: an aspect (one byte), then key and value, each with its NUL. */
struct facts {
	struct strbuf text;
};

/* A value may be in words, which may leave something out, and after this what it is exactly, which is compared. */
#define FACT_EXACTLY "\x1f"

void fact_add(struct facts *f, enum nsl_aspect aspect, const char *key, const char *fmt, ...) PRINTF(4, 5);

/* Collectors, run inside. 0 or -errno. */
int collect_routes(struct facts *f);
int collect_rules(struct facts *f);
int collect_neighbours(struct facts *f);
int collect_sockets(struct facts *f);
int collect_unix(struct facts *f);
int collect_nft(struct facts *f);
int collect_sysctls(struct facts *f);

/* All of them, in the namespace of a descriptor. *out is malloc'd. 0 or -errno (-EPERM: it may not be entered). */
int inside_collect(int ns, char **out, size_t *len);

#endif
