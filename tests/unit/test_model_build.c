/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_build(): what it decides, and what it refuses. Specs are written in a small language of lines; see lab_spec.h. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "lab_spec.h"
#include "model.h"
#include "text.h"

/* The model of a lab that must be sound. */
static struct model *sound(const char *lines)
{
	struct nsl_error *err = NULL;
	struct model *m = NULL;
	struct spec *spec = lab_spec(lines);

	if (model_build(spec, &m, &err) != 0) {
		char *text = nsl_error_text(err);

		fail_msg("not sound:\n%s", text);
	}
	return m;
}

/* Fails unless a lab is refused with exactly these faults: "LINE: MESSAGE", one a line. */
static void refused(const char *lines, const char *faults)
{
	struct nsl_error *err = NULL;
	struct model *m = NULL;
	struct spec *spec = lab_spec(lines);
	char got[8192] = "";

	assert_int_equal(model_build(spec, &m, &err), -EINVAL);
	for (const struct nsl_error *e = err; e; e = e->next) {
		size_t at = strlen(got);

		assert_int_equal(e->code, NSL_E_FILE);
		snprintf(got + at, sizeof(got) - at, "%u: %s\n", e->pos.line, e->message);
	}
	assert_string_equal(got, faults);
	nsl_error_free(err);
	arena_free(spec->arena);
}

static const struct iface *iface(const struct model *m, const char *node, unsigned i)
{
	const struct node *n = model_node(m, node);

	assert_non_null(n);
	assert_true(i < n->ifaces.n);
	return &n->ifaces.items[i];
}

static void assert_addresses(const struct model *m, const char *node, unsigned i, const char *expected)
{
	const struct iface *f = iface(m, node, i);
	char got[512] = "";

	for (size_t k = 0; k < f->addresses.n; k++) {
		char text[PREFIX_TEXT_MAX];

		strcat(got, k ? " " : "");
		strcat(got, prefix_text(&f->addresses.items[k], text));
	}
	assert_string_equal(got, expected);
}

static void test_lowest_free_address(void **state)
{
	struct model *m = sound("network lan 10.0.0.0/29 gw=10.0.0.2\n"
	                        "node a lan\n"
	                        "node b lan@10.0.0.1\n"
	                        "node c lan\n"
	                        "node d lan\n");

	(void)state;
	assert_addresses(m, "a", 0, "10.0.0.3/29");
	assert_addresses(m, "b", 0, "10.0.0.1/29");
	assert_addresses(m, "c", 0, "10.0.0.4/29");
	assert_addresses(m, "d", 0, "10.0.0.5/29");
	model_free(m);
}

static void test_appending_renumbers_nobody(void **state)
{
	static const char lines[] = "network lan 10.0.0.0/24 fd00::/64 gw\n"
				    "node a lan\nnode b lan@10.0.0.2\nnode c lan\nlink a b 10.1.0.0/30\n";
	struct model *m = sound(lines);
	char longer[512];

	(void)state;
	snprintf(longer, sizeof(longer), "%snode d lan@10.0.0.9\nnode e lan\nlink c a\nnetwork new 10.2.0.0/24\n",
	         lines);

	struct model *l = sound(longer);

	for (size_t i = 0; i < m->nodes.n; i++) {
		for (size_t k = 0; k < m->nodes.items[i].ifaces.n; k++) {
			const struct iface *f = &m->nodes.items[i].ifaces.items[k],
					   *g = &l->nodes.items[i].ifaces.items[k];

			assert_string_equal(f->name, g->name);
			assert_int_equal(mac_cmp(&f->mac, &g->mac), 0);
			assert_int_equal(f->addresses.n, g->addresses.n);
			for (size_t a = 0; a < f->addresses.n; a++)
				assert_int_equal(prefix_cmp(&f->addresses.items[a], &g->addresses.items[a]), 0);
		}
	}
	assert_addresses(l, "e", 0, "10.0.0.5/24 fd00::2f99:c360:31b6:1504/64");
	model_free(m);
	model_free(l);
}

static void test_interface_names(void **state)
{
	struct model *m = sound("network n1\nnetwork n2\n"
	                        "node a n1 n2%eth0\n"
	                        "node b\n"
	                        "link a%eth2 b%up\n"
	                        "link a b\n"
	                        "link b%lo0 b\n");

	(void)state;
	assert_string_equal(iface(m, "a", 0)->name, "eth1");
	assert_string_equal(iface(m, "a", 1)->name, "eth0");
	assert_string_equal(iface(m, "a", 2)->name, "eth2");
	assert_string_equal(iface(m, "a", 3)->name, "eth3");
	assert_string_equal(iface(m, "b", 0)->name, "up");
	assert_string_equal(iface(m, "b", 1)->name, "eth0");
	assert_string_equal(iface(m, "b", 2)->name, "lo0");
	assert_string_equal(iface(m, "b", 3)->name, "eth1");
	assert_int_equal(iface(m, "a", 0)->addresses.n, 0);
	assert_false(iface(m, "a", 0)->link_local);
	model_free(m);
}

static void test_link_addresses(void **state)
{
	struct model *m = sound("node a\nnode b\n"
	                        "link a b 10.0.0.0/24 fd00:1::/64\n"
	                        "link a b 10.0.1.0/31 fd00:2::/127\n"
	                        "link a b@10.0.2.1 10.0.2.0/30\n"
	                        "link a@10.0.3.7/24 b@10.0.3.9/24\n"
	                        "link a@10.0.4.1/32 b@10.0.5.1/32\n"
	                        "link a b ll\n"
	                        "link a b@10.0.6.0 10.0.6.0/31 mtu=9000\n");

	(void)state;
	assert_addresses(m, "a", 0, "10.0.0.1/24 fd00:1::1/64");
	assert_addresses(m, "b", 0, "10.0.0.2/24 fd00:1::2/64");
	assert_addresses(m, "a", 1, "10.0.1.0/31 fd00:2::/127");
	assert_addresses(m, "b", 1, "10.0.1.1/31 fd00:2::1/127");
	assert_addresses(m, "a", 2, "10.0.2.2/30");
	assert_addresses(m, "b", 2, "10.0.2.1/30");
	assert_true(m->links.items[3].subnet[IP4].ip.set);
	assert_int_equal(m->links.items[3].subnet[IP4].len, 24);
	assert_false(m->links.items[4].subnet[IP4].ip.set);
	assert_true(iface(m, "a", 0)->link_local);
	assert_false(iface(m, "a", 2)->link_local);
	assert_true(iface(m, "a", 5)->link_local);
	assert_int_equal(iface(m, "a", 5)->addresses.n, 0);
	assert_addresses(m, "a", 6, "10.0.6.1/31");
	assert_int_equal(iface(m, "b", 6)->mtu, 9000);
	model_free(m);
}

static void test_dual_stack(void **state)
{
	struct model *m = sound("network lan 10.0.0.0/24 fd00::/64 nat mtu=1400\n"
	                        "node a lan@10.0.0.9\nnode b lan@fd00::9\nnode c lan~1300\n");
	const struct network *n = model_network(m, "lan");
	struct ip ip;

	(void)state;
	assert_true(n->on_host);
	for (int f = 0; f < IP_FAMILIES; f++) {
		assert_true(n->subnet[f].nat);
		assert_true(prefix_nth(&n->subnet[f].prefix, 1, &ip));
		assert_true(ip_equal(&ip, &n->subnet[f].gateway));
	}
	assert_int_equal(iface(m, "a", 0)->addresses.n, 2);
	assert_addresses(m, "b", 0, "10.0.0.2/24 fd00::9/64");
	assert_int_equal(iface(m, "b", 0)->mtu, 1400);
	assert_int_equal(iface(m, "c", 0)->mtu, 1300);
	model_free(m);
}

static void test_nat_of_one_family(void **state)
{
	struct model *m = sound("network lan 10.0.0.0/24 fd00::/64 nat gw=10.0.0.254\nnetwork off 10.1.0.0/24 nogw\n");

	(void)state;
	assert_true(model_network(m, "lan")->subnet[IP4].nat);
	assert_false(model_network(m, "lan")->subnet[IP6].nat);
	assert_false(model_network(m, "lan")->subnet[IP6].gateway.set);
	assert_false(model_network(m, "off")->on_host);
	model_free(m);
}

static void test_small_ipv6_subnet(void **state)
{
	struct model *m = sound("network lan fd00::/125\n"
	                        "node a lan\nnode b lan\nnode c lan\nnode d lan\nnode e lan\nnode f lan\nnode g lan\n");

	(void)state;
	for (size_t i = 0; i < m->nodes.n; i++) {
		const struct ip_prefix *a = &m->nodes.items[i].ifaces.items[0].addresses.items[0];
		struct ip_prefix subnet = prefix_subnet(a);

		assert_true(prefix_usable(&subnet, &a->ip));
		for (size_t k = 0; k < i; k++)
			assert_false(ip_equal(&a->ip, &m->nodes.items[k].ifaces.items[0].addresses.items[0].ip));
	}
	model_free(m);
}

static void test_devices(void **state)
{
	struct model *m = sound("lab l\n"
	                        "network v-net-0 10.0.0.0/24 gw\n"
	                        "network a-name-of-more-than-15 10.1.0.0/24 gw\n"
	                        "network called 10.2.0.0/24 gw device=br9\n"
	                        "network all\n"
	                        "network default-of-more-than-15\n"
	                        "node n v-net-0 a-name-of-more-than-15 all^mine\n"
	                        "node a-long-name-for-a-node v-net-0\n");
	const struct network *n = m->networks.items;

	(void)state;
	assert_string_equal(n[0].device, "v-net-0");
	assert_null(n[0].altname);
	assert_string_equal(n[1].altname, "l.a-name-of-more-than-15");
	assert_true(has_prefix(n[1].device, "nl-") && strlen(n[1].device) == DEVICE_NAME_MAX);
	assert_string_equal(n[2].device, "br9");
	assert_string_equal(n[2].altname, "l.called");
	assert_true(has_prefix(n[3].device, "nl-"));
	assert_string_equal(n[3].altname, "all");
	assert_string_equal(n[4].altname, "default-of-more-than-15");
	assert_string_equal(iface(m, "n", 0)->port, "l.n.eth0");
	assert_null(iface(m, "n", 0)->port_altname);
	assert_string_equal(iface(m, "n", 2)->port, "mine");
	assert_string_equal(iface(m, "n", 2)->port_altname, "n.eth2");
	assert_string_equal(iface(m, "a-long-name-for-a-node", 0)->port_altname, "l.a-long-name-for-a-node.eth0");
	model_free(m);
}

/* All MACs of a lab differ, though 3,000 objects share 16 bits; all of the host's bear the lab's mark. */
static void test_macs(void **state)
{
	enum { N = 3000 };
	char *lines = malloc(N * 16 + 100), *at = lines;
	uint8_t mark[LAB_MAC_MARK_LEN];
	bool *seen = calloc(1, 65536);

	(void)state;
	at += sprintf(at, "lab big\nnetwork lan 10.0.0.0/16\n");
	for (int i = 0; i < N; i++)
		at += sprintf(at, "node n%d lan\n", i);

	struct model *m = sound(lines);

	lab_mac_mark("big", mark);
	assert_int_equal(mark[0], 0x0e);
	for (size_t i = 0; i <= m->nodes.n; i++) {
		const struct mac *mac =
			i < m->nodes.n ? &m->nodes.items[i].ifaces.items[0].port_mac : &m->networks.items[0].mac;
		unsigned object = (unsigned)mac->b[4] << 8 | mac->b[5];

		assert_memory_equal(mac->b, mark, sizeof(mark));
		assert_false(seen[object]);
		seen[object] = true;
		if (i < m->nodes.n)
			assert_int_equal(m->nodes.items[i].ifaces.items[0].mac.b[0], 0x02);
	}
	model_free(m);
	free(lines);
	free(seen);
}

static void test_link_local_of(void **state)
{
	struct mac mac = {{0x02, 0x11, 0x22, 0x33, 0x44, 0x55}};
	struct ip ip = link_local_of(&mac);
	char text[IP_TEXT_MAX];

	(void)state;
	assert_string_equal(ip_text(&ip, text), "fe80::11:22ff:fe33:4455");
}

static void test_sysctl_path(void **state)
{
	static const struct {
		const char *key, *path;
	} rows[] = {
		{"net.ipv4.ip_forward", "net/ipv4/ip_forward"},
		{"net/ipv4/ip_forward", "net/ipv4/ip_forward"},
		{"net.ipv4.conf.eth0/10.rp_filter", "net/ipv4/conf/eth0.10/rp_filter"},
		{"net/ipv4/conf/eth0.10/rp_filter", "net/ipv4/conf/eth0.10/rp_filter"},
	};
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(sysctl_path(rows[i].key, path, sizeof(path)), strlen(rows[i].path));
		assert_string_equal(path, rows[i].path);
	}
	assert_int_equal(sysctl_path("net.ipv4", path, 8), -ENAMETOOLONG);
	assert_int_equal(sysctl_path("net.ipv4", path, 9), 8);
}

static void test_names(void **state)
{
	struct arena *a = arena_new();
	char name[NAME_MAX_LEN + 2];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[NAME_MAX_LEN + 1] = '\0';
	assert_false(name_valid(name));
	name[NAME_MAX_LEN] = '\0';
	assert_true(name_valid(name));
	assert_true(name_valid("1-_") && name_valid("hosts"));
	assert_false(name_valid("") || name_valid("-a") || name_valid("a.b") || name_valid("host") ||
	             name_valid("\xc3\xa4"));
	assert_null(device_name_fault("a.b-c_d+1"));
	assert_null(device_name_fault("123456789012345"));

	static const char *const bad[] = {"",     ".",   "..",    "all",      "default",         "a/b", "a:b", "a b",
	                                  "a\tb", "a%d", "a\x7f", "\xc3\xa0", "1234567890123456"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(device_name_fault(bad[i]));

	static const char *const fits[][2] = {
		{"my lab.2", "my-lab-2"}, {"..x", "x"}, {"", "lab"}, {"--", "lab"}, {"host", "host-lab"},
		{"\xc3\xa4rger", "rger"},
	};

	for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
		assert_string_equal(name_fit(a, fits[i][0]), fits[i][1]);
		assert_true(name_valid(name_fit(a, fits[i][0])));
	}
	memset(name, 'a', NAME_MAX_LEN + 1);
	assert_true(name_valid(name_fit(a, name)));
	arena_free(a);
}

/* Every complaint, one row for each kind. */
static const struct {
	const char *lines, *faults;
} refusals[] = {
	{
		"network a.b\n"
		"node -x\n"
		"node host\n",
		"1: \"a.b\" cannot be the name of a network\n"
		"2: \"-x\" cannot be the name of a node\n"
		"3: a node cannot be called \"host\": that is the namespace nsloom runs in\n",
	},
	{
		"lab host\n",
		"1: a lab cannot be called \"host\": that is the namespace nsloom runs in\n",
	},
	{
		"node a\n"
		"node a\n"
		"network n\n"
		"network n\n"
		"node n\n",
		"2: there are two nodes called \"a\"; the first is in line 1\n"
		"4: there are two networks called \"n\"; the first is in line 3\n",
	},
	{
		"network n 10.0.0.1/24 10.0.0.0\n",
		"1: 10.0.0.1/24 is not a subnet: it has host bits set\n"
		"1: a subnet needs a prefix length\n",
	},
	{
		"network n 10.0.0.0/24 10.1.0.0/24\n",
		"1: network \"n\" has two IPv4 subnets; the first is in line 1\n",
	},
	{
		"network n 0.0.0.0/0\n"
		"network m 224.0.0.0/8\n"
		"network o 127.0.0.0/8\n"
		"network p fe80::/64\n",
		"1: 0.0.0.0/0 cannot be a subnet: it is everything there is\n"
		"2: 224.0.0.0/8 cannot be a subnet: it is multicast\n"
		"3: 127.0.0.0/8 cannot be a subnet: it is loopback\n"
		"4: fe80::/64 cannot be a subnet: it is link-local\n",
	},
	{
		"network n 10.0.0.0/24 gw=10.1.0.1\n"
		"network m 10.1.0.0/24 gw=10.1.0.255\n"
		"network o 10.2.0.0/24 gw=10.2.0.1/25\n"
		"network p 10.3.0.0/24 gw=fd00::1\n",
		"1: the gateway 10.1.0.1 is not in 10.0.0.0/24, the subnet of network \"n\"\n"
		"2: 10.1.0.255 cannot be a gateway: it is the first or the last address of 10.1.0.0/24\n"
		"3: the length of the gateway 10.2.0.1/25 is not that of its subnet 10.2.0.0/24\n"
		"4: the gateway fd00::1 is in no subnet: network \"p\" has no IPv6 subnet\n",
	},
	{
		"network n 10.0.0.0/24 gw=10.0.0.1 gw=10.0.0.2\n",
		"1: network \"n\" has two IPv4 gateways\n",
	},
	{
		"network n gw\n"
		"network m nat\n"
		"network o gw=10.0.0.1\n",
		"1: network \"n\" has a gateway but no subnet\n"
		"2: network \"m\" has nat but no subnet\n"
		"3: network \"o\" has a gateway but no subnet\n",
	},
	{
		"network n 10.0.0.0/24 nat nogw\n",
		"1: nat needs a gateway, and network \"n\" says \"gateway: false\"\n",
	},
	{
		"network n mtu=67\n"
		"network m mtu=65536\n"
		"network o fd00::/64 mtu=1279\n",
		"1: mtu 67 is not between 68 and 65535\n"
		"2: mtu 65536 is not between 68 and 65535\n"
		"3: mtu 1279 is too small for IPv6, which needs 1280\n",
	},
	{
		"network n device=br0\n"
		"network m 10.0.0.0/24 gw device=lo\n"
		"network o 10.1.0.0/24 gw device=bad/name\n",
		"1: \"device\" names a bridge on the host, and network \"n\" has no gateway: its bridge stands in the "
		"fabric\n"
		"2: \"lo\" cannot be the name of a bridge: it is the loopback interface\n"
		"3: \"bad/name\" cannot be the name of a bridge: it contains one of \"/\", \":\" and \"%\"\n",
	},
	{
		"network n 10.0.0.0/24 gw device=br0\n"
		"network m 10.1.0.0/24 gw device=br0\n",
		"2: two devices on the host would be called \"br0\"; the first is in line 1\n",
	},
	{
		"network n\n"
		"node a n^p0\n"
		"node b n^p0\n"
		"node c n^waytoolongforit1\n",
		"3: two devices in the fabric would be called \"p0\"; the first is in line 2\n"
		"4: \"waytoolongforit1\" cannot be the name of a bridge port: it is longer than 15 bytes\n",
	},
	{
		"network lan\n"
		"node a lam\n"
		"node b\n"
		"link b c\n"
		"link bb b\n",
		"2: there is no network \"lam\"\n"
		"4: there is no node \"c\"\n"
		"5: there is no node \"bb\"\n",
	},
	{
		"network n\n"
		"network m\n"
		"node a n%lo m%eth9 n%eth9\n"
		"node b n%a:b\n",
		"3: \"lo\" cannot be the name of an interface: it is the loopback interface that every node has\n"
		"3: node \"a\" has two interfaces called \"eth9\"; the first is in line 3\n"
		"4: \"a:b\" cannot be the name of an interface: it contains one of \"/\", \":\" and \"%\"\n",
	},
	{
		"network n\n"
		"node a n n\n",
		"2: node \"a\" is on network \"n\" twice (first on line 2) without a name for each interface\n",
	},
	{
		"network n 10.0.0.0/24 gw\n"
		"node a n@10.0.1.1\n"
		"node b n@10.0.0.255\n"
		"node c n@10.0.0.1\n"
		"node d n@10.0.0.9/25\n"
		"node e n@10.0.0.9\n"
		"node f n@10.0.0.9\n"
		"node g n@fd00::1/64\n",
		"2: 10.0.1.1 is not in 10.0.0.0/24, the subnet of network \"n\"\n"
		"3: 10.0.0.255 cannot be an interface's: it is the first or the last address of 10.0.0.0/24\n"
		"4: 10.0.0.1 is the gateway's address\n"
		"5: 10.0.0.9/25 is not as long as its subnet 10.0.0.0/24\n"
		"7: 10.0.0.9 is taken: node \"e\" has it, in line 6\n"
		"8: fd00::1 is in no subnet: network \"n\" has no IPv6 subnet\n",
	},
	{
		"network n\n"
		"node a n@10.0.0.1\n"
		"node b n@127.0.0.1/8\n"
		"node c n@224.0.0.1/24\n"
		"node d n@fe80::1/64\n"
		"node e n@0.0.0.0/8\n"
		"node f n@255.255.255.255/32\n",
		"2: 10.0.0.1 needs a prefix length: network \"n\" has no subnet\n"
		"3: 127.0.0.1 is a loopback address\n"
		"4: 224.0.0.1 is a multicast address\n"
		"5: fe80::1 is a link-local address, which nsloom gives itself\n"
		"6: 0.0.0.0 is the unspecified address\n"
		"7: 255.255.255.255 is a broadcast address\n",
	},
	{
		"network n 10.0.0.0/30 gw\n"
		"node a n\n"
		"node b n\n"
		"node c n\n",
		"3: network \"n\" is full: 10.0.0.0/30 holds 1 interface\n",
	},
	{
		"network n fd00::/126\n"
		"node a n\n"
		"node b n\n"
		"node c n\n"
		"node d n\n"
		"node e n\n",
		"5: network \"n\" is full: fd00::/126 holds 3 interfaces\n",
	},
	{
		"network n 10.0.0.0/32 gw\n"
		"node a n\n",
		"2: network \"n\" is full: 10.0.0.0/32 holds 0 interfaces\n",
	},
	{
		"node a\n"
		"node b\n"
		"link a b 10.0.0.0/32\n"
		"link a b 10.1.0.0/24 10.2.0.0/24\n"
		"link a b 10.3.0.1/24\n",
		"3: 10.0.0.0/32 has one address, and a link has two ends\n"
		"4: a link has one IPv4 subnet at most\n"
		"5: 10.3.0.1/24 is not a subnet: it has host bits set\n",
	},
	{
		"node a\n"
		"node b\n"
		"link a@10.0.0.1 b\n"
		"link a@10.1.0.1/24 b@10.1.0.1/24\n"
		"link a@10.2.0.1 b 10.3.0.0/24\n",
		"3: 10.0.0.1 needs a prefix length: this link has no subnet\n"
		"4: 10.1.0.1 is taken: node \"a\" has it, in line 4\n"
		"5: 10.2.0.1 is not in 10.3.0.0/24, the subnet of this link\n",
	},
	{
		"node a\n"
		"node b\n"
		"link a%x b\n"
		"link a%x b\n",
		"4: node \"a\" has two interfaces called \"x\"; the first is in line 3\n",
	},
	{
		"node a\n"
		"node b\n"
		"link a b mtu=1\n"
		"link a b fd00::/64 mtu=1000\n"
		"link a b ll mtu=1279\n"
		"link a b 10.0.0.0/24 mtu=1000\n",
		"3: mtu 1 is not between 68 and 65535\n"
		"4: mtu 1000 is too small for IPv6, which needs 1280\n"
		"5: mtu 1279 is too small for IPv6, which needs 1280\n",
	},
	{
		"network n\n"
		"node a n!01:00:00:00:00:01\n"
		"node b n!00:00:00:00:00:00\n"
		"node c n!02:00:00:00:00:01\n"
		"node d n!02:00:00:00:00:01\n",
		"2: 01:00:00:00:00:01 is a multicast MAC: no interface can have it\n"
		"3: 00:00:00:00:00:00 is no MAC that an interface can have\n"
		"5: the MAC 02:00:00:00:00:01 is in use twice; the first time in line 4\n",
	},
	{
		"network a 10.0.0.0/24 gw\n"
		"network b 10.0.0.128/25 gw\n",
		"2: 10.0.0.128/25 of network \"b\" overlaps 10.0.0.0/24 of network \"a\" in line 1\n",
	},
	{
		"network a 10.0.0.0/24\n"
		"network b 10.0.0.0/16\n"
		"node x a b\n",
		"2: 10.0.0.0/16 of network \"b\" overlaps 10.0.0.0/24 of network \"a\" in line 1\n",
	},
	{
		"network a 10.0.0.0/24\n"
		"network b 10.0.0.0/16\n"
		"node x norouting a b\n",
		"2: 10.0.0.0/16 of network \"b\" overlaps 10.0.0.0/24 of network \"a\" in line 1\n",
	},
	{
		"lab l norouting\n"
		"network a 10.0.0.0/24 gw\n"
		"network b 10.0.0.0/16 gw\n",
		"3: 10.0.0.0/16 of network \"b\" overlaps 10.0.0.0/24 of network \"a\" in line 2\n",
	},
	{
		"network a 10.0.0.0/24\n"
		"network b 10.0.0.0/16\n"
		"network c 10.9.0.0/24\n"
		"node r router a c\n"
		"node s router b c\n",
		"2: 10.0.0.0/16 of network \"b\" overlaps 10.0.0.0/24 of network \"a\" in line 1\n",
	},
	{
		"network a 10.0.0.0/24\n"
		"network b 10.0.0.0/24\n"
		"network c 10.9.0.0/24\n"
		"network d 10.8.0.0/24\n"
		"node r router a c\n"
		"node s router b d\n"
		"node x c d\n",
		"2: 10.0.0.0/24 of network \"b\" overlaps 10.0.0.0/24 of network \"a\" in line 1\n",
	},
	{
		"node a\n"
		"node b\n"
		"node c\n"
		"link a b 10.0.0.0/30\n"
		"link b c 10.0.0.0/30\n",
		"5: 10.0.0.0/30 of the link overlaps 10.0.0.0/30 of the link in line 4\n",
	},
	{
		"network n\n"
		"node a n@10.0.0.1/24\n"
		"node b n@10.0.0.2/16\n"
		"node c\n"
		"link a c 10.0.0.0/25\n",
		"5: 10.0.0.0/25 of the link overlaps 10.0.0.0/24 of network \"n\" in line 2\n",
	},
	{
		"network n 10.0.0.0/24\n"
		"node a n@10.0.0.1 route=10.1.0.1/24,10.0.0.2 route=fd00::/64,10.0.0.2 route=10.2.0.0/24,10.3.0.1 "
		"route=10.2.0.0/24,10.0.0.1 route=10.2.0.0/24,10.0.0.0\n",
		"2: 10.1.0.1/24 has host bits set\n"
		"2: fd00::/64 is IPv6 and cannot be reached via 10.0.0.2, which is IPv4\n"
		"2: 10.3.0.1 is in no subnet that node \"a\" is on\n"
		"2: 10.0.0.1 is an address of node \"a\" itself\n"
		"2: 10.0.0.0 is the first or the last address of its subnet: nobody has it\n",
	},
	{
		"network n 10.0.0.0/24\n"
		"node a n route=default,10.0.0.2 route=0.0.0.0/0,10.0.0.3 route=10.0.0.0/24,10.0.0.2 "
		"route=10.5.0.1,10.0.0.2 route=10.5.0.1/32,10.0.0.2\n",
		"2: node \"a\" has two routes to default; the first is in line 2\n"
		"2: node \"a\" is on 10.0.0.0/24 already and needs no route to it\n"
		"2: node \"a\" has two routes to 10.5.0.1/32; the first is in line 2\n",
	},
	{
		"network n fd00::/64\n"
		"node a n route=default,fe80::1 route=224.0.0.0/4,10.0.0.1 route=default,fd00::5/64\n",
		"2: a link-local next hop does not say which interface it is behind\n"
		"2: there is no route to multicast addresses\n"
		"2: 10.0.0.1 is in no subnet that node \"a\" is on\n"
		"2: the next hop of a route is an address, without a prefix length\n",
	},
	{
		"node a sysctl=kernel.x,1 sysctl=net,1 sysctl=net.,1 sysctl=net..x,1 sysctl=net/../x,1 "
		"sysctl=net.ipv4.a*b,1 sysctl=net.//.x,1\n",
		"1: \"kernel.x\" is no sysctl of a network namespace: it begins with neither \"net.\" nor \"net/\"\n"
		"1: \"net\" is no sysctl of a network namespace: it begins with neither \"net.\" nor \"net/\"\n"
		"1: \"net.\" is no sysctl of a network namespace: it has an empty part\n"
		"1: \"net..x\" is no sysctl of a network namespace: it has an empty part\n"
		"1: \"net/../x\" is no sysctl of a network namespace: it has a part that leads elsewhere\n"
		"1: \"net.ipv4.a*b\" is no sysctl of a network namespace: it has a character that no key has\n"
		"1: \"net.//.x\" is no sysctl of a network namespace: it has a part that leads elsewhere\n",
	},
	{
		"node a sysctl=net.ipv4.ip_forward,1 sysctl=net/ipv4/ip_forward,0\n",
		"1: node \"a\" sets net/ipv4/ip_forward twice; the first time in line 1\n",
	},
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		refused(refusals[i].lines, refusals[i].faults);
}

static void test_overlaps_that_nobody_sees(void **state)
{
	(void)state;
	/* Two switches of the fabric without a router between. */
	model_free(sound("network a 10.0.0.0/24\nnetwork b 10.0.0.0/24\nnode x a\nnode y b\n"));
	/* A router that takes no part, and that is on one of them only. */
	model_free(sound("network a 10.0.0.0/24\nnetwork b 10.0.0.0/24\nnetwork c 10.1.0.0/24\n"
	                 "node r router norouting a c\nnode s router b c\n"));
	/* Both are in one domain of IPv6 only. */
	model_free(sound("network a 10.0.0.0/24 fd00::/64\nnetwork b 10.0.0.0/24 fd00:1::/64\n"
	                 "node r router a\nnode s router b\nlink r s fd00:2::/64\n"));
	model_free(sound("lab l norouting\nnetwork a 10.0.0.0/24\nnetwork b 10.1.0.0/24\nnetwork c 10.0.0.0/16\n"
	                 "node r router a b\nnode s router b\nnode t c\n"));
}

static void test_excerpts(void **state)
{
	struct spec *spec = lab_spec("node a nowher\nnetwork nowhere\n");
	struct nsl_error *err = NULL;
	struct model *m = NULL;

	(void)state;
	assert_int_equal(model_build(spec, &m, &err), -EINVAL);
	assert_string_equal(err->excerpt, "node a nowher");
	assert_string_equal(err->hint, "did you mean \"nowhere\"?");
	assert_int_equal(err->pos.column, 8);
	nsl_error_free(err);
	assert_int_equal(model_build(spec, &m, NULL), -EINVAL);
	arena_free(spec->arena);
}

static void test_many_faults(void **state)
{
	char lines[300 * 12], *at = lines;
	struct spec *spec;
	struct nsl_error *err = NULL;
	struct model *m = NULL;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 300; i++)
		at += sprintf(at, "node a.%d\n", i);
	spec = lab_spec(lines);
	assert_int_equal(model_build(spec, &m, &err), -EINVAL);
	for (const struct nsl_error *e = err; e; e = e->next, n++) {
		if (!e->next)
			assert_string_equal(e->message, "100 more faults are not shown");
		else
			assert_int_equal(e->pos.line, n + 1);
	}
	assert_int_equal(n, FAULTS_MAX + 1);
	nsl_error_free(err);
	arena_free(spec->arena);
}

/* What a reader could not make sense of is unset: nothing is made of it, and no model. */
static void test_unset_values(void **state)
{
	struct spec *spec = lab_spec("network lan 10.0.0.0/24 gw=10.0.0.1\nnode a lan@10.0.0.5 route=default,10.0.0.1 "
	                             "sysctl=net.ipv4.ip_forward,1\nnode b\nlink a b 10.1.0.0/30\n");
	struct faults faults;
	struct nsl_error *err = NULL;
	struct model *m = NULL;

	(void)state;
	spec->networks.items[0].gateways.items[0].value.ip.set = false;
	spec->nodes.items[0].ports.items[0].addresses.items[0].value.ip.set = false;
	spec->nodes.items[0].routes.items[0].via.value.ip.set = false;
	spec->nodes.items[0].sysctls.items[0].value.s = NULL;
	spec->links.items[0].subnets.items[0].value.ip.set = false;
	spec->links.items[0].end[1].node.s = NULL;
	faults_init(&faults, &spec->source);
	fault(&faults, (struct nsl_pos){"lab", 1, 1}, "a fault of the reader's");
	if (arena_exhausted(spec->arena))
		fail_msg("out of memory");
	assert_false(model_build_into(spec, &faults, &m));
	arena_settle(spec->arena);
	assert_int_equal(faults.n, 1);
	faults_done(&faults);

	assert_int_equal(model_build(spec, &m, &err), -EINVAL);
	assert_string_equal(err->message, "something that a lab needs was left out");
	nsl_error_free(err);
	arena_free(spec->arena);
}

static const char whole_lab[] = "lab small\n"
				"network up 10.0.0.0/24 fd00::/64 nat\n"
				"network lan 10.1.0.0/24\n"
				"network a-name-of-more-than-15 10.2.0.0/24 gw\n"
				"node r router up lan route=10.9.0.0/16,10.1.0.2 sysctl=net.ipv4.ip_forward,1\n"
				"node s router lan\nnode t a-name-of-more-than-15\n"
				"link s t 10.3.0.0/30 fd01::/64\nlink r s\n";

/* Memory that ends at any point is an error like any other, and leaves nothing behind. */
static void test_memory_ends(void **state)
{
	bool built = false;

	(void)state;
	for (unsigned long n = 1; !built; n++) {
		struct spec *spec = lab_spec(whole_lab);
		struct nsl_error *err = NULL;
		struct model *m = NULL;

		assert_true(n < 100000);
		arena_fail_after(spec->arena, n);

		int r = model_build(spec, &m, &err);

		built = r == 0;
		if (!built) {
			assert_int_equal(r, -ENOMEM);
			assert_int_equal(err->code, NSL_E_MEMORY);
		}
		nsl_error_free(err);
		arena_free(spec->arena);
	}
}

/* The same where there are faults to tell: those that were told are dropped. */
static void test_memory_ends_among_faults(void **state)
{
	bool told = false;

	(void)state;
	for (unsigned long n = 1; !told; n++) {
		struct spec *spec =
			lab_spec("network a 10.0.0.0/24\nnetwork b 10.0.0.0/25\nnode n a b c route=default,1.2.3.4\n");
		struct nsl_error *err = NULL;
		struct model *m = NULL;

		assert_true(n < 100000);
		arena_fail_after(spec->arena, n);
		told = model_build(spec, &m, &err) == -EINVAL;
		assert_int_equal(err->code, told ? NSL_E_FILE : NSL_E_MEMORY);
		nsl_error_free(err);
		arena_free(spec->arena);
	}
}

/* The heap that complaints live on may end too. */
static void test_heap_ends_among_faults(void **state)
{
	(void)state;
	for (unsigned long n = 1; n < 60; n++) {
		struct spec *spec = lab_spec("network a 10.0.0.1/24\nnode n c d e\nlink x y\n");
		struct nsl_error *err = NULL;
		struct model *m = NULL;
		int r;

		memory_fail_after(n);
		r = model_build(spec, &m, &err);
		memory_fail_after(0);
		assert_true(r == -EINVAL || r == -ENOMEM);
		assert_non_null(err);
		nsl_error_free(err);
		arena_free(spec->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lowest_free_address),
		cmocka_unit_test(test_appending_renumbers_nobody),
		cmocka_unit_test(test_interface_names),
		cmocka_unit_test(test_link_addresses),
		cmocka_unit_test(test_dual_stack),
		cmocka_unit_test(test_nat_of_one_family),
		cmocka_unit_test(test_small_ipv6_subnet),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_macs),
		cmocka_unit_test(test_link_local_of),
		cmocka_unit_test(test_sysctl_path),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_overlaps_that_nobody_sees),
		cmocka_unit_test(test_excerpts),
		cmocka_unit_test(test_many_faults),
		cmocka_unit_test(test_unset_values),
		cmocka_unit_test(test_memory_ends),
		cmocka_unit_test(test_memory_ends_among_faults),
		cmocka_unit_test(test_heap_ends_among_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
