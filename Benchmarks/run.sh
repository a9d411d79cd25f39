#!/bin/sh
# Builds Triggerfish, installs the peers into .build/peers, and measures both in one run.
# TRIGGERFISH_PEERS names a Python that has the peers already.
set -eu
cd "$(dirname "$0")/.."
swift build -c release -Xswiftc -enable-testing --product triggerfish
swift build -c release -Xswiftc -enable-testing --product triggerfish-benchmark
python=${TRIGGERFISH_PEERS:-.build/peers/bin/python}
if [ ! -x "$python" ]; then
  python3 -m venv .build/peers
  .build/peers/bin/pip install --quiet --only-binary=:all: -r Benchmarks/requirements.txt
fi
exec "$python" Benchmarks/benchmark.py "$@"
