/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other end of a holder's socket. See contact.h. */
#include "contact.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "fd.h"
#include "folder.h"
#include "holder.h"
#include "serve.h"

enum { PATIENCE_S = 5 }; /* a holder answers at once; who has been stopped does not answer at all */

/* By the folder's descriptor: a path might be too long for a socket's address. */
static struct sockaddr_un address(int folder, const char *name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/%s", folder, name);
	return a;
}

int contact_listen(int folder)
{
	struct sockaddr_un a = address(folder, FOLDER_SOCKET);
	_cleanup_fd_ int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (sock < 0 || (unlinkat(folder, FOLDER_SOCKET, 0) < 0 && errno != ENOENT) ||
	    bind(sock, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(sock, SOMAXCONN) < 0)
		return -errno;
	return take_fd(&sock);
}

static int greeted(struct contact *c)
{
	struct holder_greeting hello;
	int fds[2];
	size_t n;
	long got = take_fds(c->sock, &hello, sizeof(hello), fds, 2, &n);

	c->holder = n > 0 ? fds[0] : -1;
	c->way_out = n > 1 ? fds[1] : -1;
	if (got == 0)
		return -ECONNREFUSED;
	if (got < 0)
		return (int)got == -ECONNRESET ? -ECONNREFUSED : (int)got;
	if ((size_t)got < sizeof(hello) || memcmp(hello.magic, HOLDER_MAGIC, sizeof(hello.magic)) != 0 ||
	    hello.protocol != HOLDER_PROTOCOL || c->holder < 0)
		return -EPROTO;
	return 0;
}

/* Whoever listens there must be of this user, whatever the folder's modes say. */
static int is_own_user(int sock)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	return peer.uid == geteuid() ? 0 : -EACCES;
}

int contact_make(int folder, struct contact *out)
{
	struct sockaddr_un a = address(folder, FOLDER_SOCKET);
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int r = 0;

	*out = CONTACT_NONE;
	out->sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (out->sock < 0)
		return -errno;
	setsockopt(out->sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(out->sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(out->sock, (struct sockaddr *)&a, sizeof(a)) < 0)
		r = -errno;
	if (r == 0)
		r = is_own_user(out->sock);
	if (r == 0)
		r = greeted(out);
	if (r < 0)
		contact_done(out);
	return r;
}

void contact_done(struct contact *c)
{
	fd_closep(&c->sock);
	fd_closep(&c->holder);
	fd_closep(&c->way_out);
	*c = CONTACT_NONE;
}

int contact_end(struct contact *c)
{
	char request = HOLDER_END;
	int r = pass_fds(c->sock, &request, sizeof(request), NULL, 0);

	if (r < 0)
		return r;
	if (pidfd_ended(c->holder, PATIENCE_S * 1000))
		return 0;
	/* Before the kernel tells of the end, it frees what stood there, which may take long. The connection goes first. */
	return recv(c->sock, &request, 1, MSG_DONTWAIT) == 0 ? 0 : -ETIMEDOUT;
}

int contact_way_out(struct contact *c, int program)
{
	char request = HOLDER_WAY_OUT, answer = 0;
	size_t n;
	int r = pass_fds(c->sock, &request, sizeof(request), &program, 1);
	long got = r < 0 ? r : take_fds(c->sock, &answer, sizeof(answer), NULL, 0, &n);

	return got < 0 ? (int)got : got == 1 && answer == request ? 0 : -EPROTO;
}

pid_t pidfd_number(int pidfd)
{
	char path[64], line[64];
	pid_t pid = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Pid: %d", &pid) == 1)
			break;
	if (file)
		fclose(file);
	return pid > 0 ? pid : 0;
}

bool pidfd_ended(int pidfd, int ms)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	int n;

	do
		n = poll(&p, 1, ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}
