#!/usr/bin/env bash
# Builds the fuzz targets (fuzz/) with clang, AddressSanitizer and UBSan, and runs them one after the other:
# fuzz.sh [target|all] [seconds each]. Inputs that find new code are kept in build/fuzz/corpus, those that are a fault in
# build/fuzz/faults; the last lines count executions, features covered and faults of each target.
source "$(dirname "$0")/common.sh"

chosen=${1:-all}
seconds=${2:-600}
targets=(pickle zip npy yaml override config dat jsonl sequences utterances recognise chat_reply api_error embeddings batch_rows titles answers)
[[ $chosen == all ]] || targets=("$chosen")

cmake --preset fuzz > build/fuzz-configure.log 2>&1 || { cat build/fuzz-configure.log; exit 1; }
cmake --build build/fuzz -j "$(build_jobs)" --target "${targets[@]/#/fuzz_}"

status=0
summary=$(printf '%-12s %12s %9s %9s %8s  %s' target executions edges features seconds faults)
for target in "${targets[@]}"; do
  found=build/fuzz/corpus/$target faults=build/fuzz/faults/$target log=build/fuzz/$target.log
  mkdir -p "$found" "$faults"
  echo "$target: $seconds s"
  "build/fuzz/bin/fuzz_$target" "$found" "fuzz/corpus/$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$faults/" > "$log" 2>&1 || { status=1; tail -40 "$log"; }
  last=$(grep -E '^#[0-9]+.* cov: ' "$log" | tail -1)
  read -r executions edges features <<< "$(sed -E 's/^#([0-9]+).* cov: ([0-9]+) ft: ([0-9]+).*/\1 \2 \3/' <<< "$last")"
  summary+=$(printf '\n%-12s %12s %9s %9s %8s  %s' "$target" "$executions" "$edges" "$features" "$seconds" \
    "$(find "$faults" -type f | wc -l)")
done
echo "$summary"
exit $status
