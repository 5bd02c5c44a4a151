/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting programs. See program.h. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"

bool program_exists(const char *name)
{
	const char *list = getenv("PATH");
	_cleanup_free_ char *path = strdup(list ? list : "/usr/bin:/bin");
	char *rest = path;

	for (char *folder; path && (folder = strsep(&rest, ":"));) {
		char file[PATH_MAX];

		if ((size_t)snprintf(file, sizeof(file), "%s/%s", folder, name) < sizeof(file) &&
		    access(file, X_OK) == 0)
			return true;
	}
	return false;
}

int program_run(char *const argv[], char *said, size_t size)
{
	int ends[2], status, fd;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(ends[1], 2) < 0)
			_exit(126);
		execvp(argv[0], argv);
		_exit(errno == ENOENT ? 127 : 126);
	}
	close(ends[1]);
	while (n < size - 1 && (got = read(ends[0], said + n, size - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	said[strcspn(said, "\n")] = '\0';
	close(ends[0]);
	if (pid < 0)
		return -EAGAIN;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
