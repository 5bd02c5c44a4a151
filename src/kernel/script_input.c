/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a script of a plan needs to know of the kernel. See plan/script.h. */
#include <errno.h>

#include "context.h"
#include "fd.h"
#include "forwarding.h"
#include "rules.h"

static bool gives_back(const struct plan *p, enum ip_family f)
{
	for (size_t i = 0; i < p->ops.n; i++)
		if (p->ops.items[i].kind == OP_FORWARD_OFF && p->ops.items[i].family == f)
			return true;
	return false;
}

static int read_switches(struct kernel *k, struct arena *a, const struct plan *p, struct script_options *o)
{
	_cleanup_fd_ int dir = kernel_run_dir(k);
	int r = 0;

	for (int f = 0; r == 0 && f < IP_FAMILIES; f++)
		r = forwarding_notes(a, (enum ip_family)f, dir, p, gives_back(p, (enum ip_family)f), &o->switches[f]);
	return r;
}

static int write_rules(struct arena *a, const struct plan *p, struct strbuf *text, struct script_options *o)
{
	int r = rules_text(a, p->lab, &p->want->rules, text);

	if (r == 0)
		o->rules = arena_strdup(a, text->s);
	return r;
}

int kernel_script_input(struct kernel *k, struct arena *a, const struct plan *p, struct script_options *o,
                        struct nsl_error **err)
{
	struct strbuf text = {0};
	int r;

	if (arena_exhausted(a)) {
		arena_settle(a);
		strbuf_done(&text);
		return error_oom(err);
	}
	r = read_switches(k, a, p, o);
	if (r == 0 && p->want && p->want->rules.networks.n)
		r = write_rules(a, p, &text, o);
	arena_settle(a);
	strbuf_done(&text);
	return r < 0 ? error_errno(err, -r, "cannot write down the rules of lab \"%s\"", p->lab) : 0;
}
