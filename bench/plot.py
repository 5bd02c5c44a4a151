#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The plots of docs/performance.md, as SVG. usage: plot.py DOCS < what bench.py measured; prints the names of those drawn."""
import json
import os
import sys

import matplotlib

matplotlib.use('svg')
import matplotlib.pyplot as plt  # noqa: E402 - after its backend is chosen

NAMES = {'nsloom': 'nsloom', 'ip_batch': 'ip -batch', 'ip_script': 'ip', 'ip_tutorial': 'ip, moved', 'mininet': 'Mininet',
         'cni': 'CNI bridge', 'netavark': 'netavark', 'docker': 'Docker'}


def new(title, y):
    figure, axes = plt.subplots(figsize=(8, 5))
    axes.set(title=title, xlabel='nodes', ylabel=y, xscale='log')
    axes.grid(True, which='both', alpha=0.25)
    return figure, axes


def save(figure, axes, docs, name):
    axes.legend(fontsize=9)
    figure.tight_layout()
    figure.savefig(os.path.join(docs, name), metadata={'Date': None})
    print(name)


def tools(data, docs):
    figure, axes = new('Making a star of hosts', 'seconds')
    axes.set_yscale('log')
    for tool, results in data.get('peers', {}).items():
        points = [(int(n), min(run['up'] for run in e['runs'])) for n, e in results.items() if e.get('runs')]
        if points:
            axes.plot(*zip(*points), marker='o', label=NAMES[tool], linewidth=3 if tool == 'nsloom' else 1.5)
    save(figure, axes, docs, 'performance-tools.svg')


def nodes(data, docs):
    figure, axes = new('Time a node', 'milliseconds a node')
    for kind, what, label in (('nsloom', 'up', 'nsloom up'), ('floor', 'up', 'yardstick'), ('nsloom', 'again', 'second up')):
        points = [(e['nodes'], min(run[what]['wall'] for run in e[kind]) / e['nodes'] * 1e3)
                  for e in data.get('scale', ()) if e.get(kind)]
        if points:
            axes.plot(*zip(*points), marker='o', label=label)
    axes.set_ylim(bottom=0)
    save(figure, axes, docs, 'performance-nodes.svg')


def main():
    data = json.load(sys.stdin)
    plt.rcParams['svg.hashsalt'] = 'nsloom'
    plt.rcParams['svg.fonttype'] = 'none'
    for draw in (tools, nodes):
        draw(data, sys.argv[1])


if __name__ == '__main__':
    main()
