#!/usr/bin/env bash
# Tests the interface of `latentcrs serve` from outside, with packages from PyPI in an environment of its own in build/api:
# schemathesis sends what the OpenAPI document allows and what it does not, and scripts/check_served.py speaks to it with OpenAI's
# client and evaluates the run over HTTP. Arguments are passed to schemathesis. Needs a built program.
source "$(dirname "$0")/common.sh"

folder=build/api
python=$folder/env/bin/python
[[ -x $python ]] || python3 -m venv "$folder/env"
"$python" -m pip install --quiet --requirement scripts/api_requirements.txt
latentcrs run -c tiny exp_name=tiny "output_dir=$folder/run" --quiet > "$folder/run.log"

# serve [OPTION...]: starts the server on a free port; sets $server and $url.
serve() {
  ./build/release/bin/latentcrs serve "$folder/run" --port 0 "$@" > "$folder/serve.log" &
  server=$!
  trap 'kill $server' EXIT
  until url=$(grep -o 'http://[^ /]*' "$folder/serve.log"); do
    kill -0 $server || exit 1
    sleep 0.1
  done
}

serve
"$python" scripts/check_served.py "$url" "$folder/run"
"$folder/env/bin/schemathesis" --config-file scripts/schemathesis.toml run "$url/api/v1/openapi.json" --url "$url" "$@"
kill $server
wait $server  # it ends with 0
trap - EXIT
