/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record: a lab's model as last applied, LAB_DIR/record, so that `down`,
 * `exec` and `show` work anywhere and after the file is gone. It is a topology file
 * with every decision explicit (topology_write()), behind one line of comment:
 *
 *   # nsloom-record 1 nodes=3 networks=1 links=2 file=/home/ann/lab/nsloom.yaml
 *
 * and one more with the lines of that file (lines.h).
 *
 * It is replaced as a whole, by rename. LAB_DIR/hosts, beside it, is what the
 * nodes see as /etc/hosts.
 */
#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H

#include "error.h"
#include "model.h"
#include "rundir.h"

#include <limits.h>
#include <stdint.h>

enum { RECORD_VERSION = 1 };
#define RECORD_FILE "record"
#define HOSTS_FILE "hosts"

struct record_head {
	unsigned version;
	size_t nodes, networks, links;
	int64_t since;       /* seconds since the epoch, when it was written */
	char file[PATH_MAX]; /* absolute; "" where unknown */
};

/* Just the first line. 0, -ENOENT: there is no record, -EINVAL: it makes no sense. */
int record_head(const struct rundir *rd, const char *lab, struct record_head *out);

/* The model. *out NULL without error: there is no (sound) record. NSL_E_MISSING: it is of a newer version of nsloom. */
int record_read(const struct rundir *rd, const char *lab, struct model **out, struct nsl_error **err);

/* Writes record and hosts. `file`: absolute path of the topology file, or NULL. */
int record_write(int lab_dir, const struct model *m, const char *file, struct nsl_error **err);

#endif
