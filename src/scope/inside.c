/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The child that goes in. See inside.h. */
#include "inside.h"

#include <errno.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"

enum { FACTS_MAX = 256 << 20 };

static const struct {
	enum nsl_aspect aspect;
	int (*collect)(struct facts *f);
} collectors[] = {
	{NSL_ASPECT_ROUTES, collect_routes},
	{NSL_ASPECT_RULES, collect_rules},
	{NSL_ASPECT_NEIGHBOURS, collect_neighbours},
	{NSL_ASPECT_SOCKETS, collect_sockets},
	{NSL_ASPECT_UNIX, collect_unix},
	{NSL_ASPECT_NFTABLES, collect_nft},
	{NSL_ASPECT_SYSCTLS, collect_sysctls},
};

void fact_add(struct facts *f, enum nsl_aspect aspect, const char *key, const char *fmt, ...)
{
	va_list ap;

	strbuf_addc(&f->text, (char)aspect);
	strbuf_add(&f->text, key, strlen(key) + 1);
	va_start(ap, fmt);
	strbuf_vprintf(&f->text, fmt, ap);
	va_end(ap);
	strbuf_addc(&f->text, '\0');
}

/* Into it; by way of its user namespace where that is the caller's to enter. */
static int go(int ns)
{
	_cleanup_fd_ int userns = -1;

	if (setns(ns, CLONE_NEWNET) == 0)
		return 0;
	userns = ioctl(ns, NS_GET_USERNS);
	if (userns < 0 || setns(userns, CLONE_NEWUSER) < 0 || setns(ns, CLONE_NEWNET) < 0)
		return -EPERM;
	return 0;
}

/* In the child. The first four bytes are the errno of going in. */
static int collect(int ns, int out)
{
	struct facts f = {0};
	int r = go(ns);

	strbuf_add(&f.text, (const char *)&r, sizeof(r));
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(collectors); i++) {
		int error = collectors[i].collect(&f);

		if (error < 0)
			fact_add(&f, collectors[i].aspect, "(cannot be read)", "%s", strerror(-error));
	}
	return f.text.failed || fd_write_all(out, f.text.s, f.text.len) < 0;
}

int inside_collect(int ns, char **out, size_t *len)
{
	_cleanup_fd_ int in = -1, far = -1;
	int fds[2], r;
	pid_t pid;

	if (pipe(fds) < 0)
		return -errno;
	in = fds[0];
	far = fds[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		close(in);
		_exit(collect(ns, far));
	}
	close(take_fd(&far));
	r = fd_read_all(in, FACTS_MAX, out, len);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (r == 0) {
		r = *len < sizeof(r) ? -EIO : *(int *)*out;
		if (r < 0)
			free(TAKE_PTR(*out));
	}
	return r;
}
