/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the census reads out of text that others wrote: cgroups of many runtimes, links, names in their order. */
#include "unit.h"

#include "census.h"
#include "fd.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_cgroups(void **state)
{
	static const struct {
		const char *path, *engine, *name;
	} rows[] = {
		{"/docker/" ID, "docker", ID},
		{"/system.slice/docker-" ID ".scope", "docker", ID},
		{"/machine.slice/libpod-" ID ".scope/container", "podman", ID},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope", "podman", ID},
		{"/libpod_parent/libpod-" ID, "podman", ID},
		{"/machine.slice/libpod-conmon-" ID ".scope", NULL, NULL},
		{"/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope", "kubernetes", ID},
		{"/kubepods.slice/kubepods-pod1.slice/crio-" ID ".scope", "kubernetes", ID},
		{"/kubepods/besteffort/pod1/" ID, "kubernetes", ID},
		{"/lxc.payload.web", "lxc", "web"},
		{"/lxc/web/init.scope", "lxc", "web"},
		{"/machine.slice/machine-deb\\x2dstable.scope/payload", "systemd-nspawn", "deb-stable"},
		{"/machine.slice/systemd-nspawn@deb.service/payload", "systemd-nspawn", "deb"},
		{"/system.slice/private.service", "systemd", "private"},
		{"/docker/0123", NULL, NULL},
		{"/docker/" ID "0", NULL, NULL},
		{"/user.slice/user-0.slice/session-1.scope", NULL, NULL},
		{"/system.slice/.service", NULL, NULL},
		{"/", NULL, NULL},
	};
	struct arena *a = arena_new();

	(void)state;
	assert_non_null(a);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct container c = container_of_cgroup(a, rows[i].path);

		if (!rows[i].engine) {
			assert_null(c.engine);
			continue;
		}
		assert_non_null(c.engine);
		assert_string_equal(c.engine, rows[i].engine);
		assert_string_equal(c.name, rows[i].name);
	}
	arena_free(a);
}

static void test_links(void **state)
{
	(void)state;
	assert_int_equal(survey_parse_inode("net:[4026531840]"), 4026531840);
	assert_int_equal(survey_parse_inode("mnt:[4026531840]"), 0);
	assert_int_equal(survey_parse_inode("net:[]"), 0);
	assert_int_equal(survey_parse_inode("net:[99999999999999999999999]"), 0);
	assert_int_equal(survey_parse_inode("/run/netns/net:[5]"), 0);
}

static void test_natural_order(void **state)
{
	static const char *const sorted[] = {
		"a", "a01", "a1", "a2", "a10", "a10b", "ab", "b", "b99999999999999999999", "b100000000000000000000"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++)
		for (size_t k = 0; k < ARRAY_SIZE(sorted); k++) {
			int r = natural_cmp(sorted[i], sorted[k]);

			if (i == k)
				assert_int_equal(r, 0);
			else
				assert_int_equal(r < 0, i < k);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cgroups),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_natural_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
