/* SPDX-License-Identifier: GPL-2.0-or-later */
/* $SSH_CONNECTION ("CLIENT PORT SERVER PORT", ssh(1)): ours, or, where sudo has taken it away, that of a process above us. */
#include "session_peer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "text.h"

#define VARIABLE "SSH_CONNECTION="
#define MAPPED "::ffff:"

enum { GENERATIONS = 12, ENVIRON_MAX = 1 << 20 };

static bool parse(const char *value, struct ip *out)
{
	char text[IP_TEXT_MAX];
	size_t len = strcspn(value, " ");

	if (len >= sizeof(text))
		return false;
	memcpy(text, value, len);
	text[len] = '\0';
	/* IPv4 as a socket for both families writes it. */
	return ip_parse(has_prefix(text, MAPPED) && strchr(text, '.') ? text + strlen(MAPPED) : text, out);
}

static bool read_proc(long pid, const char *file, char **text, size_t *len)
{
	char path[64];
	_cleanup_fd_ int fd = -1;

	snprintf(path, sizeof(path), "/proc/%ld/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && fd_read_all(fd, ENVIRON_MAX, text, len) == 0;
}

static bool in_environ(long pid, struct ip *out)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (!read_proc(pid, "environ", &text, &len))
		return false;
	for (size_t at = 0; at < len; at += strlen(text + at) + 1)
		if (has_prefix(text + at, VARIABLE))
			return parse(text + at + strlen(VARIABLE), out);
	return false;
}

/* /proc/PID/stat: "PID (NAME) STATE PPID …", where NAME may hold anything. 0: none. */
static long parent_of(long pid)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	const char *end;
	long parent = 0;

	if (!read_proc(pid, "stat", &text, &len))
		return 0;
	end = strrchr(text, ')');
	return end && sscanf(end + 1, " %*c %ld", &parent) == 1 ? parent : 0;
}

struct ip session_peer(void)
{
	const char *own = getenv("SSH_CONNECTION");
	struct ip peer = {0};
	long pid = getppid();

	if (own && parse(own, &peer))
		return peer;
	for (int i = 0; i < GENERATIONS && pid > 1; i++, pid = parent_of(pid))
		if (in_environ(pid, &peer))
			return peer;
	return (struct ip){0};
}
