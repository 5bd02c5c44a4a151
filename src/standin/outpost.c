/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that stays behind. See outpost.h. */
#include "outpost.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "serve.h"

enum { SOCK = 3, HOLDER, FREE, REQUEST_MAX = 120 << 10, ARGS_MAX = 512 };
enum { OPEN = 'o', START = 's' }; /* a request's first byte; what follows is text */

/* ---- starting a program ---------------------------------------------------------------------------- */

static _Noreturn void become(char *const argv[], int log, int ready)
{
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(log, 2) < 0 || dup2(ready, 3) < 0 ||
	    syscall(SYS_close_range, 4, ~0U, 0) < 0 || chdir("/") < 0)
		_exit(126);
	setsid();
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* The first process of the program's PID namespace that is not the holder: the program is its child, and the holder's when it ends. */
static _Noreturn void put_in(char *const argv[], int log, int ready, int report)
{
	int r = 0, program = -1;
	pid_t pid = fork();

	if (pid == 0)
		become(argv, log, ready);
	if (pid > 0)
		program = (int)syscall(SYS_pidfd_open, pid, 0); /* before it can end unseen: we are its parent yet */
	if (program < 0)
		r = -errno;
	pass_fds(report, &r, sizeof(r), &program, r == 0);
	_exit(0);
}

static _Noreturn void put_below(char *const argv[], int log, int ready, int report)
{
	int r = setns(HOLDER, CLONE_NEWUSER | CLONE_NEWPID) < 0 ? -errno : 0;
	pid_t pid = r == 0 ? fork() : -1;

	if (pid == 0)
		put_in(argv, log, ready, report);
	if (pid < 0) {
		r = r < 0 ? r : -errno;
		pass_fds(report, &r, sizeof(r), NULL, 0);
	}
	_exit(0);
}

/* A pidfd, or -errno. */
static int put(char *const argv[], int log, int ready)
{
	int ends[2], r = -EIO, program = -1;
	size_t n = 0;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		put_below(argv, log, ready, ends[1]);
	close(ends[1]);
	if (pid < 0 || take_fds(ends[0], &r, sizeof(r), &program, 1, &n) != sizeof(r))
		r = -EIO;
	close(ends[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return n ? program : r < 0 ? r : -EIO;
}

/* Words, each with its NUL: the log, then the program's. */
static void start(char *words, size_t len)
{
	char *argv[ARGS_MAX + 2] = {NULL};
	int ready[2], log, fds[2], r = 0;
	size_t n = 0;

	for (char *at = words; at < words + len && n <= ARGS_MAX; at += strlen(at) + 1)
		argv[n++] = at;
	if (pipe2(ready, O_CLOEXEC) < 0)
		_exit(1);
	log = open(argv[0], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	fds[0] = log < 0 ? -errno : put(argv + 1, log, ready[1]);
	fds[1] = ready[0];
	if (fds[0] < 0)
		r = fds[0];
	pass_fds(SOCK, &r, sizeof(r), fds, r < 0 ? 0 : 2);
	close(ready[0]);
	close(ready[1]);
	fd_closep(&log);
	fd_closep(&fds[0]);
}

/* ---- the outpost ----------------------------------------------------------------------------------- */

static void open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r = fd < 0 ? -errno : 0;

	pass_fds(SOCK, &r, sizeof(r), &fd, r == 0);
	if (fd >= 0)
		close(fd);
}

/* Keeps nothing of its maker's: neither locks, nor what its maker's readers wait for the end of. */
static void settle(int sock, int holder)
{
	sigset_t all;
	int high[] = {fcntl(sock, F_DUPFD_CLOEXEC, 64), holder < 0 ? -1 : fcntl(holder, F_DUPFD_CLOEXEC, 64)};
	int null = open("/dev/null", O_RDWR);

	sigfillset(&all); /* a Ctrl-C is its maker's affair */
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "nsloom-outpost");
	for (int i = 0; i < SOCK; i++)
		dup2(null, i);
	for (int i = 0; i < FREE - SOCK; i++)
		dup3(high[i] < 0 ? null : high[i], SOCK + i, O_CLOEXEC);
	syscall(SYS_close_range, FREE, ~0U, 0);
}

static _Noreturn void serve_maker(int sock, int holder)
{
	char *request = malloc(REQUEST_MAX + 1);
	size_t none;

	settle(sock, holder);
	for (;;) {
		long n = request ? take_fds(SOCK, request, REQUEST_MAX, NULL, 0, &none) : 0;

		if (n <= 1)
			_exit(0);
		request[n] = '\0';
		if (request[0] == OPEN)
			open_file(request + 1);
		else
			start(request + 1, (size_t)n - 1);
	}
}

int outpost_make(struct outpost *o, int holder)
{
	int ends[2];

	*o = OUTPOST_NONE;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	o->pid = fork();
	if (o->pid == 0) {
		close(ends[0]);
		serve_maker(ends[1], holder);
	}
	close(ends[1]);
	if (o->pid < 0) {
		close(ends[0]);
		*o = OUTPOST_NONE;
		return -EAGAIN;
	}
	o->sock = ends[0];
	return 0;
}

void outpost_end(struct outpost *o)
{
	if (o->pid) {
		close(o->sock);
		while (waitpid(o->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	*o = OUTPOST_NONE;
}

/* ---- its maker ------------------------------------------------------------------------------------- */

static int ask(const struct outpost *o, const void *request, size_t len, int *fds, size_t max, size_t *n)
{
	int r = o->pid ? pass_fds(o->sock, request, len, NULL, 0) : -ENOSYS, answer = 0;
	long got;

	*n = 0;
	if (r < 0)
		return r;
	got = take_fds(o->sock, &answer, sizeof(answer), fds, max, n);
	return got == sizeof(answer) ? answer : got < 0 ? (int)got : -EPIPE;
}

int outpost_open(const struct outpost *o, const char *path)
{
	char request[256];
	size_t len = (size_t)snprintf(request, sizeof(request), "%c%s", OPEN, path), n;
	int fd = -1, r = len < sizeof(request) ? ask(o, request, len, &fd, 1, &n) : -ENAMETOOLONG;

	return r < 0 ? r : fd;
}

/* Puts a word behind what is there. False: there is no room. */
static bool put_word(char *request, size_t *len, const char *word)
{
	size_t size = strlen(word) + 1;

	if (*len + size > REQUEST_MAX)
		return false;
	memcpy(request + *len, word, size);
	*len += size;
	return true;
}

int outpost_start(const struct outpost *o, const char *log, const char *const argv[], struct started *out)
{
	_cleanup_free_ char *request = malloc(REQUEST_MAX);
	size_t len = 1, n = 0;
	int fds[2], r;
	bool fits;

	if (!request)
		return -ENOMEM;
	request[0] = START;
	fits = put_word(request, &len, log);
	for (size_t i = 0; fits && argv[i]; i++)
		fits = i < ARGS_MAX && put_word(request, &len, argv[i]);
	if (!fits)
		return -E2BIG;
	r = ask(o, request, len, fds, 2, &n);
	if (r == 0 && n == 2) {
		*out = (struct started){fds[0], fds[1]};
		return 0;
	}
	while (n)
		close(fds[--n]);
	return r < 0 ? r : -EPROTO;
}
