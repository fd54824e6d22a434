#!/usr/bin/env bash
# Formats all C++ sources with clang-format 14; with --check it only names those that are not formatted.
source "$(dirname "$0")/common.sh"

formatter=$(command -v clang-format-14 || command -v clang-format || true)
if [[ -z $formatter ]] || ! "$formatter" --version | grep -q 'version 14\.'; then
  echo "clang-format 14 is needed: another version formats differently." >&2
  exit 1
fi
mapfile -d '' files < <(find include src tests bench examples fuzz data/tiny \( -name '*.h' -o -name '*.cpp' -o -name '*.cu' \) -print0)
if [[ ${1:-} != --check ]]; then
  "$formatter" -i "${files[@]}"
  exit
fi
unformatted=()
for file in "${files[@]}"; do
  "$formatter" --dry-run --Werror "$file" 2> /dev/null || unformatted+=("$file")
done
if ((${#unformatted[@]} > 0)); then
  printf '%s: not formatted\n' "${unformatted[@]}"
  echo "scripts/format.sh formats them."
  exit 1
fi
