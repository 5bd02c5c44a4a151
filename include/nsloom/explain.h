/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nsloom/explain.h - how a packet from here to there would go, hop by hop
 *
 * Read from the live kernel: the route that each namespace on the way would
 * choose, the devices and bridges that it would pass, what nf_tables would do with
 * it, and the same for the answer. Then it is tried: an echo request tells whether
 * the reading is right.
 */
#ifndef NSLOOM_EXPLAIN_H
#define NSLOOM_EXPLAIN_H

#include <nsloom/nsloom.h>

enum nsl_step_kind {
	NSL_STEP_ROUTE,   /* the route chosen, and why */
	NSL_STEP_OUT,     /* leaves by a device */
	NSL_STEP_BRIDGE,  /* passes a bridge */
	NSL_STEP_IN,      /* comes in by a device */
	NSL_STEP_FORWARD, /* is forwarded */
	NSL_STEP_FILTER,  /* what the firewall does with it */
	NSL_STEP_NAT,     /* its address becomes another */
	NSL_STEP_ARRIVE,  /* has come to its end */
	NSL_STEP_LEAVE,   /* goes where we cannot see */
	NSL_STEP_NOTE,    /* worth knowing; nothing is wrong */
	NSL_STEP_FAULT,   /* comes no further: and why */
	NSL_STEP_KIND_COUNT
};

struct nsl_step {
	enum nsl_step_kind kind;
	bool answer;        /* of the way back */
	const char *place;  /* the namespace, as the census names it */
	const char *device; /* or NULL */
	const char *text;
};

enum nsl_verdict {
	NSL_REACHES,   /* and comes back: tried, and answered */
	NSL_FAILS,     /* for the reason of the NSL_STEP_FAULT */
	NSL_UNCERTAIN, /* nothing was found that is wrong, but it was not answered (or could not be tried) */
	NSL_VERDICT_COUNT
};

struct nsl_explanation {
	const char *from, *to; /* namespaces; `to` NULL: an address of none that we see */
	const char *source, *address;
	size_t n_steps;
	struct nsl_step *steps;
	enum nsl_verdict verdict;
	const char *reason; /* one sentence */
	const char *place;  /* where the fault is, or NULL */
	const char *mend;   /* a command that mends it, or what to do; or NULL */
	bool tried, answered;
	uint32_t rtt_us;
};

/*
 * From a namespace (NODE, LAB.NODE, "host", or whatever nsloom_census_find()
 * takes) to another, to one of its devices (NODE:INTERFACE) or to an address. 0 also where nothing reaches: see verdict.
 */
NSLOOM_EXPORT int nsloom_explain(struct nsloom *ns, const struct nsloom_target *target, const char *from,
                                 const char *to, struct nsl_explanation **out, struct nsl_error **err);
NSLOOM_EXPORT void nsloom_explanation_free(struct nsl_explanation *explanation);

#endif
