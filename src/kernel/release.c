/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When has the kernel freed a namespace? It does so behind everybody's back, and says nothing at the end. But it does it in
 * batches, one after the other (cleanup_net(), on a queue of one thread): what has been dropped when a
 * batch begins is in it; and at its beginning it tells other namespaces that the number which they knew one of the batch by is
 * void (RTM_DELNSID). So a sentinel is made, given a number, and dropped: when that is void, a batch with all that
 * was dropped before has begun. A second sentinel, dropped then, is in a later batch: when its number is void,
 * the first batch has come to its end. And a third, for kernels from 6.13 on keep the innermost part of a namespace,
 * some kilobytes, until the end of the batch after its own.
 */
#include "release.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include "fd.h"
#include "netlink.h"

enum {
	LOOK_MS = 1000, /* a message may be lost: then one looks */
	FULL_MS = 10,   /* between tries where there are as many namespaces as there may be */
	FULL_TRIES = 3000,
	SENTINELS = 3,
	ROOM = 4 << 20, /* for messages: there is one for each namespace that the host knew */
	NSID_NONE = -1, /* NETNSA_NSID_NOT_ASSIGNED */
};

struct waiter {
	int home, talk, listen;
	const volatile int *cancel;
};

static bool stopped(const struct waiter *w)
{
	return w->cancel && __atomic_load_n(w->cancel, __ATOMIC_RELAXED);
}

static int take_nsid(const struct nlmsghdr *m, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, m, sizeof(struct rtgenmsg))
	{
		if (mnl_attr_get_type(attr) == NETNSA_NSID && mnl_attr_get_payload_len(attr) >= sizeof(int32_t))
			*(int32_t *)data = (int32_t)mnl_attr_get_u32(attr);
	}
	return 0;
}

/* Gives a namespace a number of the kernel's choice here, and asks for it. >= 0 or -errno. */
static int number_it(const struct waiter *w, int ns)
{
	int32_t nsid = NSID_NONE;
	int r = 0;

	for (int ask = 0; ask <= 1 && r == 0; ask++) {
		char buf[128];
		struct nlmsghdr *m = mnl_nlmsg_put_header(buf);

		m->nlmsg_type = ask ? RTM_GETNSID : RTM_NEWNSID;
		m->nlmsg_flags = NLM_F_REQUEST;
		mnl_nlmsg_put_extra_header(m, sizeof(struct rtgenmsg));
		mnl_attr_put_u32(m, NETNSA_FD, (uint32_t)ns);
		if (!ask)
			mnl_attr_put_u32(m, NETNSA_NSID, (uint32_t)NSID_NONE);
		r = nl_request(w->talk, m, take_nsid, &nsid, NULL);
	}
	return r < 0 ? r : nsid < 0 ? -ENOENT : nsid;
}

/* A new namespace for the thread. Where the limit is reached, those that are being freed count still. */
static int make_sentinel(const struct waiter *w)
{
	int r = 0;

	for (int tries = 0; tries < FULL_TRIES; tries++) {
		r = unshare(CLONE_NEWNET) < 0 ? -errno : 0;
		if (r != -ENOSPC && r != -EUSERS)
			return r;
		if (stopped(w))
			return -ECANCELED;
		poll(NULL, 0, FULL_MS);
	}
	return r;
}

/* Makes a namespace, and drops it. Its number, or -errno. */
static int drop_sentinel(const struct waiter *w)
{
	_cleanup_fd_ int ns = -1;
	int r = make_sentinel(w);

	if (r < 0)
		return r;
	ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	r = ns < 0 ? -errno : 0;
	if (setns(w->home, CLONE_NEWNET) < 0)
		return -errno;
	return r < 0 ? r : number_it(w, ns);
}

/* Messages that wait: 1 where one says that the number is void. */
static int read_messages(const struct waiter *w, int nsid)
{
	char buf[8192];
	int found = 0;

	for (;;) {
		ssize_t n = recv(w->listen, buf, sizeof(buf), MSG_DONTWAIT);
		int left = (int)n;

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? found : -errno;
		for (struct nlmsghdr *m = (void *)buf; mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left)) {
			int32_t told = NSID_NONE;

			if (m->nlmsg_type == RTM_DELNSID)
				take_nsid(m, &told);
			found |= told == nsid;
		}
	}
}

struct search {
	int32_t nsid;
	bool found;
};

static int compare_nsid(const struct nlmsghdr *m, void *data)
{
	struct search *s = data;
	int32_t told = NSID_NONE;

	take_nsid(m, &told);
	s->found |= told == s->nsid;
	return 0;
}

/* The same by looking through all numbers. */
static int look(const struct waiter *w, int nsid)
{
	char buf[128];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct search s = {.nsid = nsid};
	int r;

	m->nlmsg_type = RTM_GETNSID;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(m, sizeof(struct rtgenmsg));
	r = nl_request(w->talk, m, compare_nsid, &s, NULL);
	if (r == -EINTR) /* changed while it was read */
		return 0;
	return r < 0 ? r : !s.found;
}

/* Until a number is void. 0 or -errno. */
static int await_void(const struct waiter *w, int nsid)
{
	for (;;) {
		struct pollfd p = {.fd = w->listen, .events = POLLIN};
		int n = poll(&p, 1, LOOK_MS), r;

		if (stopped(w))
			return -ECANCELED;
		if (n < 0 && errno != EINTR)
			return -errno;
		r = n > 0 ? read_messages(w, nsid) : 0;
		if (n == 0 || r == -ENOBUFS)
			r = look(w, nsid);
		if (r != 0)
			return r < 0 ? r : 0;
	}
}

static int await_sentinels(struct waiter *w)
{
	const struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = 1u << (RTNLGRP_NSID - 1)};
	const int room = ROOM;

	if (w->home < 0 || w->talk < 0 || w->listen < 0)
		return w->home < 0 ? -errno : w->talk < 0 ? w->talk : w->listen;
	setsockopt(w->listen, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (bind(w->listen, (const void *)&self, sizeof(self)) < 0)
		return -errno;
	for (int i = 0; i < SENTINELS; i++) {
		int nsid = drop_sentinel(w), r = nsid < 0 ? nsid : await_void(w, nsid);

		if (r < 0)
			return r;
	}
	return 0;
}

int release_await(const volatile int *cancel, struct nsl_error **err)
{
	_cleanup_fd_ int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int talk = nl_open(NETLINK_ROUTE), listen = nl_open(NETLINK_ROUTE);
	struct waiter w = {home, talk, listen, cancel};
	int r = await_sentinels(&w);

	if (r == -ECANCELED)
		return error_set(err, NSL_E_CANCELLED, ECANCELED, "interrupted while waiting for the kernel");
	return r < 0 ? error_errno(err, -r, "cannot wait until the kernel has freed the namespaces") : 0;
}
