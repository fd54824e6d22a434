#!/usr/bin/env bash
# Builds the release preset, or the one given (CMakePresets.json), in build/<preset>.
source "$(dirname "$0")/common.sh"

preset=${1:-release}
cmake --preset "$preset"
cmake --build --preset "$preset" -j "$(build_jobs)"
