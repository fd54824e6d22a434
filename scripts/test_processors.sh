#!/usr/bin/env bash
# Runs the numeric and the end-to-end tests as on other processors: with other kernels of OpenBLAS, of LibTorch and of our own, with
# other numbers of threads, and the tiny run under an emulated processor. Prints the table that docs/reliability.md holds.
#   scripts/test_processors.sh                    all settings, one after the other
#   scripts/test_processors.sh coretype=Prescott  the settings named (--list prints them)
#   scripts/test_processors.sh --only tiny ...    a part of the work: tests_torch, tests_cli or tiny
# tests_torch uses the kernels of the setting. The program chooses its kernels itself, so the artifacts of the tiny run must equal,
# byte for byte, those that this processor makes without any setting. The output of tests and runs goes to build/processors/. The
# exit status is 1 if anything failed.
source "$(dirname "$0")/common.sh"

all=(this-processor
  coretype={Prescott,Sandybridge,Haswell,Zen,SkylakeX,Cooperlake,Sapphirerapids}
  aten={default,avx2,avx512}
  isa={baseline,avx2,none}
  threads={1,2,5}
  arithmetic=native
  emulator=Haswell)

logs=$PWD/build/processors
bin=$PWD/build/release/bin
config=$PWD/configs/tiny.yaml

has() {  # has FLAG...: whether this processor has all the flags
  local flag
  for flag; do grep -qwm1 "$flag" /proc/cpuinfo || return 1; done
}

# Prints the environment variables of a setting.
variables_of() {
  local value=${1#*=}
  case $1 in
    coretype=*) echo "OPENBLAS_CORETYPE=$value" ;;
    aten=*) echo "ATEN_CPU_CAPABILITY=$value" ;;
    isa=none) ;;
    isa=*) echo "LATENTCRS_ISA_LIMIT=$value" ;;
    threads=*) echo "OMP_NUM_THREADS=$value" ;;
    arithmetic=*) echo "LATENTCRS_TEST_ARITHMETIC=$value" ;;
  esac
}

# Prints why a setting cannot be tried on this machine; nothing if it can.
obstacle_to() {
  local -a needs=()
  case $1 in
    coretype=Sandybridge) needs=(avx) ;;
    coretype=Haswell | coretype=Zen | aten=avx2 | isa=avx2) needs=(avx2 fma) ;;
    coretype=SkylakeX | aten=avx512) needs=(avx512f avx512dq avx512bw avx512vl) ;;
    coretype=Cooperlake | coretype=Sapphirerapids) needs=(avx512f avx512dq avx512bw avx512vl avx512_bf16) ;;
    emulator=*) command -v qemu-x86_64 > /dev/null || echo "qemu-x86_64 is not installed (Debian: qemu-user)" ;;
  esac
  has "${needs[@]}" || echo "this processor lacks one of: ${needs[*]}"
  if [[ $1 == coretype=* ]] && [[ $(core_of "$1") != "${1#*=}" ]]; then
    echo "this OpenBLAS has no kernels of that name"
  fi
}

# Prints OpenBLAS's name of the kernels that it uses in a setting.
core_of() { env $(variables_of "$1") OPENBLAS_VERBOSE=2 "$bin/tests_torch" --list-tags 2>&1 | sed -n 's/^Core: //p' | head -1; }

# tests SETTING NAME COMMAND...: runs a test program and prints "passed/failed", the numbers of its test cases.
tests() {
  local setting=$1 log=$logs/$1/$2.log
  shift 2
  nice env $(variables_of "$setting") "$@" > "$log" 2>&1 || true
  awk '
    /^All tests passed \(/ { match($0, /in [0-9]+ test case/); passed = substr($0, RSTART + 3) + 0; ended = 1 }
    /^test cases:/ {
      for (i = 2; i <= NF; ++i) { if ($i == "passed") passed = $(i - 1); if ($i == "failed") failed = $(i - 1) }
      ended = 1
    }
    END { print passed + 0 "/" failed + 0 (ended ? "" : " (ended early)") }' "$log"
}

# Emulated vector instructions take a thousand times as long, so the emulated tiny run trains for one epoch each.
short=(threads=1 pretrain.epochs=1 epochs=1 datasets.multi_turn_users=20)

# tiny_run SETTING [COMMAND WORD...]: does the tiny run through the command given and writes artifacts.sha256 to the setting's folder.
tiny_run() {
  local setting=$1 folder=$logs/$1 overrides=()
  shift
  [[ $setting != threads=* && $setting != arithmetic=* ]] || overrides=("$setting")
  [[ $setting != *emulator* ]] || overrides=("${short[@]}")
  rm -rf "$folder/run" "$folder/artifacts.sha256"
  mkdir -p "$folder/run"
  (cd "$folder/run" && nice env $(variables_of "$setting") "$@" "$bin/latentcrs" run --config "$config" "${overrides[@]}") \
    > "$folder/tiny.log" 2>&1 || return 1
  # All files that the stages computed, without those that hold times, machines or versions or only serve to resume.
  (cd "$folder/run/outputs/tiny" && find . -mindepth 2 -type f ! -name manifest.json ! -name metrics.jsonl ! -name state.pt \
    ! -name 'events.out.tfevents*' -printf '%P\0' | sort -z | xargs -0 sha256sum) > "$folder/artifacts.sha256"
}

# Prints how the artifacts of a setting differ from those that this processor makes without any setting; nothing if they are equal.
difference_of() {
  local reference=$logs/this-processor/artifacts.sha256
  [[ $1 != emulator=* ]] || reference=$logs/without-emulator/artifacts.sha256
  cmp -s "$reference" "$logs/$1/artifacts.sha256" && return
  echo "$(diff "$reference" "$logs/$1/artifacts.sha256" | awk '/^[<>]/ { print $3 }' | sort -u | wc -l) files differ"
}

row() { printf '| %-24s | %-12s | %-10s | %-10s | %-32s | %7s |\n' "$@" | tee -a "$logs/table.md"; }

# Prints the digest of the artifacts of the tiny run, and whether they equal those that this processor makes without any setting.
try_tiny() {
  local setting=$1 through=() difference
  if [[ $setting == emulator=* ]]; then
    through=(qemu-x86_64 -cpu "${setting#*=}")
    tiny_run without-emulator || { echo "failed without the emulator"; return; }
  fi
  if [[ $setting != this-processor ]] && ! tiny_run "$setting" "${through[@]}"; then
    echo "failed, see tiny.log"
    return
  fi
  difference=$(difference_of "$setting")
  # Other sums are expected without AVX2, which portable arithmetic needs, and without portable arithmetic.
  [[ -z $difference || ($setting != isa=baseline && $setting != arithmetic=native) ]] || difference="as expected others"
  echo "$(sha256sum < "$logs/$setting/artifacts.sha256" | cut -c1-12)${difference:+, $difference}"
}

# try SETTING: prints one row of the table; returns 1 if anything failed.
try() {
  local setting=$1 core=- torch=- cli=- tiny=- obstacle begin=$SECONDS
  obstacle=$(obstacle_to "$setting" | head -1)
  if [[ -n $obstacle ]]; then
    row "$setting" - - - "skipped: $obstacle" -
    return 0
  fi
  mkdir -p "$logs/$setting"
  if [[ $setting != emulator=* ]]; then
    core=$(core_of "$setting")
    ! wanted tests_torch || torch=$(tests "$setting" tests_torch "$bin/tests_torch")
    ! wanted tests_cli || cli=$(tests "$setting" tests_cli "$bin/tests_cli" "[pipeline]")
  fi
  ! wanted tiny || tiny=$(try_tiny "$setting")
  row "$setting" "$core" "$torch" "$cli" "$tiny" $((SECONDS - begin))
  [[ "$torch $cli" != */[1-9]* && "$torch $cli $tiny" != *early* && $tiny != *failed* && $tiny != *differ* ]]
}

if [[ ${1:-} == --list ]]; then
  printf '%s\n' "${all[@]}"
  exit
fi
parts=all
if [[ ${1:-} == --only ]]; then
  parts=${2:?tests_torch, tests_cli or tiny}
  shift 2
fi
wanted() { [[ $parts == all || $parts == "$1" ]]; }

(($# > 0)) && chosen=("$@") || chosen=("${all[@]}")
for setting in "${chosen[@]}"; do
  [[ " ${all[*]} " == *" $setting "* ]] || { echo "No setting is called $setting; --list prints them." >&2; exit 2; }
done

mkdir -p "$logs/this-processor"
: > "$logs/table.md"
! wanted tiny || tiny_run this-processor || { echo "The tiny run fails here: $logs/this-processor/tiny.log" >&2; exit 1; }
row setting OpenBLAS "tests_torch" "tests_cli" "tiny run" seconds
row ------- -------- ----------- ----------- ----------- ------:
failed=0
for setting in "${chosen[@]}"; do
  try "$setting" || failed=$((failed + 1))
done
echo "$failed of ${#chosen[@]} settings failed."
((failed == 0))
