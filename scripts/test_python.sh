#!/usr/bin/env bash
# Runs the Python tests with the packages that they are about (tests/python/requirements.txt), in an environment of its own in
# build/python: trackers against an MLflow server on SQLite and W&B's offline mode, the examples, Optuna. Needs a built program.
source "$(dirname "$0")/common.sh"

folder=build/python
python=$folder/env/bin/python
[[ -x $python ]] || python3 -m venv "$folder/env"
"$python" -m pip install --quiet --requirement tests/python/requirements.txt
export LATENTCRS_BINARY=${LATENTCRS_BINARY:-$PWD/build/release/bin/latentcrs}
[[ -x $LATENTCRS_BINARY ]] || { echo "There is no $LATENTCRS_BINARY: build it with ./scripts/build.sh --program." >&2; exit 1; }
LATENTCRS_ALL_PACKAGES=1 "$python" -m unittest discover --start-directory tests/python --pattern '*_test.py' "$@"
