/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated topologies. */
#include <errno.h>

#include "api.h"
#include "gen.h"
#include "text.h"

static const struct nsloom_gen_options no_options;

bool nsloom_shape(size_t i, struct nsloom_shape *out)
{
	size_t n = 0;

	while (shapes[n].name)
		n++;
	if (i >= n)
		return false;
	*out = (struct nsloom_shape){.name = shapes[i].name, .help = shapes[i].help};
	for (size_t k = 0; k < SHAPE_MAX_SIZES; k++)
		out->sizes[k] = shapes[i].sizes[k].name;
	return true;
}

int nsloom_gen(const char *shape, const unsigned *sizes, size_t n, const struct nsloom_gen_options *options, char **out,
               struct nsl_error **err)
{
	const struct nsloom_gen_options *o = options ? options : &no_options;
	const char *subnet = o->subnet ? o->subnet : "10.0.0.0/8";
	struct gen_request request = {.name = o->name, .nat = o->nat, .seed = o->seed ? o->seed : 1};
	struct strbuf text = {0};
	struct ip_prefix clean;
	int r;

	if (!prefix_parse(subnet, &request.subnet) || request.subnet.ip.family != IP4)
		return error_set(err, NSL_E_USAGE, EINVAL, "\"%s\" is no IPv4 subnet such as 10.0.0.0/8", subnet);
	clean = prefix_subnet(&request.subnet);
	if (prefix_cmp(&clean, &request.subnet) != 0)
		return error_set(err, NSL_E_USAGE, EINVAL, "%s is an address in a subnet, not a subnet", subnet);
	r = gen_write(shape, sizes, n, &request, &text, err);
	*out = strbuf_steal(&text);
	return r;
}
