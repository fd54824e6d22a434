#!/usr/bin/env bash
# Runs the tiny pipeline on several processes under each launcher that this machine has, and compares the bytes of all results with those of
# one process: mpirun (Debian's openmpi-bin), torchrun (a Python environment with torch; TORCHRUN is its command), srun with two nodes that one machine
# pretends to be (Debian's slurmctld, slurmd and munge, as root), and two network namespaces as two hosts (as root).
#
#     scripts/test_cluster.sh [launcher...]     # mpirun torchrun netns slurm; all by default
source "$(dirname "$0")/common.sh"

binary=${LATENTCRS_BINARY:-$PWD/build/release/bin/latentcrs}
config=$PWD/configs/tiny.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=("$binary" run --quiet --config "$config" threads=1 data_shards=8 pretrain.epochs=3 epochs=2 exp_name=shared)
failures=0

# The digests of what the stages computed, without files that hold times and machines.
digests() {
  (cd "$1/outputs/shared" && find . -mindepth 2 -type f ! -name manifest.json ! -name metrics.jsonl ! -name 'events.out.*' \
    -exec sha256sum {} + | sort -k 2)
}

compare() {
  local name=$1 folder=$2
  if diff <(digests "$work/alone") <(digests "$folder") > "$work/difference"; then
    echo "$name: the same bytes as one process"
  else
    echo "$name: other bytes than one process"
    head -n 5 "$work/difference"
    failures=$((failures + 1))
  fi
}

# in_folder NAME COMMAND...: runs it in a new folder, shows what it said if it fails, and compares.
in_folder() {
  local name=$1
  shift
  mkdir -p "$work/$name"
  if (cd "$work/$name" && "$@") > "$work/$name.log" 2>&1; then
    compare "$name" "$work/$name"
  else
    echo "$name: failed"
    tail -n 20 "$work/$name.log"
    failures=$((failures + 1))
  fi
}

with_mpirun() {
  command -v mpirun > /dev/null || { echo "mpirun: not installed (openmpi-bin)"; return; }
  for n in 2 3 4; do
    in_folder "mpirun-$n" mpirun --allow-run-as-root --oversubscribe -n "$n" "${run[@]}"
  done
}

with_torchrun() {
  local torchrun
  read -r -a torchrun <<< "${TORCHRUN:-torchrun}"
  command -v "${torchrun[0]}" > /dev/null || { echo "torchrun: not installed (python3-torch, or TORCHRUN=…/bin/torchrun)"; return; }
  # Debian's starts nothing without -r and -t, and knows the options with underscores alone.
  in_folder torchrun-2 "${torchrun[@]}" --nproc_per_node 2 --master_addr 127.0.0.1 -r 2 -t 2 --no_python "${run[@]}"
}

with_netns() {
  local a=lcrs$$a b=lcrs$$b
  [[ $EUID == 0 ]] && ip netns add "$a" 2> /dev/null || { echo "netns: needs root and iproute2"; return; }
  ip netns add "$b"
  ip link add "$a" netns "$a" type veth peer name "$b" netns "$b"
  ip -n "$a" addr add 10.97.0.1/24 dev "$a"
  ip -n "$b" addr add 10.97.0.2/24 dev "$b"
  for name in "$a" "$b"; do
    ip -n "$name" link set lo up
    ip -n "$name" link set "$name" up
  done
  two_hosts() {
    export WORLD_SIZE=2 LATENTCRS_STORE=10.97.0.1:29511
    RANK=1 ip netns exec "$b" "${run[@]}" &
    RANK=0 ip netns exec "$a" "${run[@]}" && wait $!
  }
  in_folder netns two_hosts
  ip netns del "$a"
  ip netns del "$b"
}

with_slurm() {
  [[ $EUID == 0 ]] && command -v slurmctld slurmd munged srun > /dev/null || { echo "slurm: needs root, slurmctld, slurmd and munge"; return; }
  local state=$work/slurm host
  host=$(hostname -s)
  mkdir -p "$state"/{ctld,a,b}
  cat > "$state/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host
SlurmUser=root
AuthType=auth/munge
StateSaveLocation=$state/ctld
SlurmdSpoolDir=$state/%n
SlurmctldPidFile=$state/ctld.pid
SlurmdPidFile=$state/%n.pid
SlurmctldLogFile=$state/ctld.log
SlurmdLogFile=$state/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmdParameters=config_overrides
ReturnToService=2
SelectType=select/cons_tres
NodeName=a NodeHostname=$host Port=17001 CPUs=4 State=UNKNOWN
NodeName=b NodeHostname=$host Port=17002 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=a,b Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8
CONF
  export SLURM_CONF=$state/slurm.conf
  service munge start > /dev/null
  slurmctld && slurmd -N a && slurmd -N b
  for _ in {1..30}; do
    [[ $(sinfo --noheader --states=idle --format=%D) == 2 ]] && break
    sleep 1
  done
  in_folder srun-2x2 env LATENTCRS_STORE=127.0.0.1:29512 srun --immediate=30 --nodes 2 --ntasks 4 "${run[@]}"
  for daemon in "$state"/{a,b,ctld}.pid; do
    [[ -f $daemon ]] && kill "$(cat "$daemon")"
  done
}

mkdir -p "$work/alone"
(cd "$work/alone" && "${run[@]}") > "$work/alone.log" 2>&1
for launcher in "${@:-mpirun torchrun netns slurm}"; do
  for one in $launcher; do "with_$one"; done
done
exit $((failures > 0))
