#!/usr/bin/env bash
# Formats all C++ sources with clang-format 14; with --check only says which ones are not formatted.
source "$(dirname "$0")/common.sh"

formatter=$(command -v clang-format-14 || command -v clang-format || true)
if [[ -z $formatter ]] || ! "$formatter" --version | grep -q 'version 14\.'; then
  echo "clang-format 14 is needed: another version formats differently." >&2
  exit 1
fi
mode=(-i)
[[ ${1:-} == --check ]] && mode=(--dry-run --Werror)
find include src tests bench \( -name '*.h' -o -name '*.cpp' -o -name '*.cu' \) -print0 | xargs -0 "$formatter" "${mode[@]}"
