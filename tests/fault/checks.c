/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is checked after each accident, and how it is told. See sweep.h. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box.h"
#include "segments.h"
#include "snapshot_netlink.h"
#include "sweep.h"

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
	static const char *const hows[] = {"fails", "kills", "cancels", "meets another"};
	va_list ap;

	if (s->faults++ >= 10)
		return;
	printf("# %s", s->title);
	if (in && in->sort)
		printf(", %s %llu %s (variant %u, again %llu%s)", sorts[in->sort], (unsigned long long)in->at,
		       hows[in->how], in->variant, (unsigned long long)in->again, in->split ? ", split" : "");
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

/* What matters of a snapshot: its lines are another's. */
static struct snapshot view(const struct snapshot *s, const struct model *m)
{
	struct snapshot v = {.n = s->n, .lines = malloc((s->n + 1) * sizeof(*s->lines))};

	if (!v.lines)
		die("malloc");
	memcpy(v.lines, s->lines, s->n * sizeof(*s->lines));
	if (m)
		segments_forget(&v, m);
	return v;
}

static bool same_view(const struct snapshot *a, const struct snapshot *b, const struct model *m, FILE *out)
{
	struct snapshot va = view(a, m), vb = view(b, m);
	bool same = snapshot_same(&va, &vb, out);

	free(va.lines);
	free(vb.lines);
	return same;
}

/* m: what the segments of its networks look like does not matter; NULL: all does. */
static bool compare(struct sweep *s, const struct snapshot *as, const struct model *m, const struct inject *in,
                    const char *when)
{
	struct snapshot now;
	bool same = false;

	/* What the kernel does in its own time (carrier, and IPv6 after it) gets some. */
	for (int i = 0; !same && i < (s->faults < 1000 ? 60 : 20); i++) {
		if (i) {
			snapshot_done(&now);
			usleep(5000);
		}
		snapshot_take(&now);
		same = same_view(as, &now, m, NULL);
	}
	if (!same) {
		wrong(s, in, NULL, "%s, this is different:", when);
		if (s->faults <= 3)
			same_view(as, &now, m, stdout);
		anew(s);
	}
	snapshot_done(&now);
	return same;
}

bool stands(struct sweep *s, const struct snapshot *as, const struct inject *in, const char *when)
{
	return compare(s, as, NULL, in, when);
}

bool stands_up(struct sweep *s, const struct lab *lab, const struct inject *in, const char *when)
{
	return compare(s, &lab->up, s->cascaded ? lab->model : NULL, in, when);
}

/* Each network is one segment, on bridges that are not too large. */
static bool segments(struct sweep *s, const struct lab *lab, const struct inject *in, const char *when)
{
	struct snapshot now;
	bool sound;

	if (!s->cascaded)
		return true;
	snapshot_take(&now);
	sound = segments_sound(&now, lab->model, &trial_thresholds, stdout);
	if (!sound)
		wrong(s, in, NULL, "%s, networks are not what they should be", when);
	snapshot_done(&now);
	return sound;
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
		wrong(s, in, res, "%s, the plan is not empty: %zu operations, the first %s", when, res->ops,
		      res->first);
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
	return nothing_to_do(s, lab, in, when) && segments(s, lab, in, when);
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
