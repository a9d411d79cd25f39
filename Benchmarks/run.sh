#!/bin/sh
# Builds Triggerfish, installs the peers under .build/, and measures all in one run.
# TRIGGERFISH_PEERS names a Python that has Benchmarks/requirements.txt already.
set -eu
cd "$(dirname "$0")/.."
swift build -c release -Xswiftc -enable-testing --product triggerfish
swift build -c release -Xswiftc -enable-testing --product triggerfish-benchmark
python=${TRIGGERFISH_PEERS:-.build/peers/bin/python}
if [ ! -x "$python" ]; then
  python3 -m venv .build/peers
  .build/peers/bin/pip install --quiet --only-binary=:all: -r Benchmarks/requirements.txt
fi
# Beside that Python's packages, not among them: these need nothing that it lacks.
if [ ! -d .build/peers-onnx ]; then
  "$python" -m pip install --quiet --only-binary=:all: --no-deps --target .build/peers-onnx \
    -r Benchmarks/requirements-onnx.txt
fi
# da4ml needs numpy 2, the others numpy 1.
if [ ! -x .build/peers-da4ml/bin/python ]; then
  "$python" -m venv .build/peers-da4ml
  .build/peers-da4ml/bin/pip install --quiet --only-binary=:all: -r Benchmarks/requirements-da4ml.txt
fi
exec "$python" Benchmarks/benchmark.py "$@"
