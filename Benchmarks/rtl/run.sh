#!/bin/sh
# Constant matrices: ours and alkaid's, mapped by Yosys. Arguments are given to matrices.py: cases, --primitives-only.
set -eu
cd "$(dirname "$0")/../.."
for tool in yosys iverilog; do
  command -v "$tool" > /dev/null || { echo "$tool is missing: apt-get install $tool" >&2; exit 69; }
done
venv=.build/peers/rtl
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r Benchmarks/rtl/requirements.txt
swift build -c release -Xswiftc -enable-testing --product triggerfish-matrix
"$venv/bin/python" Benchmarks/rtl/matrices.py .build/release/triggerfish-matrix .build/benchmark-rtl "$@"
