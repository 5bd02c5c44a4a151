/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way out of a stand-in host: pasta(1), or slirp4netns(1) where only that is there. It
 * is a program of the user's on the machine, which takes what a device of the stand-in
 * host (WAY_OUT_DEVICE) sends and sends it from sockets of its own; and listens on the machine's ports that
 * lead to the stand-in host (pasta only). There nf_tables does the rest, as on any host.
 *
 * The device's addresses are none that a lab or the machine would have, and the same everywhere
 * (RFC 7335, and a unique local prefix). So no lab meets a subnet that the machine is in, and what the
 * machine's network becomes meanwhile does not matter.
 *
 * There is no record of it: what it was started with is its command line. It is a child of the holder and ends
 * with it.
 */
#ifndef STANDIN_WAY_OUT_H
#define STANDIN_WAY_OUT_H

#include "error.h"
#include "ports.h"
#include "standin.h"

#define WAY_OUT_DEVICE "way.out"
#define WAY_OUT_RESOLVER4 "192.0.0.3"
#define WAY_OUT_RESOLVER6 "fd6e:736c:6f6f:6d::3"

/* What there is, and what there might be. Zero-initialise; way_out_forget(). */
struct way_out_view {
	const char *runs;         /* the program that is one, or NULL */
	const char *can;          /* that can become one, or NULL */
	char lacks[160];          /* why none can, with the mend; "": that is as it was chosen */
	bool family[IP_FAMILIES]; /* it leads out in this one, or would */
	struct port_range *ports; /* that are led in by the one that runs, tidied */
	size_t n_ports;
	unsigned port_start; /* the machine's first port that is not for root only */
};
/* 0, or -ENOMEM. */
int way_out_look(const struct standin *s, struct way_out_view *out);
void way_out_forget(struct way_out_view *v);

/* Whether a program leads ports in. */
bool way_out_takes_ports(const char *program);

/* Makes a way out, or another one in the place of that which is; `ports` are tidied. NSL_E_FAILED with its own words. */
int way_out_set(const struct standin *s, const struct way_out_view *v, const struct port_range *ports, size_t n,
                struct nsl_error **err);
/* Takes it away. */
int way_out_end(const struct standin *s, struct nsl_error **err);

/* Reads the ports that a command line of pasta's (words with their NULs) leads in. -ENOMEM; else how many, tidied, in *out, which is
 * the caller's to free. */
long way_out_parse(const char *words, size_t len, struct port_range **out);

#endif
