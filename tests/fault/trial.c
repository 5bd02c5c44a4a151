/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trial.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snapshot_netlink.h"

struct thresholds trial_thresholds = {.ample = 1};

static unsigned long long namespace_here(void)
{
	struct stat st;

	return stat("/proc/thread-self/ns/net", &st) == 0 ? st.st_ino : 0;
}

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static void take_error(struct trial_result *res, struct nsl_error *err)
{
	char *text;

	if (!err)
		return;
	res->code = (int)err->code;
	res->errnum = err->errnum;
	res->line = err->pos.line;
	snprintf(res->message, sizeof(res->message), "%s", err->message ? err->message : "");
	snprintf(res->kernel, sizeof(res->kernel), "%s", err->kernel ? err->kernel : "");
	for (struct nsl_error *e = err; e; e = e->next)
		res->errors++;
	text = nsl_error_text(err);
	snprintf(res->text, sizeof(res->text), "%s", text ? text : "");
	free(text);
	nsl_error_free(err);
}

static void take_plan(struct trial_result *res, struct work *w)
{
	struct op_text t;

	res->ops = w->plan->ops.n;
	res->shown = plan_shown(w->plan);
	if (!res->ops)
		return;
	op_describe(w->arena, w->plan, &w->plan->ops.items[0], &t);
	snprintf(res->first, sizeof(res->first), "%s: %s %s %s -> %s", t.place, t.kind, t.object, t.was ? t.was : "",
	         t.now ? t.now : "");
}

static void act_now(struct trial_result *res, enum trial_act act, const char *lab, const struct model *m,
                    const struct inject *in)
{
	static const struct inject nothing = {0};
	struct engine_options none = {0};
	struct survivors survivors = {0};
	unsigned long long home = namespace_here();
	int before = descriptors();
	struct nsl_error *err = NULL;
	struct engine e;
	struct work w = {0};

	engine_init(&e);
	e.thresholds = trial_thresholds;
	inject_arm(in ? in : &nothing, &e, &res->inject);
	if (act == TRIAL_UP)
		res->r = engine_up(&e, m, NULL, &none, &w, &err);
	else if (act == TRIAL_DOWN)
		res->r = engine_down(&e, lab, &none, &w, &survivors, &err);
	else
		res->r = engine_plan(&e, m, NULL, &none, &w, &err);
	inject_disarm();
	if (w.plan && res->r == 0)
		take_plan(res, &w);
	work_done(&w);
	take_error(res, err);
	res->strayed = namespace_here() != home;
	res->leaked = descriptors() - before;
}

/* Of a trial, and of what it meets: shared with the processes that they are done in. */
static struct trial_result *results(void)
{
	static struct trial_result *res;

	if (!res)
		res = mmap(NULL, 2 * sizeof(*res), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (res == MAP_FAILED)
		die("mmap");
	return res;
}

const struct trial_result *trial(enum trial_act act, const char *lab, const struct model *m, const struct inject *in)
{
	struct trial_result *res = results();
	int status;
	pid_t pid;

	*res = (struct trial_result){0};
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		act_now(res, act, lab, m, in);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) < 0)
		die("waitpid");
	res->signal = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) ? 1000 + WEXITSTATUS(status) : 0;
	return res;
}

/* ---- two at once ----------------------------------------------------------------------------------- */

static struct {
	enum trial_act act;
	const char *lab;
	const struct model *m;
} other;

static void do_other(void)
{
	struct trial_result *res = results() + 1;

	act_now(res, other.act, other.lab, other.m, NULL);
	res->over = true;
}

const struct trial_result *trial_meet(enum trial_act act, enum trial_act met_act, const char *lab,
                                      const struct model *m, const struct inject *in, const struct trial_result **met)
{
	enum { PATIENCE = 10000 }; /* milliseconds */
	struct trial_result *res = results();
	struct inject meeting = *in;

	res[1] = (struct trial_result){0};
	other.act = met_act;
	other.lab = lab;
	other.m = m;
	meeting.other = do_other;
	meeting.home = getpid();
	trial(act, lab, m, &meeting);
	for (int i = 0; res->inject.hit && !res[1].over && i < PATIENCE; i++)
		usleep(1000);
	if (res->inject.hit && !res[1].over)
		res[1].signal = 1000; /* it waits for ever, or has died */
	*met = &res[1];
	return res;
}
