/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether kernel and host have what a lab needs. See preflight.h. */
#include "preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capability.h"
#include "context.h"
#include "fd.h"
#include "sysctl.h"
#include "text.h"

enum {
	BRIDGE_PORTS_MAX = 1023, /* BR_MAX_PORTS less port 0 */
	SPARE_DESCRIPTORS = 32,
	SPACE_KILOBYTES = 300, /* of kernel memory, with its cable */
};

void find(struct finding *f, enum finding_level level, const char *fmt, ...)
{
	va_list ap;

	f->level = level;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

void find_mend(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->mend, sizeof(f->mend), fmt, ap);
	va_end(ap);
}

/* ---- limits ---------------------------------------------------------------------------------------- */

/* Counting looks at every process: only where it may come close. */
static void check_namespaces(const struct lab_needs *needs, struct finding *f)
{
	char value[32];
	unsigned long long max;
	size_t used;

	if (sysctl_read("user/max_net_namespaces", value, sizeof(value)) < 0 || !parse_u64(value, UINT64_MAX, &max)) {
		find(f, FINDING_INFO, "this kernel does not tell how many it allows");
		return;
	}
	if (needs->want && max > 4 * needs->new_spaces + 4096) {
		find(f, FINDING_OK, "%zu more, of %llu that user.max_net_namespaces allows", needs->new_spaces, max);
		return;
	}
	used = netns_in_use();
	find(f, FINDING_OK, "user.max_net_namespaces allows %llu; at least %zu in use", max, used);
	f->pos = needs->demand.pos;
	if (needs->new_spaces + (needs->want ? 0 : 1) + used <= max)
		return;
	find(f, FINDING_FAILURE, "%zu more are needed, at least %zu are in use, user.max_net_namespaces allows %llu",
	     needs->new_spaces, used, max);
	find_mend(f, "sysctl -w user.max_net_namespaces=%zu", 2 * (used + needs->new_spaces + 16));
}

static void check_descriptors(const struct lab_needs *needs, struct finding *f)
{
	size_t need = needs->sockets + SPARE_DESCRIPTORS;
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) < 0)
		return;
	find(f, FINDING_OK, "%zu are needed, the limit is %llu", need, (unsigned long long)lim.rlim_max);
	if (need <= lim.rlim_max)
		return;
	f->level = FINDING_FAILURE;
	f->pos = needs->demand.pos;
	find_mend(f, "ulimit -n %zu", need + 1024);
}

static void check_ports(const struct lab_needs *needs, struct finding *f)
{
	if (!needs->demand.largest)
		return;
	find(f, FINDING_OK, "the largest bridge has %zu of at most %d ports", needs->demand.ports, BRIDGE_PORTS_MAX);
	if (needs->demand.ports <= BRIDGE_PORTS_MAX)
		return;
	f->pos = needs->demand.largest->pos;
	find(f, FINDING_FAILURE, "bridge \"%s\" would have %zu ports: the kernel allows %d",
	     needs->demand.largest->name, needs->demand.ports, BRIDGE_PORTS_MAX);
	find_mend(f, "nsloom down, then nsloom up: its ports are spread anew");
}

/* Kilobytes that can be had without swapping; 0: the kernel does not tell. */
static unsigned long memory_available(void)
{
	unsigned long kb = 0;
	char line[128];
	FILE *file = fopen("/proc/meminfo", "re");

	while (file && !kb && fgets(line, sizeof(line), file))
		sscanf(line, "MemAvailable: %lu", &kb);
	if (file)
		fclose(file);
	return kb;
}

static void check_memory(const struct lab_needs *needs, struct finding *f)
{
	unsigned long have = memory_available(), need = needs->new_spaces * SPACE_KILOBYTES;

	if (!have)
		return;
	f->pos = needs->demand.pos;
	find(f,
	     need > have       ? FINDING_FAILURE
	     : need > have / 2 ? FINDING_WARNING
	                       : FINDING_OK,
	     "%zu namespaces take about %.1f MB, %.0f MB are available", needs->new_spaces, (double)need / 1e3,
	     (double)have / 1e3);
	if (!needs->want)
		find(f, FINDING_OK, "%.0f MB are available: enough for some %lu nodes", (double)have / 1e3,
		     have / SPACE_KILOBYTES);
	if (f->level != FINDING_OK)
		find_mend(f, "free");
}

/* ---- the kernel ------------------------------------------------------------------------------------ */

/* Those of a set, as a list; and the modules that would bring them. */
static void name_all(uint32_t set, char *names, size_t size, struct finding *f)
{
	size_t n = 0, m = (size_t)snprintf(f->mend, sizeof(f->mend), "modprobe -a");
	bool modules = false;

	names[0] = '\0';
	for (unsigned c = 0; c < CAPABILITY_COUNT; c++) {
		if (!(set & CAN(c)))
			continue;
		n += (size_t)snprintf(names + n, size - n, "%s%s", n ? ", " : "", capability_name(c));
		if (capability_module(c) && m < sizeof(f->mend)) {
			m += (size_t)snprintf(f->mend + m, sizeof(f->mend) - m, " %s", capability_module(c));
			modules = true;
		}
		if (n >= size)
			return;
	}
	if (!modules)
		f->mend[0] = '\0';
}

static void report(uint32_t wanted, uint32_t have, int r, const char *what, struct finding *f)
{
	char names[128];

	if (r < 0) {
		find(f, FINDING_INFO, "cannot be tried: %s", strerror(-r));
		return;
	}
	if (wanted & ~have) {
		name_all(wanted & ~have, names, sizeof(names), f);
		find(f, FINDING_FAILURE, "this kernel has no %s (%s)", names, what);
		return;
	}
	name_all(wanted, names, sizeof(names), f);
	f->mend[0] = '\0';
	find(f, FINDING_OK, "%s", names);
}

static void check_devices(const struct lab_needs *needs, struct finding *f)
{
	uint32_t wanted = CAN(CAN_VETH) | CAN(CAN_BRIDGE), have;
	int r;

	if (needs->want && !needs->demand.largest)
		wanted = CAN(CAN_VETH);
	r = needs->tried ? 0 : capability_try(wanted, &have);
	if (needs->tried)
		have = needs->have;
	f->pos = needs->demand.largest ? needs->demand.largest->pos : needs->demand.pos;
	if (r == 0 && (wanted & ~have & CAN(CAN_VETH)) && needs->demand.pos_cable.line)
		f->pos = needs->demand.pos_cable;
	report(wanted, have, r, "device kind", f);
}

int try_elsewhere(uint32_t wanted, uint32_t *have)
{
	_cleanup_fd_ int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int r;

	if (here < 0 || unshare(CLONE_NEWNET) < 0)
		return -errno;
	r = capability_try(wanted, have);
	return setns(here, CLONE_NEWNET) < 0 ? -errno : r;
}

static void check_rules(const struct lab_needs *needs, struct finding *f)
{
	const struct rule_network *nat = needs->want ? rules_nat_network(&needs->want->rules) : NULL;
	uint32_t wanted = CAN(CAN_NFT) | CAN(CAN_CONNTRACK) | CAN(CAN_REJECT) | CAN(CAN_MARK) | CAN(CAN_NAT);
	uint32_t have = needs->have;
	int r = 0;

	if (needs->want && !needs->want->rules.networks.n)
		return;
	if (nat || !needs->want)
		wanted |= CAN(CAN_MASQUERADE);
	if (!needs->tried)
		r = try_elsewhere(wanted, &have);
	if (needs->want)
		f->pos = r == 0 && (wanted & ~have) == CAN(CAN_MASQUERADE) ? nat->pos
		                                                           : needs->want->rules.networks.items[0].pos;
	report(wanted, have, r, "nf_tables, family inet", f);
	if (f->level == FINDING_FAILURE && !needs->want)
		f->level = FINDING_WARNING; /* labs without a network on the host get by */
}

static void check_published(const struct lab_needs *needs, struct finding *f)
{
	const uint32_t wanted = CAN(CAN_CT_MARK) | CAN(CAN_FIB);
	uint32_t have = needs->have;
	int r = 0;

	if (needs->want && !needs->want->rules.published.n)
		return;
	if (!needs->tried)
		r = try_elsewhere(wanted, &have);
	if (needs->want)
		f->pos = needs->want->rules.published.items[0].publish->pos;
	report(wanted, have, r, "nf_tables, family inet", f);
	if (f->level == FINDING_FAILURE && !needs->want)
		f->level = FINDING_WARNING;
}

static void check_ipv6(const struct lab_needs *needs, struct finding *f)
{
	bool have = access("/proc/net/if_inet6", F_OK) == 0;

	if (have || !needs->demand.family[IP6]) {
		find(f, have ? FINDING_OK : FINDING_INFO, have ? "this kernel has it" : "this kernel is without it");
		return;
	}
	f->pos = needs->demand.pos6;
	find(f, FINDING_FAILURE, "this kernel is without it, and the lab has IPv6 addresses");
	find_mend(f, "boot without ipv6.disable=1");
}

const struct check checks[] = {
	{"namespaces", "network namespaces", DOES_SPACES, check_namespaces},
	{"descriptors", "file descriptors", DOES_SPACES, check_descriptors},
	{"memory", "memory", DOES_SPACES, check_memory},
	{"ports", "bridge ports", DOES_DEVICES, check_ports},
	{"devices", "devices", DOES_DEVICES, check_devices},
	{"ipv6", "IPv6", DOES_DEVICES, check_ipv6},
	{"nf_tables", "firewall rules", DOES_RULES, check_rules},
	{"publish", "published ports", DOES_RULES, check_published},
	{0},
};

/* ---- before a plan --------------------------------------------------------------------------------- */

static void add_error(const struct check *c, const struct finding *f, struct nsl_error **err)
{
	struct nsl_error *e = NULL;

	error_at(&e, NSL_E_MISSING, ENOTSUP, f->pos, "%s: %s", c->subject, f->text);
	if (*f->mend)
		error_hint(&e, "%s", f->mend);
	error_append(err, e);
}

/* Of this process, where it may (CAP_SYS_RESOURCE); if not, a check says so. */
static void raise_descriptors(const struct lab_needs *needs)
{
	size_t need = needs->sockets + SPARE_DESCRIPTORS;
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) < 0 || lim.rlim_max >= need)
		return;
	lim.rlim_cur = lim.rlim_max = need;
	setrlimit(RLIMIT_NOFILE, &lim);
}

int kernel_preflight(struct kernel *k, const struct plan *p, struct nsl_error **err)
{
	struct nsl_error *own = NULL;
	struct lab_needs needs;
	int r = 0;

	needs_of_plan(p, &needs);
	if (!needs.does)
		return 0;
	raise_descriptors(&needs);
	r = kspace_enter(k, k->host);
	for (const struct check *c = checks; r == 0 && c->id; c++) {
		struct finding f = {0};

		if (c->does & needs.does)
			c->check(&needs, &f);
		if (f.level == FINDING_FAILURE)
			add_error(c, &f, &own);
	}
	k->inside = NULL; /* a check may have failed to come back */
	if (r == 0)
		r = kspace_enter(k, k->host);
	if (r < 0) {
		nsl_error_free(own);
		return error_errno(err, -r, "cannot return to the host's namespace");
	}
	if (!own)
		return 0;
	*err = own;
	return -ENOTSUP;
}
