#!/bin/sh
# write-version.sh ROOT FOLDER: writes FOLDER/Build.swift with the version in ROOT/VERSION and the commit of the working
# copy ("+" where files differ from it; "unknown" outside of one and in the folder of `make quick`). Leaves a file that
# says so already as it is.
set -eu
version=$(cat "$1/VERSION")
case "$version" in
  '' | *[!0-9A-Za-z.+-]*) echo "write-version: error: VERSION holds no version number: $version" >&2; exit 65 ;;
esac
commit=unknown
# `make quick` does not follow the commits: each would compile half of the project again.
case $2 in */.build/quick/*) quick=1 ;; *) quick= ;; esac
# Only of this project: a copy inside another project's folder is not at that project's commit.
if [ -z "$quick" ] && [ -e "$1/.git" ] && found=$(git -C "$1" rev-parse --short=10 HEAD 2>/dev/null); then
  commit=$found
  [ -z "$(git -C "$1" status --porcelain --untracked-files=no 2>/dev/null)" ] || commit=$commit+
fi
mkdir -p "$2"
new="// Written by scripts/write-version.sh.
let buildVersion = \"$version\"
let buildCommit = \"$commit\""
file=$2/Build.swift
if [ ! -f "$file" ] || [ "$(cat "$file")" != "$new" ]; then
  echo "$new" >"$file.new"
  mv "$file.new" "$file"
fi
