#!/bin/sh
# Installs the system packages Triggerfish builds on, if any is missing. Needs apt and, unless run as root, sudo.
# With --browser also Chromium (half a minute), which a test opens the HTML report in; without it that test is skipped.
# With --arm64 also what it takes to compile the emulator's kernels for arm64 and to run them on another machine; without
# it the test that does so is skipped.
# With --avx512 also an emulator of a processor with AVX-512 and what starts the kernels on it, where this machine has none;
# without it the test of those kernels is skipped there.
# With --slurm also Slurm and munge, which a test runs on this one machine.
set -eu

if [ "${1:-}" = --browser ]; then
  "$0"
  for browser in chromium chromium-browser google-chrome; do
    [ -x "/usr/bin/$browser" ] && exit 0
  done
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  echo "setup: installing chromium"
  if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1
  then
    echo "setup: no chromium to be had; the test of the HTML report in a browser will be skipped" >&2
  fi
  exit 0
fi

if [ "${1:-}" = --arm64 ]; then
  "$0"
  if [ -f /usr/aarch64-linux-gnu/lib/libc.a ] && command -v aarch64-linux-gnu-gcc >/dev/null \
    && command -v qemu-aarch64 >/dev/null
  then
    exit 0
  fi
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  echo "setup: installing a compiler and an emulator for arm64"
  # gcc for its libgcc, which the kernels' 128-bit divisions need: the compiler is Swift's own clang.
  if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc-aarch64-linux-gnu \
    libc6-dev-arm64-cross qemu-user >/dev/null 2>&1
  then
    echo "setup: no compiler or emulator for arm64 to be had; the test of the kernels there will be skipped" >&2
  fi
  exit 0
fi

if [ "${1:-}" = --avx512 ]; then
  "$0"
  grep -q -w avx512_vnni /proc/cpuinfo && exit 0
  [ "$(uname -m)" = x86_64 ] || exit 0
  command -v bochs >/dev/null && command -v xorriso >/dev/null && [ -f /usr/lib/ISOLINUX/isolinux.bin ] \
    && [ -f /usr/share/bochs/BIOS-bochs-latest ] && [ -f /usr/lib/syslinux/modules/bios/mboot.c32 ] && exit 0
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  echo "setup: installing an emulator of a processor with AVX-512"
  if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends bochs bochs-term bochsbios \
    vgabios seabios isolinux syslinux-common xorriso >/dev/null 2>&1
  then
    echo "setup: no bochs, isolinux or xorriso to be had; the test of the kernels for AVX-512 will be skipped" >&2
  fi
  exit 0
fi

if [ "${1:-}" = --rtl ]; then
  "$0"
  missing=""
  for tool in verilator yosys iverilog; do
    # Each package is called like its tool.
    command -v "$tool" >/dev/null || missing="$missing $tool"
  done
  [ -z "$missing" ] && exit 0
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  for package in $missing; do
    echo "setup: installing $package"
    if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1
    then
      echo "setup: no $package to be had (apt package $package); what needs it will be skipped" >&2
    fi
  done
  exit 0
fi

if [ "${1:-}" = --slurm ]; then
  "$0"
  [ -x /usr/sbin/slurmctld ] && [ -x /usr/sbin/slurmd ] && [ -x /usr/sbin/munged ] && exit 0
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  echo "setup: installing slurm"
  if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null 2>&1
  then
    echo "setup: no slurm to be had (apt package slurm-wlm); its test will be skipped" >&2
  fi
  exit 0
fi

if [ "${1:-}" = --dist ]; then
  "$0"
  command -v cmake >/dev/null && command -v objdump >/dev/null && command -v curl >/dev/null \
    && /usr/bin/python3 -c 'import yaml' 2>/dev/null && exit 0
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  echo "setup: installing what the tests of the distribution use"
  if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends cmake make binutils curl python3-yaml \
    >/dev/null 2>&1
  then
    echo "setup: no cmake, curl or PyYAML to be had; tests of the distribution that need them will be skipped" >&2
  fi
  exit 0
fi

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
