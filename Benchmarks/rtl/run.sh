#!/bin/sh
# Constant matrices and jet taggers: ours and alkaid's, mapped by Yosys; results.json beside it, and the tables in docs/distributed-arithmetic.md.
#
#   run.sh                              everything: hours, the taggers' minutes first
#   run.sh matrices [--primitives-only] [16x16w8 …]
#   run.sh taggers [MODEL.keras …]
#   run.sh table                        the tables anew, from results.json
#
# TRIGGERFISH_MATRIX and TRIGGERFISH name programs that are built already; RTL_PYTHON an interpreter that has alkaid 0.8.2, hgq2 and keras.
set -eu
cd "$(dirname "$0")/../.."
what=${1:-all}
[ $# -eq 0 ] || shift
case $what in all | matrices | taggers | table) ;; *) echo "no part $what: all, matrices, taggers or table" >&2; exit 64 ;; esac
if [ "$what" = table ]; then exec python3 Benchmarks/rtl/table.py; fi
for program in yosys iverilog; do
  command -v "$program" > /dev/null || { echo "$program is missing: apt-get install $program" >&2; exit 69; }
done
if [ -z "${RTL_PYTHON:-}" ]; then
  venv=.build/peers/rtl
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r Benchmarks/rtl/requirements.txt
  RTL_PYTHON=$venv/bin/python
fi
export KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3
# What fails does not keep the rest from running; the tables have what there is, and the end says so.
status=0
if [ "$what" != matrices ]; then
  if [ -z "${TRIGGERFISH:-}" ]; then
    swift build -c release -Xswiftc -enable-testing --product triggerfish
    TRIGGERFISH=.build/release/triggerfish
  fi
  "$RTL_PYTHON" Benchmarks/rtl/taggers.py "$TRIGGERFISH" .build/benchmark-rtl "$@" || status=1
fi
if [ "$what" != taggers ]; then
  if [ -z "${TRIGGERFISH_MATRIX:-}" ]; then
    swift build -c release -Xswiftc -enable-testing --product triggerfish-matrix
    TRIGGERFISH_MATRIX=.build/release/triggerfish-matrix
  fi
  "$RTL_PYTHON" Benchmarks/rtl/matrices.py "$TRIGGERFISH_MATRIX" .build/benchmark-rtl "$@" || status=1
fi
python3 Benchmarks/rtl/table.py
exit $status
