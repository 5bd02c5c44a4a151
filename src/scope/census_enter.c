/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Into a namespace and back. What lies at a path may have changed since it was
 * found, and a path in another mount namespace is in other hands: so nothing is
 * opened for reading before it is known to be that very namespace.
 *
 * setns(2) wants CAP_SYS_ADMIN over the namespace left and over the one entered. An ordinary
 * user has it in user namespaces of his own, where a thread cannot come back from:
 * a child goes there, and sends a socket back.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "census.h"
#include "fd.h"
#include "text.h"

/* ---- opening --------------------------------------------------------------------------------------- */

/* "/proc/PID/root/PATH": links in it must not lead out of that root. */
static int open_below_root(const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	_cleanup_fd_ int root = -1;
	char dir[64];
	int pid, length = 0;
	int fd;

	if (sscanf(path, "/proc/%d/root%n", &pid, &length) != 1 || !length || (size_t)length >= sizeof(dir))
		return -ENOENT;
	snprintf(dir, sizeof(dir), "/proc/%d/root", pid);
	root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	fd = (int)syscall(SYS_openat2, root, path + length, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

static int open_path(uint64_t device, uint64_t inode, const char *path)
{
	bool elsewhere = has_prefix(path, "/proc/") && strstr(path, "/root/");
	_cleanup_fd_ int place = elsewhere ? open_below_root(path) : open(path, O_PATH | O_CLOEXEC);
	char link[32];
	struct stat st;
	int fd;

	if (place < 0)
		return elsewhere ? place : -errno;
	if (fstat(place, &st) < 0)
		return -errno;
	if (st.st_dev != device || st.st_ino != inode)
		return -ENOENT;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", place);
	fd = open(link, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_hold(uint64_t device, uint64_t inode, const struct nsl_hold *hold)
{
	char path[64];

	if (hold->path)
		return open_path(device, inode, hold->path);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", hold->pid);
	return open_path(device, inode, path);
}

/* By the first hold that still leads there. >= 0, -ENOENT (it is gone) or another -errno. */
static int open_any(uint64_t device, uint64_t inode, const struct nsl_hold *holds, size_t n)
{
	int r = -ENOENT;

	for (size_t i = 0; i < n; i++) {
		int fd = open_hold(device, inode, &holds[i]);

		if (fd >= 0)
			return fd;
		if (fd != -ENOENT && fd != -ESRCH)
			r = fd;
	}
	return r;
}

int census_open(const struct nsl_census *c, int32_t at)
{
	struct stat st;

	if (stat("/proc/thread-self/ns/net", &st) < 0)
		return -errno;
	return open_any(st.st_dev, c->items[at].inode, c->items[at].holds, c->items[at].n_holds);
}

int survey_open(struct survey *s, const struct seen *ns)
{
	if (s->ns_fd >= 0)
		close(take_fd(&s->ns_fd));
	if (ns == s->own) {
		s->ns_fd = fcntl(s->own_fd, F_DUPFD_CLOEXEC, 0);
		return s->ns_fd < 0 ? -errno : 0;
	}
	s->ns_fd = open_any(s->device, ns->out.inode, ns->holds.items, ns->holds.n);
	return s->ns_fd < 0 ? s->ns_fd : 0;
}

/* ---- by a child ------------------------------------------------------------------------------------ */

static int send_socket(int channel, int fd)
{
	char byte = 0, room[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec io = {&byte, 1};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(channel, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int receive_socket(int channel)
{
	char byte, room[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec io = {&byte, 1};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
	struct cmsghdr *c;
	int fd = -EPERM;
	ssize_t n;

	do
		n = recvmsg(channel, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	c = n == 1 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* In the child. Only system calls: the parent may have had other threads. */
static void go_and_send(int ns, int userns, int channel)
{
	int fd;

	if (setns(userns, CLONE_NEWUSER) < 0 || setns(ns, CLONE_NEWNET) < 0)
		_exit(1);
	fd = nl_open(NETLINK_ROUTE);
	_exit(fd < 0 || send_socket(channel, fd) < 0);
}

/* Who made a user namespace has all capabilities in it, unless he is in it already. */
static bool can_go(const struct survey *s, int userns)
{
	struct stat st;
	uid_t owner;

	return userns >= 0 && fstat(userns, &st) == 0 && st.st_ino != s->own_userns &&
	       ioctl(userns, NS_GET_OWNER_UID, &owner) == 0 && owner == geteuid();
}

/* A socket in the namespace ns, by way of the user namespace that owns it. >= 0 or -errno. */
static int fetch_socket(const struct survey *s, int ns)
{
	_cleanup_fd_ int userns = ioctl(ns, NS_GET_USERNS), near = -1, far = -1;
	int pair[2], fd;
	pid_t pid;

	if (!can_go(s, userns))
		return -EPERM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	near = pair[0];
	far = pair[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		go_and_send(ns, userns, far);
	close(take_fd(&far));
	fd = receive_socket(near);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return fd;
}

/* ---- entering -------------------------------------------------------------------------------------- */

int survey_enter(struct survey *s, struct seen *ns)
{
	int r = survey_open(s, ns);

	if (r < 0)
		return r;
	if (s->sock >= 0)
		close(take_fd(&s->sock));
	if (!s->confined || ns == s->own) {
		if (setns(s->ns_fd, CLONE_NEWNET) == 0)
			s->away = ns != s->own;
		else if (ns != s->own)
			ns->foreign = true;
	} else {
		ns->foreign = true;
	}
	s->sock = ns->foreign ? fetch_socket(s, s->ns_fd) : nl_open(NETLINK_ROUTE);
	r = s->sock;
	if (r < 0)
		s->sock = -1;
	return r < 0 ? r : 0;
}

void survey_leave(struct survey *s)
{
	if (s->away)
		setns(s->own_fd, CLONE_NEWNET);
	s->away = false;
	if (s->sock >= 0)
		close(take_fd(&s->sock));
	if (s->ns_fd >= 0)
		close(take_fd(&s->ns_fd));
}
