/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that can go wrong goes wrong, once each, on every example and on
 * updates between them; after each, what stands is compared with what stood.
 *
 * usage: sweep [--full] [--list] MODE EXAMPLE.yaml…
 *
 * Speaks TAP: one line for each example (or pair) and sort of accident, with the number of accidents tried.
 */
#include "sweep.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "box.h"
#include "topology.h"

static const struct mode {
	const char *name, *what;
	void (*run)(struct sweep *s);
} modes[] = {
	{"fault", "each request fails, with each errno that fits, at the first up", sweep_faults},
	{"update", "each request fails at an update between two examples", sweep_updates},
	{"second", "a second request fails while the first failure is taken back", sweep_second_faults},
	{"cancel", "the caller cancels at each request", sweep_cancel},
	{"call", "each call of the C library's that asks the kernel fails", sweep_calls},
	{"memory", "each allocation fails; all from there on fail", sweep_memory},
	{"kill", "kill -9 before each request of an up", sweep_kills},
	{"kill-call", "kill -9 before each call of an up", sweep_kill_calls},
	{"kill-down", "kill -9 before each call of a down", sweep_kill_down},
	{"kill-update", "kill -9 before each request of an update", sweep_kill_updates},
	{"record", "records lost, cut, garbled, of a newer version", sweep_records},
	{"full-run", "/run is full, or read-only", sweep_full_run},
};

/* ---- saying ---------------------------------------------------------------------------------------- */

void check_begin(struct sweep *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->title, sizeof(s->title), fmt, ap);
	va_end(ap);
	s->cases = s->faults = 0;
}

void check_end(struct sweep *s)
{
	s->checks++;
	s->all_cases += s->cases;
	s->all_faults += s->faults;
	printf("%sok %llu - %s: %llu tried", s->faults ? "not " : "", (unsigned long long)s->checks, s->title,
	       (unsigned long long)s->cases);
	printf(s->faults ? ", %llu wrong\n" : "\n", (unsigned long long)s->faults);
	fflush(stdout);
}

static void say(const char *text)
{
	for (int i = 0; *text && i < 8; i++) {
		int len = (int)strcspn(text, "\n");

		printf("#   said: %.*s\n", len, text);
		text += len + (text[len] == '\n');
	}
}

void wrong(struct sweep *s, const struct inject *in, const struct trial_result *res, const char *fmt, ...)
{
	static const char *const sorts[] = {"nothing", "request", "call", "allocation"};
	static const char *const hows[] = {"fails", "kills", "cancels"};
	va_list ap;

	if (s->faults++ >= 10)
		return;
	printf("# %s", s->title);
	if (in && in->sort)
		printf(", %s %llu %s (variant %u, again %llu%s)", sorts[in->sort], (unsigned long long)in->at, hows[in->how],
		       in->variant, (unsigned long long)in->again, in->split ? ", split" : "");
	if (res && *res->inject.what)
		printf(" [%s]", res->inject.what);
	printf(": ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	if (res && *res->text)
		say(res->text);
}

/* ---- doing ----------------------------------------------------------------------------------------- */

static void anew(struct sweep *s)
{
	box_enter();
	snapshot_done(&s->empty);
	snapshot_take(&s->empty);
}

bool stands(struct sweep *s, const struct snapshot *as, const struct inject *in, const char *when)
{
	struct snapshot now;
	bool same = false;

	/* What the kernel does in its own time (carrier, and IPv6 after it) gets some. */
	for (int i = 0; !same && i < 60; i++) {
		if (i) {
			snapshot_done(&now);
			usleep(5000);
		}
		snapshot_take(&now);
		same = snapshot_same(as, &now, NULL);
	}
	if (!same) {
		wrong(s, in, NULL, "%s, this is different:", when);
		if (s->faults <= 3)
			snapshot_same(as, &now, stdout);
		anew(s);
	}
	snapshot_done(&now);
	return same;
}

bool sane(struct sweep *s, const struct inject *in, const struct trial_result *res)
{
	uint64_t before = s->faults;

	if (res->signal && !(in && in->how == INJECT_KILL && res->signal == 9))
		wrong(s, in, res, "the process died of signal %d", res->signal);
	else if (res->strayed)
		wrong(s, in, res, "the thread is not back in the host's namespace");
	else if (res->leaked)
		wrong(s, in, res, "%d descriptors are left open", res->leaked);
	else if ((res->r < 0) != (res->errors > 0))
		wrong(s, in, res, "returned %d with %u errors", res->r, res->errors);
	return s->faults == before;
}

bool nothing_to_do(struct sweep *s, const struct lab *lab, const struct inject *in, const char *when)
{
	const struct trial_result *res = trial(TRIAL_PLAN, SWEEP_LAB, lab->model, NULL);

	if (res->signal || res->r < 0)
		wrong(s, in, res, "%s, planning fails", when);
	else if (res->ops)
		wrong(s, in, res, "%s, the plan is not empty: %zu operations", when, res->ops);
	else
		return true;
	anew(s);
	return false;
}

bool weave(struct sweep *s, const struct lab *lab, const struct inject *in, const char *when)
{
	const struct trial_result *res = trial(TRIAL_UP, SWEEP_LAB, lab->model, NULL);

	if (!sane(s, in, res) || res->r < 0) {
		wrong(s, in, res, "%s, up fails", when);
		anew(s);
		return false;
	}
	return nothing_to_do(s, lab, in, when);
}

bool unravel(struct sweep *s, const struct inject *in, const char *when)
{
	const struct trial_result *res = trial(TRIAL_DOWN, SWEEP_LAB, NULL, NULL);

	if (!sane(s, in, res) || res->r < 0) {
		wrong(s, in, res, "%s, down fails", when);
		anew(s);
		return false;
	}
	return stands(s, &s->empty, in, when);
}

/* ---- labs ------------------------------------------------------------------------------------------ */

static struct model *load(const char *path)
{
	struct nsl_error *err = NULL;
	struct spec *spec = NULL;
	struct model *m = NULL;

	if (topology_read_file(path, &spec, &err) == 0) {
		spec->name.s = SWEEP_LAB;
		if (model_build(spec, &m, &err) == 0)
			return m;
	}
	fprintf(stderr, "%s", nsl_error_text(err));
	exit(99);
}

/* Learns how an example looks that was woven afresh. */
static void learn(struct sweep *s, struct lab *lab)
{
	static const struct inject count = {.split = true};
	const struct trial_result *res;

	check_begin(s, "%s goes up and down", lab->name);
	res = trial(TRIAL_UP, SWEEP_LAB, lab->model, &count);
	lab->requests = res->inject.steps[INJECT_REQUEST];
	if (!sane(s, NULL, res) || res->r < 0)
		wrong(s, NULL, res, "up fails");
	snapshot_settled(&lab->up);
	nothing_to_do(s, lab, NULL, "after the first up");
	unravel(s, NULL, "after down");
	s->cases = 1;
	check_end(s);
}

static void add_lab(struct sweep *s, const char *path)
{
	struct lab *lab = &s->labs[s->n++];
	const char *slash = strrchr(path, '/');

	if (s->n > MAX_LABS) {
		fprintf(stderr, "too many examples\n");
		exit(99);
	}
	lab->name = slash ? slash + 1 : path;
	lab->model = load(path);
}

static const struct mode *mode_of(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (strcmp(modes[i].name, name) == 0)
			return &modes[i];
	fprintf(stderr, "usage: sweep [--full] MODE EXAMPLE.yaml...\n");
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		fprintf(stderr, "  %-12s %s\n", modes[i].name, modes[i].what);
	exit(2);
}

int main(int argc, char *argv[])
{
	static struct sweep s;
	const struct mode *mode;
	struct timespec start, end;
	int i = 1;

	if (i < argc && strcmp(argv[i], "--full") == 0) {
		s.full = true;
		i++;
	}
	mode = mode_of(i < argc ? argv[i++] : "");
	for (; i < argc; i++)
		add_lab(&s, argv[i]);
	clock_gettime(CLOCK_MONOTONIC, &start);
	box_enter();
	snapshot_take(&s.empty);
	for (size_t k = 0; k < s.n; k++)
		learn(&s, &s.labs[k]);
	mode->run(&s);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("1..%llu\n# reliability: %s: %llu tried, %llu wrong, %lld s\n", (unsigned long long)s.checks, mode->what,
	       (unsigned long long)s.all_cases, (unsigned long long)s.all_faults, (long long)(end.tv_sec - start.tv_sec));
	for (size_t k = 0; k < s.n; k++) {
		model_free(s.labs[k].model);
		snapshot_done(&s.labs[k].up);
	}
	snapshot_done(&s.empty);
	return s.all_faults > 0;
}
