#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cli.py NSLOOM_FAKE SOURCE_ROOT [--regenerate]

What the program prints, as sessions: each *.session here is shell commands
("$ …") with the output that follows each (of both descriptors, errors last),
and its status in brackets if it is not 0. Lines that begin with "# " are
comments. The program is linked with
tests/unit/fake_nsloom.c, which makes all answers up. Times are replaced by N,
the escape character by ␛.
"""
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

program = pathlib.Path(sys.argv[1]).resolve()
regenerate = "--regenerate" in sys.argv
here = pathlib.Path(__file__).resolve().parent


def environment(folder):
    (folder / "nsloom").symlink_to(program)
    env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "FAKE_NSLOOM")}
    return env | {"PATH": f"{folder}:{env['PATH']}", "TERM": "xterm", "LC_ALL": "C"}


def run(command, env, folder):
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60)
    text = (done.stdout + done.stderr).decode(errors="replace").replace("\033", "␛")
    text = re.sub(r"\bin [0-9.]+ (ms|s)\b", "in N ms", text)
    text = re.sub(r'"since": \d+', '"since": N', text)
    if text and not text.endswith("\n"):
        text += "⏎\n"
    return text + (f"[{done.returncode}]\n" if done.returncode else "")


def sessions(env, folder):
    failures = 0
    for session in sorted(here.glob("*.session")):
        want, got = session.read_text(), ""
        for line in want.splitlines():
            if line.startswith("$ "):
                got += f"{line}\n{run(line[2:], env, folder)}\n"
            elif line.startswith("# "):
                got += f"{line}\n\n"
        if regenerate:
            session.write_text(got)
        elif got != want:
            failures += 1
            diff = difflib.unified_diff(want.splitlines(True), got.splitlines(True), "expected", "now")
            print(f"FAIL {session.name}\n{''.join(diff)}")
    return failures


with tempfile.TemporaryDirectory() as name:
    scratch = pathlib.Path(name)
    sys.exit(sessions(environment(scratch), scratch) > 0)
