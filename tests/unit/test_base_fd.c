/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors and small files. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "fd.h"

/* A folder of the test's own in *state: its descriptor. */
static char folder[] = "/tmp/nsloom-test-fd-XXXXXX";
static int dirfd_of_test = -1;

static int setup(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	dirfd_of_test = open(folder, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	return dirfd_of_test < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	unlinkat(dirfd_of_test, "file", 0);
	close(dirfd_of_test);
	return rmdir(folder);
}

/* The file's content is `want`, and its permissions `mode`. */
static void check_file(const char *want, unsigned mode)
{
	_cleanup_fd_ int fd = openat(dirfd_of_test, "file", O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	size_t len;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
	assert_int_equal(fd_read_all(fd, 1 << 20, &text, &len), 0);
	assert_int_equal(len, strlen(want));
	assert_string_equal(text, want);
}

static void replaces_whole_files(void **state)
{
	mode_t before = umask(077);
	int fd;

	assert_int_equal(file_replace(dirfd_of_test, "file", "one", 3, 0644), 0);
	check_file("one", 0644);
	assert_int_equal(file_replace(dirfd_of_test, "file", "", 0, 0600), 0);
	check_file("", 0600);

	/* What a crash has left is not in the way, even as a trap. */
	assert_int_equal(symlinkat("/nowhere/at/all", dirfd_of_test, ".file.new"), 0);
	assert_int_equal(file_replace(dirfd_of_test, "file", "two", 3, 0644), 0);
	check_file("two", 0644);
	fd = openat(dirfd_of_test, ".file.new", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	assert_int_equal(fd, -1);
	umask(before);
}

static void replacing_fails_cleanly(void **state)
{
	char name[300];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(file_replace(dirfd_of_test, name, "x", 1, 0644), -ENAMETOOLONG);
	assert_int_equal(file_replace(dirfd_of_test, "none/file", "x", 1, 0644), -ENOENT);
	assert_int_equal(mkdirat(dirfd_of_test, "dir", 0700), 0);
	assert_int_equal(file_replace(dirfd_of_test, "dir", "x", 1, 0644), -EISDIR);
	assert_int_equal(faccessat(dirfd_of_test, ".dir.new", F_OK, 0), -1);
	assert_int_equal(unlinkat(dirfd_of_test, "dir", AT_REMOVEDIR), 0);
}

/* A pipe that holds `len` bytes and is closed at its other end. */
static int pipe_with(const char *data, size_t len)
{
	int p[2];

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(fd_write_all(p[1], data, len), 0);
	close(p[1]);
	return p[0];
}

static void reads_up_to_the_limit(void **state)
{
	static const size_t sizes[] = {0, 1, 4094, 4095, 4096, 4097, 20000};
	static char data[20000];

	memset(data, 'd', sizeof(data));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_fd_ int exact = pipe_with(data, sizes[i]);
		_cleanup_free_ char *text = NULL;
		size_t len = 1;

		assert_int_equal(fd_read_all(exact, sizes[i], &text, &len), 0);
		assert_int_equal(len, sizes[i]);
		assert_int_equal(text[len], '\0');
		assert_memory_equal(text, data, len);
		if (sizes[i]) {
			_cleanup_fd_ int more = pipe_with(data, sizes[i]);
			char *none = NULL;

			assert_int_equal(fd_read_all(more, sizes[i] - 1, &none, &len), -EFBIG);
			assert_null(none);
		}
	}
}

static void reading_tells_why_not(void **state)
{
	char *text = NULL;
	size_t len;
	int rc;

	assert_int_equal(fd_read_all(-1, 10, &text, &len), -EBADF);
	assert_int_equal(fd_read_all(dirfd_of_test, 10, &text, &len), -EISDIR);
	memory_fail_after(1);
	rc = fd_read_all(dirfd_of_test, 10, &text, &len);
	memory_fail_after(0);
	assert_int_equal(rc, -ENOMEM);
	assert_null(text);
}

static void nothing_to_do(int sig)
{
}

/* A child reads slowly from a pipe that is far too small, while a timer interrupts: all of it must arrive. */
static void writes_all_of_it(void **state)
{
	static char data[1 << 19];
	struct sigaction act = {.sa_handler = nothing_to_do}, before;
	int p[2], status;
	pid_t child;

	memset(data, 'w', sizeof(data));
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char *text;
		size_t len;

		close(p[1]);
		_exit(fd_read_all(p[0], sizeof(data), &text, &len) == 0 && len == sizeof(data) ? 0 : 1);
	}
	sigaction(SIGALRM, &act, &before);
	ualarm(500, 500);
	close(p[0]);
	assert_int_equal(fd_write_all(p[1], data, sizeof(data)), 0);
	ualarm(0, 0);
	sigaction(SIGALRM, &before, NULL);
	close(p[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(fd_write_all(-1, "x", 1), -EBADF);
}

/* By openat2(), and where a filter hides it. */
static void check_beneath(void)
{
	_cleanup_fd_ int fd = -1;

	assert_true((fd = open_beneath(dirfd_of_test, "a/b/file", O_RDONLY, 0)) >= 0);
	assert_int_equal(open_beneath(dirfd_of_test, "a/none", O_RDONLY, 0), -ENOENT);
	assert_int_equal(open_beneath(dirfd_of_test, "a/../a/b/../../../x", O_RDONLY, 0), -EXDEV);
	assert_true(open_beneath(dirfd_of_test, "/etc/passwd", O_RDONLY, 0) < 0);
	assert_int_equal(open_beneath(dirfd_of_test, "link", O_RDONLY, 0), -ELOOP);
	assert_true(open_beneath(dirfd_of_test, "a/out/passwd", O_RDONLY, 0) < 0);
	assert_int_equal(open_beneath(dirfd_of_test, "link", O_WRONLY | O_CREAT, 0600), -ELOOP);
	close(fd);
	fd = open_beneath(dirfd_of_test, "a/new", O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(unlinkat(dirfd_of_test, "a/new", 0), 0);
}

static int hide_openat2(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {ARRAY_SIZE(code), code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0;
}

static void nothing_leads_out_of_a_folder(void **state)
{
	int status;
	pid_t pid;

	assert_int_equal(mkdirat(dirfd_of_test, "a", 0700) | mkdirat(dirfd_of_test, "a/b", 0700), 0);
	close(openat(dirfd_of_test, "a/b/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(symlinkat("a/b/file", dirfd_of_test, "link") | symlinkat("/etc", dirfd_of_test, "a/out"), 0);
	check_beneath();
	pid = fork();
	if (pid == 0) {
		if (hide_openat2())
			_exit(1);
		check_beneath();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	unlinkat(dirfd_of_test, "a/b/file", 0);
	unlinkat(dirfd_of_test, "a/out", 0);
	unlinkat(dirfd_of_test, "link", 0);
	unlinkat(dirfd_of_test, "a/b", AT_REMOVEDIR);
	unlinkat(dirfd_of_test, "a", AT_REMOVEDIR);
}

static void ownership_moves(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), taken = take_fd(&fd);
	char *p = strdup("x"), *q = TAKE_PTR(p);

	assert_int_equal(fd, -1);
	assert_int_equal(close(taken), 0);
	assert_null(p);
	assert_string_equal(q, "x");
	free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces_whole_files),
		cmocka_unit_test(replacing_fails_cleanly),
		cmocka_unit_test(reads_up_to_the_limit),
		cmocka_unit_test(reading_tells_why_not),
		cmocka_unit_test(writes_all_of_it),
		cmocka_unit_test(ownership_moves),
		cmocka_unit_test(nothing_leads_out_of_a_folder),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
