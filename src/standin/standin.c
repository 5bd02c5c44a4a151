/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding, making, entering and ending stand-in hosts. See standin.h. */
#include "standin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bans.h"
#include "contact.h"
#include "fd.h"
#include "folder.h"
#include "furnish.h"
#include "holder.h"
#include "manager.h"
#include "text.h"

/* ---- what is to be told ---------------------------------------------------------------------------- */

static void note_lost(struct standin *s)
{
	snprintf(s->note[STANDIN_NOTE_LOST], sizeof(s->note[0]),
	         "the process that kept the stand-in host (nsloom-holder) was killed: the labs in it are gone");
}

static void note_made(struct standin *s, const struct holder_made *made, const char *ids_why)
{
	if (*ids_why)
		snprintf(s->note[STANDIN_NOTE_IDS], sizeof(s->note[0]),
		         "only one user is known in nodes, root (%.80s): daemons cannot become another one; nsloom "
		         "doctor "
		         "says what mends it",
		         ids_why);
	if (made->sys_told)
		snprintf(s->note[STANDIN_NOTE_SYS], sizeof(s->note[0]),
		         "/sys in nodes shows the machine's devices, not theirs: it cannot be mounted here (%s)",
		         strerror((int)made->sys_told));
}

/* Why there is no stand-in. What forbids it is told by its name; what the kernel said comes behind. */
static int refused(const struct holder_made *made, struct nsl_error **err)
{
	const struct ban *ban = ban_in_force();

	if (ban) {
		error_set(err, NSL_E_MISSING, made->errnum, "%s (%s = %llu): without root there is no host for labs",
		          ban->what, ban->key, ban->bans);
		error_hint(err, "%s", ban->mend);
	} else {
		error_set(err, NSL_E_MISSING, made->errnum,
		          "cannot make a stand-in host for labs without root: cannot %s: %s", made->what,
		          strerror(made->errnum));
		error_hint(err, "nsloom doctor says more; with sudo, labs stand on the host itself");
	}
	return -made->errnum;
}

/* ---- making ---------------------------------------------------------------------------------------- */

static int make_holder(struct standin *s, struct contact *c, struct nsl_error **err)
{
	_cleanup_fd_ int sock = contact_listen(s->folder);
	struct holder_made made;
	char ids_why[160];
	int r;

	if (sock < 0)
		return error_errno(err, -sock, "cannot make the socket of the stand-in host");
	r = holder_make(sock, s->name, ids_why, sizeof(ids_why), &made);
	if (r < 0)
		return refused(&made, err);
	note_made(s, &made, ids_why);
	r = contact_make(s->folder, c);
	if (r < 0)
		return error_errno(err, -r, "the holder of the stand-in host does not answer");
	manager_adopt(s->name, pidfd_number(c->holder), s->user);
	return 0;
}

/* The lock is held alone. Somebody else may have made it meanwhile. */
static int make(struct standin *s, struct nsl_error **err)
{
	struct contact c;
	int r = contact_make(s->folder, &c);

	if (r == -ECONNREFUSED)
		note_lost(s);
	if (r == -ECONNREFUSED || r == -ENOENT)
		r = make_holder(s, &c, err);
	else if (r < 0)
		r = error_errno(err, -r, "the holder of the stand-in host does not answer");
	contact_done(&c);
	return r;
}

static void let_go(struct standin *s)
{
	fd_closep(&s->folder);
	fd_closep(&s->lock);
	s->folder = s->lock = -1;
}

static int make_where_none(struct standin *s, struct nsl_error **err)
{
	int r = folder_take(s->name, FOLDER_ALONE, true, &s->folder, &s->lock, err);

	if (r == 0) {
		r = make(s, err);
		if (r < 0)
			folder_remove(s->folder);
	}
	let_go(s); /* it is taken anew, shared: in between it may have been ended, and is made again */
	return r;
}

/* ---- reaching it ----------------------------------------------------------------------------------- */

/* /proc/PID of the holder, which must live on until it was opened: else the number could be another's by now. */
static int open_process(struct standin *s)
{
	char path[32];

	s->pid = pidfd_number(s->holder);
	snprintf(path, sizeof(path), "/proc/%d", s->pid);
	s->proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->proc < 0 || pidfd_ended(s->holder, 0))
		return -ECONNREFUSED;
	snprintf(s->run, sizeof(s->run), "/proc/self/fd/%d/root", s->proc);
	return 0;
}

static int reach(struct standin *s)
{
	struct contact c;
	int r = contact_make(s->folder, &c);

	if (r < 0)
		return r;
	s->holder = take_fd(&c.holder);
	contact_done(&c);
	r = open_process(s);
	if (r < 0)
		close(take_fd(&s->holder));
	return r;
}

/* The folder of one that has been killed has nobody to take it away. */
static void clear_remains(struct standin *s)
{
	_cleanup_fd_ int folder = -1, lock = -1;
	struct contact c;

	note_lost(s);
	if (folder_take(s->name, FOLDER_ALONE, false, &folder, &lock, NULL) < 0)
		return;
	if (contact_make(folder, &c) < 0)
		folder_remove(folder);
	contact_done(&c);
}

static int wrong_version(struct nsl_error **err)
{
	error_set(err, NSL_E_MISSING, EPROTO, "the stand-in host was made by another version of nsloom");
	error_hint(err, "take the labs down with that one; or end its holder, and all with it: kill nsloom-holder");
	return -EPROTO;
}

/* 0: reached, -ENOENT: there is none, without an error; else with one. */
static int find(struct standin *s, struct nsl_error **err)
{
	_cleanup_fd_ int top = folder_top(false, err);
	int r;

	if (top < 0)
		return top;
	s->folder = folder_open(top, s->name, false, err);
	if (s->folder < 0)
		return s->folder;
	r = reach(s);
	if (r == 0)
		return 0;
	let_go(s);
	if (r == -EPROTO)
		return wrong_version(err);
	if (r == -ECONNREFUSED)
		clear_remains(s);
	if (r == -ECONNREFUSED || r == -ENOENT)
		return -ENOENT;
	return error_errno(err, -r, "the holder of the stand-in host does not answer");
}

/* The same; and it stays as long as the lock is held. */
static int find_or_make(struct standin *s, struct nsl_error **err)
{
	int r;

	for (;;) {
		r = folder_take(s->name, FOLDER_SHARED, false, &s->folder, &s->lock, err);
		if (r == 0)
			r = reach(s);
		else if (r != -ENOENT)
			return r;
		if (r == 0)
			return 0;
		let_go(s);
		if (r == -EPROTO)
			return wrong_version(err);
		if (r != -ENOENT && r != -ECONNREFUSED)
			return error_errno(err, -r, "the holder of the stand-in host does not answer");
		r = make_where_none(s, err);
		if (r < 0)
			return r;
	}
}

/* ---- entering -------------------------------------------------------------------------------------- */

/* Where the process was: the same folder is looked for by its path, so that its path stays what it is for others too. */
struct place {
	int fd;
	char *path;
};

static struct place place_here(void)
{
	return (struct place){open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), getcwd(NULL, 0)};
}

static bool same_folder(int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(".", &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static void go_back(struct place *p)
{
	bool there = p->path && chdir(p->path) == 0 && (p->fd < 0 || same_folder(p->fd));

	if (!there && p->fd >= 0 && fchdir(p->fd) < 0)
		(void)!chdir("/");
	fd_closep(&p->fd);
	free(p->path);
}

static int move_in(struct standin *s, struct nsl_error **err)
{
	struct place place = place_here();
	int r = setns(s->holder, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) < 0 ? -errno : 0;

	if (r == 0)
		go_back(&place);
	else
		free(place.path), fd_closep(&place.fd);
	if (r < 0)
		return error_set(err, NSL_E_PERMISSION, -r, "cannot enter the stand-in host: %s%s", strerror(-r),
		                 r == -EINVAL ? " (the process must have one thread)" : "");
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* else the kernel would hide /proc/self from us */
	s->entered = true;
	*s->run = '\0';
	return 0;
}

static int without_holder(struct standin *s, struct nsl_error **err)
{
	struct place place = place_here();
	struct holder_made made;
	int r = holder_less(&made);

	go_back(&place);
	if (r < 0)
		return refused(&made, err);
	s->entered = s->fleeting = true;
	return 0;
}

static int open_as(struct standin *s, enum standin_mode mode, struct nsl_error **err)
{
	int r = mode == STANDIN_MAKE ? find_or_make(s, err) : find(s, err);

	s->tidy = mode == STANDIN_MAKE;
	if (r < 0 && (r != -ENOENT || mode != STANDIN_TRY))
		return r;
	if (mode >= STANDIN_WORK) /* without one, it will do with less */
		outpost_make(&s->outpost, s->holder);
	if (r < 0)
		return without_holder(s, err);
	return mode == STANDIN_PEEK ? 0 : move_in(s, err);
}

int standin_open(const char *name, enum standin_mode mode, struct standin **out, struct nsl_error **err)
{
	struct standin *s = calloc(1, sizeof(*s));
	int r;

	*out = NULL;
	if (!s)
		return error_oom(err);
	s->folder = s->lock = s->holder = s->proc = -1;
	s->user = geteuid();
	s->outpost = OUTPOST_NONE;
	snprintf(s->name, sizeof(s->name), "%s", name);
	r = open_as(s, mode, err);
	if (r == 0 || (r == -ENOENT && *s->note[STANDIN_NOTE_LOST])) {
		*out = s;
		return 0;
	}
	s->tidy &= s->entered;
	standin_close(s);
	return r == -ENOENT ? 0 : r;
}

/* ---- the end --------------------------------------------------------------------------------------- */

static bool has_entries(const char *path)
{
	DIR *dir = opendir(path);
	bool any = false;

	for (struct dirent *e; dir && !any && (e = readdir(dir));)
		any = e->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return any;
}

/* Whether another process than this one and the holder is on the stand-in host itself. */
static bool is_inhabited(const struct standin *s)
{
	DIR *proc = opendir("/proc");
	struct stat own, other;
	bool any = false;

	if (!proc || stat("/proc/self/ns/net", &own) < 0) {
		if (proc)
			closedir(proc);
		return true;
	}
	for (struct dirent *e; !any && (e = readdir(proc));) {
		char path[300];
		unsigned long long pid;

		if (!parse_u64(e->d_name, INT32_MAX, &pid) || (pid_t)pid == s->pid || (pid_t)pid == getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/%s/ns/net", e->d_name);
		any = stat(path, &other) == 0 && other.st_ino == own.st_ino && other.st_dev == own.st_dev;
	}
	closedir(proc);
	return any;
}

static bool is_empty(const struct standin *s)
{
	return !has_entries("/run/nsloom") && !has_entries("/run/netns") && !is_inhabited(s);
}

/* Who needs it meanwhile has locked it, and ends it himself when he finds it empty. */
static void end_if_empty(struct standin *s)
{
	_cleanup_fd_ int lock = -1;
	struct contact c;

	if (s->lock >= 0 && !folder_alone(s->lock))
		return;
	if (s->lock < 0) {
		lock = openat(s->folder, FOLDER_LOCK, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
		if (lock < 0 || !folder_alone(lock))
			return;
	}
	if (pidfd_ended(s->holder, 0) || !is_empty(s) || contact_make(s->folder, &c) < 0)
		return;
	if (contact_end(&c) == 0)
		folder_remove(s->folder);
	contact_done(&c);
}

void standin_close(struct standin *s)
{
	if (!s)
		return;
	outpost_end(&s->outpost);
	if (s->tidy && s->entered && !s->fleeting)
		end_if_empty(s);
	fd_closep(&s->folder);
	fd_closep(&s->lock);
	fd_closep(&s->holder);
	fd_closep(&s->proc);
	free(s);
}

/* ---- all of them ----------------------------------------------------------------------------------- */

int standin_each(standin_fn *fn, void *data)
{
	int top = folder_top(false, NULL), r = 0;
	DIR *dir = top < 0 ? NULL : fdopendir(top);

	if (!dir) {
		fd_closep(&top);
		return top == -ENOENT ? 0 : top < 0 ? top : -errno;
	}
	for (struct dirent *e; r == 0 && (e = readdir(dir));)
		if (e->d_name[0] != '.')
			r = fn(data, e->d_name);
	closedir(dir);
	return r;
}
