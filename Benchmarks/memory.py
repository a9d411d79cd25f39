#!/usr/bin/env python3
"""Shows that `triggerfish emulate` needs no more memory for a large input than for a small one.

    memory.py [GIGABYTES]

Makes sparse .npy files of 0.1 and of GIGABYTES (10 unless told) GB, emulates the jet tagger on both, results thrown
away, and compares the largest resident sets. Exits with 1 if the large one's is more than a tenth larger.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODEL = os.path.join(ROOT, "models", "jet_tagger")


def sparse(path, gigabytes):
    """An .npy file of float32 zeros with 16 numbers an event, which takes no room on the disk."""
    events = int(gigabytes * 1e9) // 64
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({events}, 16), }}"
    text += " " * (64 - (10 + len(text) + 1) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode())
        file.truncate(file.tell() + events * 64)
    return events


def peak(path, nowhere):
    """Seconds, and megabytes of the largest resident set, of one emulation. Runs in a process of its own."""
    command = [
        os.path.join(ROOT, ".build", "release", "triggerfish"), "emulate", os.path.join(MODEL, "jet_tagger.json"),
        "--config", os.path.join(MODEL, "hls.yml"), "--input", path, "--output", nowhere,
    ]
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        os.write(writing, f"{time.perf_counter() - start} {used}".encode())
        os._exit(0)
    os.close(writing)
    seconds, megabytes = os.read(reading, 100).split()
    os.waitpid(child, 0)
    return float(seconds), float(megabytes)


def main():
    largest = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    used = []
    with tempfile.TemporaryDirectory() as folder:
        nowhere = os.path.join(folder, "nowhere.npy")
        os.symlink("/dev/null", nowhere)
        for gigabytes in (0.1, largest):
            path = os.path.join(folder, "events.npy")
            events = sparse(path, gigabytes)
            seconds, megabytes = peak(path, nowhere)
            used.append(megabytes)
            print(f"{gigabytes:g} GB, {events} events: {megabytes:.0f} MB resident at most, {seconds:.1f} s")
    sys.exit(0 if used[1] < 1.1 * used[0] else 1)


if __name__ == "__main__":
    main()
