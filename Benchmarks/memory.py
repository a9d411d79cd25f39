#!/usr/bin/env python3
"""Shows that `triggerfish emulate` needs no more memory for many events than for few.

    memory.py [GIGABYTES]

Emulates the jet tagger on events of 16 float32 zeros, few and many, and compares the largest resident sets: .npy and
HDF5 inputs of 0.1 and GIGABYTES (10 unless told) GB, in one piece (sparse files) and, up to 1 GB, in compressed chunks,
results thrown away; and for a hundredth and GIGABYTES / 200 GB the overflows counted, and a trace of every layer,
which takes 33 times as much on the disk, twice while it is written. HDF5 needs h5py, and is left out without it.
Exits with 1 if many events take 16 MB more memory than few. (From run to run the same emulation takes 59 or 67 MB.)
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

try:
    import h5py
except ImportError:
    h5py = None

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODEL = os.path.join(ROOT, "models", "jet_tagger")
EVENT_BYTES = 16 * 4


def npy(path, events):
    """An .npy file that takes no room on the disk."""
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({events}, 16), }}"
    text += " " * (64 - (10 + len(text) + 1) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode())
        file.truncate(file.tell() + events * EVENT_BYTES)


def contiguous(path, events):
    """An HDF5 dataset in one piece, which takes no room on the disk."""
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    creation.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    with h5py.File(path, "w") as file:
        space = h5py.h5s.create_simple((events, 16))
        h5py.h5d.create(file.id, b"x", h5py.h5t.IEEE_F32LE, space, creation)


def chunked(path, events):
    """An HDF5 dataset in compressed chunks."""
    part = 1 << 16
    with h5py.File(path, "w") as file:
        data = file.create_dataset("x", (events, 16), "<f4", chunks=(part, 16), compression="gzip")
        for start in range(0, events, part):
            data[start : start + part] = 0


def peak(arguments):
    """Seconds, and megabytes of the largest resident set, of one emulation. Runs in a process of its own."""
    command = [
        os.path.join(ROOT, ".build", "release", "triggerfish"), "emulate", os.path.join(MODEL, "jet_tagger.json"),
        "--config", os.path.join(MODEL, "hls.yml"), *arguments,
    ]
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        start = time.perf_counter()
        status = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        os.write(writing, f"{status} {time.perf_counter() - start} {used}".encode())
        os._exit(0)
    os.close(writing)
    status, seconds, megabytes = os.read(reading, 100).split()
    os.close(reading)
    os.waitpid(child, 0)
    if int(status) != 0:
        sys.exit(1)
    return float(seconds), float(megabytes)


def compare(name, make, few, many, arguments):
    """Whether `many` GB take no more memory than `few`."""
    used = []
    for gigabytes in (few, many):
        with tempfile.TemporaryDirectory() as folder:
            nowhere = os.path.join(folder, "nowhere.npy")
            os.symlink("/dev/null", nowhere)
            path = os.path.join(folder, "events")
            events = int(gigabytes * 1e9) // EVENT_BYTES
            make(path, events)
            options = [part.format(nowhere=nowhere, trace=os.path.join(folder, "t.npz")) for part in arguments]
            seconds, megabytes = peak(["--input", path, *options])
        used.append(megabytes)
        print(f"{name}, {gigabytes:g} GB, {events} events: {megabytes:.0f} MB at most, {seconds:.1f} s", flush=True)
    return used[1] < used[0] + 16


def main():
    largest = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    output = ["--output", "{nowhere}"]
    cases = [(".npy", npy, 0.1, largest, output)]
    if h5py:
        cases.append(("HDF5, one piece", contiguous, 0.1, largest, output))
        cases.append(("HDF5, compressed", chunked, 0.1, min(largest, 1), output))
    else:
        print("no h5py: HDF5 is left out")
    cases.append((".npy with --count-overflows", npy, 0.01, largest / 200, ["--count-overflows"]))
    cases.append((".npy with --trace", npy, 0.01, largest / 200, [*output, "--trace", "{trace}"]))
    flat = [compare(*case) for case in cases]
    sys.exit(0 if all(flat) else 1)


if __name__ == "__main__":
    main()
