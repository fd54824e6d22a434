#!/usr/bin/env python3
"""The load that `latentcrs serve` carries: wrk asks for rankings of many histories and words while this script watches memory.

usage: serve_load.py RUN [--program PATH] [--seconds S] [--connections N] [--retrain COMMAND]
Starts the server on RUN, prints the time to the first answer, and that of later turns of a session, alone; then lets wrk (Debian's package)
ask over N connections (64) for S seconds (30), and prints answers a second, percentiles, failed answers and the resident memory at ten
moments. With --retrain the shell command, which makes the run anew in its folder, runs during a second such load, and the new run is taken up
when it is done. The machine's load averages are printed before and after.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

WORDS = ["a funny film with robots", "something dark and slow", "a comedy for the whole family", "an old western",
         "a story about friendship", "something with action and a clever plot", "music and romance", "not too long, please"]

SCRIPT = """
local bodies = {}
for line in io.lines("%s") do bodies[#bodies + 1] = line end
local at = 0
function request()
  at = at %% #bodies + 1
  return wrk.format("POST", "/api/v1/runs/%s/rank", {["Content-Type"] = "application/json"}, bodies[at])
end
function done(summary, latency)
  io.write(string.format('{"requests": %%d, "seconds": %%f, "statuses": %%d, "sockets": %%d, "p50": %%f, "p99": %%f, "most": %%f}\\n',
    summary.requests, summary.duration / 1e6, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
"""


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def memory_mb(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def start(program, run):
    """The server, its address, and the seconds to its first answer."""
    begin = time.monotonic()
    process = subprocess.Popen([program, "serve", run, "--port", "0"], stdout=subprocess.PIPE, text=True)
    url = re.search(r"http://\S+(?=/)", process.stdout.readline()).group(0)
    name = ask(f"{url}/api/v1/runs")["runs"][0]["id"]
    ask(f"{url}/api/v1/runs/{name}/rank", {"utterance": WORDS[0]})
    return process, url, name, time.monotonic() - begin


def turn_times(url, name):
    """Milliseconds of the turns of sessions, after the first one of each."""
    times = []
    for user in ask(f"{url}/api/v1/runs/{name}/users?limit=20")["users"]:
        history = [item["id"] for item in ask(f"{url}/api/v1/runs/{name}/users/{user['id']}")["history"]]
        session = ask(f"{url}/api/v1/sessions", {"run": name, "history": history})["id"]
        for number, words in enumerate(WORDS):
            begin = time.monotonic()
            ask(f"{url}/api/v1/sessions/{session}/say", {"text": words})
            if number > 0:
                times.append(1000 * (time.monotonic() - begin))
    return times


def bodies(url, name):
    users = ask(f"{url}/api/v1/runs/{name}/users?limit=200")["users"]
    for number, user in enumerate(users):
        history = [item["id"] for item in ask(f"{url}/api/v1/runs/{name}/users/{user['id']}")["history"]]
        yield json.dumps({"history": history, "utterance": WORDS[number % len(WORDS)], "k": 10})


def load(process, url, script, options):
    """wrk's figures, and the memory at ten moments."""
    command = ["wrk", "-t2", f"-c{options.connections}", f"-d{options.seconds}s", "--timeout", "10s", "-s", script, url]
    wrk = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    memory = []
    while wrk.poll() is None:
        memory.append(memory_mb(process))
        time.sleep(options.seconds / 10)
    lines = [line for line in wrk.stdout.read().splitlines() if line.startswith("{")]
    return json.loads(lines[-1]), memory


def report(name, figures, memory):
    print(f"{name}: {figures['requests']} answers, {figures['requests'] / figures['seconds']:.0f} a second, "
          f"p50 {figures['p50']:.1f} ms, p99 {figures['p99']:.1f} ms, most {figures['most']:.1f} ms; "
          f"failed: {figures['statuses']} answers, {figures['sockets']} connections; "
          f"memory {' '.join(f'{mb:.0f}' for mb in memory)} MB", flush=True)
    return figures["statuses"] + figures["sockets"]


def retrain(command, url, name, outcome):
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    begin = time.monotonic()
    outcome.update(ask(f"{url}/api/v1/runs/{name}/reload", {}), seconds=time.monotonic() - begin)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--program", default="build/release/bin/latentcrs")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--retrain")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("serve_load: there is no wrk; apt-get install wrk")
    print(f"{os.cpu_count()} processors, load {os.getloadavg()}")
    process, url, name, first = start(options.program, options.run)
    failed = 0
    try:
        times = turn_times(url, name)
        print(f"first answer {first:.2f} s after the start; later turns {statistics.median(times):.1f} ms at the median of {len(times)}")
        with tempfile.TemporaryDirectory() as folder:
            lines = pathlib.Path(folder, "bodies")
            lines.write_text("\n".join(bodies(url, name)) + "\n")
            script = pathlib.Path(folder, "load.lua")
            script.write_text(SCRIPT % (lines, name))
            failed += report("load", *load(process, url, script, options))
            if options.retrain:
                outcome = {}
                training = threading.Thread(target=retrain, args=(options.retrain, url, name, outcome))
                training.start()
                rounds = 0
                while training.is_alive():
                    rounds += 1
                    failed += report(f"load beside a new training, round {rounds}", *load(process, url, script, options))
                print(f"generation {outcome['run']['generation']}, changed: {outcome['changed']}, "
                      f"taken up in {outcome['seconds']:.2f} s")
                failed += report("load after it", *load(process, url, script, options))
        print(f"load {os.getloadavg()}")
    finally:
        process.terminate()
        if process.wait() != 0:
            failed += 1
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
