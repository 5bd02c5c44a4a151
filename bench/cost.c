/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts what a command asks of the kernel, all of it and whichever way: the calls of all its threads, and the netlink
 * messages and bytes among what it sends. It looks from outside, by ptrace(2), so nothing that the command does differently
 * tomorrow escapes it.
 *
 * usage: cost COMMAND [ARGUMENT]…     writes one JSON object; the command's own output goes to standard error
 */
#include <elf.h>
#include <errno.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALL(name)                \
	{                         \
		SYS_##name, #name \
	}

static const struct {
	long number;
	const char *name;
} names[] = {
	CALL(openat),     CALL(close),      CALL(read),       CALL(write),   CALL(mount),    CALL(unshare),
	CALL(setns),      CALL(socket),     CALL(sendto),     CALL(sendmsg), CALL(recvfrom), CALL(recvmsg),
	CALL(symlinkat),  CALL(readlinkat), CALL(fstat),      CALL(statfs),  CALL(fstatfs),  CALL(bind),
	CALL(setsockopt), CALL(futex),      CALL(getdents64), CALL(mmap),    CALL(munmap),   CALL(brk),
};
enum { NAMES = sizeof(names) / sizeof(*names) };

static struct {
	unsigned long calls, sends, messages, bytes, by_name[NAMES];
} sum;

static void fail(const char *what)
{
	fprintf(stderr, "cost: %s: %s\n", what, strerror(errno));
	exit(1);
}

static size_t peek(pid_t pid, unsigned long at, void *buf, size_t len)
{
	struct iovec here = {buf, len}, there = {(void *)at, len};
	ssize_t n = process_vm_readv(pid, &here, 1, &there, 1, 0);

	return n < 0 ? 0 : (size_t)n;
}

/* One stretch of what is sent: as many messages as their lengths say. */
static void count_messages(pid_t pid, unsigned long at, size_t len)
{
	char *buf = malloc(len + 1);
	size_t n = buf ? peek(pid, at, buf, len) : 0;

	sum.bytes += len;
	for (size_t i = 0; i + sizeof(struct nlmsghdr) <= n;) {
		const struct nlmsghdr *m = (void *)(buf + i);

		if (m->nlmsg_len < sizeof(*m))
			break;
		sum.messages++;
		i += NLMSG_ALIGN(m->nlmsg_len);
	}
	free(buf);
}

static void count_sendmsg(pid_t pid, unsigned long at)
{
	struct msghdr msg;
	struct iovec iov[16];
	size_t n;

	if (peek(pid, at, &msg, sizeof(msg)) != sizeof(msg))
		return;
	n = msg.msg_iovlen < 16 ? msg.msg_iovlen : 16;
	if (peek(pid, (unsigned long)msg.msg_iov, iov, n * sizeof(*iov)) == n * sizeof(*iov))
		for (size_t i = 0; i < n; i++)
			count_messages(pid, (unsigned long)iov[i].iov_base, iov[i].iov_len);
}

static void count_call(uint64_t number, long by)
{
	sum.calls += (unsigned long)by;
	for (size_t i = 0; i < NAMES; i++)
		if (names[i].number == (long)number)
			sum.by_name[i] += (unsigned long)by;
}

/* The call that a thread is in. */
static uint64_t *call_of(pid_t pid)
{
	static struct {
		pid_t pid;
		uint64_t number;
	} threads[256];
	size_t i = 0;

	while (i < 255 && threads[i].pid && threads[i].pid != pid)
		i++;
	threads[i].pid = pid;
	return &threads[i].number;
}

/* What the kernel begins anew by itself (a write below /proc/sys that found the RTNL taken) is one call. */
static bool begins_anew(int64_t result)
{
	return result <= -512 && result >= -516; /* ERESTARTSYS … ERESTART_RESTARTBLOCK */
}

static void count(pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && begins_anew(info.exit.rval))
		count_call(*call_of(pid), -1);
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	*call_of(pid) = info.entry.nr;
	count_call(info.entry.nr, 1);
	if (info.entry.nr != SYS_sendto && info.entry.nr != SYS_sendmsg)
		return;
	sum.sends++;
	if (info.entry.nr == SYS_sendto)
		count_messages(pid, info.entry.args[1], info.entry.args[2]);
	else
		count_sendmsg(pid, info.entry.args[1]);
}

/* Waits at a pipe until it is watched, then becomes the command. */
static pid_t start(char **argv)
{
	char go = 0;
	int gate[2];
	pid_t pid = -1;

	if (pipe(gate) < 0 || (pid = fork()) < 0)
		fail("fork");
	if (pid == 0) {
		close(gate[1]);
		dup2(STDERR_FILENO, STDOUT_FILENO);
		if (read(gate[0], &go, 1) != 1)
			_exit(1);
		close(gate[0]);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (ptrace(PTRACE_SEIZE, pid, NULL,
	           PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
	                   PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0 || write(gate[1], &go, 1) != 1)
		fail("ptrace");
	close(gate[0]);
	close(gate[1]);
	return pid;
}

/* Until the command has ended: its status. */
static int watch(pid_t command)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		int stop = WSTOPSIG(status), deliver = 0;

		if (!WIFSTOPPED(status)) {
			if (pid == command)
				return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			continue;
		}
		if (stop == (SIGTRAP | 0x80))
			count(pid);
		else if (status >> 16 == 0)
			deliver = stop;
		ptrace(PTRACE_SYSCALL, pid, NULL, deliver);
	}
	return 1;
}

int main(int argc, char **argv)
{
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: cost COMMAND [ARGUMENT]…\n");
		return 2;
	}
	status = watch(start(argv + 1));
	printf("{\"status\": %d, \"calls\": %lu, \"sends\": %lu, \"messages\": %lu, \"bytes\": %lu, \"by_name\": {",
	       status, sum.calls, sum.sends, sum.messages, sum.bytes);
	for (size_t i = 0, n = 0; i < NAMES; i++)
		if (sum.by_name[i])
			printf("%s\"%s\": %lu", n++ ? ", " : "", names[i].name, sum.by_name[i]);
	printf("}}\n");
	return status;
}
