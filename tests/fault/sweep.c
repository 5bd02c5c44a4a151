/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that can go wrong goes wrong, once each, on every example and on
 * updates between them; after each, what stands is compared with what stood.
 *
 * usage: sweep [--full] [--cascade HOST BRIDGE] MODE EXAMPLE.yaml…
 *
 * Without --full only every few steps go wrong, and not with every errno: as much as CI has time for. With --cascade the
 * bridges of labs take so many ports (plan/cascade.h), and networks have several.
 *
 * Speaks TAP: one line for each example (or pair) and sort of accident, with the number of accidents tried.
 */
#include "sweep.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

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
	{"meet", "another up or down of the same lab begins at each call", sweep_meetings},
	{"call", "each call of the C library's that asks the kernel fails", sweep_calls},
	{"memory", "each allocation fails; all from there on fail", sweep_memory},
	{"kill", "kill -9 before each request of an up", sweep_kills},
	{"kill-call", "kill -9 before each call of an up", sweep_kill_calls},
	{"kill-down", "kill -9 before each call of a down", sweep_kill_down},
	{"kill-update", "kill -9 before each request of an update", sweep_kill_updates},
	{"record", "records lost, cut, garbled, of a newer version", sweep_records},
	{"full-run", "/run is full, or read-only", sweep_full_run},
};

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
	fprintf(stderr, "usage: sweep [--full] [--cascade HOST BRIDGE] MODE EXAMPLE.yaml...\n");
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
	if (i + 2 < argc && strcmp(argv[i], "--cascade") == 0) {
		trial_thresholds.host = (uint32_t)atoi(argv[i + 1]);
		trial_thresholds.bridge = (uint32_t)atoi(argv[i + 2]);
		s.cascaded = true;
		i += 3;
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
	       (unsigned long long)s.all_cases, (unsigned long long)s.all_faults,
	       (long long)(end.tv_sec - start.tv_sec));
	for (size_t k = 0; k < s.n; k++) {
		model_free(s.labs[k].model);
		snapshot_done(&s.labs[k].up);
	}
	snapshot_done(&s.empty);
	return s.all_faults > 0;
}
