/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that can run out: every unit test is linked with --wrap for these three. */
#include <stdlib.h>

#include "unit.h"

static unsigned long fail;

void memory_fail_after(unsigned long n)
{
	fail = n;
}

static int fails_now(void)
{
	if (fail > 1)
		fail--;
	else if (fail == 1)
		return 1;
	return 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails_now() ? NULL : __real_realloc(p, size);
}
