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
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

program, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
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


def ask(*args):
    return json.loads(subprocess.run([program, *args, "--json"], stdout=subprocess.PIPE, check=True).stdout)


def manual():
    """The manual has every command with its options, and every key of the file format."""
    page = (root / "man" / "nsloom.1.scd").read_text()
    listed = ask("help")
    missing = [o["name"] for o in listed["options"] if f"*--{o['name']}*" not in page.split("# COMMANDS")[0]]
    for command in (c for above in listed["commands"] for c in above["commands"] or [above]):
        section = re.search(rf"^## nsloom (?:.*, nsloom )?{command['name']}\b.*?(?=^#)", page, re.M | re.S)
        options = [f"*--{o['name']}*" for o in command["options"]]
        missing += [f"{command['name']} {o}" for o in options if o not in (section[0] if section else "")]
        missing += [] if section else [command["name"]]
    schema = json.loads((root / "share" / "nsloom.schema.json").read_text())
    page = (root / "man" / "nsloom.yaml.5.scd").read_text()
    keys = {key for d in schema["definitions"].values() for key in d.get("properties", {})}
    missing += [f"key {key}" for key in sorted(keys - {"to", "via"}) if f"*{key}:*" not in page]
    for what in missing:
        print(f"FAIL not in the manual: {what}")
    return len(missing)


with tempfile.TemporaryDirectory() as name:
    scratch = pathlib.Path(name)
    sys.exit(sessions(environment(scratch), scratch) + manual() > 0)
