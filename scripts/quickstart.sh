#!/usr/bin/env bash
# From a fresh checkout to results: installs the packages, builds the program without tests, and runs the whole pipeline on a small
# invented dataset.
source "$(dirname "$0")/common.sh"

./scripts/install_deps.sh --program
./scripts/build.sh --program
latentcrs run --config tiny.yaml "$@"

cat << 'END'

What next
  ./build/release/bin/latentcrs --help             the commands
  ./build/release/bin/latentcrs config -c tiny     every setting of this run
  ./build/release/bin/latentcrs doctor             which datasets are there, and where to get the others
  ./scripts/run_ml1m.sh                            MovieLens-1M, from its files to the tables
END
