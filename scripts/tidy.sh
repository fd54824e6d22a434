#!/usr/bin/env bash
# Runs the checks of .clang-tidy with clang-tidy 14 over the libraries without LibTorch, whose headers (1.13) clang 14 does not
# take in C++20. It reads the batches in which build/release compiles them, since most of the time goes into reading headers.
# Names of folders of src/ choose among them.
source "$(dirname "$0")/common.sh"

tidy=$(command -v clang-tidy-14 || command -v clang-tidy || true)
if [[ -z $tidy ]] || ! "$tidy" --version | grep -q 'version 14\.'; then
  echo "clang-tidy 14 is needed: another version finds other things." >&2
  exit 1
fi
build=build/release
[[ -f $build/compile_commands.json ]] || cmake --preset release > /dev/null
rooms=("$@")
((${#rooms[@]} > 0)) || rooms=(util config metrics data text transport llm dialogue report run)
files=()
for room in "${rooms[@]}"; do
  mapfile -t -O "${#files[@]}" files < <(grep -oE "\"file\": \"[^\"]*/latentcrs_$room\.dir/[^\"]*\.cxx\"" $build/compile_commands.json |
    cut -d'"' -f4)
done
((${#files[@]} > 0)) || { echo "$build compiles each source alone (LATENTCRS_UNITY_BUILD is off)" >&2; exit 1; }
# g++ has warnings that clang does not know.
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(build_jobs)" "$tidy" -p $build --quiet --extra-arg=-Wno-everything
echo "clang-tidy: ${#files[@]} batches of ${rooms[*]} pass"
