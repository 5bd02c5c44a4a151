/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals that ask to stop. However often they come, they ask: nothing kills
 * nsloom midway but SIGKILL, and after that the next `up` or `down` mends it.
 *
 * The one mutable global of the program is here: a handler is given nothing
 * but a number. It is set before the handlers are installed, and cleared before what it points to is freed.
 */
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "cli.h"
#include "fd.h"

static struct nsloom *_Atomic to_cancel;
static atomic_flag said = ATOMIC_FLAG_INIT; /* that it stops: once is enough */

static void cancel(int sig)
{
	static const char message[] = "\nnsloom: stopping; what was begun is taken back, or brought to an end\n";
	struct nsloom *ns = atomic_load(&to_cancel);

	if (!ns)
		return;
	nsloom_cancel(ns);
	if (!atomic_flag_test_and_set(&said))
		(void)!write(STDERR_FILENO, message, sizeof(message) - 1);
}

void cancel_quietly_on_signals(struct nsloom *ns)
{
	atomic_flag_test_and_set(&said);
	cancel_on_signals(ns);
}

void cancel_nothing(void)
{
	atomic_store(&to_cancel, NULL);
}

void cancel_on_signals(struct nsloom *ns)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction act = {.sa_handler = cancel}, was;

	atomic_store(&to_cancel, ns);
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (sigaction(signals[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
			sigaction(signals[i], &act, NULL);
	}
}
