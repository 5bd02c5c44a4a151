/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generated topologies: the shapes that networks are studied in, written as
 * files of the ordinary format. The same request gives the same text on every
 * machine.
 */
#ifndef GEN_GEN_H
#define GEN_GEN_H

#include "error.h"
#include "ip.h"
#include "strbuf.h"

enum { SHAPE_MAX_SIZES = 3 };

struct shape_size {
	const char *name; /* "WIDTH" */
	unsigned min, max;
};

struct gen_request {
	const char *name;        /* of the lab; NULL: of the shape */
	struct ip_prefix subnet; /* where the addresses are taken from, IPv4 */
	bool nat;                /* star: a gateway, and the way out */
	uint64_t seed;           /* random: which of them */
};

struct sketch;

struct shape {
	const char *name;
	const char *help;
	struct shape_size sizes[SHAPE_MAX_SIZES]; /* ends early with a row without name */
	void (*draw)(struct sketch *s, const unsigned *sizes);
	/* What the ranges of the sizes do not say; NULL: nothing. */
	int (*check)(const unsigned *sizes, struct nsl_error **err);
};

/* All shapes, in the order of help; ends with a row without name. */
extern const struct shape shapes[];

/*
 * Writes the file of a shape. sizes has n entries, as many as the shape's. Fails
 * with NSL_E_USAGE for an unknown shape, a wrong number of sizes or one out of
 * its range, and for a subnet that is too small.
 */
int gen_write(const char *shape, const unsigned *sizes, size_t n, const struct gen_request *request, struct strbuf *out,
              struct nsl_error **err);

#endif
