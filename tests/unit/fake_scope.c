/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine of fake_nsloom.c: a host, a lab's node, a container, and what nobody would find on a sound one. */
#include <nsloom/scope.h>

#include <errno.h>
#include <string.h>

#include "error.h"
#include "fd.h"

enum { HOST, NODE, WEB, HIDDEN, LOST };

#define LIST(type, ...)     \
	(type[])            \
	{                   \
		__VA_ARGS__ \
	}
#define NOWHERE        \
	{              \
		-1, -1 \
	}
#define LO                                                                                                            \
	{                                                                                                             \
		.ifindex = 1, .name = "lo", .kind = "loopback", .mtu = 65536, .up = true, .carrier = true,            \
		.n_addresses = 1, .addresses = LIST(const char *, "127.0.0.1/8"), .master = NOWHERE, .tied = NOWHERE, \
		.tie_nsid = -1                                                                                        \
	}

static struct nsl_tunnel tunnel = {.remote = "192.0.2.7", .id = 42, .port = 4789};

static struct nsl_netns namespaces[] = {
	[HOST] = {.name = "host",
                  .inode = 4026531840,
                  .nsid = -1,
                  .userns = 4026531837,
                  .owner = 0,
                  .n_processes = 1,
                  .n_holds = 1,
                  .holds = LIST(struct nsl_hold, {.by = NSL_KEPT_BY_PROCESS, .pid = 1, .command = "init"}),
                  .n_devices = 4,
                  .devices = LIST(struct nsl_device, LO,
                                  {.ifindex = 2,
                                   .name = "br0",
                                   .kind = "bridge",
                                   .mac = "0e:00:00:00:00:01",
                                   .mtu = 1500,
                                   .up = true,
                                   .carrier = true,
                                   .n_addresses = 1,
                                   .addresses = LIST(const char *, "10.0.0.254/24"),
                                   .master = NOWHERE,
                                   .tied = NOWHERE,
                                   .tie_nsid = -1},
                                  {.ifindex = 3,
                                   .name = "one-br",
                                   .kind = "veth",
                                   .mtu = 1500,
                                   .up = true,
                                   .carrier = true,
                                   .master = {HOST, 1},
                                   .tie = NSL_TIE_PEER,
                                   .tied = {NODE, 1},
                                   .tie_ifindex = 2,
                                   .tie_nsid = 0},
                                  {.ifindex = 4,
                                   .name = "vx\033[31m",
                                   .kind = "vxlan",
                                   .alias = "a\nb\xff",
                                   .mtu = 1450,
                                   .master = NOWHERE,
                                   .tied = NOWHERE,
                                   .tie_nsid = -1,
                                   .tunnel = &tunnel}),
                  .forwards = {true, false},
                  .nat = true},
	[NODE] = {.name = "tutorial.one",
                  .inode = 4026532200,
                  .nsid = 0,
                  .lab = "tutorial",
                  .node = "one",
                  .userns = 4026531837,
                  .owner = 0,
                  .n_holds = 2,
                  .holds = LIST(struct nsl_hold, {.by = NSL_KEPT_BY_NAME, .path = "/run/netns/tutorial.one"},
                                {.by = NSL_KEPT_BY_MOUNT, .path = "/run/nsloom/tutorial/ns/one"}),
                  .n_devices = 2,
                  .devices = LIST(struct nsl_device, LO,
                                  {.ifindex = 2,
                                   .name = "eth0",
                                   .kind = "veth",
                                   .mtu = 1500,
                                   .up = true,
                                   .carrier = true,
                                   .n_addresses = 2,
                                   .addresses = LIST(const char *, "10.0.0.1/24", "fe80::1/64"),
                                   .master = NOWHERE,
                                   .tie = NSL_TIE_PEER,
                                   .tied = {HOST, 2},
                                   .tie_ifindex = 3,
                                   .tie_nsid = 0})},
	[WEB] = {.name = "web",
                 .inode = 4026532300,
                 .nsid = -1,
                 .engine = "docker",
                 .container = "web",
                 .container_id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                 .userns = 4026532299,
                 .owner = 1000,
                 .n_processes = 2,
                 .n_holds = 2,
                 .holds = LIST(struct nsl_hold, {.by = NSL_KEPT_BY_PROCESS, .pid = 77, .command = "nginx"},
                               {.by = NSL_KEPT_BY_PROCESS, .pid = 78, .command = "evil\033]0;x\a"}),
                 .n_devices = 2,
                 .devices = LIST(struct nsl_device, LO,
                                 {.ifindex = 9,
                                  .name = "eth0",
                                  .kind = "veth",
                                  .mtu = 1500,
                                  .master = NOWHERE,
                                  .tie = NSL_TIE_LOST,
                                  .tied = NOWHERE,
                                  .tie_ifindex = 12,
                                  .tie_nsid = 5})},
	[HIDDEN] = {.name = "bell\a\xe2\x80\xae",
                    .inode = 4026532400,
                    .nsid = -1,
                    .owner = -1,
                    .n_holds = 1,
                    .holds = LIST(struct nsl_hold, {.by = NSL_KEPT_BY_NAME, .path = "/run/netns/bell\a\xe2\x80\xae"}),
                    .errnum = EPERM},
	[LOST] = {.name = "fd:99/5",
                  .inode = 4026532500,
                  .nsid = -1,
                  .owner = -1,
                  .n_holds = 1,
                  .holds =
                          LIST(struct nsl_hold,
                               {.by = NSL_KEPT_BY_DESCRIPTOR, .pid = 99, .command = "conmon", .path = "/proc/99/fd/5"}),
                  .errnum = ENOENT},
};

static struct nsl_census census = {.n = ARRAY_SIZE(namespaces), .items = namespaces, .n_hidden = 3};

int nsloom_census(struct nsloom *ns, const struct nsl_census_options *options, struct nsl_census **out,
                  struct nsl_error **err)
{
	*out = &census;
	return 0;
}

void nsloom_census_free(struct nsl_census *c)
{
	(void)c;
}

int32_t nsloom_census_find(const struct nsl_census *c, const char *what)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->items[i].name, what) == 0)
			return (int32_t)i;
	return -1;
}

int nsloom_census_need(const struct nsl_census *c, const char *what, int32_t *out, struct nsl_error **err)
{
	*out = nsloom_census_find(c, what);
	return *out >= 0 ? 0 : error_set(err, NSL_E_NOT_FOUND, ENOENT, "there is no namespace \"%s\"", what);
}

int nsloom_ns_add(struct nsloom *ns, const char *name, int pid, struct nsl_error **err)
{
	return error_set(err, NSL_E_TAKEN, EEXIST, "there is a namespace \"%s\" already", name);
}

int nsloom_ns_delete(struct nsloom *ns, const char *name, struct nsl_error **err)
{
	return 0;
}

int nsloom_ns_exec(struct nsloom *ns, const char *what, char *const argv[], struct nsl_error **err)
{
	return error_set(err, NSL_E_FAILED, ENOENT, "command not found: %s", argv[0]);
}

int nsloom_ns_monitor(struct nsloom *ns, int (*fn)(void *data, bool added, const char *name), void *data,
                      struct nsl_error **err)
{
	int r = fn(data, true, "red");

	return r ? r : fn(data, false, "bell\a");
}

static struct nsl_row rows[] = {
	{NSL_ASPECT_ISOLATION, "network namespace", {"4026531840", "4026532200"}, .told = true},
	{NSL_ASPECT_ISOLATION, "mount namespace", {"4026531841", "4026531841"}, .told = true},
	{NSL_ASPECT_ISOLATION, "cable", {"one-br", "eth0"}, .told = true},
	{NSL_ASPECT_PROCESSES, "77", {NULL, "evil\033]0;x\a"}, .told = true},
	{NSL_ASPECT_DEVICES, "eth0", {NULL, "veth up mtu 1500"}, .differs = true},
	{NSL_ASPECT_DEVICES, "lo", {"loopback up mtu 65536", "loopback up mtu 65536"}},
	{NSL_ASPECT_SYSCTLS, "net/ipv4/ip_forward", {"1", "0"}, .differs = true},
};
static struct nsl_diff difference = {
	.name = {"host", "tutorial.one"}, .n = ARRAY_SIZE(rows), .n_differ = 2, .rows = rows};
static struct nsl_diff none = {.name = {"web", "web"}, .one = true};

int nsloom_ns_diff(struct nsloom *ns, const char *a, const char *b, struct nsl_diff **out, struct nsl_error **err)
{
	if (nsloom_census_find(&census, a) < 0)
		return error_set(err, NSL_E_NOT_FOUND, ENOENT, "there is no namespace \"%s\"", a);
	*out = strcmp(a, b) == 0 ? &none : &difference;
	return 0;
}

void nsloom_ns_diff_free(struct nsl_diff *diff)
{
	(void)diff;
}
