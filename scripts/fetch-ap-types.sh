#!/bin/sh
# Puts the vendor's open ap_fixed/ap_int headers in .build/ap_types (or the folder given as $1); where Triggerfish was
# installed without its sources, in ~/.cache/triggerfish/ap_types, where the program looks for them.
#
# They come out of the hls4ml wheel, whose contents are pinned by hash; they are never committed. Running it
# again when they are there does nothing. Exit code 69: no Python, no network, or a download with other bytes.
set -eu

version=1.3.0
sha256=01bf1de2cd9bca56699b9fe3385cb1735026b022f9580fe1d73faf192dfb90f2
folder=hls4ml/templates/vivado/ap_types

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
if [ -f "$root/Package.swift" ]; then
  target=$root/.build/ap_types
else
  target=${XDG_CACHE_HOME:-$HOME/.cache}/triggerfish/ap_types
fi
target=${1:-$target}

fail() {
  echo "fetch-ap-types: error: $1" >&2
  echo "hint: $2" >&2
  exit 69
}

if [ -f "$target/.wheel-sha256" ] && [ "$(cat "$target/.wheel-sha256")" = "$sha256" ]; then
  exit 0
fi

command -v python3 >/dev/null 2>&1 || fail "python3 is not installed" "apt-get install python3 python3-pip"
python3 -m pip --version >/dev/null 2>&1 || fail "pip is not installed" "apt-get install python3-pip"

mkdir -p "$(dirname -- "$target")"
work=$(mktemp -d "$(dirname -- "$target")/ap_types.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

wheel=$work/hls4ml-$version-py3-none-any.whl
# The Python version only selects the wheel: nothing of it is run.
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
  --python-version 3.11 --dest "$work" "hls4ml==$version" >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  fail "cannot download hls4ml $version with pip" \
    "needs a package index once; or set TRIGGERFISH_AP_TYPES to a folder that has ap_fixed.h"
}

actual=$(sha256sum "$wheel" | cut -d ' ' -f 1)
[ "$actual" = "$sha256" ] || fail "the downloaded wheel has SHA-256 $actual, not $sha256" \
  "check the package index that pip is configured to use"

python3 -m zipfile -e "$wheel" "$work/wheel"
[ -f "$work/wheel/$folder/ap_fixed.h" ] || fail "the wheel has no $folder/ap_fixed.h" "report this as a bug"
echo "$sha256" >"$work/wheel/$folder/.wheel-sha256"

# Moved into place whole, so that an interrupted run never leaves half a folder.
rm -rf "$target"
mv "$work/wheel/$folder" "$target"
echo "ap_types headers of hls4ml $version are in $target"
