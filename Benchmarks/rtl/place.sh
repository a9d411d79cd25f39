#!/bin/sh
# Small networks placed and routed for Lattice ECP5: Fmax beside the delay model's. Arguments: a period in ns and models, as place.py takes.
set -eu
cd "$(dirname "$0")/../.."
command -v yosys > /dev/null || { echo "yosys is missing: apt-get install yosys" >&2; exit 69; }
venv=.build/peers/place
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r Benchmarks/rtl/requirements-place.txt
swift build -c release -Xswiftc -enable-testing --product triggerfish
[ "$#" -gt 0 ] || set -- 15 models/jet_tagger_hgq/small.keras
"$venv/bin/python" Benchmarks/rtl/place.py .build/benchmark-place .build/release/triggerfish "$@"
