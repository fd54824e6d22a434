#!/usr/bin/env python3
"""Compares pretraining by latentcrs and by eager PyTorch, run in turns on the same threads.

    python3 bench/pretrain.py --setting beauty --data data/beauty/Beauty.txt

The interpreter given by --python needs torch, faiss, numpy and scipy (Debian: python3-torch python3-faiss
python3-scipy). Every phase's time is the median over the rounds; peak memory is the largest of the rounds.
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
PHASES = ["load", "clustering", "kmeans", "step", "evaluation"]
LABELS = {"load": "load the data", "clustering": "clustering pass", "kmeans": "k-means", "step": "training step",
          "batch_ms": "- batch", "forward_ms": "- forward", "backward_ms": "- backward", "adam_ms": "- Adam",
          "evaluation": "evaluate all users"}
TARGETS = {"beauty": 7, "ml-1m": 12}


def cpu_seconds():
    """The processor time of all processes, and of the finished children of this one."""
    with open("/proc/stat", encoding="ascii") as file:
        everyone = sum(int(ticks) for ticks in file.readline().split()[1:4]) / os.sysconf("SC_CLK_TCK")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return everyone, children.ru_utime + children.ru_stime


def run(command, environment, results):
    begin, everyone, own = time.monotonic(), *cpu_seconds()
    output = subprocess.run([str(part) for part in command], env={**os.environ, **environment}, check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    everyone, own = (after - before for after, before in zip(cpu_seconds(), (everyone, own)))
    others = max(0, everyone - own) / (time.monotonic() - begin) / os.cpu_count()
    for line in output.splitlines():
        results.append({**json.loads(line), "others": round(others, 3)})
        print(json.dumps(results[-1]), flush=True)


def measure(arguments):
    results = []
    common = ["--data", arguments.data, "--setting", arguments.setting, "--threads", arguments.threads]
    ours = [arguments.bench, *common, "--steps", arguments.steps, "--fused", arguments.fused]
    eager = [arguments.python, HERE / "eager_pretrain.py", *common, "--steps", arguments.eager_steps,
             "--batch", arguments.eager_batch, "--eval-users", arguments.eager_eval_users]
    threads = {"OMP_NUM_THREADS": str(arguments.threads)}
    for _ in range(arguments.rounds):
        if "latentcrs" in arguments.sides:
            run(ours, {}, results)  # sets its own threads
        for phases in arguments.eager_runs.split(";") if "eager" in arguments.sides else ():
            run([*eager, "--phases", phases], {**threads, "OPENBLAS_NUM_THREADS": str(arguments.threads)}, results)
    return results


class Side:
    """What one side's runs of a setting say."""

    def __init__(self, results, name):
        self.results = [result for result in results if result["side"] == name]

    def value(self, phase, key="median_ms", take=statistics.median):
        values = [result[key] for result in self.results if result["phase"] == phase and key in result]
        return take(values) if values else None

    def epoch_seconds(self):
        parts = [self.value("step"), self.value("step", "steps_an_epoch"), self.value("clustering"), self.value("kmeans")]
        return None if None in parts else (parts[0] * parts[1] + parts[2] + parts[3]) / 1000

    def peak(self, phases=PHASES):
        peaks = [self.value(phase, "peak_mb", max) for phase in phases]
        return None if None in peaks else max(peaks)


def cell(value, unit):
    if value is None:
        return "not measured"
    return f"{value:,.1f} {unit}" if value < 100 and unit != "MB" else f"{value:,.0f} {unit}"


def row(label, ours, eager, unit="ms"):
    ratio = f"{eager / ours:.1f}" if ours and eager else ""
    return f"| {label} | {cell(eager, unit)} | {cell(ours, unit)} | {ratio} |"


def table(results):
    ours, eager = Side(results, "latentcrs"), Side(results, "eager")
    rate = max(side.value("gemm", "gflops", max) or 0 for side in (ours, eager))
    lines = ["| part | eager PyTorch | latentcrs | ratio |", "|---|---:|---:|---:|"]
    for phase in PHASES:
        lines.append(row(LABELS[phase], ours.value(phase), eager.value(phase)))
        if phase == "step":
            for part in ("batch_ms", "forward_ms", "backward_ms", "adam_ms"):
                lines.append(row(LABELS[part], ours.value(phase, part), eager.value(phase, part)))
    lines.append(row("epoch (steps, clustering pass, k-means)", ours.epoch_seconds(), eager.epoch_seconds(), "s"))
    for phase in ("clustering", "step", "evaluation"):
        lines.append(row(f"peak memory, {LABELS[phase]}", ours.peak([phase]), eager.peak([phase]), "MB"))
    lines.append(row("peak memory", ours.peak(), eager.peak(), "MB"))
    lines.append("")
    lines.append(f"Best GEMM rate measured: {rate:.0f} GFLOP/s.")
    for phase in ("step", "clustering") if rate else ():
        flops, spent = ours.value(phase, "gflop"), ours.value(phase)
        if flops and spent:
            lines.append(f"Arithmetic floor of the {LABELS[phase]}: {flops:.1f} GFLOP, {1000 * flops / rate:,.0f} ms; "
                         f"latentcrs takes {spent * rate / flops / 1000:.1f} times that.")
    measured, users = eager.value("evaluation", "users_measured", min), eager.value("load", "users")
    if measured and users and measured < users:
        lines.append(f"Eager evaluation was measured on {measured:.0f} of {users:.0f} users; its time is scaled up.")
    batch = eager.value("step", "batch", min)
    if batch and batch < 256:
        lines.append(f"Eager steps were measured on {batch:.0f} users; their time is scaled up to 256, their memory not.")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--setting", choices=TARGETS, required=True)
    parser.add_argument("--data", required=True, help="user item item … a line")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sides", default="latentcrs,eager", help="those to run; the other one is taken from --results")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each side, in turns")
    parser.add_argument("--steps", type=int, default=10, help="steps measured in a run of ours")
    parser.add_argument("--eager-steps", type=int, default=3)
    parser.add_argument("--eager-batch", type=int, default=256,
                        help="users of an eager step, if memory is short; its times are scaled up to 256, its memory not")
    parser.add_argument("--eager-eval-users", type=int, default=0, help="0: all")
    parser.add_argument("--eager-runs", default="load,gemm,clustering,kmeans,step,evaluation",
                        help="phases of a run of the eager side, runs separated by ;")
    parser.add_argument("--fused", choices=["true", "false"], default="true")
    parser.add_argument("--bench", default=HERE.parent / "build/release/bin/bench_pretrain")
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
    wanted = {"setting": arguments.setting, "threads": arguments.threads}
    print(table([result for result in results
                 if all(result[key] == value for key, value in wanted.items())
                 and result.get("fused") in (None, arguments.fused == "true")  # the eager side does not say
                 and result["others"] <= arguments.max_others]))


if __name__ == "__main__":
    main()
