#!/bin/sh
# Compiles the vendor's headers in .build/ap_types once: every check of emitted C++ reads them, and the tests make some
# 200, each of which that spares a second. Should g++ change, it finds the result to be another's and reads the headers.
set -eu
script=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
cd "$(dirname "$script")/../.build/ap_types"
# The options of HLSBackend's CompiledProject: with others g++ would not take it.
options="-std=c++14 -O1 -DNDEBUG -w"
said="$(g++ --version | head -1), $(cksum < "$script")"
[ "$(cat all.h.for 2>/dev/null)" != "$said" ] || exit 0
cat > all.h <<'HEADERS'
// Written by scripts/precompile-ap-types.sh.
#define AP_INT_MAX_W 4096
#include <stdint.h>
#include <stdio.h>
#include <string>
#include <vector>
#include "ap_fixed.h"
#include "ap_int.h"
#include "hls_stream.h"
HEADERS
# shellcheck disable=SC2086
g++ $options -isystem . -x c++-header all.h -o all.h.gch.$$
mv all.h.gch.$$ all.h.gch
echo "$said" > all.h.for
