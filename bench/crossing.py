#!/usr/bin/env python3
"""Where the softmax over the whole catalogue stops paying: HIT@10 of the same encoder after the same time of training with `softmax`
and with `sampled_softmax`, on invented data (scale_data.py) with catalogues of growing size.

  python3 bench/crossing.py --sizes 6000x3500,20000x12000,60000x35000 --work FOLDER --seconds 60

Needs NumPy. One epoch of each loss is timed first. Each then gets the number of epochs whose time comes nearest to
--seconds, or to that of one epoch of the slowest of them if that is longer. The seconds are those of the epochs alone, as the program counts them. The test is ranked at the end."""
import argparse
import json
import pathlib
import shutil
import subprocess

from scale import write_config
from scale_data import generate

LOSSES = {
    "softmax": ["pretrain.loss=softmax"],
    "sampled_softmax, 256": ["pretrain.loss=sampled_softmax", "pretrain.num_negatives=256"],
    "the same, correct_sampling": ["pretrain.loss=sampled_softmax", "pretrain.num_negatives=256", "pretrain.correct_sampling=true"],
    "2,048, correct_sampling": ["pretrain.loss=sampled_softmax", "pretrain.num_negatives=2048", "pretrain.correct_sampling=true"],
}


def train(folder, options, settings, epochs):
    """Returns the seconds of all epochs together, and HIT@10 of the test with the history left out."""
    pretrained = folder / "run" / "pretrain"
    shutil.rmtree(pretrained, ignore_errors=True)
    command = [options.program.resolve(), "pretrain", "-q", "-c", "scale", f"threads={options.threads}", "pretrain.num_intent_clusters=[8]",
               f"pretrain.epochs={epochs}", f"pretrain.eval_every={epochs}", *settings]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    lines = [json.loads(line) for line in open(pretrained / "metrics.jsonl", encoding="utf-8")]
    figures = json.load(open(pretrained / "next_item.json", encoding="utf-8"))
    return sum(line["seconds"] for line in lines if "losses" in line), figures["seen_left_out"]["test"]["HIT@10"]


def measure_size(users, items, options):
    folder = options.work / f"{users}x{items}"
    ratings = generate(folder, users, items, options.per_user, options.seed)
    write_config(folder, options)
    subprocess.run([options.program.resolve(), "preprocess", "-q", "-c", "scale"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    one = {name: train(folder, options, settings, 1)[0] for name, settings in LOSSES.items()}
    time = max(options.seconds, *one.values())
    for name, settings in LOSSES.items():
        epochs = max(1, round(time / one[name]))
        seconds, hit = train(folder, options, settings, epochs)
        print(f"| {users:,} × {items:,} | {ratings:,} | {name} | {one[name]:.1f} s | {epochs} | {seconds:.0f} s | {hit:.4f} |", flush=True)
    shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", required=True, help="USERSxITEMS,…")
    parser.add_argument("--per-user", type=int, default=10, help="ratings of a user on average")
    parser.add_argument("--seconds", type=float, default=60, help="of training for each loss")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", type=pathlib.Path, default=pathlib.Path("build/release/bin/latentcrs"))
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.set_defaults(width=64, loss="softmax", contrast="none", splits="raw")
    options = parser.parse_args()
    print("| users × items | ratings | loss | first epoch | epochs | in | HIT@10 |\n|---|---:|---|---:|---:|---:|---:|")
    for size in options.sizes.split(","):
        measure_size(*map(int, size.split("x")), options)


if __name__ == "__main__":
    main()
