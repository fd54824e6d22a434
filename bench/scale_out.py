#!/usr/bin/env python3
"""Measures one epoch of pretraining, with its validation, on 1, 2 and 4 processes of one thread each, in turns, on one machine.

    python3 bench/scale_out.py build/release/bin/latentcrs [--processes 1,2,4] [--rounds 3]

The data are invented: users with random sequences of the lengths of Amazon Beauty, and a catalogue as large as CDs and Vinyl. The
speed-up is that of medians over rounds; each round has one epoch of each number of processes.
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

SETTINGS = {
    "Beauty, bce with instance contrast": (12101, 2560, ["pretrain.loss=bce", "pretrain.contrast_type=InstanceCL", "pretrain.cf_weight=0.1"]),
    "CDs, softmax": (84777, 2560, ["pretrain.loss=softmax", "pretrain.contrast_type=none"]),
}


def write_sequences(path, items, users):
    draw = random.Random(1)
    with open(path, "w", encoding="ascii") as out:
        for user in range(1, users + 1):
            sequence = draw.sample(range(1, items + 1), draw.randint(5, 14))
            print(user, *sequence, file=out)
        # Every item occurs, so that the catalogue is as large as it is said to be.
        for first in range(1, items + 1, 50):
            users += 1
            print(users, *range(first, min(first + 50, items + 1)), file=out)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def epoch_seconds(binary, folder, data, processes, more):
    command = [binary, "pretrain", "--force", "-q", "-c", "beauty", f"datasets.interactions={data}", f"output_dir={folder}", "threads=1",
               "device=cpu", "data_shards=8", "pretrain.epochs=2", "pretrain.training_data_ratio=1.0", *more]
    if processes == 1 and not (folder / "preprocess").exists():
        subprocess.run([binary, "preprocess", "-q", *command[4:]], check=True, stdout=subprocess.DEVNULL)
    store = f"127.0.0.1:{free_port()}"
    running = []
    for rank in range(processes):
        environment = dict(os.environ, RANK=str(rank), WORLD_SIZE=str(processes), LATENTCRS_STORE=store)
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL))
    if any(process.wait() != 0 for process in running):
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    lines = (folder / "pretrain/metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["seconds"] for line in lines if "seconds" in json.loads(line)][1]  # the first epoch warms up


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--processes", default="1,2,4")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    counts = [int(count) for count in arguments.processes.split(",")]
    binary = arguments.binary.resolve()
    for name, (items, users, more) in SETTINGS.items():
        with tempfile.TemporaryDirectory() as work:
            data = pathlib.Path(work) / "sequences.txt"
            write_sequences(data, items, users)
            seconds = {count: [] for count in counts}
            for _ in range(arguments.rounds):
                for count in counts:
                    seconds[count].append(epoch_seconds(binary, pathlib.Path(work) / "run", data, count, more))
        medians = {count: statistics.median(times) for count, times in seconds.items()}
        for count, median in medians.items():
            print(f"{name}: {count} process(es), {median:.2f} s an epoch, {medians[counts[0]] / median:.2f}x")


if __name__ == "__main__":
    main()
