#!/usr/bin/env bash
# Runs both commands of the README on a bare Debian 12 (made by debootstrap in a folder) and measures the time they take. Needs root
# and about 6 GB. usage: test_bare_system.sh [quickstart.sh] [test.sh]    one of them alone, or both
source "$(dirname "$0")/common.sh"
source scripts/bare_system.sh

system=$(mktemp -d "${TMPDIR:-/tmp}/latentcrs-bare.XXXXXX")
trap 'rm -rf "$system"' EXIT
make_bare_system "$system"
copy_tree "$system/root/latentcrs"
(($# > 0)) || set -- quickstart.sh test.sh
for script in "$@"; do
  timed "$script" in_bare_system "$system" "/root/latentcrs/scripts/$script"
done
