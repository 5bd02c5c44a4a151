/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <errno.h>

#include "cli.h"
#include "fd.h"
#include "json.h"
#include "table.h"

static const struct {
	const char *word;
	enum style style;
} levels[] = {
	[NSLOOM_OK] = {"ok", STYLE_GOOD},
	[NSLOOM_INFO] = {"info", STYLE_DIM},
	[NSLOOM_WARNING] = {"warning", STYLE_WARN},
	[NSLOOM_FAILURE] = {"failure", STYLE_BAD},
};
static_assert(ARRAY_SIZE(levels) == NSLOOM_LEVEL_COUNT, "every level has its word");

static void print_finding(struct cli *cli, struct table *t, const struct nsloom_diagnosis *d,
                          const struct nsloom_finding *f)
{
	bool wrong = f->level >= NSLOOM_WARNING;
	const char *place = wrong ? cli_place(cli, d->file, f->line) : "";

	table_row(t);
	table_put(t, 0, levels[f->level].style, levels[f->level].word);
	table_put(t, 1, wrong ? STYLE_BOLD : STYLE_PLAIN, f->subject);
	table_put_wrapped(t, 2, f->level == NSLOOM_INFO ? STYLE_DIM : STYLE_PLAIN, *place ? "%s (%s)" : "%s", f->text,
	                  place);
	if (f->mend)
		table_putf(t, 2, wrong ? STYLE_BOLD : STYLE_DIM, "mend: %s", f->mend);
}

static void print(struct cli *cli, const struct nsloom_diagnosis *d)
{
	static const struct column columns[] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
	struct table *t = table_new(cli->arena, columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < d->n_findings; i++)
		print_finding(cli, t, d, &d->findings[i]);
	table_print(t, &cli->out);
	out_newline(&cli->out);
	out_text(&cli->out, STYLE_BOLD, d->lab ? d->lab : "this host");
	out_printf(&cli->out, STYLE_PLAIN, ": %s, %s", cli_count(cli, d->n_failures, "failure"),
	           cli_count(cli, d->n_warnings, "warning"));
	out_newline(&cli->out);
}

static json_t *to_json(const struct nsloom_diagnosis *d)
{
	json_t *document = json_object(), *findings;

	put_text(document, "lab", d->lab);
	put_text(document, "file", d->file);
	findings = put_array(document, "findings");
	for (size_t i = 0; i < d->n_findings; i++) {
		const struct nsloom_finding *f = &d->findings[i];
		json_t *finding = add_object(findings);

		put_text(finding, "level", levels[f->level].word);
		put_text(finding, "id", f->id);
		put_text(finding, "subject", f->subject);
		put_text(finding, "text", f->text);
		put_text(finding, "mend", f->mend);
		put_known(finding, "line", f->line);
	}
	put_number(document, "warnings", (long long)d->n_warnings);
	put_number(document, "failures", (long long)d->n_failures);
	return document;
}

/* Where neither the command line nor this folder says which lab is meant, it is about the host. */
static int ask(struct cli *cli, struct nsloom_diagnosis **out, struct nsl_error **err)
{
	struct nsloom_target target;
	int r = cli_target(cli, 0, &target, err);

	if (r < 0)
		return r;
	r = nsloom_doctor(cli->ns, &target, out, err);
	if (r != -ENOENT || target.file || target.lab)
		return r;
	nsl_error_free(*err);
	*err = NULL;
	return nsloom_doctor(cli->ns, NULL, out, err);
}

static int run(struct cli *cli, struct nsl_error **err)
{
	struct nsloom_diagnosis *diagnosis = NULL;
	static const struct nsloom_enter_options try = {.entry = NSLOOM_ENTRY_TRY};
	struct nsl_error *refused = NULL;
	int r;

	nsloom_enter(cli->ns, NULL, &try, &refused); /* where that fails, it is a finding */
	nsl_error_free(refused);
	r = ask(cli, &diagnosis, err);
	if (r < 0)
		return r;
	if (cli->parsed.globals.json)
		json_print(&cli->out, to_json(diagnosis));
	else
		print(cli, diagnosis);
	r = diagnosis->n_failures ? STATUS_FAILED : STATUS_DONE;
	nsloom_diagnosis_free(diagnosis);
	return r;
}

static const struct operand operands[] = {{"FILE", WORD_TARGET, true}, {0}};

static const struct ending endings[] = {
	{STATUS_DONE, "no failure was found"},
	{STATUS_FAILED, "a failure was found, or nsloom itself failed"},
	{0},
};

const struct command command_doctor = {
	.name = "doctor",
	.group = "Look",
	.help = "say what this kernel and host lack",
	.details = "Looks at privileges, limits, kernel, firewalls and settings, and at what the\n"
		   "lab needs of them; without a lab, at the host alone. Each line is one finding:\n"
		   "ok, info, warning or failure, with the command that mends it. Changes nothing.",
	.operands = operands,
	.endings = endings,
	.run = run,
};
