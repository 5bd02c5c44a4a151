/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When something goes wrong, and with which errno. See inject.h. */
#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { VARIANTS = 6 };

/* The errnos that fit a step: what the kernel really answers to such requests. */
static const struct fitting {
	const char *what;
	int errnum[VARIANTS];
} fitting[] = {
	{"mount the lab's namespaces", {ENOMEM, EPERM, ENOSPC}},
	{"make a namespace", {ENOMEM, ENOSPC, EPERM}},
	{"name a namespace", {ENOSPC, EROFS}},
	{"remove a namespace", {EBUSY, EPERM}},
	{"remove the lab's namespaces", {EBUSY, EPERM}},
	{"make a bridge", {EEXIST, EOPNOTSUPP, ENOMEM, EPERM}},
	{"make a cable", {EEXIST, EOPNOTSUPP, ENOMEM, EINVAL}},
	{"change a device", {EBUSY, EPERM, EINVAL, ENOMEM}},
	{"delete a device", {EBUSY, EPERM, EOPNOTSUPP}},
	{"change an address", {EEXIST, ENOMEM, EINVAL, ENOBUFS}},
	{"change a route", {ENETUNREACH, EEXIST, ENOMEM, EINVAL}},
	{"write a sysctl", {EINVAL, EACCES, EPERM}},
	{"change nf_tables", {ENOMEM, EOPNOTSUPP, EPERM, EBUSY}},
	{"turn the forwarding switch", {EACCES, EPERM, EINVAL}},
	/* calls */
	{"openat", {EMFILE, EACCES, ENOSPC}},
	{"open", {EMFILE, EACCES}},
	{"mkdir", {ENOSPC, EROFS}},
	{"mkdirat", {ENOSPC, EROFS}},
	{"symlinkat", {ENOSPC, EROFS}},
	{"write", {ENOSPC, EINVAL}},
	{"sendto", {ENOBUFS, EPERM}},
	{"socket", {EMFILE, EAFNOSUPPORT}},
	{"unshare", {ENOSPC, EPERM}},
	{"mount", {ENOMEM, EPERM}},
	{"setns", {EPERM, ENOMEM}},
	{"flock", {0}}, /* a local lock is not refused; waiting for it is interrupted in another test */
	{"renameat", {ENOSPC}},
	{"unlinkat", {EBUSY}},
	{"rmdir", {EBUSY}},
	{"umount2", {EBUSY}},
	{"allocation", {ENOMEM}},
};

static struct {
	bool armed;
	struct inject in;
	struct engine *engine;
	struct inject_report *report;
} now;

static int errno_for(const char *what)
{
	static const int any[VARIANTS] = {EIO};
	const int *row = any;

	for (size_t i = 0; i < sizeof(fitting) / sizeof(*fitting); i++)
		if (strcmp(fitting[i].what, what) == 0)
			row = fitting[i].errnum;
	return now.in.variant < VARIANTS ? row[now.in.variant] : 0;
}

/* It gets a moment: to be done, or to wait for what we hold. */
static void meet(void)
{
	char path[48];
	int home;

	if (fork() != 0) {
		usleep(3000);
		return;
	}
	now.armed = false;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", now.in.home);
	home = open(path, O_RDONLY);
	if (home < 0 || setns(home, CLONE_NEWNET) < 0)
		_exit(1);
	close_range(3, ~0U, 0); /* our locks too */
	now.in.other();
	_exit(0);
}

static int happen(const char *what)
{
	struct inject_report *r = now.report;

	if (now.in.how == INJECT_KILL) {
		snprintf(r->what, sizeof(r->what), "%s", what);
		r->hit = true;
		kill(getpid(), SIGKILL);
	}
	if (now.in.how == INJECT_CANCEL) {
		r->hit = true;
		engine_cancel(now.engine);
		return 0;
	}
	if (now.in.how == INJECT_MEET) {
		snprintf(r->what, sizeof(r->what), "%s", what);
		r->hit = true;
		meet();
		return 0;
	}
	if (!r->hit) {
		snprintf(r->what, sizeof(r->what), "%s", what);
		r->errnum = errno_for(what);
		r->no_variant = r->errnum == 0;
		r->hit = true;
		return r->no_variant ? EIO : r->errnum;
	}
	return EIO;
}

int inject_step(enum inject_sort sort, const char *what)
{
	uint64_t n;

	if (!now.armed)
		return 0;
	n = ++now.report->steps[sort];
	if (sort != now.in.sort || !now.in.at || now.report->no_variant)
		return 0;
	if (n == now.in.at || (now.in.again && n == now.in.at + now.in.again) || (now.in.for_ever && n > now.in.at))
		return happen(what);
	return 0;
}

/* The kernel side counts anew when it is opened anew: the number here goes on. */
static int before(void *data, uint64_t n, const char *what)
{
	return -inject_step(INJECT_REQUEST, what);
}

void inject_arm(const struct inject *in, struct engine *e, struct inject_report *report)
{
	now.in = *in;
	now.engine = e;
	now.report = report;
	e->hooks.before = before;
	e->hooks.split = in->split;
	now.armed = true;
}

void inject_disarm(void)
{
	now.armed = false;
}
