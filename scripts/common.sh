# Sourced by the other scripts: stops at the first error, goes to the top of the tree, says how many jobs to build with.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# A file that includes LibTorch takes up to 1.5 GB to compile.
build_jobs() {
  local cores memory_jobs
  cores=$(nproc)
  memory_jobs=$(awk '/^MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo)
  ((memory_jobs >= 1)) || memory_jobs=1
  echo $((cores < memory_jobs ? cores : memory_jobs))
}

latentcrs() { ./build/release/bin/latentcrs "$@"; }

# Runs all stages with the settings of a config; the other arguments are passed on.
run_published() {
  [[ -x build/release/bin/latentcrs ]] || ./scripts/build.sh --program
  latentcrs run --config "$@"
}
