#!/usr/bin/env python3
"""compare.py A B: that A.npz and B.npz hold the same numbers, and A.json and B.json the same configurations."""

import json
import sys

import numpy as np

ours, theirs = sys.argv[1:]
a, b = np.load(ours + ".npz"), np.load(theirs + ".npz")
assert set(a.files) == set(b.files), set(a.files) ^ set(b.files)
different = [name for name in a.files if a[name].dtype != b[name].dtype or not np.array_equal(a[name], b[name])]
assert not different, f"numbers differ: {different}"
with open(ours + ".json") as first, open(theirs + ".json") as second:
    first, second = json.load(first), json.load(second)
different = [name for name in sorted(set(first) | set(second)) if first.get(name) != second.get(name)]
assert not different, f"configurations differ: {different}"
print(f"equal: {sum(a[name].size for name in a.files)} numbers in {len(a.files)} arrays, {len(first)} configurations")
