#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""map.py NSLOOM_FAKE SOURCE_ROOT [--regenerate]

Drawings in SVG and HTML, of the machines of tests/unit/map_world.c. What is in
them is compared with X.expected: things, what is said of each, what connects
them. Where things stand is Graphviz's affair, and differs with its version: of
that it is only asked whether anything overlaps, sticks out or is cut off.
Status 77: there is no Graphviz here.
"""
import difflib
import html.parser
import itertools
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

program, here = sys.argv[1], pathlib.Path(__file__).resolve().parent
regenerate = "--regenerate" in sys.argv
failures = 0
SVG = "{http://www.w3.org/2000/svg}"


def fail(what):
    global failures
    failures += 1
    print(f"FAIL {what}")


def draw(subject, form):
    command = [program, "map", *([subject] if subject else []), "--format", form]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"LC_ALL": "de_DE.UTF-8"}, timeout=100)
    if b"Graphviz's library" in done.stderr:
        print("skipped: Graphviz's library is not here")
        sys.exit(77)
    if done.returncode:
        fail(f"{' '.join(command)}: {done.stderr.decode()}")
    return done.stdout.decode()


# ---- what is in a drawing

def classes(e):
    return e.get("class", "").split()


def things(root):
    """Those that are laid out, by their number: cards, switches, places, and racks with their tiles."""
    found = {}
    for g in root.iter(SVG + "g"):
        if g.get("data-shape") is not None and "tile" not in classes(g):
            found[int(g.get("data-shape"))] = g
    return found


def name(g):
    return g.get("aria-label") or "rack " + g.find(SVG + "text").text


def title(g):
    return g.find(SVG + "title").text


def texts(g):
    return [t.text for t in g.findall(SVG + "text")]


def structure(root):
    shapes, lines = things(root), []
    for number in sorted(shapes, key=lambda n: name(shapes[n])):
        g = shapes[number]
        lines.append(f"{' '.join(classes(g))}: {' | '.join(texts(g))}")
        badges = [b.findtext(SVG + "text") for b in g.findall(SVG + "g") if "badge" in classes(b)]
        lines += [f"  badges {' '.join(badges)}"] if badges else []
        if g.find(SVG + "title") is not None:
            lines += ["  " + line for line in title(g).splitlines()]
        for part in g.findall(SVG + "g"):
            if "line" in classes(part) or "tile" in classes(part):
                lines.append(f"  {' '.join(classes(part))}: {' | '.join(texts(part))}")
                lines += ["    " + line for line in title(part).splitlines()]
    wires = [w for w in root.iter(SVG + "g") if "wire" in classes(w) and w.get("data-from") and "label" not in classes(w)]
    lines += sorted(f"{' '.join(c for c in classes(w) if c[0] != 'h' or c == 'held')}: {title(w)}" for w in wires)
    lines += sorted("label " + w.findtext(SVG + "text") for w in root.iter(SVG + "g") if "label" in classes(w))
    lines += ["group " + t.text for t in root.iter(SVG + "text") if classes(t) == ["caption"] and t not in
              [x for g in shapes.values() for x in g]]
    return "\n".join(lines) + "\n"


# ---- where things stand

def box(rect):
    return [float(rect.get(key)) for key in ("x", "y", "width", "height")]


def frame(g):
    return box(next(r for r in g.findall(SVG + "rect") if classes(r)[0] in ("card", "frame")))


def overlap(a, b):
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def inside(inner, outer, slack=0.6):
    return (inner[0] >= outer[0] - slack and inner[1] >= outer[1] - slack and
            inner[0] + inner[2] <= outer[0] + outer[2] + slack and inner[1] + inner[3] <= outer[1] + outer[3] + slack)


def text_box(t):
    return [float(t.get("x")), float(t.get("y")) - 8, float(t.get("textLength")), 9]


def check_places(root, what):
    shapes = things(root)
    page = [0, 0, float(root.get("width")), float(root.get("height"))]
    for a, b in itertools.combinations(shapes.values(), 2):
        if overlap(frame(a), frame(b)):
            fail(f"{what}: {name(a)} and {name(b)} overlap")
    for g in shapes.values():
        if not inside(frame(g), page):
            fail(f"{what}: {name(g)} sticks out")
        parts = [g] + [p for p in g.iter(SVG + "g") if "tile" in classes(p)]
        for part in parts:
            for t in part.iter(SVG + "text"):
                if not inside(text_box(t), frame(part)):
                    fail(f"{what}: \"{t.text}\" is not in the box of {name(part)}")
    for t in root.iter(SVG + "text"):
        if not inside(text_box(t), page):
            fail(f"{what}: \"{t.text}\" is cut off")


def on_border(point, b, slack):
    x, y = point
    near = b[0] - slack <= x <= b[0] + b[2] + slack and b[1] - slack <= y <= b[1] + b[3] + slack
    deep = b[0] + slack < x < b[0] + b[2] - slack and b[1] + slack < y < b[1] + b[3] - slack
    return near and not deep


def check_wires(root, what, ranked):
    shapes, page = things(root), [0, 0, float(root.get("width")), float(root.get("height"))]
    for w in root.iter(SVG + "g"):
        if "wire" not in classes(w) or w.get("data-from") is None:
            continue
        for path in w.findall(SVG + "path"):
            numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", path.get("d"))]
            points = list(zip(numbers[::2], numbers[1::2]))
            for point, end in ((points[0], "data-from"), (points[-1], "data-to")):
                if ranked and not on_border(point, frame(shapes[int(w.get(end))]), 3):
                    fail(f"{what}: {title(w)}: ends at {point}, not at {name(shapes[int(w.get(end))])}")
            if not all(inside([x, y, 0, 0], page) for x, y in points):
                fail(f"{what}: {title(w)} sticks out")


# ---- what it may and may not have

def check_alone(text, what):
    """One file, which asks for nothing else, and in which nothing of others' is code."""
    for address in re.findall(r"\b(?:https?|file|data|ftp):[^\"'\s<>)]*", text):
        if address not in ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"):
            fail(f"{what} leads to {address}")
    for word in ("<script>alert", "<link", "@import", "url(", "<image", "xlink", " src="):
        if word in text:
            fail(f"{what} has {word}")
    if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text):
        fail(f"{what} has control characters")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = {}

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1


def check_page(subject, svg):
    text = draw(subject, "html")
    check_alone(text, f"{subject or 'all'}.html")
    page = Page()
    page.feed(text)
    for tag, count in (("html", 1), ("svg", 1), ("style", 1), ("script", 1), ("title", None)):
        if tag not in page.tags or (count and page.tags[tag] != count):
            fail(f"{subject or 'all'}.html has {page.tags.get(tag, 0)} <{tag}>")
    inner = text[text.index("<svg"):text.index("</svg>") + len("</svg>")]
    if structure(ET.fromstring(inner)) != structure(ET.fromstring(svg)):
        fail(f"{subject or 'all'}: the drawings in SVG and HTML differ")
    if "prefers-color-scheme: dark" not in text or "prefers-color-scheme: dark" not in svg:
        fail(f"{subject or 'all'}: there is no dark look")


def check(subject, expected, ranked=True):
    svg = draw(subject, "svg")
    root = ET.fromstring(svg)
    check_alone(svg, f"{subject or 'all'}.svg")
    check_places(root, subject or "all")
    check_wires(root, subject or "all", ranked)
    if not expected:
        return
    check_page(subject, svg)
    file, got = here / f"{subject or 'all'}.expected", structure(root)
    if regenerate:
        file.write_text(got)
    elif not file.is_file() or file.read_text() != got:
        want = file.read_text() if file.is_file() else ""
        fail(f"{file.name}\n" + "".join(difflib.unified_diff(want.splitlines(True), got.splitlines(True), "expected", "now")))


for subject in ("", "tutorial", "planned", "star12"):
    check(subject, expected=True)
for subject in ("star8", "star1000", "mesh4", "mesh12", "none"):
    check(subject, expected=False)
check("ring420", expected=False, ranked=False)
sys.exit(failures > 0)
