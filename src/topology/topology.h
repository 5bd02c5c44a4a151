/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From files to specs and back: the one format that people write (YAML 1.2, and
 * so JSON), and the record of a model in the same format with everything decided.
 */
#ifndef TOPOLOGY_TOPOLOGY_H
#define TOPOLOGY_TOPOLOGY_H

#include "model.h"
#include "spec.h"
#include "strbuf.h"

enum { TOPOLOGY_MAX_BYTES = 64 << 20 };

/*
 * Reads a topology file. "-" is standard input. The lab's name defaults to that of the folder of the
 * file's absolute path. Every fault of syntax, keys and types is reported at once (NSL_E_FILE); a file that cannot be
 * read is NSL_E_NOT_FOUND, NSL_E_PERMISSION or NSL_E_FAILED. On success *out owns an arena with all of it
 * (*out lies in it: free with arena_free((*out)->arena)).
 */
int topology_read_file(const char *path, struct spec **out, struct nsl_error **err);

/* The same from memory. `file` names the text in messages; `folder` (may be NULL) names a lab without `name:`. */
int topology_read_text(const char *text, size_t len, const char *file, const char *folder, struct spec **out,
                       struct nsl_error **err);

/* Reads and checks: topology_read_file() and model_build(). Where the file has faults of both sorts, all that can be told are
 * reported. */
int topology_load(const char *path, struct model **out, struct nsl_error **err);
int topology_load_text(const char *text, size_t len, const char *file, const char *folder, struct model **out,
                       struct nsl_error **err);

/* Writes a model as a topology in JSON with every decision explicit (names, addresses, MACs, port and device names; the
 * automatic routes are left to be computed again): reading it gives the same model. One line a node. */
void topology_write(const struct model *m, struct strbuf *out);

#endif
