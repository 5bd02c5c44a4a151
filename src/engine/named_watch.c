/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that come and go (inotify(7)). See named.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "fd.h"
#include "named.h"
#include "text.h"

enum { CANCEL_MS = 300 };

struct watch {
	int fd, names, above; /* watch descriptors; -1: none */
	named_watch_fn *fn;
	void *data;
};

/* The folder comes with the first name: until then the one above is watched. */
static int look(const struct rundir *rd, struct watch *w)
{
	char above[sizeof(rd->names)];

	w->names = inotify_add_watch(w->fd, rd->names,
	                             IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_ONLYDIR);
	if (w->names >= 0) {
		if (w->above >= 0)
			inotify_rm_watch(w->fd, w->above);
		w->above = -1;
		return 0;
	}
	if (errno != ENOENT)
		return -errno;
	if (w->above >= 0)
		return 0;
	snprintf(above, sizeof(above), "%s", rd->names);
	*strrchr(above, '/') = '\0';
	w->above = inotify_add_watch(w->fd, above, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
	return w->above < 0 ? -errno : look(rd, w); /* it may have come in between */
}

static int take_event(const struct rundir *rd, struct watch *w, const struct inotify_event *e)
{
	if (w->names < 0 || (e->wd == w->names && (e->mask & (IN_IGNORED | IN_DELETE_SELF))))
		return look(rd, w);
	if (e->wd != w->names || !e->len)
		return 0;
	return w->fn(w->data, (e->mask & (IN_CREATE | IN_MOVED_TO)) != 0, e->name);
}

static int watch(const struct rundir *rd, struct watch *w)
{
	_Alignas(struct inotify_event) char buf[16 << 10];
	int r = look(rd, w);

	while (r == 0 && !(rd->cancel && *rd->cancel)) {
		struct pollfd p = {.fd = w->fd, .events = POLLIN};
		int ready = poll(&p, 1, CANCEL_MS); /* a signal may come just before it */
		ssize_t n = ready <= 0 ? ready : read(w->fd, buf, sizeof(buf));

		if (n < 0 && errno != EINTR)
			return -errno;
		for (char *at = buf; r == 0 && n > 0 && at < buf + n;) {
			const struct inotify_event *e = (const void *)at;

			r = take_event(rd, w, e);
			at += sizeof(*e) + e->len;
		}
	}
	return r;
}

int named_watch(const struct rundir *rd, named_watch_fn *fn, void *data, struct nsl_error **err)
{
	_cleanup_fd_ int fd = inotify_init1(IN_CLOEXEC);
	struct watch w = {.fd = fd, .names = -1, .above = -1, .fn = fn, .data = data};
	int r = fd < 0 ? -errno : watch(rd, &w);

	return r < 0 ? error_errno(err, -r, "cannot watch %s", rd->names) : r;
}
