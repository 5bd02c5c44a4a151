#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""embed.py NAME FILE… > OUT.c

Files as arrays of a C program: with the name "completion", completions/nsloom.bash becomes `const char completion_bash[]`.
"""
import pathlib
import sys

print("/* Made by tools/embed.py. */")
for name in sys.argv[2:]:
    path = pathlib.Path(name)
    array = f"{sys.argv[1]}_{path.suffix[1:]}"
    print(f"extern const char {array}[];\nconst char {array}[] =")
    for line in path.read_text(encoding="ascii").splitlines():
        quoted = line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("?", "\\?")
        print(f'\t"{quoted}\\n"')
    print("\t;")
