#!/usr/bin/env python3
"""How busy a server is kept: latentcrs against a plain threaded client that sends the same bodies, in one run.

usage: service_rate.py PROGRAM [--users N] [--chat-seconds S] [--embed-seconds S] [--slots N]
A server on this machine answers each chat request after S seconds (0.1) and a request for embeddings after another S (0.01) for each of
its texts, at most N (16) at once. It notes when the first request comes and when the last is answered. Both clients have 8 chat requests in flight and
4 for embeddings. Prints requests a second of both and their ratio, for the stages simulate and embed of configs/tiny.yaml.
"""
import argparse
import http.client
import http.server
import json
import subprocess
import tempfile
import threading
import time


class Ledger:
    """The requests of one measurement."""

    def __init__(self):
        self.lock, self.bodies, self.begin, self.end = threading.Lock(), {}, {}, {}

    def came(self, path, body):
        with self.lock:
            self.begin.setdefault(path, time.monotonic())
            self.bodies.setdefault(path, []).append(body)

    def answered(self, path):
        with self.lock:
            self.end[path] = time.monotonic()

    def rate(self, path):
        return len(self.bodies[path]) / (self.end[path] - self.begin[path])


def make_handler(state, seconds, slots):
    gate = threading.Semaphore(slots)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state["ledger"].came(self.path, body)
            asked = json.loads(body)
            reply = self.reply(asked)
            with gate:
                time.sleep(seconds.get(self.path, 0) * len(asked.get("input", [1])))
            state["ledger"].answered(self.path)
            self.send_response(200 if reply else 404)
            self.send_header("Content-Type", "application/json")
            text = json.dumps(reply or {}).encode()
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def reply(self, body):
            if self.path == "/v1/chat/completions":
                text = "Something calm, in %d letters." % len(body["messages"][0]["content"])
                return {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}
            if self.path == "/v1/embeddings":
                vectors = [[float(ord(c)) for c in (text * 16)[:384]] for text in body["input"]]
                return {"data": [{"index": i, "embedding": v} for i, v in enumerate(vectors)]}
            return None

        def log_message(self, *_):
            pass

    return Handler


def replay(port, path, bodies, threads):
    places = iter(bodies)
    lock = threading.Lock()

    def work():
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while True:
            with lock:
                body = next(places, None)
            if body is None:
                return
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            connection.getresponse().read()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("program")
    arguments.add_argument("--users", type=int, default=0)
    arguments.add_argument("--chat-seconds", type=float, default=0.1)
    arguments.add_argument("--embed-seconds", type=float, default=0.01)
    arguments.add_argument("--slots", type=int, default=16)
    a = arguments.parse_args()
    chat, embed = "/v1/chat/completions", "/v1/embeddings"
    state = {"ledger": Ledger()}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                             make_handler(state, {chat: a.chat_seconds, embed: a.embed_seconds}, a.slots))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    url = f"http://127.0.0.1:{port}/v1"
    with tempfile.TemporaryDirectory() as folder:
        for stage in ("preprocess", "simulate", "embed"):
            subprocess.run([a.program, stage, "-c", "tiny", "-q", f"output_dir={folder}/run", f"services.cache={folder}/cache",
                            "simulate=openai", "embed=openai", "embed.text_embedding_dim=384", f"simulate.users={a.users}",
                            f"simulate.chat.base_url={url}", f"embed.remote.base_url={url}", "embed.remote.bos_marker=",
                            "datasets.filter_keys=[raw]"], check=True)
    ours = state["ledger"]
    for path, threads in ((chat, 8), (embed, 4)):
        state["ledger"] = Ledger()
        replay(port, path, ours.bodies[path], threads)
        plain = state["ledger"].rate(path)
        print(f"{path}: {len(ours.bodies[path])} requests, latentcrs {ours.rate(path):.2f}/s, plain client {plain:.2f}/s, "
              f"ratio {ours.rate(path) / plain:.3f}")


if __name__ == "__main__":
    main()
