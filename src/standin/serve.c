/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting, as the holder does. See serve.h and holder.h. */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"
#include "holder.h"

/* ---- messages -------------------------------------------------------------------------------------- */

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(PASSED_MAX * sizeof(int))];
};

int pass_fds(int sock, const void *data, size_t len, const int *fds, size_t n)
{
	union control control;
	struct iovec io = {(void *)data, len};
	struct msghdr msg = {.msg_iov = &io, .msg_iovlen = 1};
	ssize_t sent;

	if (n > PASSED_MAX)
		return -EINVAL;
	if (n) {
		memset(&control, 0, sizeof(control));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(&control.head), fds, n * sizeof(int));
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
	}
	do
		sent = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : (size_t)sent == len ? 0 : -EMSGSIZE;
}

/* Keeps as many as there is room for. */
static void keep_fds(struct msghdr *msg, int *fds, size_t max, size_t *n)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t came = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < came; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (*n < max)
				fds[(*n)++] = fd;
			else
				close(fd);
		}
	}
}

long take_fds(int sock, void *data, size_t len, int *fds, size_t max, size_t *n)
{
	union control control;
	struct iovec io = {data, len};
	struct msghdr msg = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t got;

	*n = 0;
	do
		got = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	keep_fds(&msg, fds, max, n);
	return got;
}

/* ---- the holder ------------------------------------------------------------------------------------ */

/* The address sanitizer asks for its stack wherever a function does not return. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(SANITIZED)
#define SANITIZED
#endif

const int serve_calls[] = {
#ifdef SANITIZED
	SYS_sigaltstack,
#endif
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_ppoll
	SYS_ppoll,
#endif
#ifdef SYS_ppoll_time64
	SYS_ppoll_time64,
#endif
#ifdef SYS_sigreturn
	SYS_sigreturn,
#endif
	SYS_accept4,      SYS_getsockopt, SYS_sendmsg,         SYS_recvmsg,
	SYS_close,        SYS_exit_group, SYS_restart_syscall, SYS_rt_sigreturn,
};
const size_t n_serve_calls = ARRAY_SIZE(serve_calls);

enum { LISTENER, WAY_OUT, FIRST_CLIENT, CLIENTS_MAX = 32 };

struct server {
	int self;
	struct pollfd watched[FIRST_CLIENT + CLIENTS_MAX]; /* fd -1: free */
};

static void drop(struct pollfd *p)
{
	close(p->fd);
	p->fd = -1;
}

/* Its user, who is root in here: the folder lets nobody else in; this does not even depend on it. */
static bool is_own_user(int sock)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == 0;
}

static int greet(const struct server *s, int sock)
{
	int fds[2] = {s->self, s->watched[WAY_OUT].fd};
	struct holder_greeting hello = {.magic = HOLDER_MAGIC, .protocol = HOLDER_PROTOCOL, .has_way_out = fds[1] >= 0};

	return pass_fds(sock, &hello, sizeof(hello), fds, 1 + hello.has_way_out);
}

static void welcome(struct server *s)
{
	int sock = accept4(s->watched[LISTENER].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (sock < 0)
		return;
	for (int i = FIRST_CLIENT; i < FIRST_CLIENT + CLIENTS_MAX; i++) {
		if (s->watched[i].fd >= 0)
			continue;
		if (!is_own_user(sock) || greet(s, sock) < 0)
			break;
		s->watched[i] = (struct pollfd){.fd = sock, .events = POLLIN};
		return;
	}
	close(sock);
}

/* A new way out takes the place of the one before, which has ended, or whoever sent this ends it. */
static void take_way_out(struct server *s, int fd)
{
	if (s->watched[WAY_OUT].fd >= 0)
		drop(&s->watched[WAY_OUT]);
	s->watched[WAY_OUT] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void hear(struct server *s, struct pollfd *client)
{
	char request = 0;
	size_t n;
	int fd = -1;
	long got = take_fds(client->fd, &request, sizeof(request), &fd, 1, &n);

	if (got == 1 && request == HOLDER_END)
		_exit(0);
	if (got == 1 && request == HOLDER_WAY_OUT && n) {
		take_way_out(s, fd);
		if (pass_fds(client->fd, &request, sizeof(request), NULL, 0) == 0)
			return;
		n = 0;
	}
	if (n)
		close(fd);
	if (got != -EAGAIN)
		drop(client);
}

void serve(int sock, int self)
{
	struct server s = {.self = self};

	for (size_t i = 0; i < ARRAY_SIZE(s.watched); i++)
		s.watched[i].fd = -1;
	s.watched[LISTENER] = (struct pollfd){.fd = sock, .events = POLLIN};
	for (;;) {
		if (poll(s.watched, ARRAY_SIZE(s.watched), -1) < 0)
			continue;
		for (int i = FIRST_CLIENT; i < FIRST_CLIENT + CLIENTS_MAX; i++)
			if (s.watched[i].fd >= 0 && s.watched[i].revents)
				hear(&s, &s.watched[i]);
		if (s.watched[WAY_OUT].fd >= 0 && s.watched[WAY_OUT].revents)
			drop(&s.watched[WAY_OUT]);
		if (s.watched[LISTENER].revents)
			welcome(&s);
	}
}
