/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Echo requests in flight. See flight.h. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "fd.h"
#include "flight.h"

#define NONE UINT32_MAX
#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

enum {
	BATCH = 64,        /* messages taken in, sockets looked at, requests sent between two looks */
	PACKET_MAX = 512,  /* an echo reply or error about ours, with all headers */
	CONTROL_MAX = 128, /* time stamp and IPV6_PKTINFO */
};

/* How long a request rests that the kernel had no room for. */
#define RETRY_AFTER (10 * NS_PER_MS)

/* How long to wait without looking up, even where timeouts are of weeks. */
#define WAIT_MAX (3600 * NS_PER_S)

/* Room for one recvmmsg(). */
struct inbox {
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_in6 from[BATCH];
	uint8_t packet[BATCH][PACKET_MAX];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL_MAX];
};

static int64_t now_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

int64_t monotonic_now(void)
{
	return now_of(CLOCK_MONOTONIC);
}

/* ---- states and queues ------------------------------------------------------------------------- */

static bool queued(enum flight_state s)
{
	return s != FLIGHT_RESTING && s != FLIGHT_LANDED;
}

static void unlink_flight(struct flights *f, uint32_t i)
{
	struct flight *l = &f->all[i];
	struct flight_queue *q = &f->queue[l->state];

	if (l->prev == NONE)
		q->first = l->next;
	else
		f->all[l->prev].next = l->next;
	if (l->next == NONE)
		q->last = l->prev;
	else
		f->all[l->next].prev = l->prev;
}

static void link_flight(struct flights *f, uint32_t i)
{
	struct flight *l = &f->all[i];
	struct flight_queue *q = &f->queue[l->state];

	l->prev = q->last;
	l->next = NONE;
	if (q->last == NONE)
		q->first = i;
	else
		f->all[q->last].next = i;
	q->last = i;
}

static void set_state(struct flights *f, uint32_t i, enum flight_state state)
{
	struct flight *l = &f->all[i];

	if (queued(l->state))
		unlink_flight(f, i);
	l->state = state;
	if (queued(state))
		link_flight(f, i);
}

static void land(struct flights *f, uint32_t i)
{
	set_state(f, i, FLIGHT_LANDED);
	if (f->all[i].watch == f->watch) {
		f->watched--;
		f->progress = monotonic_now();
	}
}

/* A request has come to its end: the next one, or the end. */
static void next_attempt(struct flights *f, uint32_t i)
{
	struct flight *l = &f->all[i];

	if (++l->attempt == f->count) {
		land(f, i);
		return;
	}
	l->since = monotonic_now();
	set_state(f, i, FLIGHT_WAITING);
}

/* ---- outcomes ---------------------------------------------------------------------------------- */

/* A failure with a reason stands before one without, and both before success. */
static void fail(struct ping_probe *p, enum ping_result result)
{
	if (result != PING_NO_ANSWER || p->result == PING_REPLY)
		p->result = result;
}

static void answered(struct flights *f, uint32_t i, const struct icmp_message *m, int64_t arrived)
{
	struct ping_probe *p = &f->probes[i];
	struct flight *l = &f->all[i];
	int64_t passed = monotonic_now() - l->since, rtt = arrived - l->departed;
	uint32_t us;

	if (rtt < 0 || rtt > passed) /* no time stamp, or the clock was set */
		rtt = passed;
	us = (uint32_t)((rtt + 500) / 1000);
	p->received++;
	l->rtt_sum_us += us;
	if (p->received == 1 || us < p->rtt_min_us)
		p->rtt_min_us = us;
	if (us > p->rtt_max_us)
		p->rtt_max_us = us;
	if (us > f->slowest_us)
		f->slowest_us = us;
	p->rtt_avg_us = (uint32_t)(l->rtt_sum_us / p->received);
	p->source = m->to;
	if (p->result == PING_REPLY)
		p->by = m->from;
	next_attempt(f, i);
}

static void refused(struct flights *f, uint32_t i, const struct icmp_message *m)
{
	struct ping_probe *p = &f->probes[i];

	fail(p, PING_UNREACHABLE);
	p->by = m->from;
	p->source = m->to;
	p->icmp_type = m->type;
	p->icmp_code = m->code;
	next_attempt(f, i);
}

/* The sender's own kernel would not. It is not asked again: it would say the same, at once. */
static void not_sent(struct flights *f, uint32_t i, int errnum)
{
	fail(&f->probes[i], errnum == ENETUNREACH || errnum == EHOSTUNREACH ? PING_NO_ROUTE : PING_SEND_FAILED);
	f->probes[i].errnum = errnum;
	land(f, i);
}

/* ---- sending ----------------------------------------------------------------------------------- */

static socklen_t address_of(const struct ip *ip, struct sockaddr_in6 *out)
{
	struct sockaddr_in *out4 = (void *)out;

	memset(out, 0, sizeof(*out));
	if (ip->family == IP6) {
		out->sin6_family = AF_INET6;
		memcpy(&out->sin6_addr, ip->b, 16);
		return sizeof(*out);
	}
	out4->sin_family = AF_INET;
	memcpy(&out4->sin_addr, ip->b, 4);
	return sizeof(*out4);
}

/* Whether the kernel may take it later: the send buffer is full, or the neighbour table. */
static bool is_full(int errnum)
{
	return errnum == ENOBUFS || errnum == EAGAIN || errnum == ENOMEM;
}

/* IPv6 says EINVAL of a full neighbour table (ip6_finish_output2()), as it does of a blackhole route. So it is tried again,
 * but nobody else waits for it. */
static bool may_be_full(const struct ping_probe *p, int errnum)
{
	return is_full(errnum) || (errnum == EINVAL && p->to.family == IP6);
}

/*
 * Sends the current request of a probe: 0 or an errno. sendto() also hands out
 * an error that an earlier packet of the same socket met with (that is the
 * price of IP_RECVERR), but each only once: what it says twice is about ours.
 */
static int transmit(struct flights *f, uint32_t i)
{
	const struct ping_probe *p = &f->probes[i];
	struct flight *l = &f->all[i];
	uint32_t tag = (i * f->count + l->attempt) ^ f->mask;
	int fd = f->sockets->at[p->place].echo[p->to.family];
	uint8_t packet[ECHO_LEN];
	struct sockaddr_in6 to;
	socklen_t len = address_of(&p->to, &to);

	echo_build(packet, p->to.family, tag, f->key);
	for (int tries = 0; tries < 2; tries++) {
		l->since = monotonic_now();
		l->departed = now_of(CLOCK_REALTIME);
		if (sendto(fd, packet, sizeof(packet), MSG_DONTWAIT, (void *)&to, len) >= 0)
			return 0;
		if (may_be_full(p, errno))
			break;
	}
	return errno;
}

static void stall(struct flights *f, uint32_t i, int64_t first, int64_t retry)
{
	f->all[i].since = first;
	f->all[i].retry = retry;
	set_state(f, i, FLIGHT_STALLED);
}

static void send_request(struct flights *f, uint32_t i)
{
	enum ip_family family = f->probes[i].to.family;
	int64_t first = f->all[i].since, now = monotonic_now();
	bool patient = now - first < f->timeout;
	int errnum;

	if (now < f->full_until[family]) {
		if (patient)
			stall(f, i, first, f->full_until[family]);
		else
			not_sent(f, i, ENOBUFS);
		return;
	}
	errnum = transmit(f, i);
	if (errnum == 0) {
		f->probes[i].sent++;
		set_state(f, i, FLIGHT_FLYING);
		return;
	}
	if (is_full(errnum))
		f->full_until[family] = monotonic_now() + RETRY_AFTER;
	if (patient && may_be_full(&f->probes[i], errnum))
		stall(f, i, first, monotonic_now() + RETRY_AFTER);
	else
		not_sent(f, i, errnum);
}

void flights_watch(struct flights *f)
{
	f->watch++;
	f->watched = 0;
	f->progress = monotonic_now();
}

void flights_launch(struct flights *f, uint32_t probe)
{
	struct flight *l = &f->all[probe];

	l->watch = f->watch;
	f->watched++;
	l->since = monotonic_now();
	set_state(f, probe, FLIGHT_WAITING);
	send_request(f, probe);
}

/* Sends again what waits; at most a batch, so that the sockets are looked at in between. */
static void send_waiting(struct flights *f, int64_t now)
{
	for (uint32_t i; (i = f->queue[FLIGHT_STALLED].first) != NONE && f->all[i].retry <= now;)
		set_state(f, i, FLIGHT_WAITING);
	for (int n = 0; n < BATCH && f->queue[FLIGHT_WAITING].first != NONE; n++)
		send_request(f, f->queue[FLIGHT_WAITING].first);
}

/* ---- receiving --------------------------------------------------------------------------------- */

/* Whether a message is about the request that the probe has in the air now. */
static bool is_ours(const struct flights *f, uint32_t place, const struct icmp_message *m, uint32_t *probe)
{
	uint32_t number = m->tag ^ f->mask, i = number / f->count;

	if (m->kind == ICMP_OTHER || i >= f->n || (m->keyed && m->key != f->key))
		return false;
	if (f->probes[i].place != place || f->all[i].state != FLIGHT_FLYING || f->all[i].attempt != number % f->count)
		return false;
	if (m->kind == ICMP_FAILURE && !ip_equal(&m->quoted_to, &f->probes[i].to))
		return false;
	if (m->kind == ICMP_FAILURE && f->deaf_to_self && ip_equal(&m->from, &m->to))
		return false;
	*probe = i;
	return true;
}

/* Reads what came beside a packet: the time of its arrival (0: not told) and our address. */
static int64_t read_control(struct msghdr *h, struct ip *to)
{
	int64_t arrived = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec t;

			memcpy(&t, CMSG_DATA(c), sizeof(t));
			arrived = t.tv_sec * NS_PER_S + t.tv_nsec;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			*to = (struct ip){.set = true, .family = IP6};
			memcpy(to->b, &info.ipi6_addr, 16);
		}
	}
	return arrived;
}

static void take(struct flights *f, uint32_t place, enum ip_family family, struct mmsghdr *msg)
{
	struct msghdr *h = &msg->msg_hdr;
	const struct sockaddr_in6 *from = h->msg_name;
	struct icmp_message m;
	struct ip to = {0};
	int64_t arrived = read_control(h, &to);
	uint32_t probe;

	if (family == IP4) {
		icmp4_read(h->msg_iov->iov_base, msg->msg_len, &m);
	} else {
		icmp6_read(h->msg_iov->iov_base, msg->msg_len, &m);
		m.to = to;
		m.from = (struct ip){.set = true, .family = IP6};
		memcpy(m.from.b, &from->sin6_addr, 16);
	}
	if (!is_ours(f, place, &m, &probe))
		return;
	if (m.kind == ICMP_ANSWER)
		answered(f, probe, &m, arrived);
	else
		refused(f, probe, &m);
}

/* Makes the first n places of the inbox ready. */
static void inbox_open(struct inbox *b, int n)
{
	for (int i = 0; i < n; i++) {
		b->iov[i] = (struct iovec){b->packet[i], PACKET_MAX};
		b->msg[i].msg_hdr = (struct msghdr){
			.msg_name = &b->from[i],
			.msg_namelen = sizeof(b->from[i]),
			.msg_iov = &b->iov[i],
			.msg_iovlen = 1,
			.msg_control = b->control[i],
			.msg_controllen = CONTROL_MAX,
		};
	}
}

/* Throws away what IP_RECVERR queued: the same errors come as packets, which say more. */
static void drop_errors(int fd)
{
	uint8_t byte;

	while (recv(fd, &byte, 1, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		;
}

/* Takes in all that waits in one socket. */
static void receive(struct flights *f, uint32_t place, enum ip_family family)
{
	int fd = f->sockets->at[place].echo[family], n, failed = 0;

	do {
		n = recvmmsg(fd, f->inbox->msg, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			take(f, place, family, &f->inbox->msg[i]);
		inbox_open(f->inbox, n < 0 ? 1 : n);
		/* Errors of earlier packets are handed out here too, each once. */
		if (n < 0 && (errno == EAGAIN || ++failed > BATCH))
			return;
	} while (n < 0 || n == BATCH);
}

/* Looks at the sockets until none has anything more; waits for the first at most `wait` ms. */
static int look(struct flights *f, int wait, struct nsl_error **err)
{
	struct epoll_event ready[BATCH];
	int n;

	do {
		n = epoll_wait(f->epoll, ready, BATCH, wait);
		if (n < 0 && errno != EINTR)
			return error_errno(err, errno, "cannot wait for answers");
		for (int i = 0; i < n; i++) {
			uint32_t place = (uint32_t)(ready[i].data.u64 / IP_FAMILIES);
			enum ip_family family = ready[i].data.u64 % IP_FAMILIES;

			if (ready[i].events & EPOLLERR)
				drop_errors(f->sockets->at[place].echo[family]);
			receive(f, place, family);
		}
		wait = 0;
	} while (n == BATCH);
	return 0;
}

/* ---- the loop ---------------------------------------------------------------------------------- */

/* Ends the requests whose time was up at `now`. */
static void expire(struct flights *f, int64_t now)
{
	for (uint32_t i; (i = f->queue[FLIGHT_FLYING].first) != NONE && f->all[i].since + f->timeout <= now;) {
		fail(&f->probes[i], PING_NO_ANSWER);
		next_attempt(f, i);
	}
}

bool flights_idle(const struct flights *f)
{
	return f->queue[FLIGHT_WAITING].first == NONE && f->queue[FLIGHT_STALLED].first == NONE &&
	       f->queue[FLIGHT_FLYING].first == NONE;
}

/* ms until something is due, at most max_wait ns. Rounded up: rather late than a loop that spins. */
static int until_due(const struct flights *f, int64_t now, int64_t max_wait)
{
	uint32_t flying = f->queue[FLIGHT_FLYING].first, stalled = f->queue[FLIGHT_STALLED].first;
	int64_t wait = max_wait;

	if (f->queue[FLIGHT_WAITING].first != NONE || flights_idle(f))
		return 0;
	if (flying != NONE && f->all[flying].since + f->timeout - now < wait)
		wait = f->all[flying].since + f->timeout - now;
	if (stalled != NONE && f->all[stalled].retry - now < wait)
		wait = f->all[stalled].retry - now;
	if (wait <= 0)
		return 0;
	return wait > WAIT_MAX ? (int)(WAIT_MAX / NS_PER_MS) : (int)((wait + NS_PER_MS - 1) / NS_PER_MS);
}

int flights_turn(struct flights *f, int64_t max_wait, struct nsl_error **err)
{
	int64_t now = monotonic_now();
	int r;

	if (f->cancel && *f->cancel)
		return error_set(err, NSL_E_CANCELLED, EINTR, "stopped while pinging");
	send_waiting(f, now);
	r = look(f, until_due(f, now, max_wait), err);
	if (r < 0)
		return r;
	/* Only what was due before that look: an answer that waited in a socket while we were kept busy is not late. */
	expire(f, now);
	return 0;
}

int flights_drop(struct flights *f, struct nsl_error **err)
{
	int r;

	f->deaf_to_self = true;
	r = look(f, 0, err);
	f->deaf_to_self = false;
	return r;
}

/* ---- beginning and end ------------------------------------------------------------------------- */

static int watch_sockets(struct flights *f, struct nsl_error **err)
{
	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (f->epoll < 0)
		return error_errno(err, errno, "cannot wait for answers");
	for (size_t i = 0; i < f->sockets->n; i++) {
		for (enum ip_family family = 0; family < IP_FAMILIES; family++) {
			int fd = f->sockets->at[i].echo[family];
			struct epoll_event e = {.events = EPOLLIN, .data.u64 = i * IP_FAMILIES + family};

			if (fd >= 0 && epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
				return error_errno(err, errno, "cannot wait for answers");
		}
	}
	return 0;
}

int flights_init(struct flights *f, struct ping_probe *probes, size_t n, const struct sockets *sockets,
                 const struct ping_options *options, struct nsl_error **err)
{
	*f = (struct flights){
		.probes = probes,
		.n = n,
		.sockets = sockets,
		.count = options->count ? options->count : 1,
		.timeout = (options->timeout_ms ? options->timeout_ms : 1000) * NS_PER_MS,
		.cancel = options->cancel,
		.epoll = -1,
	};
	for (size_t s = 0; s < FLIGHT_STATE_COUNT; s++)
		f->queue[s] = (struct flight_queue){NONE, NONE};
	if (n > NONE / f->count)
		return error_set(err, NSL_E_USAGE, EINVAL, "%zu targets with %u requests each are too many", n,
		                 f->count);
	f->all = calloc(n ? n : 1, sizeof(*f->all));
	f->inbox = calloc(1, sizeof(*f->inbox));
	if (!f->all || !f->inbox)
		return error_oom(err);
	inbox_open(f->inbox, BATCH);
	if (getrandom(&f->key, sizeof(f->key), 0) < 0 || getrandom(&f->mask, sizeof(f->mask), 0) < 0)
		return error_errno(err, errno, "cannot get random numbers");
	return watch_sockets(f, err);
}

void flights_done(struct flights *f)
{
	fd_closep(&f->epoll);
	free(f->inbox);
	free(f->all);
	*f = (struct flights){.epoll = -1};
}
