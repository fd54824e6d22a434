#!/usr/bin/env bash
# Builds the tests that need none of LibTorch's arithmetic (tests_plain, tests_remote, those of src/tensor) with a sanitizer of
# g++ and runs them: test_sanitizers.sh [asan|tsan|all]. `asan` is AddressSanitizer with UBSan, `tsan` ThreadSanitizer.
source "$(dirname "$0")/common.sh"

chosen=${1:-all}
presets=(asan tsan)
[[ $chosen == all ]] || presets=("$chosen")

export UBSAN_OPTIONS=print_stacktrace=1
# Leaks of processes that end by a signal on purpose are none of ours; LibTorch's statics are never given back.
export ASAN_OPTIONS=detect_leaks=0:strict_string_checks=1:detect_stack_use_after_return=1
export TSAN_OPTIONS="suppressions=$PWD/scripts/tsan_suppressions.txt halt_on_error=0 exitcode=66"

status=0
summary=
for preset in "${presets[@]}"; do
  cmake --preset "$preset" > /dev/null
  cmake --build --preset "$preset" -j "$(build_jobs)" --target tests_plain tests_remote test_tensor
  # g++ 12's ThreadSanitizer knows the addresses of a process without randomisation only.
  run=()
  [[ $preset == tsan ]] && run=(setarch "$(uname -m)" -R)
  for tests in tests_plain tests_remote test_tensor; do
    log=build/$preset/$tests.log
    result=passed
    "${run[@]}" "build/$preset/bin/$tests" > "$log" 2>&1 || { result=FAILED status=1; tail -60 "$log"; }
    summary+="$preset $tests: $result, $(grep -cE '^(==[0-9]+==ERROR|WARNING: ThreadSanitizer)|runtime error:' "$log" || true) reports"
    summary+=$'\n'
  done
done
echo -n "$summary"
exit $status
