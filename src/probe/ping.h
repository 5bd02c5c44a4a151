/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP and ICMPv6 echo from many network namespaces at once, in one process
 * and one thread. Starts no program; leaves the thread in the namespace and the
 * process with the limits that it had.
 */
#ifndef PROBE_PING_H
#define PROBE_PING_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "ip.h"

/* Where to ping from. */
struct ping_place {
	const char *netns; /* path of a namespace's file; NULL: the calling thread's own */
};

enum ping_result {
	PING_REPLY,       /* every request was answered */
	PING_NO_ANSWER,   /* nothing came in time */
	PING_NO_ROUTE,    /* the sender's kernel knows no way there */
	PING_UNREACHABLE, /* an ICMP error came: `by`, `icmp_type`, `icmp_code` */
	PING_SEND_FAILED, /* the sender's kernel would not send: `errnum` */
	PING_RESULT_COUNT
};

struct ping_probe {
	/* in */
	uint32_t place;
	struct ip to;
	/* out; of several requests, `result` and what goes with it is about the last one that failed, where one failed with
	 * a reason, and else about the last one */
	enum ping_result result;
	struct ip by;     /* who answered, or who sent the ICMP error; unset: nobody */
	struct ip source; /* our address, as the answer or the error shows it; unset: neither came */
	uint8_t icmp_type, icmp_code;
	int errnum;
	uint32_t sent, received;
	uint32_t rtt_min_us, rtt_avg_us, rtt_max_us; /* microseconds; 0 where none was received */
};

struct ping_options {
	uint32_t count;      /* requests for each probe, one after the other's answer or timeout; 0: 1 */
	uint32_t timeout_ms; /* for each request; 0: 1000 */
	const volatile sig_atomic_t *cancel; /* not 0: stop (-EINTR, NSL_E_CANCELLED). NULL: never */
};

/*
 * Carries out all probes, in an order of its own. 0 also where none was
 * answered: see `result`. Fails (-errno) where a place cannot be entered, a
 * socket not be opened, or a target is none (unset, multicast, or a link-local
 * IPv6 address: those need a scope, which is not supported); the probes' out
 * fields mean nothing then. -EMFILE: too few descriptors even with the hard
 * limit; three are needed for each place at most.
 *
 * Takes up to count × (timeout + the time to send) where the kernel's neighbour
 * table has room for all that do not answer, some hundreds; beyond, a further
 * timeout, and some 0.2 to 0.6 s for each node of 300 that is dead.
 */
int ping_run(const struct ping_place *places, size_t n_places, struct ping_probe *probes, size_t n,
             const struct ping_options *options, struct nsl_error **err);

/* Why a probe was not answered: "host unreachable", "no route", "prohibited by a route"; NULL for PING_REPLY and
 * PING_NO_ANSWER. */
const char *ping_reason(const struct ping_probe *probe);

#endif
