#!/usr/bin/env bash
# Builds tests with a sanitizer of g++ and runs them: test_sanitizers.sh [asan|tsan|all] [program...]. `asan` is AddressSanitizer
# with UBSan, `tsan` ThreadSanitizer. The programs are those without LibTorch's arithmetic: tests_plain, tests_remote and the tests
# of src/numerics/tensor. A program that cannot be built, crashes or hangs does not stop the others; the logs lie in build/asan and build/tsan.
source "$(dirname "$0")/common.sh"

chosen=${1:-all}
shift || true
presets=(asan tsan)
[[ $chosen == all ]] || presets=("$chosen")
programs=("$@")
((${#programs[@]} > 0)) || programs=(tests_plain tests_remote test_tensor)

# Leaks are not looked for, since LibTorch never gives its statics back.
export ASAN_OPTIONS=detect_leaks=0:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS="suppressions=$PWD/scripts/tsan_suppressions.txt halt_on_error=0 exitcode=66"
report='^(==[0-9]+==ERROR|WARNING: ThreadSanitizer)|runtime error:'
time_limit=1800  # seconds for one program

# Prints the command that a program must be started with.
launcher() {
  # g++ 12's ThreadSanitizer knows the addresses of a process without randomisation only.
  if [[ $1 == tsan ]] && setarch "$(uname -m)" -R true 2> /dev/null; then echo "setarch $(uname -m) -R"; fi
}

# Prints the test cases that a program runs.
selection() {
  # A process that was forked off by one with threads may wait forever for a lock of ThreadSanitizer. In the campaign, processes of their
  # own use the servers, which brings threads into an order that ThreadSanitizer does not see.
  if [[ $1 == tsan ]]; then echo '~[fork]~[campaign]'; fi
}

# Builds and runs one program and adds its row to the table. Fails if the program does.
check() {
  local preset=$1 program=$2 log=build/$1/$2.log code=0 start=$SECONDS cases reports result=passed
  if ! cmake --build --preset "$preset" -j "$(build_jobs)" --target "$program" > "$log" 2>&1; then
    grep -m 20 -E 'error|FAILED' "$log" || true
    table+="$preset|$program|not built|-|-|-"$'\n'
    return 1
  fi
  local built=$SECONDS
  # shellcheck disable=SC2046
  timeout --signal=KILL $time_limit $(launcher "$preset") "build/$preset/bin/$program" $(selection "$preset") > "$log" 2>&1 || code=$?
  cases=$(grep -oE 'in [0-9]+ test case|test cases: *[0-9]+' "$log" | tail -1 | grep -oE '[0-9]+' || true)
  reports=$(grep -cE "$report" "$log" || true)
  if ((code == 137 && SECONDS - built >= time_limit)); then
    result="over $time_limit s"
  elif ((code > 0 || reports > 0)); then
    result="exit code $code"
  fi
  table+="$preset|$program|$result|${cases:-unknown}|$reports|$((built - start)) + $((SECONDS - built))"$'\n'
  [[ $result == passed ]] && return 0
  grep -m 3 -A 12 -E "$report" "$log" || tail -40 "$log"
  return 1
}

status=0
table=$'sanitizer|program|result|test cases|reports|seconds (build + run)\n'
for preset in "${presets[@]}"; do
  cmake --preset "$preset" > /dev/null
  for program in "${programs[@]}"; do
    check "$preset" "$program" || status=1
  done
done
awk -F '|' '{ printf "%-10s %-13s %-15s %-11s %-8s %s\n", $1, $2, $3, $4, $5, $6 }' <<< "${table%$'\n'}"
exit $status
