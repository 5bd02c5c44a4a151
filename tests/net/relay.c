/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lets a process inside a user namespace run commands as the ordinary user that it was outside.
 *
 *   relay serve SOCKET -- COMMAND…   runs COMMAND, and meanwhile whatever is asked for by that socket; its
 *                                    status is that of COMMAND
 *   relay COMMAND…                   asks $RELAY to run COMMAND, with this process's words, environment,
 *                                    working directory, umask, ignored signals and standard descriptors;
 *                                    hands signals on, and ends as COMMAND does
 *   NAME …                           a link to relay of another name: the same for the command NAME
 *
 * With $RELAY_PID set, the number of the process that runs COMMAND is written to the file of that name.
 *
 * So a net test sits on the stand-in host, where ip(8) shows what it shows root on the host, and its
 * nsloom is one that an ordinary user started. Who asks is killed with SIGKILL: so is what it asked for, before
 * anything else that is asked for begins.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { STANDARD = 3, FAILED = 125 };

struct request {
	uint32_t open; /* bit of each standard descriptor that comes along */
	uint32_t umask;
	uint64_t ignored;               /* signals */
	uint32_t words, variables, len; /* NUL-terminated, after the working directory */
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
	exit(FAILED);
}

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(a.sun_path))
		die("the socket's path is too long");
	strcpy(a.sun_path, path);
	return a;
}

static bool write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return false;
		data += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

static bool read_all(int fd, char *data, size_t len)
{
	while (len) {
		ssize_t n = read(fd, data, len);

		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		data += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* ---- who asks -------------------------------------------------------------------------------------- */

static volatile sig_atomic_t to_relay = -1;

static void hand_on(int sig)
{
	int saved = errno;
	unsigned char byte = (unsigned char)sig;

	(void)!write(to_relay, &byte, 1);
	errno = saved;
}

static uint64_t ignored_signals(void)
{
	uint64_t set = 0;
	struct sigaction act;

	for (int sig = 1; sig < 64; sig++)
		if (sigaction(sig, NULL, &act) == 0 && act.sa_handler == SIG_IGN)
			set |= UINT64_C(1) << sig;
	return set;
}

static size_t count(char **list, size_t *len)
{
	size_t n = 0;

	for (; list[n]; n++)
		*len += strlen(list[n]) + 1;
	return n;
}

static char *append(char *at, char **list)
{
	for (; *list; list++)
		at = stpcpy(at, *list) + 1;
	return at;
}

static void send_request(int sock, char **words)
{
	struct request r = {.ignored = ignored_signals()};
	char control[CMSG_SPACE(STANDARD * sizeof(int))] __attribute__((aligned(8))) = {0};
	struct iovec io = {&r, sizeof(r)};
	struct msghdr msg = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control};
	struct cmsghdr *c = (struct cmsghdr *)control;
	char *here = getcwd(NULL, 0), *blob, *at;
	size_t len = strlen(here ? here : "/") + 1;
	int n = 0;

	r.umask = (uint32_t)umask(0);
	r.words = (uint32_t)count(words, &len);
	r.variables = (uint32_t)count(environ, &len);
	r.len = (uint32_t)len;
	for (int fd = 0; fd < STANDARD; fd++)
		if (fcntl(fd, F_GETFD) >= 0) {
			memcpy(CMSG_DATA(c) + (size_t)n++ * sizeof(int), &fd, sizeof(fd));
			r.open |= 1u << fd;
		}
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
	msg.msg_controllen = n ? CMSG_SPACE((size_t)n * sizeof(int)) : 0;
	blob = malloc(len);
	at = stpcpy(blob, here ? here : "/") + 1;
	append(append(at, words), environ);
	if (sendmsg(sock, &msg, MSG_NOSIGNAL) != sizeof(r) || !write_all(sock, blob, len))
		die("cannot send");
}

static _Noreturn void end_as(int status)
{
	struct rlimit none = {0, 0};

	if (!WIFSIGNALED(status))
		exit(WEXITSTATUS(status));
	setrlimit(RLIMIT_CORE, &none);
	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));
	exit(FAILED);
}

static void tell_pid(pid_t pid)
{
	const char *path = getenv("RELAY_PID");
	FILE *file = path ? fopen(path, "we") : NULL;

	if (!file)
		return;
	fprintf(file, "%d\n", pid);
	fclose(file);
}

static int ask(char **words)
{
	static const int handed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
	const char *path = getenv("RELAY");
	struct sockaddr_un a = address(path ? path : "/nowhere");
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), high, status;
	sigset_t held, before;
	pid_t pid;

	if (sock < 0 || connect(sock, (struct sockaddr *)&a, sizeof(a)) < 0)
		die("cannot reach $RELAY");
	high = fcntl(sock, F_DUPFD_CLOEXEC, 10); /* out of the way of standard descriptors that are closed */
	close(sock);
	sigfillset(&held); /* none may end us between the asking and the handing on: the command would run on */
	sigprocmask(SIG_BLOCK, &held, &before);
	send_request(high, words);
	to_relay = high;
	for (size_t i = 0; i < sizeof(handed_on) / sizeof(handed_on[0]); i++) {
		struct sigaction act = {.sa_handler = hand_on}, was;

		if (sigaction(handed_on[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
			sigaction(handed_on[i], &act, NULL);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	for (int fd = 0; fd < STANDARD; fd++)
		close(fd); /* whoever waits for their end shall not wait for us */
	if (!read_all(high, (char *)&pid, sizeof(pid)))
		exit(FAILED);
	tell_pid(pid);
	if (!read_all(high, (char *)&status, sizeof(status)))
		exit(FAILED);
	end_as(status);
}

/* ---- who serves ------------------------------------------------------------------------------------ */

static char **take_list(char **at, const char *end, uint32_t n)
{
	char **list = calloc(n + 1, sizeof(*list));

	for (uint32_t i = 0; i < n && *at < end; i++) {
		list[i] = *at;
		*at += strlen(*at) + 1;
	}
	return list;
}

static _Noreturn void become(const struct request *r, const int fds[STANDARD], char *blob, const char *real)
{
	char *at = blob + strlen(blob) + 1, **words = take_list(&at, blob + r->len, r->words);
	char **variables = take_list(&at, blob + r->len, r->variables), path[8192];

	for (int sig = 1; sig < 64; sig++)
		signal(sig, r->ignored >> sig & 1 ? SIG_IGN : SIG_DFL);
	for (int fd = 0, n = 0; fd < STANDARD; fd++) {
		close(fd);
		if (r->open >> fd & 1)
			dup2(fds[n++], fd);
	}
	if (chdir(blob) < 0)
		_exit(FAILED);
	umask((mode_t)r->umask);
	environ = variables;
	/* What is called by its name shall be the thing itself, not the link that led here. */
	snprintf(path, sizeof(path), "%s:%s", real, getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
	setenv("PATH", path, 1);
	execvp(words[0], words);
	_exit(errno == ENOENT ? 127 : 126);
}

/* One request, in a process of its own, to its end. */
static _Noreturn void serve_one(int sock, const char *real)
{
	struct request r;
	char control[CMSG_SPACE(STANDARD * sizeof(int))] __attribute__((aligned(8))), *blob;
	struct iovec io = {&r, sizeof(r)};
	struct msghdr msg = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	int fds[STANDARD] = {-1, -1, -1}, status = 0;
	struct pollfd watched[2];
	struct cmsghdr *c;
	pid_t pid;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != sizeof(r))
		_exit(0);
	c = CMSG_FIRSTHDR(&msg);
	if (c)
		memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	for (int i = 0; i < STANDARD; i++)
		if (fds[i] >= 0) {
			int high = fcntl(fds[i], F_DUPFD_CLOEXEC, 10);

			close(fds[i]);
			fds[i] = high;
		}
	blob = malloc(r.len + 1);
	if (!blob || !read_all(sock, blob, r.len))
		_exit(0);
	blob[r.len] = '\0';
	signal(SIGCHLD, SIG_DFL);
	pid = fork();
	if (pid == 0)
		become(&r, fds, blob, real);
	for (int i = 0; i < STANDARD; i++)
		close(fds[i]);
	write_all(sock, (char *)&pid, sizeof(pid));
	watched[0] = (struct pollfd){.fd = sock, .events = POLLIN};
	watched[1] = (struct pollfd){.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	while (waitpid(pid, &status, WNOHANG) != pid) {
		unsigned char sig;

		if (poll(watched, 2, -1) <= 0 || !watched[0].revents)
			continue;
		if (read(sock, &sig, 1) == 1) {
			kill(pid, sig);
		} else { /* who asked is no more */
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			_exit(0);
		}
	}
	write_all(sock, (char *)&status, sizeof(status));
	_exit(0);
}

/* What is being served, by processes of this one. */
static struct served {
	pid_t pid;
	int client;
} served[128];
static size_t n_served;

static void forget(pid_t pid)
{
	for (size_t i = 0; i < n_served; i++)
		if (served[i].pid == pid) {
			close(served[i].client);
			served[i] = served[--n_served];
			return;
		}
}

/* Until nothing runs for somebody who is no more. */
static void await_orphans(void)
{
	for (size_t i = 0; i < n_served;) {
		struct pollfd asker = {.fd = served[i].client, .events = POLLRDHUP};

		if (poll(&asker, 1, 0) > 0 && (asker.revents & (POLLRDHUP | POLLHUP))) {
			waitpid(served[i].pid, NULL, 0);
			forget(served[i].pid);
		} else {
			i++;
		}
	}
}

static void begin(int client, const char *real)
{
	pid_t pid;

	await_orphans();
	pid = fork();
	if (pid == 0)
		serve_one(client, real);
	if (pid > 0 && n_served < sizeof(served) / sizeof(served[0]))
		served[n_served++] = (struct served){pid, client};
	else
		close(client);
}

static int serve(const char *path, char **command)
{
	struct sockaddr_un a = address(path);
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), status;
	const char *real = getenv("RELAY_PATH");
	struct pollfd watched[2];
	pid_t pid;

	if (sock < 0 || bind(sock, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(sock, 64) < 0)
		die("cannot listen");
	setenv("RELAY", path, 1);
	pid = fork();
	if (pid == 0) {
		execvp(command[0], command);
		die(command[0]);
	}
	watched[0] = (struct pollfd){.fd = sock, .events = POLLIN};
	watched[1] = (struct pollfd){.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	signal(SIGCHLD, SIG_DFL);
	for (;;) {
		int client =
			poll(watched, 2, -1) > 0 && watched[0].revents ? accept4(sock, NULL, NULL, SOCK_CLOEXEC) : -1;

		if (client >= 0)
			begin(client, real ? real : "");
		for (pid_t gone; (gone = waitpid(-1, &status, WNOHANG)) > 0;) {
			forget(gone);
			if (gone == pid) {
				unlink(path);
				end_as(status);
			}
		}
	}
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];

	if (strcmp(name, "relay") != 0) {
		argv[0] = (char *)name;
		return ask(argv);
	}
	if (argc > 4 && strcmp(argv[1], "serve") == 0 && strcmp(argv[3], "--") == 0)
		return serve(argv[2], argv + 4);
	if (argc > 1)
		return ask(argv + 1);
	fprintf(stderr, "usage: relay serve SOCKET -- COMMAND… | relay COMMAND…\n");
	return 2;
}
