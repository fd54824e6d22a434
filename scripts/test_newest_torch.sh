#!/usr/bin/env bash
# Builds and tests with PyTorch's newest wheel, or the version given, in an environment of its own in build/newest-torch (a few
# GB). Fails on any warning of CMake or the compiler. usage: test_newest_torch.sh [VERSION]
source "$(dirname "$0")/common.sh"

folder=build/newest-torch
python=$folder/env/bin/python
[[ -x $python ]] || python3 -m venv "$folder/env"
"$python" -m pip install --quiet --upgrade "torch${1:+==$1}" numpy
prefix=$("$python" -c 'import torch; print(torch.utils.cmake_prefix_path)')
"$python" -c 'import torch; print("PyTorch", torch.__version__, "built for CUDA", torch.version.cuda)'

# PyTorch's own CMake configuration prints two warnings: about kineto, and about an architecture that is not set.
no_warnings() {
  ! grep -i 'warning' "$1" | grep -v '/torch/share/cmake/' || { echo "There are warnings in $1." >&2; exit 1; }
}
cmake -S . -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLATENTCRS_BUILD_TESTS=ON -DCMAKE_PREFIX_PATH="$prefix" \
  > "$folder/configure.log" 2>&1 || { cat "$folder/configure.log"; exit 1; }
no_warnings "$folder/configure.log"
cmake --build "$folder/build" -j "$(build_jobs)" > "$folder/build.log" 2>&1 || { tail -n 50 "$folder/build.log"; exit 1; }
no_warnings "$folder/build.log"
"$folder/build/bin/latentcrs" --version
"$folder/build/bin/latentcrs" run -c tiny --force -q output_dir="$folder/tiny"
ctest --test-dir "$folder/build" --output-on-failure
