/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel can, tried by a child in a network namespace of its own: it
 * goes with the child. Who is not root has one inside a user namespace, where
 * he is: what he then finds is what a rootless lab would.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capability.h"
#include "doctor_probes.h"
#include "fd.h"

struct answer {
	int r;
	uint32_t have;
};

static struct answer try_here(void)
{
	struct answer answer = {0};

	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		answer.r = -errno;
	else
		answer.r = capability_try(CAN_ALL, &answer.have);
	return answer;
}

static struct answer try_in_child(void)
{
	_cleanup_fd_ int in = -1, out = -1;
	struct answer answer = {.r = -EIO};
	int fds[2];
	pid_t pid;

	if (pipe(fds) < 0)
		return (struct answer){.r = -errno};
	in = fds[0];
	out = fds[1];
	pid = fork();
	if (pid < 0)
		return (struct answer){.r = -errno};
	if (pid == 0) {
		answer = try_here();
		_exit(fd_write_all(out, &answer, sizeof(answer)) < 0);
	}
	close(take_fd(&out));
	if (read(in, &answer, sizeof(answer)) != sizeof(answer))
		answer = (struct answer){.r = -EIO};
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return answer;
}

void doctor_try(struct doctor *d)
{
	struct answer answer = try_in_child();

	d->trial = answer.r;
	d->needs.have = answer.have;
	d->needs.tried = answer.r == 0;
}

/* ---- what came of it ------------------------------------------------------------------------------- */

static void list(const struct doctor *d, bool there, char *buf, size_t size)
{
	const uint32_t skip = CAN(CAN_VETH) | CAN(CAN_BRIDGE);
	size_t n = 0;

	snprintf(buf, size, "none");
	for (unsigned c = 0; c < CAPABILITY_COUNT; c++) {
		enum capability_group group = capability_group(c);

		if ((skip & CAN(c)) || (group != GROUP_LINK && group != GROUP_QDISC) ||
		    there != !!(d->needs.have & CAN(c)))
			continue;
		if (n < size)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "", capability_name(c));
	}
}

void probe_kinds(struct doctor *d, struct finding *f)
{
	char here[160], missing[160];

	if (d->trial < 0) {
		find(f, FINDING_INFO, "what the kernel can cannot be tried: %s", strerror(-d->trial));
		return;
	}
	list(d, true, here, sizeof(here));
	list(d, false, missing, sizeof(missing));
	find(f, FINDING_INFO, "also here: %s; not here: %s", here, missing);
}

void probe_marks(struct doctor *d, struct finding *f)
{
	if (d->trial < 0)
		return;
	if (d->needs.have & CAN(CAN_ADDRESS_PROTOCOL))
		find(f, FINDING_OK, "the kernel keeps who made an address");
	else
		find(f, FINDING_INFO,
		     "the kernel (before 5.18) forgets who made an address: nsloom goes by its record");
}

void probe_flowtables(struct doctor *d, struct finding *f)
{
	if (d->trial < 0)
		return;
	if (d->needs.have & CAN(CAN_FLOWTABLE)) {
		find(f, FINDING_OK, "connections by nat skip the rules once they stand");
		return;
	}
	find(f, FINDING_INFO, "this kernel has none: by nat, every packet passes the rules");
	find_mend(f, "modprobe -a %s nft_flow_offload", capability_module(CAN_FLOWTABLE));
}
