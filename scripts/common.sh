# Sourced by the other scripts: makes them stop at the first error and goes to the top of the tree.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Prints the number of parallel compilations: one per core, but a file that includes LibTorch takes up to 1.5 GB to compile.
build_jobs() {
  local cores memory_jobs
  cores=$(nproc)
  memory_jobs=$(awk '/^MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo)
  ((memory_jobs >= 1)) || memory_jobs=1
  echo $((cores < memory_jobs ? cores : memory_jobs))
}

latentcrs() { ./build/release/bin/latentcrs "$@"; }

# run_published CONFIG [ARGUMENT...]: runs all stages with a configuration; the other arguments are passed to `latentcrs run`.
run_published() {
  [[ -x build/release/bin/latentcrs ]] || ./scripts/build.sh --program
  latentcrs run --config "$@"
}
