#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks that libnsloom shows exactly what its headers declare.

usage: check-exports.py LIBRARY HEADERS-FOLDER
"""
import os
import re
import shutil
import subprocess
import sys


def declared(folder):
    """Names of the functions that the headers mark NSLOOM_EXPORT."""
    names = set()
    for header in os.listdir(folder):
        if header.endswith(".h"):
            text = open(os.path.join(folder, header), encoding="utf-8").read()
            text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
            names.update(re.findall(r"^NSLOOM_EXPORT\s[^;(]*?(\w+)\(", text, flags=re.M))
    return names


def exported(library):
    out = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1].split("@")[0] for line in out.splitlines()}


def main():
    if not shutil.which("nm"):
        print("skipped: no nm here")
        return 77
    want, have = declared(sys.argv[2]), exported(sys.argv[1])
    # What the toolchain itself puts in (sanitizers, coverage) is none of ours.
    have = {name for name in have if not name.startswith("_")}
    for name in sorted(want - have):
        print(f"declared, but not in the library: {name}")
    for name in sorted(have - want):
        print(f"in the library, but not declared: {name}")
    return 1 if want != have else 0


if __name__ == "__main__":
    sys.exit(main())
