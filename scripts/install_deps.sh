#!/usr/bin/env bash
# Installs the packages that building and testing need, or with `--program` those that building the program needs, on Debian 12 with
# apt-get (as root or through sudo). Does nothing if they are all installed; on other systems it prints the packages' names.
source "$(dirname "$0")/common.sh"

packages=(g++ cmake ninja-build
  libtorch-dev libgloo-dev libfaiss-dev libopenblas-dev
  libcli11-dev libyaml-cpp-dev libfmt-dev libspdlog-dev nlohmann-json3-dev libsimdjson-dev
  libcurl4-openssl-dev libssl-dev zlib1g-dev libedit-dev libprotobuf-dev protobuf-compiler
  libcpp-httplib-dev libvalijson-dev)
[[ ${1:-} == --program ]] || packages+=(python3 clang-format-14 clang-tidy-14 catch2)

. /etc/os-release
if [[ ${ID:-} != debian || ${VERSION_ID:-} != 12 ]]; then
  echo "This is ${PRETTY_NAME:-not a known system}, not Debian 12, so nothing is installed. latentcrs needs what these"
  echo "Debian packages hold; configuring with CMake names those that it does not find, with their conda packages:"
  echo "  ${packages[*]}"
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null | grep -qx installed || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "All packages are installed."
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo > /dev/null || { echo "Run as root, or install sudo: ${missing[*]} are missing." >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing with apt-get: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"
