/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Echo requests in flight: sent, matched with what comes back, timed out, sent
 * again. Knows nothing of the order in which probes are carried out; that is
 * ping.c's.
 *
 * A probe has at most one request in flight. It is in one of the states below;
 * all requests have the same timeout, so those in the air, in the order in
 * which they were sent, are also in the order of their deadlines.
 *
 * How time is taken. A packet between namespaces of one machine is worked off
 * by the kernel within sendto(): the answer mostly waits in the socket when
 * the call returns, long before the loop comes to read it. So the arrival is
 * the kernel's own time stamp (SO_TIMESTAMPNS), which is of CLOCK_REALTIME,
 * and the departure is read from the same clock right before sendto(). For the
 * same reason each request has a sendto() of its own: in a sendmmsg() the last
 * would be charged with the time that the ones before it took. CLOCK_REALTIME
 * may be set in between: a round trip that comes out negative, or longer than
 * CLOCK_MONOTONIC saw pass, is replaced by what that clock saw. Deadlines are
 * CLOCK_MONOTONIC throughout.
 */
#ifndef PROBE_FLIGHT_H
#define PROBE_FLIGHT_H

#include "icmp.h"
#include "sockets.h"

/*
 * The ways of a probe: RESTING → WAITING → FLYING → (WAITING → FLYING)* → LANDED;
 * WAITING → STALLED → WAITING while the kernel has no room for it. The kernel
 * searches its whole neighbour table before it says that it is full: so when it
 * has said so to one, none of the family asks again for a while.
 */
enum flight_state { FLIGHT_RESTING, FLIGHT_WAITING, FLIGHT_STALLED, FLIGHT_FLYING, FLIGHT_LANDED, FLIGHT_STATE_COUNT };

struct flight {
	enum flight_state state;
	uint32_t prev, next; /* in the queue of its state */
	uint32_t attempt;    /* which request, from 0 */
	uint32_t watch;      /* the watch that it counts in; see flights_watch() */
	int64_t since;       /* ns, CLOCK_MONOTONIC: FLYING: sent; WAITING, STALLED: first tried */
	int64_t retry;       /* STALLED: when to try again */
	int64_t departed;    /* ns, CLOCK_REALTIME */
	uint64_t rtt_sum_us;
};

struct flight_queue {
	uint32_t first, last;
};

struct flights {
	struct ping_probe *probes;
	size_t n;
	const struct sockets *sockets;
	uint32_t count;
	int64_t timeout; /* ns */
	const volatile sig_atomic_t *cancel;
	uint64_t key;
	uint32_t mask; /* tags are masked with it, so that two pings at a time hardly ever use the same */
	struct flight *all;
	struct flight_queue queue[FLIGHT_STATE_COUNT]; /* of WAITING, STALLED, FLYING */
	int epoll;
	struct inbox *inbox;
	uint32_t watch;                  /* the current watch */
	size_t watched;                  /* flights in it that have not landed */
	bool deaf_to_self;               /* do not hear what a probe's own node says to it: see flights_drop() */
	int64_t full_until[IP_FAMILIES]; /* nothing of the family is sent before; ns, CLOCK_MONOTONIC */
	uint32_t slowest_us;             /* round trip of all so far */
	int64_t progress;                /* when one of it last landed; ns, CLOCK_MONOTONIC */
};

/* Makes ready; sends nothing. The probes, the sockets and `options` must outlive it. 0 or -errno; flights_done() in any case. */
int flights_init(struct flights *f, struct ping_probe *probes, size_t n, const struct sockets *sockets,
                 const struct ping_options *options, struct nsl_error **err);
void flights_done(struct flights *f);

/* Begins to count anew, in f->watched, the flights launched from now on. */
void flights_watch(struct flights *f);
/* Sends a resting probe's first request, or queues it to be sent. */
void flights_launch(struct flights *f, uint32_t probe);
/* One turn: sends what is due, takes in what came, ends what timed out; waits for something to do, at most max_wait ns.
 * 0, -EINTR (NSL_E_CANCELLED) or -errno. */
int flights_turn(struct flights *f, int64_t max_wait, struct nsl_error **err);
/*
 * To be called when neighbour entries were taken out that were still being
 * resolved: takes in, and forgets, the "host unreachable" which the kernel then
 * tells the sender. Nobody but us said so. 0 or as flights_turn().
 */
int flights_drop(struct flights *f, struct nsl_error **err);
/* Whether all that was launched has landed. */
bool flights_idle(const struct flights *f);

/* CLOCK_MONOTONIC in ns. */
int64_t monotonic_now(void);

#endif
