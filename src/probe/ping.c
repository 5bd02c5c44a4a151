/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pings in an order that the kernel bears. See ping.h; flight.h for how one is
 * carried out, neigh.h for why the order matters.
 *
 * A few probes are sent as they are, in an order that goes round senders and
 * targets. Of many, each is of one kind:
 *
 *   far     into no subnet of its sender: resolved by routers, few entries; sent without limit
 *   pair    into a subnet of its sender's, to another place. First, some of them prove who is on one wire with whom;
 *           then those between proven ends go tile by tile: the entries of one square of senders × targets are put
 *           in, all pings of the square are sent, both directions, and the entries are taken out
 *   near    into a subnet of its sender, but no place's: the kernel resolves, a window's number at a time; and so it does
 *           between ends that were not proven
 *
 * Nobody waits for timeouts between tiles: a tile is left when nothing has been
 * answered for some round trips. What is then still in the air stays so.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "flight.h"
#include "neigh.h"
#include "ping.h"

#define NS_PER_MS INT64_C(1000000)

enum {
	HELP_FROM = 200,  /* fewer probes cannot fill the neighbour table and cost few broadcasts */
	LOOK_EVERY = 256, /* requests sent between two looks at the sockets: several answers for each recvmmsg() */
	PROOF_ROUNDS = 3,
};

/* How long to wait for something more: while nobody has answered yet, and at least. */
#define SETTLE_FIRST (300 * NS_PER_MS)
#define SETTLE_MIN (10 * NS_PER_MS)
#define SETTLE_REST (50 * NS_PER_MS) /* for those that were not proven to be on the wire */
#define SETTLE_MAX (500 * NS_PER_MS)
#define FOREVER INT64_MAX

/* A probe to be carried out. */
struct job {
	uint64_t key; /* order */
	uint32_t probe;
	enum ip_family family;
	enum neigh_relation relation;
	struct neigh_pair pair;
	bool launched;
};

struct run {
	struct flights flights;
	struct neigh neigh;
	struct job *jobs;
	size_t n;
	uint32_t *list;           /* room for all probes */
	struct neigh_pair *pairs; /* the same */
	struct nsl_error **err;
};

/* ---- carrying out ------------------------------------------------------------------------------ */

/* Some round trips of the slowest answer so far. */
static int64_t settle_time(const struct run *r)
{
	int64_t t = (int64_t)r->flights.slowest_us * 4000;

	if (!t)
		return SETTLE_FIRST;
	return t < SETTLE_MIN ? SETTLE_MIN : t > SETTLE_MAX ? SETTLE_MAX : t;
}

/* Launches the first n probes of r->list. */
static int launch(struct run *r, size_t n)
{
	struct flights *f = &r->flights;
	int failed = 0;

	flights_watch(f);
	for (size_t i = 0; failed == 0 && i < n; i++) {
		flights_launch(f, r->list[i]);
		if (i % LOOK_EVERY == LOOK_EVERY - 1)
			failed = flights_turn(f, 0, r->err);
	}
	return failed ? failed : flights_turn(f, 0, r->err);
}

/* Waits until all that was launched last has landed, or nothing of it has for `settle` ns. */
static int settle(struct run *r, int64_t settle_ns)
{
	struct flights *f = &r->flights;
	int failed = 0;

	f->progress = monotonic_now();
	while (failed == 0 && f->watched) {
		int64_t left = f->progress + settle_ns - monotonic_now();

		if (left <= 0)
			return 0;
		failed = flights_turn(f, left, r->err);
	}
	return failed;
}

static int finish(struct run *r)
{
	int failed = 0;

	while (failed == 0 && !flights_idle(&r->flights))
		failed = flights_turn(&r->flights, FOREVER, r->err);
	return failed;
}

/* ---- few --------------------------------------------------------------------------------------- */

/* A step that shares no factor with n, about n × 0.618: going round by it visits all, near ones far apart in time. */
static size_t stride(size_t n)
{
	size_t s = (size_t)((double)n * 0.6180339887), a, b;

	for (s = s ? s : 1;; s++) {
		for (a = n, b = s; b;) {
			size_t rest = a % b;

			a = b;
			b = rest;
		}
		if (a == 1)
			return s;
	}
}

static int run_few(struct run *r)
{
	size_t step = stride(r->n), at = 0;
	int failed;

	for (size_t i = 0; i < r->n; i++, at = (at + step) % r->n)
		r->list[i] = (uint32_t)at;
	failed = launch(r, r->n);
	return failed ? failed : finish(r);
}

/* ---- many -------------------------------------------------------------------------------------- */

/* Makes the jobs. True if their neighbours may be too many for the table. */
static bool make_jobs(struct run *r)
{
	size_t entries[IP_FAMILIES] = {0}, step = stride(r->n), at = 0;
	bool many = false;

	for (size_t i = 0; i < r->n; i++, at = (at + step) % r->n) {
		const struct ping_probe *p = &r->flights.probes[at];
		struct job *j = &r->jobs[i];

		j->probe = (uint32_t)at;
		j->family = p->to.family;
		j->relation = neigh_relate(&r->neigh, p->place, &p->to, &j->pair);
		if (j->relation != NEIGH_FAR)
			entries[j->family] += 2;
		many |= entries[j->family] > r->neigh.room[j->family];
	}
	return many;
}

/* Launches the far ones: nothing limits them. */
static int run_far(struct run *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (r->jobs[i].relation != NEIGH_FAR)
			continue;
		r->jobs[i].launched = true;
		r->list[n++] = r->jobs[i].probe;
	}
	return launch(r, n);
}

/* The first n of r->list, and the table emptied of what they left: also of what was not resolved, which would keep its place
 * for 3 s. Waits for `patience` ns after the last answer. */
static int run_window(struct run *r, size_t n, int64_t patience)
{
	int failed = n ? launch(r, n) : 0;

	if (failed == 0 && n)
		failed = settle(r, patience);
	if (failed == 0 && n)
		failed = neigh_sweep_all(&r->neigh, NEIGH_UNFINISHED, r->err);
	return failed || !n ? failed : flights_drop(&r->flights, r->err);
}

/* All of a relation that are left, so many at a time as the table bears: an unanswered one takes an entry, an answered one
 * two. */
static int run_windows(struct run *r, enum ip_family family, enum neigh_relation relation, int64_t patience)
{
	size_t n = 0, window = r->neigh.room[family] * 3 / 4;
	int failed = 0;

	for (size_t i = 0; failed == 0 && i < r->n; i++) {
		struct job *j = &r->jobs[i];

		if (j->launched || j->family != family || j->relation != relation)
			continue;
		j->launched = true;
		r->list[n++] = j->probe;
		if (n == window) {
			failed = run_window(r, n, patience);
			n = 0;
		}
	}
	return failed ? failed : run_window(r, n, patience);
}

/* Pings as they are those of r->list, r->pairs being theirs, and sees what that proves. */
static int prove(struct run *r, size_t n)
{
	int failed = n ? launch(r, n) : 0;

	if (failed == 0 && n)
		failed = settle(r, settle_time(r));
	if (failed == 0 && n)
		failed = neigh_proofs_end(&r->neigh, r->pairs, n, r->err);
	if (failed == 0 && n)
		failed = neigh_sweep_all(&r->neigh, NEIGH_FINISHED, r->err);
	return failed;
}

/* One round of proofs of a family. *sent: how many pings. */
static int proof_round(struct run *r, enum ip_family family, size_t *sent)
{
	size_t n = 0;
	int failed = 0;

	*sent = 0;
	neigh_proofs_begin(&r->neigh);
	for (size_t i = 0; failed == 0 && i < r->n; i++) {
		struct job *j = &r->jobs[i];

		if (j->launched || j->family != family || j->relation != NEIGH_PAIR ||
		    !neigh_proof_wanted(&r->neigh, j->pair))
			continue;
		j->launched = true;
		r->list[n] = j->probe;
		r->pairs[n++] = j->pair;
		++*sent;
		if (n == r->neigh.room[family] / 2) {
			failed = prove(r, n);
			n = 0;
		}
	}
	return failed ? failed : prove(r, n);
}

static int prove_wires(struct run *r, enum ip_family family)
{
	size_t sent = 1;
	int failed = 0;

	for (int round = 0; failed == 0 && sent && round < PROOF_ROUNDS; round++)
		failed = proof_round(r, family, &sent);
	return failed;
}

/* The side of a tile, so that the entries of both directions of all its pairs have room. */
static uint32_t tile_side(const struct neigh *g, enum ip_family family)
{
	uint32_t side = 1;

	while (side < 1024 && (size_t)2 * (side + 1) * (side + 1) <= g->room[family])
		side++;
	return side;
}

/* Bits of a job's key, from the low end. The first two order the jobs of a tile, so that those that follow one another have
 * different senders and targets; the others say which tile. */
enum { KEY_FROM = 12, KEY_DIAGONAL = 12, KEY_TILE = 20, KEY_IN_TILE = KEY_FROM + KEY_DIAGONAL };

static uint64_t tile_key(uint32_t from, uint32_t to, uint32_t side)
{
	uint64_t a = from / side, b = to / side, low = a < b ? a : b, high = a < b ? b : a;
	uint64_t diagonal = (to % side + side - from % side) % side;

	return high << (KEY_IN_TILE + KEY_TILE) | low << KEY_IN_TILE | diagonal << KEY_FROM | from % side;
}

static int by_key(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->probe < y->probe ? -1 : x->probe > y->probe;
}

/* Sorts the jobs between proven ends of a family to the front, tile by tile; how many they are. Addresses are ranked in the
 * order in which probes mention them. */
static size_t sort_tiles(struct run *r, enum ip_family family, uint32_t *rank)
{
	uint32_t side = tile_side(&r->neigh, family), ranks = 0;
	size_t n = 0;

	memset(rank, 0, r->neigh.n_addresses * sizeof(*rank));
	for (size_t i = 0; i < r->n; i++) {
		struct job *j = &r->jobs[i];

		j->key = UINT64_MAX;
		if (j->launched || j->family != family || j->relation != NEIGH_PAIR ||
		    !neigh_proven(&r->neigh, j->pair))
			continue;
		if (!rank[j->pair.from])
			rank[j->pair.from] = ++ranks;
		if (!rank[j->pair.to])
			rank[j->pair.to] = ++ranks;
		j->key = tile_key(rank[j->pair.from] - 1, rank[j->pair.to] - 1, side);
		n++;
	}
	qsort(r->jobs, r->n, sizeof(*r->jobs), by_key);
	return n;
}

/* Carries out one tile, n jobs from `first` on. */
static int run_tile(struct run *r, size_t first, size_t n)
{
	int failed;

	for (size_t i = 0; i < n; i++) {
		struct job *j = &r->jobs[first + i];

		j->launched = true;
		r->list[i] = j->probe;
		r->pairs[i] = j->pair;
	}
	failed = neigh_seed(&r->neigh, r->pairs, n, r->err);
	if (failed == 0)
		failed = launch(r, n);
	if (failed == 0 && r->flights.watched)
		failed = settle(r, settle_time(r));
	return failed ? failed : neigh_sweep_ends(&r->neigh, r->pairs, n, r->err);
}

static int run_tiles(struct run *r, enum ip_family family)
{
	_cleanup_free_ uint32_t *rank = calloc(r->neigh.n_addresses + 1, sizeof(*rank));
	size_t n, end;
	int failed = 0;

	if (!rank)
		return error_oom(r->err);
	n = sort_tiles(r, family, rank);
	for (size_t i = 0; failed == 0 && i < n; i = end) {
		for (end = i; end < n && r->jobs[end].key >> KEY_IN_TILE == r->jobs[i].key >> KEY_IN_TILE; end++)
			;
		failed = run_tile(r, i, end - i);
	}
	return failed;
}

/* How many pairs of a family are still to be pinged. */
static size_t pairs_left(const struct run *r, enum ip_family family)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += !r->jobs[i].launched && r->jobs[i].family == family && r->jobs[i].relation == NEIGH_PAIR;
	return n;
}

/* The pairs without proof get it if only their answers were slow: all timeouts are waited for. */
static int prove_late(struct run *r, enum ip_family family)
{
	size_t n = 0;
	int failed = finish(r);

	for (size_t i = 0; failed == 0 && i < r->n; i++)
		if (r->jobs[i].launched && r->jobs[i].family == family && r->jobs[i].relation == NEIGH_PAIR &&
		    !neigh_proven(&r->neigh, r->jobs[i].pair))
			r->pairs[n++] = r->jobs[i].pair;
	return failed ? failed : neigh_proofs_end(&r->neigh, r->pairs, n, r->err);
}

/*
 * What no proof was found for. An interface that answered none of the proofs'
 * pings before their timeout is not waited for so long again: it is asked, by
 * each that is to ping it, but what does not come soon is given up to make
 * room. Addresses that no place bears were never asked before: those are
 * waited for.
 */
static int run_rest(struct run *r, enum ip_family family)
{
	int failed = 0;

	if (pairs_left(r, family)) {
		failed = prove_late(r, family);
		if (failed == 0)
			failed = run_tiles(r, family);
		if (failed == 0)
			failed = run_windows(r, family, NEIGH_PAIR,
			                     settle_time(r) > SETTLE_REST ? settle_time(r) : SETTLE_REST);
	}
	return failed ? failed : run_windows(r, family, NEIGH_NEAR, r->flights.timeout + SETTLE_MIN);
}

static int run_many(struct run *r)
{
	static int (*const steps[])(struct run * r, enum ip_family family) = {prove_wires, run_tiles, run_rest};
	int failed = run_far(r);

	for (size_t s = 0; s < ARRAY_SIZE(steps); s++)
		for (enum ip_family f = 0; failed == 0 && f < IP_FAMILIES; f++)
			failed = steps[s](r, f);
	if (failed == 0)
		failed = finish(r);
	/* Also after a failure, which then is the one to be told. */
	if (failed)
		neigh_sweep_all(&r->neigh, NEIGH_FINISHED, NULL);
	else
		failed = neigh_sweep_all(&r->neigh, NEIGH_FINISHED, r->err);
	return failed;
}

/* ---- beginning and end ------------------------------------------------------------------------- */

static int run(struct run *r, const struct sockets *sockets, bool help)
{
	int failed;

	r->list = calloc(r->n + 1, sizeof(*r->list));
	if (!r->list)
		return error_oom(r->err);
	if (!help)
		return run_few(r);
	r->pairs = calloc(r->n + 1, sizeof(*r->pairs));
	r->jobs = calloc(r->n + 1, sizeof(*r->jobs));
	if (!r->pairs || !r->jobs)
		return error_oom(r->err);
	failed = neigh_init(&r->neigh, sockets, r->err);
	if (failed)
		return failed;
	return make_jobs(r) ? run_many(r) : run_few(r);
}

static int check_target(const struct ip *to, struct nsl_error **err)
{
	char text[IP_TEXT_MAX];

	if (!to->set || ip_unspecified(to))
		return error_set(err, NSL_E_USAGE, EINVAL, "no address to ping");
	if (ip_multicast(to))
		return error_set(err, NSL_E_USAGE, EINVAL, "cannot ping %s: many would answer", ip_text(to, text));
	if (to->family == IP6 && ip_link_local(to)) {
		error_set(err, NSL_E_USAGE, EINVAL, "cannot ping %s: a link-local address needs an interface",
		          ip_text(to, text));
		error_hint(err, "ping one of its other addresses");
		return -EINVAL;
	}
	return 0;
}

/* Clears what is to be filled in, and notes which families each place needs. */
static int prepare(size_t n_places, struct ping_probe *probes, size_t n, uint8_t *needs, struct nsl_error **err)
{
	for (size_t i = 0; i < n; i++) {
		int r = check_target(&probes[i].to, err);

		if (r < 0)
			return r;
		if (probes[i].place >= n_places)
			return error_set(err, NSL_E_USAGE, EINVAL, "a probe from a place that is not there");
		needs[probes[i].place] |= (uint8_t)(1U << probes[i].to.family);
		probes[i] = (struct ping_probe){.place = probes[i].place, .to = probes[i].to};
	}
	return 0;
}

int ping_run(const struct ping_place *places, size_t n_places, struct ping_probe *probes, size_t n,
             const struct ping_options *options, struct nsl_error **err)
{
	_cleanup_free_ uint8_t *needs = calloc(n_places + 1, 1);
	bool help = n > HELP_FROM;
	struct sockets sockets;
	struct run r = {.n = n, .err = err};
	int failed;

	if (!needs)
		return error_oom(err);
	failed = prepare(n_places, probes, n, needs, err);
	if (failed || !n)
		return failed;
	failed = sockets_open(&sockets, places, n_places, needs, help, err);
	if (failed)
		return failed;
	failed = flights_init(&r.flights, probes, n, &sockets, options, err);
	if (failed == 0)
		failed = run(&r, &sockets, help);
	neigh_done(&r.neigh);
	flights_done(&r.flights);
	free(r.list);
	free(r.pairs);
	free(r.jobs);
	sockets_close(&sockets);
	return failed;
}

/* ---- for a person ------------------------------------------------------------------------------ */

static const struct {
	int errnum;
	const char *text;
} refusals[] = {
	{EPERM, "not permitted (a firewall drops it)"},
	{EACCES, "prohibited by a route, or a broadcast address"},
	{EINVAL, "dropped by a blackhole route"},
	{ENOBUFS, "no room in the kernel's neighbour table"},
	{EAGAIN, "no room in the send buffer"},
	{ENOMEM, "the kernel is out of memory"},
	{ENETDOWN, "network is down"},
	{EMSGSIZE, "packet too big"},
	{EADDRNOTAVAIL, "no source address"},
};

const char *ping_reason(const struct ping_probe *probe)
{
	switch (probe->result) {
	case PING_NO_ROUTE:
		return "no route";
	case PING_UNREACHABLE:
		return icmp_reason(probe->to.family, probe->icmp_type, probe->icmp_code);
	case PING_SEND_FAILED:
		if (probe->errnum == EINVAL && probe->to.family == IP6) /* the kernel says no more */
			return "dropped by a blackhole route, or no room in the kernel's neighbour table";
		for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
			if (refusals[i].errnum == probe->errnum)
				return refusals[i].text;
		return "refused by the kernel";
	case PING_REPLY:
	case PING_NO_ANSWER:
	case PING_RESULT_COUNT:
		break;
	}
	return NULL;
}
