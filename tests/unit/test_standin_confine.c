/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process can still do when it has given up what it does not need. Each try is a child's. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"
#include "serve.h"

/* The wait status of a child that does it. */
static int tried(int (*what)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(what());
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* In a user namespace of its own, where every process is privileged at first. 77: there are none. */
static int privileges(void)
{
	char line[256];
	unsigned long caps;
	int r = 0;
	FILE *file;

	if (unshare(CLONE_NEWUSER) < 0)
		return 77;
	file = fopen("/proc/self/status", "re");
	if (!file || confine_privileges() < 0)
		return 1;
	while (fgets(line, sizeof(line), file)) /* that was opened before; it is written when it is read */
		if (strncmp(line, "Cap", 3) == 0 && sscanf(strchr(line, ':') + 1, "%lx", &caps) == 1 && caps)
			r = 2;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		r = 3;
	return unshare(CLONE_NEWNET) == 0 || errno != EPERM ? 4 : r;
}

static void privileges_are_gone(void **state)
{
	int status = tried(privileges);

	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static int files(void)
{
	if (confine_privileges() < 0)
		return 1;
	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
		return 2;
	if (open("/tmp/nsloom-confined", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600) >= 0 || errno != EACCES)
		return 3;
	return open("/dev/null", O_WRONLY | O_CLOEXEC) >= 0 || errno != EACCES ? 4 : 0;
}

static void files_are_out_of_reach(void **state)
{
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) <= 0)
		skip(); /* the kernel has no Landlock */
	assert_int_equal(tried(files), 0);
}

static int confine_all(void)
{
	return confine_privileges() < 0 || confine_calls(serve_calls, n_serve_calls) < 0;
}

static int open_something(void)
{
	if (confine_all())
		return 1;
	open("/dev/null", O_RDONLY);
	return 0;
}

static int start_something(void)
{
	if (confine_all())
		return 1;
	execl("/bin/true", "true", NULL);
	return 0;
}

static int make_a_socket(void)
{
	if (confine_all())
		return 1;
	socket(AF_INET, SOCK_STREAM, 0);
	return 0;
}

static int kill_the_parent(void)
{
	if (confine_all())
		return 1;
	kill(getppid(), SIGUSR1);
	return 0;
}

static int fork_once(void)
{
	if (confine_all())
		return 1;
	return fork() == 0;
}

static void other_calls_are_the_end(void **state)
{
	int (*const tries[])(void) = {open_something, start_something, make_a_socket, kill_the_parent, fork_once};

	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		int status = tried(tries[i]);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

/* What the holder does all day. */
static int work(void)
{
	int ends[2], fds[1];
	struct pollfd p;
	char byte = 'x';
	size_t n;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 || confine_all())
		return 1;
	if (pass_fds(ends[0], &byte, 1, &ends[0], 1) < 0 || take_fds(ends[1], &byte, 1, fds, 1, &n) != 1 || n != 1)
		return 2;
	p = (struct pollfd){.fd = ends[1], .events = POLLIN};
	if (poll(&p, 1, 1) != 0)
		return 3;
	close(fds[0]);
	return 0;
}

static void its_own_work_goes_on(void **state)
{
	assert_int_equal(tried(work), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(privileges_are_gone),
		cmocka_unit_test(files_are_out_of_reach),
		cmocka_unit_test(other_calls_are_the_end),
		cmocka_unit_test(its_own_work_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
