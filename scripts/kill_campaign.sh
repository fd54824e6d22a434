#!/usr/bin/env bash
# Kills a random process of a run on several processes without warning (SIGKILL), again and again, and starts the same command again on a random
# number of processes, until it ends by itself. The results must have the bytes of a run on one process that nobody disturbed. Every process
# that was left must end within 5 seconds of the kill with exit code 7.
#
#     scripts/kill_campaign.sh [kills] [seed]     # 50 kills, seed 1
source "$(dirname "$0")/common.sh"

binary=${LATENTCRS_BINARY:-$PWD/build/release/bin/latentcrs}
kills=${1:-50}
RANDOM=${2:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=("$binary" run --quiet --config "$PWD/configs/tiny.yaml" threads=1 data_shards=8 cluster.start_within=20 pretrain.epochs=40 epochs=40 exp_name=shared)
digests() {
  (cd "$1/outputs/shared" && find . -mindepth 2 -type f ! -name manifest.json ! -name metrics.jsonl ! -name 'events.out.*' \
    -exec sha256sum {} + | sort -k 2)
}

mkdir -p "$work"/{alone,killed}
(cd "$work/alone" && "${run[@]}" > /dev/null 2>&1)

done_kills=0 slowest=0 odd_codes=0
while true; do
  size=$((RANDOM % 3 + 2)) port=$((20000 + RANDOM % 10000))
  pids=()
  touch "$work/began"
  for ((rank = 0; rank < size; ++rank)); do
    (cd "$work/killed" && exec env RANK=$rank WORLD_SIZE=$size LATENTCRS_STORE=127.0.0.1:$port "${run[@]}") \
      > "$work/out.$rank" 2>&1 &
    pids+=($!)
  done
  victim=$((RANDOM % size))
  if ((done_kills < kills)); then
    # Nothing watches before all have met, which log.1 tells.
    for _ in {1..200}; do [[ $work/killed/outputs/shared/log.1 -nt $work/began ]] && break; sleep 0.1; done
    sleep "$((RANDOM % 4)).$((RANDOM % 10))"
    if kill -KILL "${pids[victim]}" 2> /dev/null; then
      done_kills=$((done_kills + 1))
      began=$(date +%s%N)
      for ((rank = 0; rank < size; ++rank)); do
        code=0
        wait "${pids[rank]}" || code=$?
        # Before all have met nothing watches, and a process may have ended already.
        ((rank == victim || code == 7 || code == 3 || code == 0)) || { odd_codes=$((odd_codes + 1)); tail -n 2 "$work/out.$rank"; }
      done
      took=$((($(date +%s%N) - began) / 1000000))
      ((took > slowest)) && slowest=$took
      continue
    fi
  fi
  failed=0
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  ((failed == 0)) && break
  tail -n 3 "$work"/out.*
  exit 1
done

echo "$done_kills kills; the others ended within $slowest ms at most; $odd_codes unexpected exit codes"
diff <(digests "$work/alone") <(digests "$work/killed") > "$work/difference" || { echo "other bytes:"; head "$work/difference"; exit 1; }
echo "the same bytes as the undisturbed run on one process"
exit $((odd_codes > 0))
