#!/bin/sh
# Builds Triggerfish, installs the peers under .build/, and measures all in one run.
# TRIGGERFISH_PEERS names a Python that has Benchmarks/requirements.txt already.
set -eu
cd "$(dirname "$0")/.."
swift build -c release -Xswiftc -enable-testing --product triggerfish
swift build -c release -Xswiftc -enable-testing --product triggerfish-benchmark

# install REQUIREMENTS PIP…: what pip installs for a list, unless it did so already; a run that failed is done again.
install() {
  list=$1
  shift
  stamp=.build/installed-$(basename "$list")
  cmp -s "$list" "$stamp" && return
  # Some of qkeras's requirements come as sources only.
  "$@" install --quiet --prefer-binary -r "$list"
  cp "$list" "$stamp"
}

python=${TRIGGERFISH_PEERS:-.build/peers/bin/python}
if [ -z "${TRIGGERFISH_PEERS:-}" ]; then
  [ -x "$python" ] || python3 -m venv .build/peers
  install Benchmarks/requirements.txt "$python" -m pip
fi
# Beside that Python's packages, not among them: these need nothing that it lacks.
onnx() { "$python" -m pip "$@" --no-deps --upgrade --target .build/peers-onnx; }
install Benchmarks/requirements-onnx.txt onnx
# da4ml needs numpy 2, the others numpy 1.
[ -x .build/peers-da4ml/bin/python ] || "$python" -m venv .build/peers-da4ml
install Benchmarks/requirements-da4ml.txt .build/peers-da4ml/bin/pip
# HGQ2 needs Keras 3.
[ -x .build/peers-hgq2/bin/python ] || "$python" -m venv .build/peers-hgq2
install Benchmarks/requirements-hgq2.txt .build/peers-hgq2/bin/pip

# Trees, and their libraries: numpy 2.
[ -x .build/peers-trees/bin/python ] || python3 -m venv .build/peers-trees
install Benchmarks/requirements-trees.txt .build/peers-trees/bin/pip
# What there is to say to benchmark.py is said of networks alone.
if [ $# -eq 0 ]; then
  .build/peers-trees/bin/python Benchmarks/trees.py
  .build/peers-trees/bin/python Benchmarks/trees_rtl.py
fi

exec "$python" Benchmarks/benchmark.py "$@"
