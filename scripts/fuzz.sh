#!/bin/bash
# Fuzzes every reader of files with libFuzzer (Fuzz/): builds the fuzzers, then runs each on its corpus.
#
#   scripts/fuzz.sh smoke     the same inputs each time, a minute in all, not optimized: what `make test` does
#   scripts/fuzz.sh budget    runs as `make fuzz`: FUZZ_RUNS inputs each (20,000), at most 10 minutes each
#   scripts/fuzz.sh nightly   an hour each; inputs that reach new code are added to the corpus
#   scripts/fuzz.sh build     only builds
#
# FUZZ_READERS names some of the readers. A crash ends the run; the input is left in .build-fuzz/crashes/.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-budget}
readers=${FUZZ_READERS:-json hdf5 keras onnx pt2 trees npy csv yaml program}
build=$PWD/.build-fuzz

# So few inputs are run sooner than optimized code is compiled.
configuration=release
[ "$mode" != smoke ] || configuration=debug
swift build -c $configuration --package-path Fuzz --disable-index-store --scratch-path "$build" -Xswiftc -sanitize=fuzzer >&2
[ "$mode" != build ] || exit 0

folder=$(mktemp -d /dev/shm/triggerfish-fuzz-XXXXXX)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
mkdir -p "$build/crashes"
# libFuzzer handles the signals, and saves the input.
export SWIFT_BACKTRACE=enable=no
export FUZZ_WEIGHTS=$PWD/Tests/FrontendsTests/Fixtures/broken/good.h5

# The fixtures of the tests are seeds too.
seeds() {
  local fixtures="Tests/FrontendsTests/Fixtures/broken Tests/FrontendsTests/Fixtures/keras2 Tests/FrontendsTests/Fixtures/keras3"
  case $1 in
    json) find $fixtures models -name '*.json' -size -64k ! -name expected.json ;;
    hdf5) find $fixtures Tests/StorageTests/Fixtures -name '*.h5' -size -64k ;;
    keras) find $fixtures Tests/LoweringTests/Fixtures/hgq -name '*.keras' -size -64k ;;
    onnx) find Tests/LoweringTests/Fixtures/onnx -name '*.onnx' -size -64k ;;
    trees) find Tests/FrontendsTests/Fixtures/trees -size -64k ! -name expected.json -type f ! -name '*.onnx' ;;
    pt2) find Tests/LoweringTests/Fixtures/torch -name '*.pt2' -size -64k ;;
  esac
}

# run READER: its inputs, and what libFuzzer says of them in the end.
run() {
  local reader=$1 runs length new number seed dictionary
  export FUZZ_READER=$reader FUZZ_FOLDER=$folder/files-$reader
  mkdir -p "$FUZZ_FOLDER"
  case $mode in
    # Inputs are counted, not seconds: what passes once passes again, on a faster machine too.
    smoke)
      case $reader in
        hdf5) runs=300 ;;
        keras | pt2 | trees) runs=3000 ;;
        *) runs=10000 ;;
      esac
      length="-runs=$runs -max_total_time=60"
      ;;
    budget) length="-runs=${FUZZ_RUNS:-20000} -max_total_time=600" ;;
    nightly) length="-max_total_time=${FUZZ_SECONDS:-3600}" ;;
    *) echo "fuzz.sh: smoke, budget, nightly or build" >&2; exit 64 ;;
  esac
  # What is found goes to a folder of this run's own: the corpus in the repository is the seed, read only.
  new=$folder/$reader
  mkdir -p "$new" "Fuzz/corpus/$reader"
  number=0
  for seed in $(seeds "$reader"); do
    number=$((number + 1))
    cp "$seed" "$new/seed-$number"
  done
  dictionary=Fuzz/dictionaries/$reader.dict
  "$build/$configuration/Fuzz" $length -seed=1 -max_len=65536 -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
    $([ -f "$dictionary" ] && echo "-dict=$dictionary") \
    -artifact_prefix="$build/crashes/$reader-" "$new" "Fuzz/corpus/$reader" 2> "$folder/$reader.log" ||
    { echo "== $reader" >&2; cat "$folder/$reader.log" >&2; exit 1; }
  echo "== $reader
$(grep -E "^#[0-9]+.*DONE|stat::(number_of_executed_units|peak_rss_mb)|inline 8-bit" "$folder/$reader.log")"
  if [ "$mode" = nightly ]; then
    "$build/$configuration/Fuzz" -merge=1 -max_len=65536 "Fuzz/corpus/$reader" "$new" 2> "$folder/$reader.log" || true
  fi
}

# Two at a time.
running=0
for reader in $readers; do
  if [ "$running" -eq 2 ]; then
    wait -n
    running=1
  fi
  run "$reader" &
  running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
  wait -n
  running=$((running - 1))
done
