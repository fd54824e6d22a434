#!/usr/bin/env python3
"""Compares EM training and one-turn evaluation by latentcrs and by eager PyTorch, run in turns on the same threads and files.

    python3 bench/em.py --data ml-1m.csv --work FOLDER

FOLDER receives the files that both programs read (about 0.8 GB for float32). Without --data, sequences of MovieLens-1M's
sizes are drawn. The interpreter given by --python needs torch, faiss, numpy and scipy (Debian: python3-torch
python3-faiss python3-scipy). Times are medians over the rounds; peak memory is the largest of the rounds.
"""
import argparse
import json
import pathlib
import random
import statistics

from pretrain import run

HERE = pathlib.Path(__file__).resolve().parent
LABELS = {"assembly": "dataset assembly, negatives included", "load": "load all training embeddings",
          "cold": "map and check the embedding files, from disk",
          "states": "states of the frozen encoders (once a run)", "stage1": "stage-1 epoch", "stage2": "stage-2 epoch",
          "joint": "joint epoch", "evaluation": "evaluate all users",
          "train": "three stages of one epoch, all included"}
TARGETS = {"stage1": 10, "stage2": 10, "joint": 8, "evaluation": 200}
USERS, ITEMS = 6034, 3533


def draw_sequences(path):
    """Draws sequences as long as MovieLens-1M's (log-normal, mean 95, at least 5), with popular items more often."""
    draw = random.Random(1)
    popularity = [1 / (rank + 50) for rank in range(ITEMS)]
    with open(path, "w", encoding="utf-8") as file:
        for user in range(1, USERS + 1):
            length = min(1400, max(5, round(draw.lognormvariate(4.05, 1.0))))
            wanted = draw.choices(range(1, ITEMS + 1), popularity, k=2 * length)
            items = list(dict.fromkeys([*wanted, *range(1, 6)]))[:length]
            file.write(f"{user}\t{' '.join(map(str, items))}\n")


def measure(arguments):
    arguments.work.mkdir(parents=True, exist_ok=True)
    if not arguments.data:
        arguments.data = arguments.work / "ml-1m.csv"
        draw_sequences(arguments.data)
    results = []
    common = ["--data", arguments.data, "--work", arguments.work, "--threads", arguments.threads]
    threads = {"OMP_NUM_THREADS": str(arguments.threads), "OPENBLAS_NUM_THREADS": str(arguments.threads)}
    phases = ["--phases", arguments.phases] if arguments.phases else []
    eager = [arguments.python, HERE / "eager_em.py", *common, *phases, "--steps", arguments.eager_steps, "--eval-batches",
             arguments.eager_eval_batches, "--workers", arguments.eager_workers]
    for _ in range(arguments.rounds):
        for dtype in arguments.dtypes.split(","):
            run([arguments.bench, *common, "--dtype", dtype, *phases], {}, results)  # sets its own threads
        run(eager, threads, results)
    return results


class Side:
    """What one side's runs say."""

    def __init__(self, results, name, dtype="float32"):
        self.results = [line for line in results if line["side"] == name and line["dtype"] == dtype]

    def value(self, phase, key="median_ms", take=statistics.median):
        values = [line[key] for line in self.results if line["phase"] == phase and key in line]
        return take(values) if values else None


def shown(value, unit):
    if value is None:
        return ""
    return f"{value:,.2f} {unit}" if value < 10 else f"{value:,.0f} {unit}"


def table(results):
    ours, half, eager = Side(results, "latentcrs"), Side(results, "latentcrs", "float16"), Side(results, "eager")
    lines = ["| part | eager PyTorch | latentcrs | ratio | target | latentcrs, float16 cache |",
             "|---|---:|---:|---:|---:|---:|"]
    for phase, label in LABELS.items():
        seconds = [side.value(phase) and side.value(phase) / 1000 for side in (eager, ours, half)]
        ratio = f"{seconds[0] / seconds[1]:.1f}" if seconds[0] and seconds[1] else ""
        target = TARGETS.get(phase, "")
        lines.append(f"| {label} | {shown(seconds[0], 's')} | {shown(seconds[1], 's')} | {ratio} | {target} | "
                     f"{shown(seconds[2], 's')} |")
        if phase == "evaluation":  # frozen encoders' states are a table; eager runs them at every evaluation
            scores = [side.value(phase, "scores_ms") and side.value(phase, "scores_ms") / 1000 for side in (ours, half)]
            ratio = f"{seconds[0] / scores[0]:.1f}" if seconds[0] and scores[0] else ""
            lines.append(f"| - while training (states known) | {shown(seconds[0], 's')} | {shown(scores[0], 's')} | "
                         f"{ratio} | {target} | {shown(scores[1], 's')} |")
    for phase, label in LABELS.items():
        peaks = [side.value(phase, "peak_mb", max) for side in (eager, ours, half)]
        lines.append(f"| peak memory, {label} | {shown(peaks[0], 'MB')} | {shown(peaks[1], 'MB')} | | | "
                     f"{shown(peaks[2], 'MB')} |")
    lines.append("")
    sizes = [side.value("load", "file_mb") for side in (ours, half) if side.results]
    lines.append("Embedding files of the training examples: " + " and ".join(shown(size, "MB") for size in sizes) + ".")
    rates = [side.value("cold", key) for side in (ours, half) if side.results for key in ("mb_per_s", "read_mb_per_s")]
    if rates and None not in rates:
        lines.append("From disk, and by plain reads of the same files: " + ", ".join(shown(r, "MB/s") for r in rates) + ".")
    measured = eager.value("evaluation", "users_measured", min)
    if measured:
        lines.append(f"Eager evaluation is extrapolated from {measured:.0f} of {eager.value('evaluation', 'users'):.0f} users.")
    steps = eager.value("stage1", "steps_measured", min)
    if steps:
        lines.append(f"Eager epochs are extrapolated from {steps:.0f} steps a pass.")
    return "\n".join(lines)


def check_digests(results):
    """Runs of the same phase have to end with the same bits."""
    digests = {}
    for line in results:
        if "digest" in line:
            digests.setdefault((line["dtype"], line["phase"]), set()).add(line["digest"])
    different = [phase for phase, found in digests.items() if len(found) > 1]
    print(f"weights that differ between rounds: {different or 'none'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, help="ml-1m.csv: user TAB item item … a line")
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2, help="runs of each side, in turns")
    parser.add_argument("--dtypes", default="float32,float16", help="of the embedding files of our runs")
    parser.add_argument("--phases", help="of both sides, separated by commas: evaluation; all if absent")
    parser.add_argument("--eager-steps", type=int, default=5)
    parser.add_argument("--eager-eval-batches", type=int, default=6, help="0: all")
    parser.add_argument("--eager-workers", type=int, default=0)
    parser.add_argument("--bench", default=HERE.parent / "build/release/bin/bench_em")
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--max-others", type=float, default=1, metavar="SHARE",
                        help="leave out runs during which other processes took more than this share of the cores")
    parser.add_argument("--results", help="append the JSON lines to this file, and make the table of all that it has")
    parser.add_argument("--only-table", action="store_true", help="of --results, without running anything")
    arguments = parser.parse_args()
    results = [] if arguments.only_table else measure(arguments)
    if arguments.results:
        with open(arguments.results, "a", encoding="utf-8") as file:
            file.writelines(json.dumps(result) + "\n" for result in results)
        with open(arguments.results, encoding="utf-8") as file:
            results = [json.loads(line) for line in file]
    results = [result for result in results if result["others"] <= arguments.max_others]
    print(table(results))
    check_digests(results)


if __name__ == "__main__":
    main()
