/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making the holder. See holder.h; serve.c is what it does afterwards. */
#include "holder.h"

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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"
#include "fd.h"
#include "furnish.h"
#include "ids.h"
#include "serve.h"

#define TITLE "nsloom-holder"

/* Where its descriptors are. */
enum { SERVICE = 3, SELF, REPORT, FREE };

/* ---- becoming a process of its own ----------------------------------------------------------------- */

/* Where the kernel shows the command line from: fields 48 to 51 of /proc/self/stat, see proc(5). */
static bool command_line(char **begin, char **end)
{
	unsigned long args[2], env[2];
	_cleanup_fd_ int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	const char *at;
	size_t len;

	if (fd < 0 || fd_read_all(fd, 4096, &text, &len) < 0 || !(at = strrchr(text, ')')))
		return false;
	for (int field = 2; field < 48 && at; field++)
		at = strchr(at + 1, ' ');
	if (!at || sscanf(at, "%lu %lu %lu %lu", &args[0], &args[1], &env[0], &env[1]) != 4 || !args[0] ||
	    args[1] != env[0])
		return false;
	*begin = (char *)args[0];
	*end = (char *)env[1];
	return true;
}

/* What ps(1) shows. The name goes over the arguments and, where these are short, the environment, which nobody reads here. */
static void set_title(const char *name)
{
	char *begin, *end;
	char title[128];

	prctl(PR_SET_NAME, TITLE);
	if (!command_line(&begin, &end))
		return;
	memset(begin, 0, (size_t)(end - begin));
	snprintf(title, sizeof(title), TITLE " %.80s", name);
	snprintf(begin, (size_t)(end - begin), "%s", title);
}

static void end(int sig)
{
	_exit(0);
}

/* The first process of a PID namespace hears no signal that it has no handler for. */
static void set_signals(void)
{
	static const int ending[] = {SIGTERM, SIGINT, SIGQUIT};
	struct sigaction act = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &act, NULL);
	act.sa_handler = end;
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaction(ending[i], &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_IGN); /* the kernel buries its children */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Nothing of who made it stays open. */
static int keep_three(int service, int self, int report)
{
	int high[] = {fcntl(service, F_DUPFD_CLOEXEC, 64), fcntl(self, F_DUPFD_CLOEXEC, 64),
	              fcntl(report, F_DUPFD_CLOEXEC, 64)};
	int null = open("/dev/null", O_RDWR);

	if (null < 0)
		return -errno;
	for (int i = 0; i < SERVICE; i++)
		if (dup2(null, i) < 0)
			return -errno;
	for (int i = 0; i < FREE - SERVICE; i++)
		if (high[i] < 0 || dup3(high[i], SERVICE + i, O_CLOEXEC) < 0)
			return -errno;
	return syscall(SYS_close_range, FREE, ~0U, 0) < 0 ? -errno : 0;
}

/* ---- the holder's own life ------------------------------------------------------------------------- */

static int settle(const char *name, int service, int report, struct holder_made *made)
{
	int self, r;

	setsid();
	set_title(name);
	set_signals();
	umask(022);
	r = furnish_host(made);
	if (r < 0)
		return r;
	snprintf(made->what, sizeof(made->what), "prepare its holder");
	self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (self < 0 || chdir("/") < 0)
		return -errno;
	r = keep_three(service, self, report);
	if (r < 0)
		return r;
	snprintf(made->what, sizeof(made->what), "confine its holder");
	r = confine_privileges();
	/* Who may enter is told by its user alone: the kernel asks this of who looks at /proc/PID/ns. */
	return r == 0 && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ? -errno : r;
}

static _Noreturn void hold(const char *name, int service, int report)
{
	struct holder_made made = {0};
	int r = settle(name, service, report, &made);

	if (r == 0) {
		report = REPORT;
		r = confine_calls(serve_calls, n_serve_calls);
		if (r == -ENOSYS || r == -EINVAL) /* not known to us on this processor; not known to the kernel */
			r = 0;
	}
	made.errnum = -r;
	pass_fds(report, &made, sizeof(made), NULL, 0);
	if (r < 0)
		_exit(1);
	close(REPORT);
	serve(SERVICE, SELF);
}

/* ---- its maker ------------------------------------------------------------------------------------- */

static int new_namespaces(int flags, struct holder_made *made)
{
	snprintf(made->what, sizeof(made->what), "make a user namespace");
	if (unshare(CLONE_NEWUSER) < 0)
		return -errno;
	snprintf(made->what, sizeof(made->what), "make its namespaces");
	if (unshare(flags) < 0)
		return -errno;
	/* The kernel has hidden /proc/self from its user when he became somebody else. */
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ? -errno : 0;
}

/* Makes the namespaces, waits for the maps of ids, and puts the holder in. The holder's parent is the first process of the
 * machine then: nobody needs to wait for it. */
static _Noreturn void make(const char *name, int service, int report)
{
	struct holder_made made = {0};
	char go;
	pid_t pid;

	made.errnum = -new_namespaces(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID, &made);
	if (pass_fds(report, &made, sizeof(made), NULL, 0) < 0 || made.errnum || read(report, &go, 1) != 1)
		_exit(1);
	pid = fork();
	if (pid == 0)
		hold(name, service, report);
	if (pid < 0) {
		made.errnum = errno;
		pass_fds(report, &made, sizeof(made), NULL, 0);
	}
	_exit(pid < 0);
}

/* One report of those inside. */
static int hear_report(int report, struct holder_made *made)
{
	size_t n;
	long got = take_fds(report, made, sizeof(*made), NULL, 0, &n);

	if (got != sizeof(*made)) {
		snprintf(made->what, sizeof(made->what), "start its holder");
		made->errnum = ECHILD;
	}
	return -made->errnum;
}

int holder_make(int socket, const char *name, char *ids_why, size_t size, struct holder_made *made)
{
	int ends[2], r, status;
	pid_t pid;

	*made = (struct holder_made){.what = "start its holder"};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -(made->errnum = errno);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		make(name, socket, ends[1]);
	}
	r = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (r == 0)
		r = hear_report(ends[0], made);
	if (r == 0) {
		snprintf(made->what, sizeof(made->what), "write its maps of ids");
		r = ids_map(pid, ids_why, size);
	}
	if (r == 0 && write(ends[0], "", 1) == 1)
		r = hear_report(ends[0], made);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	made->errnum = -r;
	return r;
}

int holder_less(struct holder_made *made)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int r;

	*made = (struct holder_made){0};
	r = new_namespaces(CLONE_NEWNS | CLONE_NEWNET, made);
	if (r == 0) {
		snprintf(made->what, sizeof(made->what), "write its maps of ids");
		r = ids_map_self(uid, gid);
	}
	if (r == 0)
		r = furnish_host(made);
	made->errnum = -r;
	return r;
}
