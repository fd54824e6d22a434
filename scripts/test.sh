#!/usr/bin/env bash
# Installs the packages, builds everything and runs all tests. The last line counts test cases: `N passed, N failed`.
source "$(dirname "$0")/common.sh"

./scripts/install_deps.sh
./scripts/build.sh
log=build/release/tests.log
ctest --preset release --verbose 2>&1 | tee "$log" | grep -Ev '^[0-9]+: (Test command|Working Directory|Test timeout)' || true

# The failures come last, before the counts, because some machines show only the end of the output.
awk -f scripts/failed_tests.awk "$log"

# Each Catch2 test case counts; a test of another kind, or a program that ended without a summary, counts as one.
awk '
  / All tests passed \(.* in [0-9]+ test case/ { match($0, /in [0-9]+ test case/); cases[key($1)] = substr($0, RSTART + 3) + 0 }
  /^[0-9]+: test cases:/ {
    gsub(/[0-9]+ failed as expected/, "")
    cases[key($1)] = count($0, "passed") + count($0, "failed")
    failures[key($1)] = count($0, "failed")
  }
  /Test +#[0-9]+: / {
    match($0, /#[0-9]+:/)
    test = substr($0, RSTART + 1, RLENGTH - 2)
    total = test in cases ? cases[test] : 1
    bad = test in failures ? failures[test] : 0
    if ($0 !~ / Passed / && bad == 0) { bad = 1; if (test in cases) total++ }
    passed += total - bad
    failed += bad
  }
  function key(text) { sub(/:.*/, "", text); return text }
  function count(line, what) { return match(line, "[0-9]+ " what) ? substr(line, RSTART) + 0 : 0 }
  END {
    printf "%d passed, %d failed\n", passed, failed
    exit (failed > 0 || passed == 0)
  }' "$log"
