#!/bin/sh
# Writes Sources/Frontends/ONNX/Generated/onnx.pb.swift anew from onnx.proto of the Python package onnx (pinned here), with
# Debian's protoc and the generator of the swift-protobuf that Package.swift pins. What it writes is committed: a build
# needs none of this.
set -eu
cd "$(dirname "$0")/.."
onnx=1.17.0
work=.build/onnx-proto
command -v protoc >/dev/null || apt-get install -y protobuf-compiler
mkdir -p "$work"
/usr/bin/python3 -m pip download --quiet --no-deps --dest "$work" "onnx==$onnx"
# Without its comments, which the generator would copy.
unzip -p "$work"/onnx-$onnx-*.whl onnx/onnx.proto | sed 's@//.*@@' >"$work/onnx.proto"
generator=${PROTOC_GEN_SWIFT:-}
if [ -z "$generator" ]; then
  swift package resolve
  swift build -c release --package-path .build/checkouts/swift-protobuf --scratch-path "$work/generator" \
    --product protoc-gen-swift
  generator=$work/generator/release/protoc-gen-swift
fi
protoc --plugin=protoc-gen-swift="$generator" --proto_path="$work" --swift_opt=Visibility=Internal \
  --swift_out=Sources/Frontends/ONNX/Generated "$work/onnx.proto"
