/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Graphviz in a child: see graphviz.h. The functions are those of gvc.h and cgraph.h. */
#include "graphviz.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "strbuf.h"

/* What the child ends with. */
enum { DONE, NO_LIBRARY, NO_ENGINE, NO_LAYOUT, NO_OUTPUT };

/* ---- in the child ---------------------------------------------------------------------------------- */

struct library {
	void *(*context)(void);
	void *(*read)(const char *text);
	int (*layout)(void *context, void *graph, const char *engine);
	int (*render)(void *context, void *graph, const char *format, FILE *out);
};

/* By the names that its versions since 2.30 have. */
static void *open_library(void)
{
	static const char *const names[] = {"libgvc.so.7", "libgvc.so.6", "libgvc.so"};
	void *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !found; i++)
		found = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	return found;
}

/* POSIX wants functions to be taken out of a library as data pointers. */
static bool take_symbol(void *from, const char *name, void *function)
{
	void *found = dlsym(from, name);

	memcpy(function, &found, sizeof(found));
	return found;
}

static bool load(struct library *lib)
{
	void *gvc = open_library();

	return gvc && take_symbol(gvc, "gvContext", &lib->context) && take_symbol(gvc, "agmemread", &lib->read) &&
	       take_symbol(gvc, "gvLayout", &lib->layout) && take_symbol(gvc, "gvRender", &lib->render);
}

/* Nothing is freed: the process ends. */
static int lay_out(const char *dot, const char *engine, int to)
{
	struct library lib;
	void *context, *graph;
	FILE *out = fdopen(to, "w");

	if (!out || !load(&lib))
		return NO_LIBRARY;
	context = lib.context();
	graph = context ? lib.read(dot) : NULL;
	if (!graph)
		return NO_LAYOUT;
	if (lib.layout(context, graph, engine) != 0)
		return NO_ENGINE;
	if (lib.render(context, graph, "json0", out) != 0)
		return NO_OUTPUT;
	return fclose(out) == 0 ? DONE : NO_OUTPUT;
}

/* It has much to say on standard error that nobody asked about. */
static void be_child(const char *dot, const char *engine, int to, pid_t parent)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(NO_OUTPUT);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	_exit(lay_out(dot, engine, to));
}

/* ---- in the parent --------------------------------------------------------------------------------- */

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* All that the child says, until `until`. 0 or -errno. */
static int gather(int from, long long until, struct strbuf *out)
{
	char buf[16 << 10];

	for (;;) {
		struct pollfd p = {.fd = from, .events = POLLIN};
		long long left = until - now_ms();
		int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
		ssize_t n;

		if (ready == 0)
			return -ETIMEDOUT;
		n = ready < 0 ? -1 : read(from, buf, sizeof(buf));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return out->failed ? -ENOMEM : 0;
		if (n > 0)
			strbuf_add(out, buf, (size_t)n);
	}
}

static int wait_for(pid_t pid, bool kill_it)
{
	int status;

	if (kill_it)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static int missing(struct nsl_error **err, const char *what)
{
	error_set(err, NSL_E_MISSING, ENOENT, "drawing this needs Graphviz's library, and %s", what);
	error_hint(err, "install it (Debian, Ubuntu: graphviz or libgvc6; Fedora, Arch, Alpine, openSUSE: graphviz); "
	                "the formats dot, mermaid and json do without");
	return -ENOENT;
}

static int judge(int status, const char *engine, struct nsl_error **err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == DONE)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_LIBRARY)
		return missing(err, "libgvc is not here");
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_ENGINE)
		return missing(err, "its layouts are not here");
	if (WIFSIGNALED(status))
		return error_set(err, NSL_E_FAILED, EIO, "Graphviz's layout \"%s\" of this map crashed (signal %d)",
		                 engine, WTERMSIG(status));
	return error_set(err, NSL_E_FAILED, EIO, "Graphviz could not lay this map out");
}

int graphviz_layout(const char *dot, const char *engine, unsigned seconds, char **out, struct nsl_error **err)
{
	_cleanup_strbuf_ struct strbuf text = {0};
	_cleanup_fd_ int from = -1, to = -1;
	pid_t parent = getpid(), pid;
	int ends[2], r, status;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "cannot lay the map out");
	from = ends[0];
	to = ends[1];
	pid = fork();
	if (pid < 0)
		return error_errno(err, errno, "cannot lay the map out");
	if (pid == 0)
		be_child(dot, engine, to, parent);
	close(take_fd(&to));
	r = gather(from, now_ms() + 1000LL * seconds, &text);
	status = wait_for(pid, r < 0);
	if (r == -ETIMEDOUT)
		return error_set(err, NSL_E_FAILED, ETIMEDOUT, "Graphviz did not lay this map out within %u s",
		                 seconds);
	if (r < 0)
		return error_errno(err, -r, "cannot lay the map out");
	r = judge(status, engine, err);
	if (r < 0)
		return r;
	*out = strbuf_steal(&text);
	return *out ? 0 : error_oom(err);
}
