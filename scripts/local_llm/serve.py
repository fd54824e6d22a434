"""llama.cpp's HTTP server for one GGUF file on this machine, from the PyPI package xllamacpp. It runs until SIGTERM.

usage: serve.py chat|embed FILE PORT THREADS

chat: /v1/chat/completions with a template that passes messages on as plain text, because the file's model was never taught one: a
prompt with examples is a text to go on with. embed: /v1/embeddings with the mean over the tokens.
"""
import os
import signal
import sys
import time
import urllib.error
import urllib.request

import xllamacpp

# The first message as it is; in a dialogue, what was shown and what the user says in turns.
PLAIN_TEXT = """{%- for message in messages -%}
{%- if loop.first -%}{{- message.content -}}
{%- elif message.role == 'assistant' -%}{{- ' ' + message.content -}}
{%- else -%}{{- '\\nThe shop answers: ' + message.content + '\\nThe customer says:' -}}
{%- endif -%}{%- endfor -%}"""

TOKENS = {"chat": 8192, "embed": 512}  # of all requests that are computed at once
SLOTS = {"chat": 2, "embed": 1}


def parameters(role: str, model: str, port: int, threads: int) -> xllamacpp.CommonParams:
    p = xllamacpp.CommonParams()
    p.model.path = model
    p.hostnames = ["127.0.0.1"]
    p.port = port
    p.n_ctx = TOKENS[role]
    p.n_parallel = SLOTS[role]
    p.cpuparams.n_threads = threads
    p.cpuparams_batch.n_threads = threads
    p.warmup = False
    p.cache_ram_mib = 0  # the default keeps up to 8 GiB of old prompts
    if role == "chat":
        p.swa_full = True  # Gemma 3 reads the beginning that all prompts share once, and not each time
        p.chat_template = PLAIN_TEXT
    else:
        p.embedding = True
        p.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
        p.n_batch = p.n_ubatch = TOKENS[role]  # a text is computed in one piece
    return p


def wait_until_loaded(url: str) -> None:
    """Returns when the server no longer answers 503, which it does while it reads the model."""
    while True:
        try:
            urllib.request.urlopen(f"{url}/health").close()
            return
        except urllib.error.HTTPError:
            time.sleep(0.2)


def main() -> None:
    if len(sys.argv) != 5 or sys.argv[1] not in TOKENS:
        sys.exit(__doc__)
    role, model, port, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    server = xllamacpp.Server(parameters(role, model, port, threads))
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # the server would wait for requests under way, for ever
    wait_until_loaded(server.listening_address)
    print(f"{role}: {server.listening_address}", flush=True)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
