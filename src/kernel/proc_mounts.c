/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounting proc. See proc_mounts.h. */
#include "proc_mounts.h"

#include <errno.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"

enum { STACK_SIZE = 32 << 10, SOCK = 3 };

int proc_mount(void)
{
	_cleanup_fd_ int fs = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return fd < 0 ? -errno : fd;
}

/* ---- a message: how it went, and the descriptor ---------------------------------------------------- */

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

static bool send_mount(int sock, int fd)
{
	int r = fd < 0 ? fd : 0;
	union control control = {.head = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct iovec io = {&r, sizeof(r)};
	struct msghdr msg = {.msg_iov = &io, .msg_iovlen = 1};

	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control.room);
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL) == sizeof(r);
}

static int take_mount(int sock)
{
	int r = -EIO, fd = -1;
	union control control;
	struct iovec io = {&r, sizeof(r)};
	struct msghdr msg = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.room)};
	ssize_t n;

	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n == sizeof(r) && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd >= 0 ? fd : n == sizeof(r) && r < 0 ? r : -EIO;
}

/* ---- the mounter ----------------------------------------------------------------------------------- */

/* A copy of a process that may have had several threads: nothing here takes memory or a lock. */
static int mounter(void *data)
{
	int sock = *(int *)data, fd;
	char ask;

	dup2(sock, SOCK);
	syscall(SYS_close_range, SOCK + 1, ~0U, 0); /* locks and namespaces are the other one's to hold */
	while (read(SOCK, &ask, 1) == 1) {
		fd = proc_mount();
		if (!send_mount(SOCK, fd))
			break;
		if (fd >= 0)
			close(fd);
	}
	_exit(0);
}

/* All signals are the other one's too. */
static int start(struct proc_mounts *p)
{
	_Alignas(16) char stack[STACK_SIZE];
	sigset_t all, old;
	int ends[2], r = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	p->mounter = clone(mounter, stack + STACK_SIZE, CLONE_NEWPID | SIGCHLD, &ends[1]);
	if (p->mounter < 0)
		r = -errno;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	close(ends[1]);
	p->sock = ends[0];
	if (r < 0) {
		p->mounter = 0;
		close(take_fd(&p->sock));
	}
	return r;
}

int proc_mount_elsewhere(struct proc_mounts *p)
{
	int r = p->mounter ? 0 : start(p);

	if (r < 0)
		return r;
	if (send(p->sock, "", 1, MSG_NOSIGNAL) != 1)
		return -EIO;
	return take_mount(p->sock);
}

void proc_mounts_done(struct proc_mounts *p)
{
	if (p->mounter) {
		close(take_fd(&p->sock));
		while (waitpid(p->mounter, NULL, 0) < 0 && errno == EINTR)
			;
	}
	*p = PROC_MOUNTS_NONE;
}
