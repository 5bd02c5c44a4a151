/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine behind a stand-in host, as the kernel side asks for it (kernel.h). */
#include <string.h>

#include "engine.h"

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
