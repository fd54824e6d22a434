#!/usr/bin/env python3
"""Measures the same work on several processes and on several threads of one machine, in turns.

    python3 bench/scale_out.py build/release/bin/latentcrs [--rounds 3] [--ways 1x1,2x1,4x1,1x2]

A way is processes x threads of each. The works are a pretraining step with instance contrast on data as large as Amazon Beauty, a step with
the softmax over a catalogue as large as that of CDs and Vinyl, and the ranking of that catalogue. The data are invented: users with random
sequences of 5 to 14 items. Every way runs with data_shards=8; the last line of a work is one process that learns from whole batches
(data_shards=1). Times are medians over the rounds of the second epoch.
"""
import argparse
import json
import os
import pathlib
import random
import socket
import statistics
import subprocess
import tempfile

STEP, RANKING = "a step", "ranking all users"
WORKS = {
    "Beauty, bce with instance contrast": (12101, 2300, 1.0, ["pretrain.loss=bce", "pretrain.contrast_type=InstanceCL", "pretrain.cf_weight=0.1"]),
    "CDs, softmax": (84777, 1300, 0.34, ["pretrain.loss=softmax", "pretrain.contrast_type=none"]),
}


def write_sequences(path, items, users):
    """Returns the number of users, some of whom are there so that every item occurs."""
    draw = random.Random(1)
    with open(path, "w", encoding="ascii") as out:
        for user in range(1, users + 1):
            print(user, *draw.sample(range(1, items + 1), draw.randint(5, 14)), file=out)
        for first in range(1, items + 1, 50):
            users += 1
            print(users, *(1 + (first + i - 1) % items for i in range(50)), file=out)
    return users


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def parts_of(profile, found=None):
    """{name: (calls, seconds)} of all parts of a stage."""
    found = {} if found is None else found
    for part in profile:
        calls, seconds = found.get(part["name"], (0, 0.0))
        found[part["name"]] = (calls + part["calls"], seconds + part["seconds"])
        parts_of(part.get("parts", []), found)
    return found


def measure(binary, folder, settings, processes, threads, shards):
    """Runs two epochs; returns the milliseconds of a step of the second one, and the seconds of the ranking after it."""
    command = [binary, "pretrain", "--force", "-q", "--profile", *settings, f"threads={threads}", f"data_shards={shards}"]
    store = f"127.0.0.1:{free_port()}"
    running = []
    for rank in range(processes):
        environment = dict(os.environ, RANK=str(rank), WORLD_SIZE=str(processes), LATENTCRS_STORE=store)
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL))
    if any(process.wait() != 0 for process in running):
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    lines = [json.loads(line) for line in (folder / "pretrain/metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    profile = json.loads((folder / "profile/pretrain/profile.json").read_text(encoding="utf-8"))
    ranking = parts_of(profile["parts"])["validation"][1]
    epoch = [line["seconds"] for line in lines if "seconds" in line][1]
    return epoch - ranking, ranking


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--ways", default="1x1,2x1,4x1,1x2", help="processes x threads of each; the first one is what the others are compared with")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    ways = [(*map(int, way.split("x")), 8) for way in arguments.ways.split(",")] + [(1, 1, 1)]
    binary = arguments.binary.resolve()
    print(f"{'work':<36} {'processes':>9} {'threads':>7} {'shards':>6} {'step':>9} {'ratio':>6} {'ranking':>9} {'ratio':>6}")
    for name, (items, users, share, more) in WORKS.items():
        with tempfile.TemporaryDirectory() as work:
            data, folder = pathlib.Path(work) / "sequences.txt", pathlib.Path(work) / "run"
            steps = -(-int(write_sequences(data, items, users) * share) // 256)
            settings = ["-c", "beauty", f"datasets.interactions={data}", f"output_dir={folder}", "device=cpu", "tensorboard=false",
                        "pretrain.epochs=2", "pretrain.eval_every=2", f"pretrain.training_data_ratio={share}", *more]
            subprocess.run([binary, "preprocess", "-q", *settings], check=True, stdout=subprocess.DEVNULL)
            times = {way: [] for way in ways}
            for _ in range(arguments.rounds):
                for way in ways:
                    times[way].append(measure(binary, folder, settings, *way))
        medians = {way: [statistics.median(values) for values in zip(*of_way)] for way, of_way in times.items()}
        for (processes, threads, shards), (epoch, ranking) in medians.items():
            first = medians[ways[0]]
            print(f"{name:<36} {processes:>9} {threads:>7} {shards:>6} {1000 * epoch / steps:>6.0f} ms {first[0] / epoch:>5.2f}x "
                  f"{ranking:>7.2f} s {first[1] / ranking:>5.2f}x", flush=True)


if __name__ == "__main__":
    main()
