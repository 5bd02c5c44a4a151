/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Confinement. See confine.h. */
#include "confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"

/* ---- capabilities ---------------------------------------------------------------------------------- */

/* The bounding set first: that takes a capability itself. The kernel says which is the last. */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	return syscall(SYS_capset, &head, none) < 0 ? -errno : 0;
}

/* ---- Landlock -------------------------------------------------------------------------------------- */

/*
 * What each version of Landlock can forbid. Its headers may be older than the kernel: so the numbers stand here
 * (linux/landlock.h): rights on files are bits from 0 on, of which later versions added some.
 */
static const struct {
	uint64_t files, net, scoped;
} rights[] = {
	{(1 << 13) - 1, 0, 0}, /* 1 */
	{(1 << 14) - 1, 0, 0}, /* 2: moving between folders */
	{(1 << 15) - 1, 0, 0}, /* 3: truncating */
	{(1 << 15) - 1, 3, 0}, /* 4: TCP */
	{(1 << 16) - 1, 3, 0}, /* 5: ioctl() on devices */
	{(1 << 16) - 1, 3, 3}, /* 6: abstract sockets, signals */
};

/* A ruleset that forbids all it can and has no rule that allows something. */
static int forbid_files(void)
{
	struct {
		uint64_t files, net, scoped;
	} ruleset;
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	size_t known = ARRAY_SIZE(rights);
	_cleanup_fd_ int fd = -1;

	if (version <= 0)
		return 0;
	if ((size_t)version < known)
		known = (size_t)version;
	ruleset.files = rights[known - 1].files;
	ruleset.net = rights[known - 1].net;
	ruleset.scoped = rights[known - 1].scoped;
	fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset,
	                  known >= 6   ? sizeof(ruleset)
	                  : known >= 4 ? offsetof(typeof(ruleset), scoped)
	                               : offsetof(typeof(ruleset), net),
	                  0);
	if (fd < 0)
		return -errno;
	return syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? -errno : 0;
}

int confine_privileges(void)
{
	int r = drop_capabilities();

	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	return r < 0 ? r : forbid_files();
}

/* ---- seccomp --------------------------------------------------------------------------------------- */

#if defined(__x86_64__) && defined(__LP64__)
enum { ARCH = AUDIT_ARCH_X86_64 };
#elif defined(__i386__)
enum { ARCH = AUDIT_ARCH_I386 };
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
enum { ARCH = AUDIT_ARCH_AARCH64 };
#elif defined(__arm__) && !defined(__ARMEB__)
enum { ARCH = AUDIT_ARCH_ARM };
#elif defined(__riscv) && __riscv_xlen == 64
enum { ARCH = AUDIT_ARCH_RISCV64 };
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
enum { ARCH = AUDIT_ARCH_PPC64LE };
#elif defined(__s390x__)
enum { ARCH = AUDIT_ARCH_S390X };
#else
enum { ARCH = 0 };
#endif

/* Numbers of x32 have this bit, and are none of those that are allowed. */
enum { CALLS_MAX = 32, HEAD = 4, TAIL = 2 };

/* architecture? number? one of those: allowed, else the end. A jump counts the steps that it leaves out. */
int confine_calls(const int *calls, size_t n)
{
	struct sock_filter code[HEAD + CALLS_MAX + TAIL];
	struct sock_fprog program = {.filter = code};
	size_t at = 0;

	if (ARCH == 0 || n > CALLS_MAX)
		return -ENOSYS;
	code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)ARCH, 1, 0);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < n; i++)
		code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i],
		                                          (uint8_t)(n - i), 0);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = (unsigned short)at;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0 ? -errno : 0;
}
