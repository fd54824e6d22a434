#!/usr/bin/env bash
# Builds the release preset, or the preset given (CMakePresets.json), and its tests in build/<preset>. With `--program` as the last
# argument it builds the program alone, which needs no library for tests.
source "$(dirname "$0")/common.sh"

targets=()
tests=(-DLATENTCRS_BUILD_TESTS=ON)
if [[ ${*: -1} == --program ]]; then
  set -- "${@:1:$#-1}"
  targets=(--target latentcrs completions manuals)
  tests=(-DLATENTCRS_BUILD_TESTS=OFF)
fi
preset=${1:-release}
# A build folder that was configured with tests keeps them.
if ((${#targets[@]} > 0)) && [[ -f build/$preset/CMakeCache.txt ]]; then tests=(); fi
cmake --preset "$preset" "${tests[@]}"
cmake --build --preset "$preset" -j "$(build_jobs)" "${targets[@]}"
