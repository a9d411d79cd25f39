#!/bin/sh
# Installs the system packages Triggerfish builds on, if any is missing. Needs apt and, unless run as root, sudo.
set -eu

packages="libjson-c-dev libhdf5-dev libzip-dev pkg-config g++ python3 python3-pip python3-numpy"
missing=""
for package in $packages; do
  # "ii" means installed; a package that is only configured for removal is not.
  status=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  case "$status" in
    ii*) ;;
    *) missing="$missing $package" ;;
  esac
done
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "setup: apt-get not found; install these yourself:$missing" >&2
  exit 69
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
echo "setup: installing$missing"
$sudo apt-get update -qq
# shellcheck disable=SC2086 -- the list is meant to split into words
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
