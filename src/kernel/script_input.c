/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a script of a plan needs to know of the kernel. See plan/script.h. */
#include <errno.h>

#include "capability.h"
#include "context.h"
#include "fd.h"
#include "forwarding.h"
#include "preflight.h"
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

/* A script cannot try whether there are flowtables. */
static int try_flows(struct kernel *k, struct rules *rules)
{
	uint32_t have = 0;
	int r = rules->flow_devices.n ? kspace_enter(k, k->host) : 0;

	if (r < 0 || !rules->flow_devices.n)
		return r;
	if (try_elsewhere(CAN(CAN_FLOWTABLE), &have) < 0 || !(have & CAN(CAN_FLOWTABLE))) {
		rules->flow_devices.n = 0;
		rules->without_flows = true;
	}
	k->inside = NULL;
	return kspace_enter(k, k->host);
}

static int write_rules(struct kernel *k, struct arena *a, const struct plan *p, struct strbuf *text,
                       struct script_options *o)
{
	struct rules rules = p->want->rules;
	int r = try_flows(k, &rules);

	if (r == 0)
		r = rules_text(a, p->lab, &rules, text);
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
		r = write_rules(k, a, p, &text, o);
	arena_settle(a);
	strbuf_done(&text);
	return r < 0 ? error_errno(err, -r, "cannot write down the rules of lab \"%s\"", p->lab) : 0;
}
