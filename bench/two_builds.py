#!/usr/bin/env python3
"""Speed of an earlier build beside this one on invented data of the size of Amazon's CDs and Vinyl, in turns.

  python3 bench/two_builds.py OLD_PROGRAM NEW_PROGRAM --work FOLDER [--rounds N] [--seconds S]

Needs NumPy. Both programs read the same files, in MovieLens' form, which every revision reads. Each measurement starts pretraining, stops it
after S seconds (45) and takes the users a second that it last reported; the table holds the medians over N rounds (3). Then both programs
simulate, embed and train once, which gives the peak memory of the stages, the seconds until EM's first scores, and EM's steps a second."""
import argparse
import concurrent.futures
import datetime
import os
import pathlib
import re
import signal
import statistics
import subprocess
import time

import scale_data

DATASET = """dataset_name: invented
format: movielens
item_noun: movies
interactions: {folder}/ratings.dat
metadata: {folder}/movies.dat
features_name: movie_features.csv
id_column: MovieID
filter_keys: [raw, 1755]
"""
CONFIG = """defaults:
  - base
  - override datasets: invented
  - override pretrain: cds
  - _self_

exp_name: invented
output_dir: run
epochs: 1
embed: {text_embedding_dim: 64}
prior: {m_ux: {text_projection: [64, 64], layer_hidden: [64]}}
pretrain: {epochs: 1, kmeans_nredo: 1}
"""
PRETRAININGS = [["pretrain.loss=softmax"], ["pretrain.loss=bce"]]  # with the preset's contrast, Hybrid
FOR_TRAIN = ["pretrain.loss=bce", "pretrain.contrast_type=none"]


def write_data(folder, options):
    folder.mkdir(parents=True, exist_ok=True)
    # In a process of its own: the peak memory of a program begins with that of the process that starts it.
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        pool.submit(scale_data.generate, folder, options.users, options.items, options.per_user, 1).result()
    with open(folder / "ratings.csv") as ratings, open(folder / "ratings.dat", "w") as out:
        next(ratings)
        out.writelines(line.replace(",", "::") for line in ratings)
    with open(folder / "movies.csv") as movies, open(folder / "movies.dat", "w") as out:
        next(movies)
        for line in movies:
            item, rest = line.split(",", 1)
            out.write("::".join([item, *rest.rsplit(",", 1)]))


class Build:
    def __init__(self, name, program, work):
        self.name, self.program, self.folder = name, program.resolve(), work / name
        configs = self.folder / "configs"
        (configs / "datasets").mkdir(parents=True, exist_ok=True)
        (configs / "datasets" / "invented.yaml").write_text(DATASET.format(folder=(work / "raw").resolve()))
        (configs / "invented.yaml").write_text(CONFIG)

    def run(self, stage, settings, seconds=None):
        """Runs a stage, interrupted after some seconds if they are given. Returns what it printed and its peak memory in MB (2^20 bytes)."""
        log = self.folder / "output.txt"
        with open(log, "w") as out:
            process = subprocess.Popen([self.program, stage, "-c", "invented", *settings], cwd=self.folder, stdout=out, stderr=subprocess.STDOUT)
            if seconds:
                time.sleep(seconds)
                os.kill(process.pid, signal.SIGINT)  # does nothing to one that has ended; send_signal() would reap it
            _, status, used = os.wait4(process.pid, 0)
        text = log.read_text()
        if not seconds and os.waitstatus_to_exitcode(status) != 0:
            raise SystemExit(f"{self.name} {stage}: {text.strip().splitlines()[-1]}")
        return text, used.ru_maxrss / 1024

    def forget(self, stage):
        subprocess.run(["rm", "-rf", self.folder / "run" / stage], check=True)

    def users_a_second(self, settings, seconds):
        self.forget("pretrain")
        return last_number(self.run("pretrain", settings, seconds)[0], "users/s")

    def seconds_to_first_scores(self):
        """Seconds of `train` from its first line in run.log to the scores of the untrained networks."""
        times = {}
        for line in (self.folder / "run" / "run.log").read_text().splitlines():
            for mark in ("train: making", "posterior 0:"):
                if f"  {mark}" in line:
                    times[mark] = datetime.datetime.fromisoformat(line[:23])
        return (times["posterior 0:"] - times["train: making"]).total_seconds()


def last_number(text, unit):
    numbers = re.findall(rf"([0-9.]+) {unit}", text)
    if not numbers:
        raise SystemExit(f"no {unit} were reported: take more seconds, or more users; the last line was: {text.strip().splitlines()[-1]}")
    return float(numbers[-1])


def print_row(name, old, new, more_is_better):
    ratio = new / old if more_is_better else old / new
    print(f"| {name} | {old:.4g} | {new:.4g} | {ratio:.2f} |", flush=True)


def measure(old, new, options):
    for settings in PRETRAININGS:
        rates = {build: [] for build in (old, new)}
        for _ in range(options.rounds):
            for build in (old, new):
                rates[build].append(build.users_a_second(settings, options.seconds))
        print_row(f"pretrain {' '.join(settings)}, users/s", statistics.median(rates[old]), statistics.median(rates[new]), True)
    for build in (old, new):
        build.forget("pretrain")
        build.run("pretrain", FOR_TRAIN)
    for stage in ("simulate", "embed"):
        for build in (old, new):
            build.forget(stage)
        print_row(f"{stage}, peak memory in MB", *[build.run(stage, FOR_TRAIN)[1] for build in (old, new)], False)
    for build in (old, new):
        build.forget("train")
    steps = [last_number(build.run("train", FOR_TRAIN, options.train_seconds)[0], "steps/s") for build in (old, new)]
    print_row("train, seconds to the first scores", old.seconds_to_first_scores(), new.seconds_to_first_scores(), False)
    print_row("train, EM steps/s", *steps, True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=pathlib.Path)
    parser.add_argument("new", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--users", type=int, default=141834)
    parser.add_argument("--items", type=int, default=84777)
    parser.add_argument("--per-user", type=int, default=34)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--train-seconds", type=float, default=75)
    options = parser.parse_args()
    write_data(options.work / "raw", options)
    old, new = Build("old", options.old, options.work), Build("new", options.new, options.work)
    for build in (old, new):
        build.run("preprocess", [])
    print("| work | old | new | times as fast, or as small |\n|---|---:|---:|---:|")
    measure(old, new, options)


if __name__ == "__main__":
    main()
