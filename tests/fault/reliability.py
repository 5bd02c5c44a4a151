#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tries everything that can go wrong, and writes the table of docs/reliability.md anew.

usage: reliability.py BUILD SOURCE [--quick] [--labs N] [--fuzz SECONDS]

Runs as root: each sweep of tests/fault on every example (--quick: what CI tries), N pairs of random
labs, the plans of tests/unit/test_plan_apply, and, where clang is there, every fuzzer for a
while. What stands in docs/reliability.md between the two marks is replaced; the rest of the file is a person's.
"""

import argparse
import concurrent.futures
import datetime
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys

MODES = ["fault", "update", "second", "cancel", "meet", "call", "memory", "kill", "kill-call", "kill-down", "kill-update",
         "record", "full-run"]
EXAMPLES = ["cable", "dual-stack", "office", "publish", "routers", "switch", "tutorial"]
BEGIN, END = "<!-- begin: make reliability -->", "<!-- end -->"
LINE = re.compile(r"# reliability: (.*): (\d+) tried, (\d+) wrong, (\d+) s")


def run(prefix, command, keep):
    """Runs it, echoes what went wrong, and returns (what, tried, wrong, seconds)."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    keep.write(done.stdout)
    found = LINE.search(done.stdout)
    if not found:
        sys.exit(f"{' '.join(map(str, command))}: {done.stdout[-2000:]}")
    for line in done.stdout.splitlines():
        if line.startswith("not ok") or line.startswith("# reliability"):
            print(line, flush=True)
    what, *numbers = found.groups()
    return [prefix + what] + [int(n) for n in numbers]


def commands(args):
    """What there is to run, each with what its row begins with."""
    fault = args.build / "tests" / "fault"
    sweep = [fault / "sweep"] + ([] if args.quick else ["--full"])
    examples = [args.source / "examples" / f"{e}.yaml" for e in EXAMPLES]
    wide = [args.source / "tests" / "fault" / name for name in ("wide.yaml", "wider.yaml")]
    bridges = "networks of several bridges: "
    yield from (("", sweep + [mode] + examples) for mode in MODES)
    yield from ((bridges, sweep + ["--cascade", "2", "2", mode] + wide) for mode in MODES)
    yield "", [fault / "property", str(args.labs), "1"]
    yield bridges, [fault / "property", str(args.labs), "1", "2", "2"]


def fuzz(source, build, seconds, keep):
    """A row for each fuzzer: inputs tried, crashes."""
    rows = []
    if not seconds or not shutil.which("clang"):
        return rows
    folder = pathlib.Path(f"{build}-fuzz")
    if not (folder / "build.ninja").exists():
        subprocess.run(["meson", "setup", "-Dfuzz=true", "-Db_sanitize=address,undefined", "-Db_lundef=false", folder, source],
                       env={**os.environ, "CC": "clang"}, check=True, stdout=keep, stderr=keep)
    subprocess.run(["ninja", "-C", folder], check=True, stdout=keep, stderr=keep)
    for fuzzer in sorted((folder / "tests" / "fuzz").glob("fuzz_*")):
        if not fuzzer.is_file() or not os.access(fuzzer, os.X_OK):
            continue
        name = fuzzer.name.removeprefix("fuzz_")
        found = folder / f"found_{name}"
        found.mkdir(exist_ok=True)
        done = subprocess.run([fuzzer, f"-max_total_time={seconds}", "-detect_leaks=0", "-print_final_stats=1", "-max_len=16384",
                               f"-artifact_prefix={folder}/", found, source / "tests" / "fuzz" / "corpus" / name],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
        keep.write(done.stdout)
        inputs = re.search(r"number_of_executed_units: (\d+)", done.stdout)
        rows.append([f"fuzzer `{name}`, address and undefined-behaviour sanitizers", int(inputs.group(1)) if inputs else 0,
                     int(done.returncode != 0), seconds])
        print(rows[-1], flush=True)
    return rows


def machine():
    cpus = os.cpu_count()
    return f"Linux {platform.release()} ({platform.machine()}), {cpus} CPU{'s' if cpus != 1 else ''}"


def table(rows, quick):
    out = [BEGIN, "", f"{machine()}, {datetime.date.today().isoformat()}{', what CI tries' if quick else ''}.", "",
           "| what | tried | wrong | seconds |", "| --- | ---: | ---: | ---: |"]
    out += [f"| {what} | {tried:,} | {wrong} | {seconds} |" for what, tried, wrong, seconds in rows]
    out += ["", END]
    return "\n".join(out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--labs", type=int, default=1000)
    parser.add_argument("--fuzz", type=int, default=120)
    args = parser.parse_args()
    if os.geteuid():
        sys.exit("This makes network namespaces:  sudo make reliability")
    # Each waits for the kernel most of the time.
    pool = concurrent.futures.ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1))
    with open(args.build / "reliability.log", "w", encoding="utf-8") as keep, pool:
        rows = list(pool.map(lambda c: run(*c, keep), commands(args)))
        rows += fuzz(args.source, args.build, args.fuzz, keep)
    document = args.source / "docs" / "reliability.md"
    text = document.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    document.write_text(head + table(rows, args.quick) + rest.split(END, 1)[1], encoding="utf-8")
    return int(any(wrong for _, _, wrong, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
