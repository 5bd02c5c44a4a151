#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the test suite and sums it up in one line: N passed, N failed, N skipped.

Meson counts programs; a program that speaks TAP is counted here by its own
tests. What was skipped is named with its reason. Status 1 if anything failed.

usage: run-tests.py BUILD [argument of `meson test` …]
"""
import collections
import json
import os
import re
import subprocess
import sys

TAP = re.compile(r"^(not )?ok\b[ \t]*(\d*)[ \t]*-?[ \t]*(.*?)(?:#[ \t]*(skip|todo)\S*[ \t]*(.*))?$", re.I)
PLAN = re.compile(r"^1\.\.(\d+)(?:\s*#\s*skip\S*\s*(.*))?", re.I)
GOOD = {"OK", "EXPECTEDFAIL"}


class Sum:
    def __init__(self):
        self.count = collections.Counter()
        self.failed = []
        self.skipped = []

    def add(self, verdict, name, reason=""):
        self.count[verdict] += 1
        if verdict == "failed":
            self.failed.append(f"{name}{': ' if reason else ''}{reason}")
        elif verdict == "skipped":
            self.skipped.append(f"{name}: {reason or 'no reason given'}")

    def line(self):
        return "{passed} passed, {failed} failed, {skipped} skipped".format_map(
            collections.defaultdict(int, self.count))


def tap_results(text):
    """The tests in a TAP stream as (verdict, name, reason); a stream skipped as a whole gives one."""
    for line in text.splitlines():
        plan = PLAN.match(line)
        if plan and plan.group(1) == "0":
            yield "skipped", "", plan.group(2)
        test = TAP.match(line)
        if not test:
            continue
        bad, number, name, directive, reason = test.groups()
        name = name.strip() or number
        if directive and directive.lower() == "skip":
            yield "skipped", name, reason
        elif bad and not directive:
            yield "failed", name, ""
        else:
            yield "passed", name, ""


def add_program(total, test):
    """One entry of Meson's log."""
    name = test["name"].split(" / ")[-1]
    result = test["result"]
    results = list(tap_results(test.get("stdout", ""))) if is_tap(test) else []
    for verdict, sub, reason in results:
        total.add(verdict, f"{name}: {sub}" if sub else name, reason)
    if result == "SKIP":
        if not results:
            total.add("skipped", name, last_line(test.get("stdout", "")))
    elif result in GOOD:
        if not results:
            total.add("passed", name)
    elif not any(verdict == "failed" for verdict, _, _ in results):
        total.add("failed", name, f"{result.lower()}, status {test.get('returncode')}")


def is_tap(test):
    return any(PLAN.match(line) for line in test.get("stdout", "").splitlines())


def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def main():
    build, extra = sys.argv[1], sys.argv[2:]
    log = os.path.join(build, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.unlink(log)
    # Most tests wait for the kernel most of the time: two for each processor.
    os.environ.setdefault("MESON_TESTTHREADS", str(2 * (os.cpu_count() or 1)))
    status = subprocess.run(["meson", "test", "-C", build, "--print-errorlogs", *extra], check=False).returncode
    total = Sum()
    if os.path.exists(log):
        with open(log, encoding="utf-8") as f:
            for line in f:
                add_program(total, json.loads(line))
    if not total.count:
        total.add("failed", "meson test", f"status {status}, and no test ran")
    for title, names in (("Skipped", total.skipped), ("Failed", total.failed)):
        if names:
            print(f"\n{title}:\n  " + "\n  ".join(names))
    print(f"\n{total.line()}", flush=True)
    return 1 if total.count["failed"] or (status and not total.count["failed"]) else 0


if __name__ == "__main__":
    sys.exit(main())
