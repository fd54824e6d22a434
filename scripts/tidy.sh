#!/usr/bin/env bash
# Runs the checks of .clang-tidy with clang-tidy 14 over the libraries without LibTorch, whose headers (1.13) clang 14 does not
# take in C++20. It reads the batches in which build/release compiles them, since most of the time goes into reading headers.
# Names of libraries choose among them.
source "$(dirname "$0")/common.sh"

tidy=$(command -v clang-tidy-14 || command -v clang-tidy || true)
if [[ -z $tidy ]] || ! "$tidy" --version | grep -q 'version 14\.'; then
  echo "clang-tidy 14 is needed: another version finds other things." >&2
  exit 1
fi
build=${LATENTCRS_BUILD_FOLDER:-build/release}
[[ -f "$build/compile_commands.json" ]] || cmake --preset release > /dev/null
# TensorBoard's messages are generated headers.
[[ -f "$build/src/generated/base/util/tensorboard.pb.h" ]] || cmake --build "$build" --target latentcrs_tensorboard > /dev/null
rooms=("$@")
((${#rooms[@]} > 0)) || rooms=(util config metrics answers data text transport llm dialogue report run setup talk)
files=()
for room in "${rooms[@]}"; do
  mapfile -t -O "${#files[@]}" files < <(grep -oE "\"file\": \"[^\"]*/(latentcrs_$room\.dir/[^\"]*\.cxx|src/[a-z]+/$room/[^\"]*\.cpp)\"" \
    "$build/compile_commands.json" | cut -d'"' -f4 | sort -u)
done
((${#files[@]} > 0)) || { echo "$build compiles each source alone (LATENTCRS_UNITY_BUILD is off)" >&2; exit 1; }
# g++ has warnings that clang does not know. clang-tidy counts on standard error what it does not show.
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(build_jobs)" "$tidy" -p "$build" --quiet --extra-arg=-Wno-everything 2> "$build/tidy.log" ||
  { grep -v ' generated\.$' "$build/tidy.log" >&2 || true; exit 1; }
echo "clang-tidy: ${#files[@]} batches of ${rooms[*]} pass"
