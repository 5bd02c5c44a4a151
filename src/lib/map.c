/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps: of the machine, or of a lab that is up, by the census; of one that is not, by its file. */
#include <nsloom/map.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api.h"
#include "census.h"
#include "draw.h"
#include "fd.h"
#include "map_graph.h"
#include "watch.h"

/* What a map is to be of. `lab` empty: the machine. */
struct subject {
	char lab[NAME_MAX_LEN + 1];
	bool planned;
};

static int find_subject(struct nsloom *ns, const struct nsloom_target *target, struct subject *out,
                        struct nsl_error **err)
{
	struct target t = target_of(target);
	int r;

	*out = (struct subject){0};
	if (!t.file && !t.lab)
		return 0;
	r = find_lab(&ns->engine, &t, out->lab, err);
	if (r < 0)
		return r;
	out->planned = !rundir_has_lab(&ns->engine.dirs, out->lab);
	if (out->planned && !t.file) {
		error_set(err, NSL_E_NOT_FOUND, ENOENT, "lab \"%s\" is not up", out->lab);
		error_hint(err, "nsloom ls shows what is up; a file can be drawn before it is: nsloom map FILE");
		return -ENOENT;
	}
	return 0;
}

static int take_planned(struct nsloom *ns, const struct nsloom_target *target, struct nsl_census **out,
                        struct nsl_error **err)
{
	_cleanup_model_ struct model *m = NULL;
	char file[PATH_MAX];
	int r = load_file(ns, target, &m, file, err);

	return r < 0 ? r : census_of_model(m, out, err);
}

int nsloom_map(struct nsloom *ns, const struct nsloom_target *target, struct nsl_map **out, struct nsl_error **err)
{
	struct subject subject;
	struct nsl_census_options options = {.counters = true, .ways_out = true};
	struct graph_options graph = {0};
	struct nsl_census *census = NULL;
	int r = find_subject(ns, target, &subject, err);

	if (r < 0)
		return r;
	if (*subject.lab)
		options.lab = graph.lab = subject.lab;
	graph.planned = subject.planned;
	r = graph.planned ? take_planned(ns, target, &census, err) : nsloom_census(ns, &options, &census, err);
	if (r == 0)
		r = graph_of_census(census, &graph, out, err);
	if (r < 0)
		nsloom_census_free(census);
	else
		((struct map_box *)*out)->own = census;
	return r;
}

void nsloom_map_free(struct nsl_map *map)
{
	struct nsl_census *census = map ? ((struct map_box *)map)->own : NULL;

	graph_free(map);
	nsloom_census_free(census);
}

int nsloom_map_draw(const struct nsl_map *map, enum nsl_map_format format, char **out, struct nsl_error **err)
{
	return draw_map(map, format, out, err);
}

/* ---- following it ---------------------------------------------------------------------------------- */

/* When is looked again where nothing was heard: in so many milliseconds, where nothing else is asked for, and seldom enough that
 * it costs a small share of the time. */
enum { INTERVAL = 1000, SHARE = 10 };

struct nsl_map_watch {
	struct nsloom *ns;
	struct nsloom_target target;
	char *file, *lab; /* of the target */
	struct watch ears;
	int interval;  /* ms */
	bool any;      /* a map was handed out */
	uint64_t last; /* its fingerprint */
	int64_t due;   /* when to look again, whatever is heard */
	int64_t rest;  /* when at the earliest */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool copy(const char *from, char **to)
{
	*to = from ? strdup(from) : NULL;
	return !from || *to;
}

int nsloom_map_watch_new(struct nsloom *ns, const struct nsloom_target *target, int interval,
                         struct nsl_map_watch **out, struct nsl_error **err)
{
	struct nsl_map_watch *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return error_oom(err);
	*w = (struct nsl_map_watch){
		.ns = ns, .ears = {.link = -1, .names = -1, .mounts = -1}, .interval = interval ? interval : INTERVAL};
	r = copy(target ? target->file : NULL, &w->file) && copy(target ? target->lab : NULL, &w->lab)
	            ? watch_open(&w->ears, ns->engine.dirs.names, err)
	            : error_oom(err);
	if (r < 0) {
		nsloom_map_watch_free(w);
		return r;
	}
	w->target = (struct nsloom_target){.file = w->file, .lab = w->lab};
	*out = w;
	return 0;
}

void nsloom_map_watch_free(struct nsl_map_watch *w)
{
	if (!w)
		return;
	watch_close(&w->ears);
	free(w->file);
	free(w->lab);
	free(w);
}

/* What is left of a lab that has gone. */
static int take_empty(const char *lab, struct nsl_map **out, struct nsl_error **err)
{
	static const struct nsl_census nothing;
	struct graph_options options = {.lab = lab};

	return graph_of_census(&nothing, &options, out, err);
}

/* A map, if it says something new. */
static int look(struct nsl_map_watch *w, struct nsl_map **out, struct nsl_error **err)
{
	struct nsl_error *why = NULL;
	int64_t began = now_ms();
	uint64_t print;
	int r = nsloom_map(w->ns, &w->target, out, &why);

	if (r < 0 && w->any && why->code == NSL_E_NOT_FOUND && !w->file) {
		nsl_error_free(TAKE_PTR(why));
		r = take_empty(w->lab, out, &why);
	}
	w->rest = now_ms() + 2 * (now_ms() - began);
	w->due = now_ms() + w->interval + SHARE * (now_ms() - began);
	if (r < 0) {
		*err = why;
		return r;
	}
	print = graph_fingerprint(*out);
	if (w->any && print == w->last) {
		nsloom_map_free(TAKE_PTR(*out));
		return NSL_MAP_SAME;
	}
	w->any = true;
	w->last = print;
	return NSL_MAP_CHANGED;
}

/* Where changes never end, the machine is not to be looked at all the time. */
static void rest(const struct nsl_map_watch *w, int64_t until)
{
	int64_t left = (w->rest < until ? w->rest : until) - now_ms();

	if (left > 0)
		poll(NULL, 0, (int)left);
}

int nsloom_map_watch_next(struct nsl_map_watch *w, int ms, struct nsl_map **out, struct nsl_error **err)
{
	int64_t until = now_ms() + ms;

	do {
		int64_t wait = (w->due < until ? w->due : until) - now_ms();
		bool heard = w->any && wait > 0 && watch_wait(&w->ears, (int)wait) == WATCH_HEARD;
		int r = NSL_MAP_SAME;

		if (heard)
			rest(w, until);
		if (w->ns->engine.cancel) {
			w->ns->engine.cancel = 0;
			return NSL_MAP_CANCELLED;
		}
		if (heard || now_ms() >= w->due)
			r = look(w, out, err);
		else
			break; /* the time is over, or a signal came */
		if (r != NSL_MAP_SAME)
			return r;
	} while (now_ms() < until);
	return NSL_MAP_SAME;
}
