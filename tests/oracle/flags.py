#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags that are nearly the same find each other first, among all sovereign states, by colour, layout and edges alone; and each
flag of one rendering finds itself in another one, whose sizes, edges and colours differ a little."""
import csv
import io
import json
import os
import subprocess
import sys
import tempfile

import tap

FLAGS = os.path.join(os.environ.get('SHARED', ''), 'flags')
NAMES = ['Chad and Romania are first for each other', 'Australia and New Zealand are first for each other',
         'Indonesia and Monaco are first for each other', 'each flag of the second rendering finds the first']
PAIRS = [('td', 'ro'), ('au', 'nz'), ('id', 'mc')]


def command(*arguments):
    return subprocess.run([os.environ['IMGENHANCE'], *arguments], check=True, capture_output=True, text=True).stdout


def codes(folder):
    wanted = open(os.path.join(FLAGS, 'sovereign.txt'), encoding='utf-8').read().split()
    return [code for code in wanted if os.path.exists(os.path.join(FLAGS, folder, code + '.png'))]


def index(catalogue, folder):
    """A catalogue of the sovereign states alone: some territories have the very flag of another."""
    command('index', '--quiet', '--catalogue', catalogue, *(os.path.join(FLAGS, folder, code + '.png') for code in codes(folder)))


def first(catalogue, folder, code):
    found = json.loads(command('similar', '--json', '--threshold', '0', '--top', '3', '--catalogue', catalogue,
                               os.path.join(FLAGS, folder, code + '.png')))
    return [os.path.basename(hit['path'])[:-4] for hit in found]


def vectors(catalogue):
    rows = csv.DictReader(io.StringIO(command('index', '--export', 'csv', '--catalogue', catalogue)))
    return {os.path.basename(row['path'])[:-4]: [int(v) for v in row['vector'].split()] for row in rows}


def main():
    if not os.path.isdir(FLAGS):
        for name in NAMES:
            tap.skip(name, 'no ../shared/flags')
        tap.done()
    import numpy as np
    with tempfile.TemporaryDirectory() as scratch:
        one, two = os.path.join(scratch, 'one.db'), os.path.join(scratch, 'two.db')
        index(one, 'png320')
        index(two, 'svg320')
        for name, (a, b) in zip(NAMES, PAIRS):
            found = first(one, 'png320', a), first(one, 'png320', b)
            tap.check(found[0][0] == b and found[1][0] == a, name, f'{a}: {found[0]}, {b}: {found[1]}')
        # All of them at once, by the vectors that the command exports: its own search is tested elsewhere.
        here, there = vectors(one), vectors(two)
        names = sorted(here)
        matrix = np.array([here[name] for name in names])
        wrong = []
        for name in sorted(there):
            best = names[int(np.argmax(matrix @ np.array(there[name])))]
            if best != name:
                wrong.append(f'{name} finds {best}')
        tap.check(len(there) > 190 and not wrong, NAMES[3], ', '.join(wrong))
    tap.done()


sys.exit(main())
