# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A clock that jumps, between commands and within one: nothing depends on it but what `ls` says of a lab's age.

need cc

cat >jump.c <<'EOF'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

/* Years ahead and back again, each time that somebody asks what time it is. */
static time_t jump(void)
{
	static int n;

	return (++n % 2 ? 1 : -1) * 10L * 365 * 86400;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	static int (*real)(clockid_t, struct timespec *);
	int r;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	r = real(id, t);
	if (id == CLOCK_REALTIME)
		t->tv_sec += jump();
	return r;
}

time_t time(time_t *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

int gettimeofday(struct timeval *tv, void *zone)
{
	tv->tv_sec = time(NULL);
	return 0;
}
EOF
cc -shared -fPIC -o jump.so jump.c -ldl || skip_all "cannot make a library here"
jumping() { ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" LD_PRELOAD=$PWD/jump.so "$@"; }
is "the clock jumps" 2 "$(jumping python3 -c 'import time; print(len({time.gmtime(time.time()).tm_year for _ in range(2)}))')"

cp "$TESTS/../../examples/tutorial.yaml" nsloom.yaml
nothing=$(snapshot)
check "up" jumping nsloom up
check "nothing is left to do" jumping nsloom plan --exit-code
check "ping" jumping nsloom ping -c 2
like "ls says some age" '^tutorial +up +2 +1 +1 +[0-9]+ (s|min|h|d)' "$(jumping nsloom ls)"
check "explain" jumping nsloom explain one two
for when in '10 years ago' 'next year' '1970-01-02'; do
	touch -d "$when" /run/nsloom/tutorial/*
	check "a record of $when: plan" nsloom plan --exit-code
	like "a record of $when: ls" '^tutorial +up +2 +1 +1 +[0-9]+ (s|d)' "$(nsloom ls)"
done
sed -i 's/192.168.15.2,/192.168.15.77,/' nsloom.yaml
check "an update" jumping nsloom up
check "nothing is left to do again" nsloom plan --exit-code
check "down" jumping nsloom down --wait
unchanged "the machine is as before" "$nothing"

# One that jumps the other way: the machine's monotonic clock, of a namespace of its own.
if unshare --time --monotonic 100000000 --fork true 2>/dev/null; then
	check "up, on a machine that has run for years" unshare --time --monotonic 100000000 --fork "$NSLOOM" up
	check "down, on one that has just begun" nsloom down
	unchanged "as before" "$nothing"
else
	skip "another monotonic clock" "no time namespaces here"
fi
