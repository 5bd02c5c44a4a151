/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "map_world.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST(type, ...)     \
	(type[])            \
	{                   \
		__VA_ARGS__ \
	}
#define ADDRESSES(...)                                                                 \
	.n_addresses = sizeof(LIST(const char *, __VA_ARGS__)) / sizeof(const char *), \
	.addresses = LIST(const char *, __VA_ARGS__)
#define ALONE .master = {-1, -1}, .tied = {-1, -1}, .tie_nsid = -1
#define UP .up = true, .carrier = true
#define PEER(ns, device) .master = {-1, -1}, .tie = NSL_TIE_PEER, .tied = {ns, device}
#define PORT(own, bridge, ns, device) .master = {own, bridge}, .tie = NSL_TIE_PEER, .tied = {ns, device}
#define SEEN .nsid = -1, .owner = -1
#define NOTHING SEEN, .out = {{.device = -1}, {.device = -1}}
#define LO                                                                               \
	{                                                                                \
		.ifindex = 1, .name = "lo", .kind = "loopback", .mtu = 65536, UP, ALONE, \
		ADDRESSES("127.0.0.1/8", "::1/128")                                      \
	}

enum { HOST, ONE, TWO, R1, FABRIC, WEB, FAR, EVIL, HIDDEN, GONE, LONELY, SPACES };

static struct nsl_tunnel to_nowhere = {.remote = "192.0.2.7", .id = 42, .port = 4789},
			 to_far = {.local = "10.0.0.254", .remote = "10.0.0.7", .id = 7, .port = 4789},
			 from_far = {.local = "10.0.0.7", .remote = "10.0.0.254", .id = 7, .port = 4789},
			 to_group = {.group = "239.1.1.1", .id = 9};

/* Indexes of devices that others are tied to. */
enum {
	H_ETH0 = 1,
	H_ETH1,
	H_BR0,
	H_NET,
	H_ONE,
	H_TWO,
	H_WEB,
	H_VX42,
	H_VX7,
	H_TAP,
	H_TUN,
	H_GRE0,
	H_S0,
	H_S1,
	H_VXG,
	H_R1,
	H_FAR
};

static struct nsl_device host_devices[] = {
	LO,
	{.ifindex = 2,
         .name = "eth0",
         .kind = "",
         .mac = "52:54:00:00:00:01",
         .mtu = 1500,
         UP,
         ALONE,
         ADDRESSES("198.51.100.7/24", "fe80::1/64"),
         .counters = {.rx_packets = 1200, .rx_bytes = 1500000, .rx_dropped = 3}},
	{.ifindex = 3, .name = "eth1", .kind = "", .mtu = 1500, ALONE},
	{.ifindex = 4, .name = "br0", .kind = "bridge", .mtu = 1500, UP, ALONE, ADDRESSES("10.0.0.254/24")},
	{.ifindex = 5,
         .name = "v-net-0",
         .kind = "bridge",
         .mtu = 1500,
         UP,
         ALONE,
         .lab = "tutorial",
         .alias = "nsloom:tutorial/v-net-0",
         ADDRESSES("192.168.15.5/24")},
	{.ifindex = 6, .name = "veth-one-br", .kind = "veth", .mtu = 1500, UP, PORT(HOST, H_NET, ONE, 1)},
	{.ifindex = 7, .name = "veth-two-br", .kind = "veth", .mtu = 1500, UP, PORT(HOST, H_NET, TWO, 1)},
	{.ifindex = 8, .name = "vethweb", .kind = "veth", .mtu = 1500, UP, PORT(HOST, H_BR0, WEB, 1)},
	{.ifindex = 9,
         .name = "vx42",
         .kind = "vxlan",
         .mtu = 1450,
         UP,
         .master = {HOST, H_BR0},
         .tied = {-1, -1},
         .tie_nsid = -1,
         .tunnel = &to_nowhere},
	{.ifindex = 10, .name = "vx7", .kind = "vxlan", .mtu = 1450, UP, ALONE, .tunnel = &to_far},
	{.ifindex = 11,
         .name = "tap0",
         .kind = "tap",
         .mtu = 1500,
         UP,
         .master = {HOST, H_BR0},
         .tied = {-1, -1},
         .tie_nsid = -1,
         .holder = 4711,
         .holder_command = "qemu"},
	{.ifindex = 12, .name = "tun0", .kind = "tun", .mtu = 1500, .up = true, ALONE},
	{.ifindex = 13, .name = "gre0", .kind = "gre", .mtu = 1476, ALONE, .tunnel = &(struct nsl_tunnel){0}},
	{.ifindex = 14, .name = "s0", .kind = "veth", .mtu = 1500, UP, PEER(HOST, H_S1)},
	{.ifindex = 15, .name = "s1", .kind = "veth", .mtu = 1500, UP, PEER(HOST, H_S0)},
	{.ifindex = 16, .name = "vxg", .kind = "vxlan", .mtu = 1450, UP, ALONE, .tunnel = &to_group},
	{.ifindex = 17, .name = "veth-r1-br", .kind = "veth", .mtu = 1500, UP, PORT(HOST, H_NET, R1, 1)},
	{.ifindex = 18, .name = "vethfar", .kind = "veth", .mtu = 1500, UP, PORT(HOST, H_BR0, FAR, 1)},
};

static struct nsl_device one_devices[] = {
	LO,
	{.ifindex = 2,
         .name = "eth0",
         .kind = "veth",
         .mac = "0e:00:00:00:00:01",
         .mtu = 1500,
         UP,
         PEER(HOST, H_ONE),
         ADDRESSES("192.168.15.1/24", "fd00:15::1/64")},
	{.ifindex = 3,
         .name = "veth-one",
         .kind = "veth",
         .mtu = 1500,
         .up = true,
         PEER(TWO, 2),
         ADDRESSES("192.168.1.1/24")},
};
static struct nsl_device two_devices[] = {
	LO,
	{.ifindex = 2,
         .name = "eth0",
         .kind = "veth",
         .mtu = 1500,
         UP,
         PEER(HOST, H_TWO),
         ADDRESSES("192.168.15.2/24")},
	{.ifindex = 3, .name = "veth-two", .kind = "veth", .mtu = 1500, PEER(ONE, 2), ADDRESSES("192.168.1.2/24")},
};
static struct nsl_device r1_devices[] = {
	LO,
	{.ifindex = 2, .name = "eth7", .kind = "veth", .mtu = 1400, UP, PEER(HOST, H_R1), ADDRESSES("192.168.15.9/24")},
	{.ifindex = 3, .name = "lan0", .kind = "veth", .mtu = 1500, UP, PEER(FABRIC, 2), ADDRESSES("10.5.0.1/24")},
};
static struct nsl_device fabric_devices[] = {
	LO,
	{.ifindex = 2, .name = "lan", .kind = "bridge", .mtu = 1500, UP, ALONE},
	{.ifindex = 3, .name = "r1.lan0", .kind = "veth", .mtu = 1500, UP, PORT(FABRIC, 1, R1, 2)},
};
static struct nsl_device web_devices[] = {
	LO,
	{.ifindex = 9, .name = "eth0", .kind = "veth", .mtu = 1500, UP, PEER(HOST, H_WEB), ADDRESSES("10.0.0.2/24")},
	{.ifindex = 10,
         .name = "mv0",
         .kind = "macvlan",
         .mtu = 1500,
         UP,
         .master = {-1, -1},
         .tie = NSL_TIE_PARENT,
         .tied = {HOST, H_S0},
         .mode = "bridge",
         ADDRESSES("10.8.0.1/24")},
	{.ifindex = 11,
         .name = "far0",
         .kind = "veth",
         .mtu = 1500,
         UP,
         .master = {-1, -1},
         .tied = {-1, -1},
         .tie = NSL_TIE_LOST,
         .tie_ifindex = 12,
         .tie_nsid = 5},
};
static struct nsl_device far_devices[] = {
	LO,
	{.ifindex = 2, .name = "eth0", .kind = "veth", .mtu = 1500, UP, PEER(HOST, H_FAR), ADDRESSES("10.0.0.7/24")},
	{.ifindex = 3,
         .name = "vx7",
         .kind = "vxlan",
         .mtu = 1450,
         UP,
         ALONE,
         .tunnel = &from_far,
         ADDRESSES("10.7.0.1/24")},
	{.ifindex = 4,
         .name = "eth0.10",
         .kind = "vlan",
         .mtu = 1500,
         UP,
         .master = {-1, -1},
         .tie = NSL_TIE_PARENT,
         .tied = {FAR, 1},
         .vlan = 10,
         ADDRESSES("10.10.0.1/24")},
	{.ifindex = 5,
         .name = "mv1",
         .kind = "macvlan",
         .mtu = 1500,
         .master = {-1, -1},
         .tie = NSL_TIE_PARENT,
         .tied = {HOST, H_S0},
         .mode = "private"},
};
static struct nsl_device evil_devices[] = {
	LO,
	{.ifindex = 2,
         .name = "<b>&\"'\\`|",
         .kind = "dummy",
         .alias = "]]></script><script>alert(1)</script>",
         .mtu = 1500,
         UP,
         ALONE,
         ADDRESSES("10.6.0.1/24")},
};
static struct nsl_device lonely_devices[] = {LO};

#define SPACE(devices_) .n_devices = sizeof(devices_) / sizeof(devices_[0]), .devices = devices_

static struct nsl_netns spaces[SPACES] = {
	[HOST] = {.name = "host",
                  .inode = 4026531840,
                  SEEN,
                  SPACE(host_devices),
                  .forwards = {true, false},
                  .nat = true,
                  .out = {{H_ETH0, "198.51.100.1"}, {-1, NULL}},
                  .n_processes = 1},
	[ONE] = {.name = "tutorial.one",
                 .inode = 4026532200,
                 .lab = "tutorial",
                 .node = "one",
                 SEEN,
                 SPACE(one_devices),
                 .out = {{1, "192.168.15.5"}, {1, "fd00:15::5"}}},
	[TWO] = {.name = "tutorial.two",
                 .inode = 4026532201,
                 .lab = "tutorial",
                 .node = "two",
                 SEEN,
                 SPACE(two_devices),
                 .out = {{1, "192.168.15.5"}, {-1, NULL}}},
	[R1] = {.name = "tutorial.r1",
                .inode = 4026532202,
                .lab = "tutorial",
                .node = "r1",
                NOTHING,
                SPACE(r1_devices),
                .forwards = {true, true}},
	[FABRIC] = {.name = "tutorial.@fabric",
                    .inode = 4026532203,
                    .lab = "tutorial",
                    .node = "@fabric",
                    NOTHING,
                    SPACE(fabric_devices)},
	[WEB] = {.name = "web",
                 .inode = 4026532300,
                 .engine = "docker",
                 .container = "web",
                 .container_id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                 SEEN,
                 SPACE(web_devices),
                 .n_processes = 2,
                 .n_holds = 1,
                 .holds = LIST(struct nsl_hold, {.by = NSL_KEPT_BY_PROCESS, .pid = 77, .command = "nginx"}),
                 .out = {{1, "10.0.0.254"}, {-1, NULL}}},
	[FAR] = {.name = "far",
                 .inode = 4026532301,
                 NOTHING,
                 SPACE(far_devices),
                 .n_holds = 1,
                 .holds = LIST(struct nsl_hold, {.by = NSL_KEPT_BY_NAME, .path = "/run/netns/far"})},
	[EVIL] = {.name = "\033]0;x\a</text><script>alert(1)</script>\"]]>\xe2\x80\xae\xff",
                  .inode = 4026532302,
                  NOTHING,
                  SPACE(evil_devices),
                  .n_processes = 1,
                  .n_holds = 1,
                  .holds = LIST(struct nsl_hold, {.by = NSL_KEPT_BY_PROCESS, .pid = 66, .command = "e\033[31mvil"})},
	[HIDDEN] = {.name = "secret",
                    .inode = 4026532400,
                    NOTHING,
                    .errnum = EPERM,
                    .n_holds = 1,
                    .holds = LIST(struct nsl_hold, {.by = NSL_KEPT_BY_NAME, .path = "/run/netns/secret"})},
	[GONE] = {.name = "pid:99", .inode = 4026532500, NOTHING, .errnum = ENOENT},
	[LONELY] = {.name = "lonely", .inode = 4026532600, NOTHING, SPACE(lonely_devices)},
};

const struct nsl_census *world_all(void)
{
	static const struct nsl_census all = {.n = SPACES, .items = spaces, .n_hidden = 3};

	return &all;
}

/* ---- many of one kind ------------------------------------------------------------------------------ */

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static char *word(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static char *word(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	va_end(ap);
	return s;
}

static struct nsl_device new_device(const char *name, const char *kind, uint32_t ifindex)
{
	return (struct nsl_device){.ifindex = ifindex, .name = strdup(name), .kind = kind, .mtu = 1500, UP, ALONE};
}

static void give_address(struct nsl_device *d, char *address)
{
	d->addresses = must(calloc(1, sizeof(*d->addresses)));
	d->addresses[0] = address;
	d->n_addresses = 1;
}

static void tie(struct nsl_census *c, int32_t a, int32_t device_a, int32_t b, int32_t device_b)
{
	struct nsl_device *x = &c->items[a].devices[device_a], *y = &c->items[b].devices[device_b];

	x->tie = y->tie = NSL_TIE_PEER;
	x->tied = (struct nsl_place){b, device_b};
	y->tied = (struct nsl_place){a, device_a};
}

static struct nsl_census *new_census(size_t n)
{
	struct nsl_census *c = must(calloc(1, sizeof(*c)));

	c->items = must(calloc(n, sizeof(*c->items)));
	c->n = n;
	return c;
}

static void new_space(struct nsl_netns *ns, const char *lab, char *node, size_t n_devices)
{
	*ns = (struct nsl_netns){.name = lab ? word("%s.%s", lab, node) : strdup("host"),
	                         .lab = lab,
	                         .node = node,
	                         NOTHING,
	                         .n_devices = n_devices};
	ns->devices = must(calloc(n_devices + 1, sizeof(*ns->devices)));
}

struct nsl_census *world_star(size_t n)
{
	struct nsl_census *c = new_census(n + 1);

	new_space(&c->items[0], NULL, NULL, n + 1);
	c->items[0].devices[0] = new_device("lan", "bridge", 2);
	c->items[0].devices[0].lab = "star";
	give_address(&c->items[0].devices[0], strdup("10.0.0.1/16"));
	for (size_t i = 1; i <= n; i++) {
		char *port = word("p%zu", i);

		new_space(&c->items[i], "star", word("n%zu", i), 1);
		c->items[i].devices[0] = new_device("eth0", "veth", 2);
		give_address(&c->items[i].devices[0], word("10.0.%zu.%zu/16", (i + 1) / 256, (i + 1) % 256));
		c->items[0].devices[i] = new_device(port, "veth", (uint32_t)i + 2);
		c->items[0].devices[i].master = (struct nsl_place){0, 0};
		tie(c, 0, (int32_t)i, (int32_t)i, 0);
		free(port);
	}
	c->items[n].devices[0].up = c->items[n].devices[0].carrier = false;
	return c;
}

struct nsl_census *world_mesh(size_t n)
{
	struct nsl_census *c = new_census(n + 1);
	size_t net = 0;

	new_space(&c->items[0], NULL, NULL, 0);
	for (size_t i = 1; i <= n; i++) {
		new_space(&c->items[i], "mesh", word("n%zu", i), n - 1);
		c->items[i].forwards[0] = true;
	}
	for (size_t i = 1; i <= n; i++)
		for (size_t k = i + 1; k <= n; k++, net += 2) {
			char *near = word("eth%zu", k - 2), *far = word("eth%zu", i - 1);

			c->items[i].devices[k - 2] = new_device(near, "veth", (uint32_t)k);
			c->items[k].devices[i - 1] = new_device(far, "veth", (uint32_t)i + 1);
			give_address(&c->items[i].devices[k - 2], word("10.9.%zu.%zu/31", net / 256, net % 256));
			give_address(&c->items[k].devices[i - 1], word("10.9.%zu.%zu/31", net / 256, net % 256 + 1));
			tie(c, (int32_t)i, (int32_t)k - 2, (int32_t)k, (int32_t)i - 1);
			free(near);
			free(far);
		}
	return c;
}

struct nsl_census *world_ring(size_t n)
{
	struct nsl_census *c = new_census(n + 1);

	new_space(&c->items[0], NULL, NULL, 0);
	for (size_t i = 1; i <= n; i++) {
		new_space(&c->items[i], "ring", word("n%zu", i), 2);
		c->items[i].devices[0] = new_device("left", "veth", 2);
		c->items[i].devices[1] = new_device("right", "veth", 3);
	}
	for (size_t i = 1; i <= n; i++)
		tie(c, (int32_t)i, 1, (int32_t)(i % n) + 1, 0);
	return c;
}

void world_free(struct nsl_census *c)
{
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; k < c->items[i].n_devices; k++) {
			if (c->items[i].devices[k].n_addresses)
				free((void *)c->items[i].devices[k].addresses[0]);
			free(c->items[i].devices[k].addresses);
			free((void *)c->items[i].devices[k].name);
		}
		free(c->items[i].devices);
		free((void *)c->items[i].name);
		free((void *)c->items[i].node);
	}
	free(c->items);
	free(c);
}
