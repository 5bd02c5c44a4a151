#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A mesh like those that communities build on their roofs, and topology files from edge lists.

The mesh is made up, not surveyed: 760 nodes and 1,120 links, in villages of some twenty roofs. A new roof is linked to the
one near it that has most links already, and some are linked a second time: so there are a few hubs, many ends, a core with
several ways round and a way of six hops between two of them, fourteen at most, much as on the maps that such networks publish. It is the same each time.

usage: mesh.py edges [NODES [LINKS]]      writes an edge list: two names a line
       mesh.py topology [FILE]            reads one (any such list), writes a topology file
"""
import math
import sys


class Dice:
    """The same on every machine, whatever Python's own generator does."""

    def __init__(self, seed):
        self.state = seed

    def roll(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self.state >> 33) / (1 << 31)


def edges(nodes=760, links=1120):
    dice = Dice(1)
    villages = [(dice.roll(), dice.roll()) for _ in range(max(nodes // 20, 1))]
    place, degree, made = [], [0] * nodes, set()

    def link(a, b):
        made.add((min(a, b), max(a, b)))
        degree[a] += 1
        degree[b] += 1

    def free(a, b):
        return a != b and (min(a, b), max(a, b)) not in made

    for n in range(nodes):
        x, y = villages[int(dice.roll() * len(villages))]
        place.append((x + 0.04 * (dice.roll() - 0.5), y + 0.04 * (dice.roll() - 0.5)))
        if n:  # the best of those in sight: near, and well linked
            link(n, min(range(n), key=lambda o: math.dist(place[n], place[o]) / (1 + degree[o]) ** 0.35))
    while len(made) < links:
        a = int(dice.roll() * nodes)
        others = [o for o in range(nodes) if free(a, o)]
        link(a, min(others, key=lambda o: math.dist(place[a], place[o]) * (0.3 + dice.roll()) / (1 + degree[o]) ** 0.35))
    return [(f'n{a + 1}', f'n{b + 1}') for a, b in sorted(made)]


def topology(pairs, name='mesh'):
    """A router where links meet, a host at an end; a /31 for each link."""
    degree = {}
    for pair in pairs:
        for node in pair:
            degree[node] = degree.get(node, 0) + 1
    lines = [f'name: {name}', '', 'nodes:']
    lines += [f'  {node}: {{router: true}}' if degree[node] > 1 else f'  {node}: {{}}' for node in degree]
    lines += ['', 'links:']
    for i, (a, b) in enumerate(pairs):
        subnet = f'10.{i >> 15}.{i >> 7 & 255}.{2 * i & 255}/31'
        lines.append(f'  - {{endpoints: [{a}, {b}], subnet: {subnet}}}')
    return '\n'.join(lines) + '\n'


def main():
    if sys.argv[1:2] == ['edges']:
        for pair in edges(*map(int, sys.argv[2:4])):
            print(*pair)
    elif sys.argv[1:2] == ['topology'] and len(sys.argv) <= 3:
        with open(sys.argv[2]) if len(sys.argv) == 3 else sys.stdin as f:
            pairs = [tuple(line.split()[:2]) for line in f if line.strip() and not line.startswith('#')]
        sys.stdout.write(topology(pairs))
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    main()
