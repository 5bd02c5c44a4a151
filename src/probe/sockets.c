/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets inside network namespaces. See sockets.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "fd.h"
#include "netlink.h"
#include "sockets.h"

/* Room for the packets that wait in one socket: a sender's targets may all answer at once, and each of their packets is
 * counted with its bookkeeping, some 0.8 KB. 1 MB holds 1,300. */
enum { BUFFER = 1 << 20 };

/* Descriptors that the process may use beside ours, before we look how many it may have. */
enum { OTHER_DESCRIPTORS = 128, PER_PLACE = 3 };

static int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

/* Lets pass echo replies, and the errors that there are about a packet that was sent. */
static int filter4(int fd)
{
	struct icmp_filter pass = {.data = ~(1U << ICMP_ECHOREPLY | 1U << ICMP_DEST_UNREACH | 1U << ICMP_TIME_EXCEEDED |
	                                     1U << ICMP_PARAMETERPROB)};

	return setsockopt(fd, SOL_RAW, ICMP_FILTER, &pass, sizeof(pass)) < 0 ? -errno : 0;
}

static int filter6(int fd)
{
	struct icmp6_filter pass;

	ICMP6_FILTER_SETBLOCKALL(&pass);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &pass);
	ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &pass);
	ICMP6_FILTER_SETPASS(ICMP6_TIME_EXCEEDED, &pass);
	ICMP6_FILTER_SETPASS(ICMP6_PARAM_PROB, &pass);
	if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &pass, sizeof(pass)) < 0)
		return -errno;
	return set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1); /* to learn our own address: no IP header comes in */
}

static const struct {
	int protocol;
	int (*filter)(int fd);
	int level, recverr;
} families[] = {
	[IP4] = {IPPROTO_ICMP, filter4, IPPROTO_IP, IP_RECVERR},
	[IP6] = {IPPROTO_ICMPV6, filter6, IPPROTO_IPV6, IPV6_RECVERR},
};
_Static_assert(ARRAY_SIZE(families) == IP_FAMILIES, "a row for each family");

/*
 * Opens an echo socket in the current namespace; the descriptor or -errno.
 * IP_RECVERR is asked for because without it the kernel hides from the sender
 * that it dropped a packet for want of a neighbour entry (ENOBUFS).
 */
static int echo_open(enum ip_family f)
{
	_cleanup_fd_ int fd = socket(ip_af(f), SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, families[f].protocol);
	int r;

	if (fd < 0)
		return -errno;
	r = families[f].filter(fd);
	if (r == 0)
		r = set_int(fd, families[f].level, families[f].recverr, 1);
	if (r == 0)
		r = set_int(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	if (r < 0)
		return r;
	/* As much as we are allowed: less makes a loss likelier, not an error. */
	if (set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER) < 0)
		set_int(fd, SOL_SOCKET, SO_RCVBUF, BUFFER);
	if (set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER) < 0)
		set_int(fd, SOL_SOCKET, SO_SNDBUF, BUFFER);
	return take_fd(&fd);
}

/* ---- descriptors ------------------------------------------------------------------------------- */

static void limit_raise(struct sockets *s)
{
	rlim_t want = s->n * PER_PLACE + OTHER_DESCRIPTORS;
	struct rlimit raised;

	if (getrlimit(RLIMIT_NOFILE, &s->limit) < 0 || s->limit.rlim_cur >= want ||
	    s->limit.rlim_cur >= s->limit.rlim_max)
		return;
	raised = s->limit;
	raised.rlim_cur = raised.rlim_max;
	s->limit_raised = setrlimit(RLIMIT_NOFILE, &raised) == 0;
}

static int open_failed(int r, const char *what, const char *where, struct nsl_error **err)
{
	struct rlimit limit = {0};

	error_errno(err, -r, "cannot open %s in %s", what, where);
	if (r == -EMFILE && getrlimit(RLIMIT_NOFILE, &limit) == 0)
		error_hint(err,
		           "a process may have %llu descriptors here; allow more with `ulimit -Hn`, or ping from fewer "
		           "nodes",
		           (unsigned long long)limit.rlim_cur);
	if (r == -EPERM || r == -EACCES)
		error_hint(err, "raw sockets need CAP_NET_RAW");
	return r;
}

/* ---- places ------------------------------------------------------------------------------------ */

/* The way back. `home` is a descriptor of the thread's own namespace. */
struct journey {
	int home;
	bool away;
};

static int journey_begin(struct journey *j, struct nsl_error **err)
{
	j->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	return j->home < 0 ? error_errno(err, errno, "cannot open /proc/thread-self/ns/net") : 0;
}

static int journey_home(struct journey *j, struct nsl_error **err)
{
	if (j->away && setns(j->home, CLONE_NEWNET) < 0)
		return error_errno(err, errno, "cannot return to the network namespace of before");
	j->away = false;
	return 0;
}

static int journey_to(struct journey *j, const char *netns, struct nsl_error **err)
{
	_cleanup_fd_ int fd = -1;

	if (!netns)
		return journey_home(j, err);
	fd = open(netns, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "cannot open the network namespace %s", netns);
	if (setns(fd, CLONE_NEWNET) < 0)
		return error_errno(err, errno, "cannot enter the network namespace %s", netns);
	j->away = true;
	return 0;
}

/* Opens what one place needs, in the namespace that the thread is in. */
static int place_open(struct place_sockets *at, uint8_t needs, bool netlink, const char *where, struct nsl_error **err)
{
	for (enum ip_family f = 0; f < IP_FAMILIES; f++) {
		if (!(needs & 1U << f))
			continue;
		at->echo[f] = echo_open(f);
		if (at->echo[f] < 0)
			return open_failed(at->echo[f], f == IP4 ? "an ICMP socket" : "an ICMPv6 socket", where, err);
	}
	if (!netlink)
		return 0;
	at->netlink = nl_open(NETLINK_ROUTE);
	return at->netlink < 0 ? open_failed(at->netlink, "a netlink socket", where, err) : 0;
}

static int places_open(struct sockets *s, const struct ping_place *places, const uint8_t *needs, bool netlink,
                       struct journey *j, struct nsl_error **err)
{
	for (size_t i = 0; i < s->n; i++) {
		const char *netns = places[i].netns;
		int r;

		if (!needs[i])
			continue;
		r = journey_to(j, netns, err);
		if (r == 0)
			r = place_open(&s->at[i], needs[i], netlink, netns ? netns : "this network namespace", err);
		if (r < 0)
			return r;
	}
	return 0;
}

int sockets_open(struct sockets *s, const struct ping_place *places, size_t n, const uint8_t *needs, bool netlink,
                 struct nsl_error **err)
{
	struct journey j = {.home = -1};
	int r, back;

	*s = (struct sockets){.at = calloc(n ? n : 1, sizeof(*s->at)), .n = n};
	if (!s->at)
		return error_oom(err);
	for (size_t i = 0; i < n; i++)
		s->at[i] = (struct place_sockets){.echo = {-1, -1}, .netlink = -1};
	limit_raise(s);
	r = journey_begin(&j, err);
	if (r == 0)
		r = places_open(s, places, needs, netlink, &j, err);
	back = journey_home(&j, r == 0 ? err : NULL);
	fd_closep(&j.home);
	if (r == 0)
		r = back;
	if (r < 0)
		sockets_close(s);
	return r;
}

void sockets_close(struct sockets *s)
{
	for (size_t i = 0; s->at && i < s->n; i++) {
		for (enum ip_family f = 0; f < IP_FAMILIES; f++)
			fd_closep(&s->at[i].echo[f]);
		fd_closep(&s->at[i].netlink);
	}
	if (s->limit_raised)
		setrlimit(RLIMIT_NOFILE, &s->limit);
	free(s->at);
	*s = (struct sockets){0};
}
