/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>

#include "fd.h"
#include "netlink.h"

/* A change is seldom alone: it has settled when nothing was heard for so long, or will not settle at all. In milliseconds. */
enum { SETTLED = 40, PATIENCE = 10 };

/* Groups of rtnetlink(7) that tell of what a census reads. */
static const int groups[] = {RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR,  RTNLGRP_IPV6_IFADDR,  RTNLGRP_IPV4_ROUTE,
                             RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF, RTNLGRP_NSID};

static int join(int fd)
{
	int on = 1;

	struct sockaddr_nl self = {.nl_family = AF_NETLINK};

	if (bind(fd, (struct sockaddr *)&self, sizeof(self)) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i], sizeof(groups[i])) < 0)
			return -errno;
	/* Refused to who may not look into other namespaces anyway: his own is heard still. */
	setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof(on));
	return 0;
}

/* The folder comes with the first name: until then the one above is watched. */
static void watch_folder(struct watch *w)
{
	char above[256];
	char *slash;

	w->in_folder = inotify_add_watch(w->names, w->folder,
	                                 IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |
	                                         IN_ONLYDIR) >= 0;
	snprintf(above, sizeof(above), "%s", w->folder);
	slash = strrchr(above, '/');
	if (w->in_folder || !slash)
		return;
	*slash = '\0';
	inotify_add_watch(w->names, above, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
}

int watch_open(struct watch *w, const char *folder, struct nsl_error **err)
{
	int r;

	*w = (struct watch){.link = nl_open(NETLINK_ROUTE), .names = -1, .mounts = -1, .folder = folder};
	r = w->link < 0 ? w->link : join(w->link);
	if (r == 0) {
		w->names = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		r = w->names < 0 ? -errno : 0;
	}
	if (r == 0) {
		w->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
		r = w->mounts < 0 ? -errno : 0;
	}
	if (r < 0) {
		watch_close(w);
		return error_errno(err, -r, "cannot listen for changes");
	}
	watch_folder(w);
	return 0;
}

void watch_close(struct watch *w)
{
	fd_closep(&w->link);
	fd_closep(&w->names);
	fd_closep(&w->mounts);
	w->link = w->names = w->mounts = -1;
}

/* What it says does not matter: all is looked at again. */
static void empty(int fd, bool socket)
{
	char buf[16 << 10];
	ssize_t n;

	do
		n = socket ? recv(fd, buf, sizeof(buf), MSG_DONTWAIT) : read(fd, buf, sizeof(buf));
	while (n > 0 || (n < 0 && (errno == EINTR || errno == ENOBUFS)));
}

/* True where something was heard. */
static bool hear(struct watch *w, int ms)
{
	struct pollfd p[] = {{.fd = w->link, .events = POLLIN},
	                     {.fd = w->names, .events = POLLIN},
	                     {.fd = w->mounts, .events = POLLPRI}}; /* proc(5): polling takes the news with it */

	if (poll(p, ARRAY_SIZE(p), ms) <= 0)
		return false;
	empty(w->link, true);
	empty(w->names, false);
	if (!w->in_folder || p[1].revents)
		watch_folder(w);
	return true;
}

int watch_wait(struct watch *w, int ms)
{
	if (!hear(w, ms))
		return WATCH_QUIET;
	for (int i = 0; i < PATIENCE && hear(w, SETTLED); i++)
		;
	return WATCH_HEARD;
}
