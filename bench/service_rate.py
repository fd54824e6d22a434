#!/usr/bin/env python3
"""How busy a server is kept: latentcrs against a plain threaded client that sends the same bodies, in turns.

usage: service_rate.py PROGRAM [--rounds N] [--users N] [--chat-seconds S] [--embed-seconds S] [--slots N]
A server on this machine answers each chat request after S seconds (0.1) and a request for embeddings after another S (0.01) for each of
its texts, at most N (16) at once, so that it takes little time of the processor. It notes when the first request comes and when the last
is answered. Both clients have 8 chat requests in flight and 4 for embeddings. Prints the medians over N rounds (3) of the requests a
second of both and of their ratio, for the stages simulate and embed of configs/tiny.yaml. Before the first embeddings latentcrs
tries the server with three requests, one after the other; the last line leaves them out.
"""
import argparse
import http.client
import http.server
import json
import statistics
import subprocess
import tempfile
import threading
import time


CHAT, EMBED = "/v1/chat/completions", "/v1/embeddings"
TRIAL = 3  # requests for embeddings that latentcrs tries the server with


class Ledger:
    """The requests of one measurement."""

    def __init__(self):
        self.lock, self.bodies, self.begin, self.end = threading.Lock(), {}, {}, {}

    def came(self, path, body):
        with self.lock:
            self.begin.setdefault(path, []).append(time.monotonic())
            self.bodies.setdefault(path, []).append(body)

    def answered(self, path):
        with self.lock:
            self.end[path] = time.monotonic()

    def rate(self, path, left_out=0):
        """Requests a second, without the first ones."""
        return (len(self.bodies[path]) - left_out) / (self.end[path] - self.begin[path][left_out])


def make_handler(state, seconds, slots):
    gate = threading.Semaphore(slots)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or else the body of an answer waits 40 ms for the client to confirm its head

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
            if self.path == CHAT:
                text = "Something calm, number %d." % hash(body["messages"][0]["content"])
                return {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}
            if self.path == EMBED:
                vectors = [[float(ord(c)) for c in (text * 16)[:384]] for text in body["input"]]
                return {"data": [{"index": i, "embedding": v} for i, v in enumerate(vectors)]}
            return None

        def log_message(self, *_):
            pass

    return Handler


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # with Python's 5 a connection that comes together with seven others may wait a second


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


def run_stages(arguments, url):
    with tempfile.TemporaryDirectory() as folder:
        for stage in ("preprocess", "simulate", "embed"):
            subprocess.run([arguments.program, stage, "-c", "tiny", "-q", f"output_dir={folder}/run", f"services.cache={folder}/cache",
                            "simulate=openai", "embed=openai", "embed.text_embedding_dim=384", f"simulate.users={arguments.users}",
                            f"simulate.chat.base_url={url}", f"embed.remote.base_url={url}", "embed.remote.bos_marker=",
                            "datasets.filter_keys=[raw]"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(state, path, bodies, threads):
    """The rate of the plain client."""
    state["ledger"] = Ledger()
    replay(state["port"], path, bodies, threads)
    return state["ledger"].rate(path)


def one_round(state, arguments):
    """By name: the number of requests, the rate of latentcrs, that of the plain client."""
    ours = state["ledger"] = Ledger()
    run_stages(arguments, f"http://127.0.0.1:{state['port']}/v1")
    chat, embed = ours.bodies[CHAT], ours.bodies[EMBED]
    return {"chat": (len(chat), ours.rate(CHAT), measure(state, CHAT, chat, 8)),
            "embeddings": (len(embed), ours.rate(EMBED), measure(state, EMBED, embed, 4)),
            "embeddings after the trial": (len(embed) - TRIAL, ours.rate(EMBED, TRIAL), measure(state, EMBED, embed[TRIAL:], 4))}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--users", type=int, default=0)
    parser.add_argument("--chat-seconds", type=float, default=0.1)
    parser.add_argument("--embed-seconds", type=float, default=0.01)
    parser.add_argument("--slots", type=int, default=16)
    arguments = parser.parse_args()
    seconds = {CHAT: arguments.chat_seconds, EMBED: arguments.embed_seconds}
    state = {"ledger": Ledger()}
    server = Server(("127.0.0.1", 0), make_handler(state, seconds, arguments.slots))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state["port"] = server.server_address[1]
    rounds = [one_round(state, arguments) for _ in range(arguments.rounds)]
    for name in rounds[0]:
        requests, ours, plain = (statistics.median(one[name][i] for one in rounds) for i in range(3))
        ratio = statistics.median(one[name][1] / one[name][2] for one in rounds)
        print(f"{name}: {requests:.0f} requests, latentcrs {ours:.2f}/s, plain client {plain:.2f}/s, ratio {ratio:.3f}")


if __name__ == "__main__":
    main()
