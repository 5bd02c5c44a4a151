#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check-scripts.py SOURCE_ROOT

Every script of the tree in the eyes of who knows its language: shellcheck for
sh and bash, the shells themselves for zsh and fish, Python's own compiler.
What is not there is skipped.
"""
import pathlib
import re
import shutil
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
folders = ["bench", "completions", "tests", "tools", ".ci"]
complaints = 0
skipped = set()


def language(path):
    """By its first lines: "sh" (bash is meant too), "zsh", "fish", "python", or None."""
    with open(path, "rb") as file:
        head = file.read(400).decode(errors="replace")
    if path.suffix in (".zsh", ".fish"):
        return path.suffix[1:]
    if re.match(r"#!.*python", head) or path.suffix == ".py":
        return "python"
    return "sh" if re.match(r"#!.*\b(ba)?sh\b", head) or re.search(r"^# shellcheck shell=", head, re.M) else None


checkers = {
    "sh": ["shellcheck", "-x", "-S", "style"],
    "zsh": ["zsh", "-n"],
    "fish": ["fish", "-n"],
    "python": [sys.executable, "-c", "import ast, sys; ast.parse(open(sys.argv[1], encoding='utf-8').read())"],
}


def check(path):
    global complaints
    command = checkers.get(language(path))
    if not command:
        return 0
    if not shutil.which(command[0]):
        skipped.add(command[0])
        return 0
    done = subprocess.run([*command, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          cwd=root)
    if done.returncode:
        complaints += 1
        print(f"FAIL {path.relative_to(root)}:\n{done.stdout}")
    return 1


checked = 0
for folder in folders:
    for path in sorted((root / folder).rglob("*")):
        if path.is_file() and "corpus" not in path.parts and "__pycache__" not in path.parts:
            checked += check(path)
for tool in sorted(skipped):
    print(f"skipped: scripts for {tool}, which is not here")
print(f"{checked} scripts, {complaints} with faults")
sys.exit(complaints > 0 or checked == 0)
