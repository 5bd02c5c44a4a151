/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a command and says what it took. It is small, so that the memory of the child before its exec, which the kernel counts
 * too, is no part of what is measured.
 *
 * usage: timed REPORT COMMAND [ARGUMENT]…     REPORT: the file that gets seconds of wall, user and system time, and KB of memory
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct rusage u;
	double began;
	int status;
	FILE *f;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: timed REPORT COMMAND [ARGUMENT]…\n");
		return 2;
	}
	began = now();
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &u) != pid)
		return 125;
	began = now() - began;
	f = fopen(argv[1], "we");
	if (!f)
		return 125;
	fprintf(f, "{\"wall\": %.6f, \"user\": %.6f, \"sys\": %.6f, \"rss\": %ld}\n", began, seconds(u.ru_utime),
	        seconds(u.ru_stime), u.ru_maxrss);
	fclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
