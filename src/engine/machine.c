/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine behind a stand-in host, as the kernel side asks for it (kernel.h), and what the way to it needs of the host. */
#include <sched.h>
#include <string.h>

#include "engine.h"
#include "sysctl.h"

#define STEERING "net/core/rps_default_mask"

static int open_there(void *data, const char *path)
{
	const struct engine *e = data;

	return outpost_open(&e->standin->outpost, path);
}

static void look(void *data, struct arena *a, struct way_out *out)
{
	const struct engine *e = data;
	const struct way_out_view *v = &e->view;

	*out = (struct way_out){.standin = true,
	                        .runs = v->runs,
	                        .can = v->can,
	                        .takes_ports = way_out_takes_ports(v->runs ? v->runs : v->can),
	                        .lacks = arena_strdup(a, v->lacks),
	                        .port_start = v->port_start};
	for (size_t i = 0; i < v->n_ports; i++)
		*vec_push(a, &out->ports) = v->ports[i];
}

static int lead(void *data, const port_ranges *ports, struct nsl_error **err)
{
	struct engine *e = data;

	return ports ? way_out_set(e->standin, &e->view, ports->items, ports->n, err) : way_out_end(e->standin, err);
}

/* The processors that we may use, as the kernel reads a mask of them: "3", "f,ffffffff". */
static bool put_processors(struct strbuf *b)
{
	enum { WORD = 32 };
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return false;
	for (size_t word = CPU_SETSIZE / WORD; word-- > 0;) {
		uint32_t bits = 0;

		for (size_t i = 0; i < WORD; i++)
			bits |= CPU_ISSET(word * WORD + i, &set) ? UINT32_C(1) << i : 0;
		if (b->len)
			strbuf_printf(b, ",%08x", bits);
		else if (bits)
			strbuf_printf(b, "%x", bits);
	}
	return !b->failed && b->len;
}

void engine_keep_order(const struct engine *e)
{
	_cleanup_strbuf_ struct strbuf mask = {0};
	char old[512];

	if (!e->standin || !(e->view.runs || e->view.can) || sysctl_read(STEERING, old, sizeof(old)) < 0)
		return;
	if (!old[strspn(old, "0,")] && put_processors(&mask)) /* else it is done, or as somebody chose */
		sysctl_write(STEERING, mask.s);
}

void engine_move_in(struct engine *e, const struct standin *s)
{
	rundir_init(&e->dirs);
	e->standin = s;
	e->machine = (struct kernel_machine){open_there, look, lead, e};
}

void engine_done(struct engine *e)
{
	way_out_forget(&e->view);
}
