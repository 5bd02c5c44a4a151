/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scripts of `plan --as sh` do what nsloom does. For every example and for
 * random labs, on a machine of their own:
 *
 *   - what the script makes is what up makes, read by a dump of the kernel that shares nothing with either; nf_tables as nft(8)
 *     prints it. Different are /run, where nsloom has its record and its mounts, and the mark of addresses where ip(8) cannot
 *     set it: nothing else;
 *   - the script with --down is the same whether the first has run or not, and leaves the machine as it was;
 *   - of a lab that is up: the script of a change leaves nothing for nsloom to do, and what stands is what up would have
 *     made; the script of its removal leaves what down leaves.
 *
 * Of the random labs every third has bridges of two ports (plan/cascade.h): its networks have several.
 *
 * usage: script LABS SEED EXAMPLE.yaml…
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "box.h"
#include "engine.h"
#include "gen.h"
#include "segments.h"
#include "sweep.h"
#include "topology.h"

#define SCRIPT "/run/script.sh"

static bool addresses_are_marked; /* by ip(8) too */

/* ---- running --------------------------------------------------------------------------------------- */

static char *script_of(struct sweep *s, const struct model *m, bool down)
{
	struct engine_options none = {0};
	struct nsl_error *err = NULL;
	struct strbuf text = {0};
	struct engine e;

	engine_init(&e);
	e.thresholds = trial_thresholds;
	if (engine_script(&e, SWEEP_LAB, m, NULL, "lab.yaml", &none, down, &text, &err) < 0) {
		char *why = nsl_error_text(err);

		wrong(s, NULL, NULL, "there is no script: %s", why ? why : "");
		free(why);
		nsl_error_free(err);
		strbuf_done(&text);
		return NULL;
	}
	return strbuf_steal(&text);
}

/* What a command prints; NULL where it fails (after a complaint). */
static char *output_of(struct sweep *s, const char *command)
{
	struct strbuf out = {0};
	FILE *p = popen(command, "re");
	char buf[4096];
	size_t n;
	int status;

	while (p && (n = fread(buf, 1, sizeof(buf), p)) > 0)
		strbuf_add(&out, buf, n);
	strbuf_adds(&out, "");
	status = p ? pclose(p) : -1;
	if (status == 0)
		return strbuf_steal(&out);
	wrong(s, NULL, NULL, "status %d of %s: %.600s", status, command, out.s ? out.s : "");
	strbuf_done(&out);
	return NULL;
}

static bool run_script(struct sweep *s, const char *text)
{
	FILE *f = text ? fopen(SCRIPT, "we") : NULL;
	char *out;
	bool ok;

	if (!f)
		return false;
	fputs(text, f);
	fclose(f);
	out = output_of(s, "sh " SCRIPT " 2>&1");
	ok = out && !*out;
	if (out && *out)
		wrong(s, NULL, NULL, "the script says: %.600s", out);
	free(out);
	unlink(SCRIPT);
	return ok;
}

/* ---- comparing ------------------------------------------------------------------------------------- */

static bool of_run(const char *line)
{
	return strncmp(line, "file /run/", 10) == 0 || strncmp(line, "mount /run/", 11) == 0;
}

/* Takes out what may be different (of the whole machine: nothing). */
static void reduce(struct snapshot *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		char *proto = addresses_are_marked || !strstr(s->lines[i], " address ") ? NULL
		                                                                        : strstr(s->lines[i], " 11:6e");

		if (of_run(s->lines[i]) || strncmp(s->lines[i], "nft ", 4) == 0)
			continue;
		if (proto)
			memmove(proto, proto + 6, strlen(proto + 6) + 1);
		s->lines[n++] = s->lines[i];
	}
	s->n = n;
}

struct looks {
	struct snapshot all;
	char *nft;
};

static bool look(struct sweep *s, struct looks *l)
{
	snapshot_settled(&l->all);
	reduce(&l->all);
	/* The notes of what the host lends stand in the order in which it did. */
	l->nft = output_of(s, "nft list tables | sort | while read -r table; do "
	                      "case $table in *' nsloom') nft list $table | sort;; *) nft list $table;; esac; done");
	return l->nft != NULL;
}

static void looks_done(struct looks *l)
{
	snapshot_done(&l->all);
	free(l->nft);
}

/* m: which bridge of its network a port hangs on does not matter. */
static void compare(struct sweep *s, struct looks *up, const struct model *m, const char *what)
{
	struct looks now = {0};

	look(s, &now);
	if (m) {
		segments_forget(&now.all, m);
		segments_forget(&up->all, m);
	}
	if (!snapshot_same(&up->all, &now.all, NULL)) {
		wrong(s, NULL, NULL, "%s is not what up makes:", what);
		snapshot_same(&up->all, &now.all, stdout);
	}
	if (up->nft && now.nft && strcmp(up->nft, now.nft) != 0)
		wrong(s, NULL, NULL, "%s has not the rules of up:\n%s\nbut\n%s", what, up->nft, now.nft);
	looks_done(&now);
}

/* ---- one lab --------------------------------------------------------------------------------------- */

/* From nothing and back to it. */
static void from_nothing(struct sweep *s, const struct model *m, struct looks *up)
{
	char *down = script_of(s, m, true), *script = script_of(s, m, false), *again = NULL;

	if (run_script(s, script)) {
		compare(s, up, NULL, "what the script makes");
		again = script_of(s, m, true);
		if (down && again && strcmp(down, again) != 0)
			wrong(s, NULL, NULL, "the script to take it away has become another:\n%s\nbut\n%s", down,
			      again);
	}
	run_script(s, down);
	stands(s, &s->empty, NULL, "after the script with --down");
	free(down);
	free(script);
	free(again);
}

/* From an earlier lab that is up; then its removal by script, which leaves nsloom's own locks for the next down. */
static void from_up(struct sweep *s, const struct lab *before, const struct lab *lab, struct looks *up)
{
	char *script, *down;

	if (!weave(s, before, NULL, "before"))
		return;
	script = script_of(s, lab->model, false);
	if (!run_script(s, script) || !nothing_to_do(s, lab, NULL, "after the script of the change")) {
		printf("%s", script ? script : "");
		unravel(s, NULL, "after a script that failed");
		free(script);
		return;
	}
	compare(s, up, s->cascaded ? lab->model : NULL, "what the script of the change makes");
	down = script_of(s, NULL, true);
	run_script(s, down);
	if (access("/run/nsloom/" SWEEP_LAB, F_OK) == 0)
		wrong(s, NULL, NULL, "the script with --down leaves the lab's folder");
	unravel(s, NULL, "after the script with --down of a lab that is up");
	free(script);
	free(down);
}

/* What the first `ip netns add` and umount(8) leave for good is there from the beginning; also of a machine made anew. */
static void ready(struct sweep *s)
{
	if (access("/run/netns", F_OK) == 0 && access("/run/mount", F_OK) == 0)
		return;
	free(output_of(s, "mkdir -p /run/mount && ip netns add first && ip netns delete first"));
	snapshot_done(&s->empty);
	snapshot_take(&s->empty);
}

static void one_lab(struct sweep *s, const struct lab *lab, const struct lab *before)
{
	struct looks up = {0};

	ready(s);
	s->cases++;
	if (!weave(s, lab, NULL, "up"))
		return;
	if (look(s, &up) && unravel(s, NULL, "down")) {
		from_nothing(s, lab->model, &up);
		if (before)
			from_up(s, before, lab, &up);
	}
	looks_done(&up);
}

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

static struct model *random_model(const struct gen_lab *g)
{
	_cleanup_strbuf_ struct strbuf text = {0};
	struct model *m = NULL;

	gen_write(g, SWEEP_LAB, &text);
	if (topology_load_text(text.s, text.len, "lab.yaml", NULL, &m, NULL) < 0) {
		printf("# the generator made what is no lab:\n%s", text.s);
		exit(99);
	}
	return m;
}

static void print_pair(const struct gen_lab *a, const struct gen_lab *b, uint64_t seed)
{
	_cleanup_strbuf_ struct strbuf text = {0};

	strbuf_printf(&text, "that was seed %llu, B:\n", (unsigned long long)seed);
	gen_write(b, SWEEP_LAB, &text);
	strbuf_adds(&text, "after A:\n");
	gen_write(a, SWEEP_LAB, &text);
	for (char *line = text.s, *end; line && (end = strchr(line, '\n')); line = end + 1)
		printf("#   %.*s\n", (int)(end - line), line);
}

static void random_lab(struct sweep *s, uint64_t seed)
{
	uint64_t state = seed, before = s->faults;
	struct gen_lab a, b;
	struct lab old = {.name = "A"}, new = {.name = "B"};

	trial_thresholds.host = trial_thresholds.bridge = seed % 3 == 0 ? 2 : 0;
	gen_lab(&a, &state);
	b = a;
	for (uint64_t edits = 1 + gen_next(&state) % 8; edits; edits--)
		gen_edit(&b, &state);
	old.model = random_model(&a);
	new.model = random_model(&b);
	s->cascaded = trial_thresholds.bridge || segments_change_place(old.model, new.model);
	one_lab(s, &new, seed % 2 ? &old : NULL); /* the change is half of the time */
	if (s->faults > before)
		print_pair(&a, &b, seed);
	model_free(old.model);
	model_free(new.model);
}

int main(int argc, char *argv[])
{
	static struct sweep s;
	uint64_t labs = argc > 1 ? strtoull(argv[1], NULL, 0) : 50, seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	time_t start = time(NULL);

	box_enter();
	if (system("nft --version >/dev/null 2>&1 && sysctl --version >/dev/null 2>&1") != 0) {
		printf("1..0 # SKIP needs nft(8) and sysctl(8)\n");
		return 0;
	}
	addresses_are_marked = system("ip address help 2>&1 | grep -q ADDRPROTO") == 0;
	for (int i = 3; i < argc; i++) {
		struct lab lab = {.name = strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i],
		                  .model = load(argv[i])};

		check_begin(&s, "the script of %s", lab.name);
		one_lab(&s, &lab, NULL);
		check_end(&s);
		model_free(lab.model);
	}
	check_begin(&s, "scripts of %llu random labs from seed %llu on", (unsigned long long)labs,
	            (unsigned long long)seed);
	for (uint64_t i = 0; i < labs; i++)
		random_lab(&s, seed + i);
	check_end(&s);
	printf("1..%llu\n# %lld s\n", (unsigned long long)s.checks, (long long)(time(NULL) - start));
	snapshot_done(&s.empty);
	return s.all_faults > 0;
}
