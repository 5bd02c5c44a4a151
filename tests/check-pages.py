#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check-pages.py MAN_FOLDER

The pages of the manual as pages: scdoc takes them, neither groff nor mandoc
complains of what it makes of them, and no line is wider than a terminal of 80
columns. What is missing of the three is skipped.
"""
import pathlib
import re
import shutil
import subprocess
import sys

folder = pathlib.Path(sys.argv[1])
complaints = 0
# What scdoc writes by itself: an empty paragraph before and after each heading and list.
usual = re.compile(r"skipping paragraph macro")


def complain(page, text):
    global complaints
    complaints += 1
    print(f"FAIL {page}: {text}")


def run(text, *command):
    done = subprocess.run(command, input=text, capture_output=True, timeout=60)
    return done.returncode, done.stdout, (done.stderr + (done.stdout if "lint" in command else b"")).decode()


def check(page):
    status, roff, said = run(page.read_bytes(), "scdoc")
    if status:
        complain(page.name, f"scdoc: {said}")
        return
    if shutil.which("groff"):
        status, _, said = run(roff, "groff", "-Kutf8", "-Tutf8", "-man", "-ww", "-z")
        if status or said:
            complain(page.name, f"groff: {said}")
    if not shutil.which("mandoc"):
        return
    for line in run(roff, "mandoc", "-T", "lint", "-W", "warning")[2].splitlines():
        if not usual.search(line):
            complain(page.name, line)
    shown = re.sub(".\b", "", run(roff, "mandoc", "-T", "utf8", "-O", "width=78")[1].decode())
    for line in shown.splitlines():
        if len(line) > 80:
            complain(page.name, f"wider than 80 columns: {line}")


if not shutil.which("scdoc"):
    print("skipped: no scdoc here")
    sys.exit(77)
for tool in ("groff", "mandoc"):
    if not shutil.which(tool):
        print(f"skipped: what {tool} says, which is not here")
for page in sorted(folder.glob("*.scd")):
    check(page)
sys.exit(complaints > 0)
