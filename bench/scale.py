#!/usr/bin/env python3
"""Time a user and peak memory of every stage on invented data of growing size: a table (CSV and Markdown) and a figure (SVG).

  python3 bench/scale.py --users 6000 --items 3500 --work FOLDER
  python3 bench/scale.py --sizes 6000x3500,60000x35000,200000x200000 --work FOLDER --out docs/figures/scale

Needs NumPy. Each stage is a process of its own. One that takes longer than --limit seconds is ended, and larger sizes leave it and
what needs its result out. The folder of a size is deleted once it was measured, unless --keep says otherwise. With --simulate-users N the stages
from `simulate` on take N of the users, and their time is divided by those."""
import argparse
import concurrent.futures
import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

from scale_data import generate
from scale_figure import write_figure

STAGES = ["preprocess", "pretrain", "simulate", "embed", "train", "evaluate"]
NEEDS = {"pretrain": ["preprocess"], "simulate": ["preprocess"], "embed": ["simulate"], "train": ["pretrain", "embed"],
         "evaluate": ["train"]}
# us_per_user is of processor time: on a machine that others use too, seconds say little. It is divided by the users that the stage takes.
FIELDS = ["users", "items", "ratings", "utterances", "stage", "seconds", "cpu_seconds", "us_per_user", "peak_mb", "note"]
CONFIG = """defaults:
  - base
  - override datasets: scale
  - override pretrain: cds
  - _self_

exp_name: scale
output_dir: run
epochs: 1
embed: {{text_embedding_dim: {width}}}
prior: {{m_ux: {{text_projection: [64, 64], layer_hidden: [64]}}}}
pretrain: {{epochs: 1, loss: {loss}, contrast_type: {contrast}, kmeans_nredo: 1}}
"""
DATASET = """dataset_name: scale
format: movielens-csv
item_noun: movies
interactions: ratings.csv
metadata: movies.csv
features_name: movie_features.csv
id_column: MovieID
min_interactions: 3
filter_keys: [{splits}]
multi_turn_users: 100
"""


def write_config(folder, options):
    (folder / "configs" / "datasets").mkdir(parents=True, exist_ok=True)
    (folder / "configs" / "scale.yaml").write_text(CONFIG.format(width=options.width, loss=options.loss, contrast=options.contrast))
    (folder / "configs" / "datasets" / "scale.yaml").write_text(DATASET.format(splits=options.splits))


def measure(command, folder, limit):
    """Runs a command and returns its seconds, processor seconds, peak memory in MB (2^20 bytes) and a note."""
    log = folder / "output.txt"
    begin = time.monotonic()
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
        while True:
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - begin > limit:
                process.send_signal(signal.SIGKILL)
                _, status, used = os.wait4(process.pid, 0)
                return time.monotonic() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, f"ended after {limit} s"
            time.sleep(0.02)
    note = "" if os.waitstatus_to_exitcode(status) == 0 else "failed: " + log.read_text(encoding="utf-8").strip().splitlines()[-1]
    return time.monotonic() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, note


def lines_of(path):
    with open(path, "rb") as lines:
        return sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b""))


def utterances_of(folder):
    return sum(lines_of(path) for path in (folder / "run" / "simulate" / "processed_data").glob("*_seed*.jsonl")) if folder.exists() else 0


def users_of(stage, users, options):
    """How many users a stage takes."""
    return users if stage in ("preprocess", "pretrain") else min(users, options.simulate_users or users)


def generated(folder, users, items, options):
    """Makes the data in a process of its own: the peak memory of a program begins with that of the process that starts it."""
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        return pool.submit(generate, folder, users, items, options.per_user, options.seed).result()


def measure_size(users, items, options, given_up):
    """The rows of one size; adds stages that took too long to `given_up`."""
    folder = options.work / f"{users}x{items}"
    ratings = generated(folder, users, items, options)
    write_config(folder, options)
    settings = [f"simulate.users={options.simulate_users}"] if options.simulate_users else []
    rows = []
    for stage in STAGES:
        if stage not in options.stages or stage in given_up or any(need in given_up for need in NEEDS.get(stage, [])):
            given_up.add(stage)
            continue
        seconds, cpu, peak, note = measure([options.program.resolve(), stage, "-c", "scale", *settings, *options.set], folder, options.limit)
        if note:
            given_up.add(stage)
        rows.append({"users": users, "items": items, "ratings": ratings, "utterances": 0, "stage": stage, "seconds": round(seconds, 2),
                     "cpu_seconds": round(cpu, 2), "us_per_user": round(1e6 * cpu / users_of(stage, users, options), 1), "peak_mb": round(peak), "note": note})
        print(json.dumps(rows[-1]), flush=True)
    for row in rows:
        row["utterances"] = utterances_of(folder)
    if not options.keep:
        shutil.rmtree(folder)
    return rows


def write_table(rows, path):
    with open(path.with_suffix(".csv"), "w", newline="", encoding="utf-8") as out:
        table = csv.DictWriter(out, FIELDS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    sizes = list(dict.fromkeys((row["users"], row["items"], row["ratings"]) for row in rows))
    stages = list(dict.fromkeys(row["stage"] for row in rows))
    found = {(row["users"], row["items"], row["stage"]): row for row in rows}
    with open(path.with_suffix(".md"), "w", encoding="utf-8") as out:
        out.write("| users × items | ratings | " + " | ".join(stages) + " |\n|---|---:|" + "---:|" * len(stages) + "\n")
        for users, items, ratings in sizes:
            cells = [found.get((users, items, stage)) for stage in stages]
            out.write(f"| {users:,} × {items:,} | {ratings:,} | " + " | ".join(cell_text(row) for row in cells) + " |\n")


def cell_text(row):
    if row is None:
        return ""
    return row["note"].split(":")[0] if row["note"] else f"{row['us_per_user']:,.0f} µs, {row['peak_mb']:,} MB"


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int)
    parser.add_argument("--items", type=int)
    parser.add_argument("--sizes", default="", help="USERSxITEMS,… instead of one size")
    parser.add_argument("--per-user", type=int, default=10, help="ratings of a user on average")
    parser.add_argument("--splits", default="raw, 1755", help="of training utterances (datasets.filter_keys)")
    parser.add_argument("--width", type=int, default=64, help="of the vectors of utterances")
    parser.add_argument("--simulate-users", type=int, default=0, help="of the stages from simulate on; 0: all")
    parser.add_argument("--loss", default="softmax")
    parser.add_argument("--contrast", default="none")
    parser.add_argument("--stages", nargs="*", default=STAGES)
    parser.add_argument("--set", nargs="*", default=[], help="further settings, key=value")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=600, help="seconds a stage may take")
    parser.add_argument("--program", type=pathlib.Path, default=pathlib.Path("build/release/bin/latentcrs"))
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, help="file without its ending: .csv, .md and .svg are written")
    parser.add_argument("--keep", action="store_true", help="do not delete data and runs")
    options = parser.parse_args()
    sizes = options.sizes.split(",") if options.sizes else [f"{options.users}x{options.items}"]
    options.sizes = [tuple(map(int, size.split("x"))) for size in sizes]
    return options


def main():
    options = parse()
    rows, given_up = [], set()
    for users, items in options.sizes:
        rows += measure_size(users, items, options, given_up)
        if options.out:
            write_table(rows, options.out)
            write_figure(rows, options.out.with_suffix(".svg"))


if __name__ == "__main__":
    main()
