#!/usr/bin/env python3
"""Measures the cost of arithmetic=portable compared with arithmetic=native: runs the same benchmarks in turns, on the same
threads, with the environment variables that the program sets for each.

    python3 bench/arithmetic.py --catalogue --beauty data/beauty/Beauty.txt --ml1m ml-1m.csv --work FOLDER

The times are medians over the rounds. WORK receives the files of the EM benchmark (about 0.8 GB). --before names a folder with
the benchmarks of an earlier revision, which then run in turns with these, in the environment of that time (native).
"""
import argparse
import pathlib
import statistics

from pretrain import run

HERE = pathlib.Path(__file__).resolve().parent
# The variables that src/experiment/run/compute_environment.cpp sets.
PORTABLE = {"OPENBLAS_CORETYPE": "Haswell", "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2",
            "DNNL_MAX_CPU_ISA": "AVX2", "MKL_CBWR": "AVX2,STRICT"}
NATIVE = {"LATENTCRS_AMX": "1"}  # where the processor has AMX


def native():
    """The variables of native arithmetic; without AVX-512 it has the same BLAS kernels as portable arithmetic."""
    flags = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii")
    return NATIVE | {"OPENBLAS_CORETYPE": "SkylakeX" if "avx512vl" in flags else "Haswell"}


def commands(binaries, arguments):
    threads = ["--threads", arguments.threads]
    pretrain = [binaries / "bench_pretrain", "--steps", arguments.steps, *threads]
    found = []
    if arguments.catalogue:
        catalogue = [binaries / "bench_catalogue", "--per-user", 19, *threads]
        found.append(("84,777 items", [*catalogue, "--phases", "loss,em,step,rank"]))
        found.append(("3,416 items", [*catalogue, "--items", 3416, "--batch", 784, "--phases", "loss,rank"]))
    if arguments.beauty:
        found.append(("Beauty", [*pretrain, "--setting", "beauty", "--data", arguments.beauty]))
    if arguments.ml1m:
        found.append(("MovieLens-1M", [*pretrain, "--setting", "ml-1m", "--data", arguments.ml1m]))
        found.append(("EM", [binaries / "bench_em", "--data", arguments.ml1m, "--work", arguments.work, *threads, "--phases",
                             "states,stage1,stage2,joint,evaluation"]))
    return found


def measure(arguments):
    sides = [("portable", arguments.binaries, PORTABLE), ("native", arguments.binaries, native())]
    if arguments.before:
        sides.append(("before", arguments.before, native()))
    times = {}
    for _ in range(arguments.rounds):
        for side, binaries, environment in sides:
            for work, command in commands(binaries, arguments):
                results = []
                run(command, environment, results)
                for result in results:
                    if "median_ms" in result:
                        times.setdefault((work, result["phase"]), {}).setdefault(side, []).append(result["median_ms"])
    return [side[0] for side in sides], times


def table(sides, times):
    print("| work | " + " | ".join(sides) + " | portable / native |")
    print("|---|" + "---:|" * (len(sides) + 1))
    for (work, phase), by_side in times.items():
        medians = {side: statistics.median(values) for side, values in by_side.items()}
        cells = [f"{medians[side]:,.1f} ms" if side in medians else "" for side in sides]
        print(f"| {work}, {phase} | " + " | ".join(cells) + f" | {medians['portable'] / medians['native']:.3f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beauty", help="sequences of Beauty")
    parser.add_argument("--ml1m", help="sequences of MovieLens-1M (preprocess/ml-1m.csv of a run)")
    parser.add_argument("--catalogue", action="store_true", help="invented users and items: needs no data")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("bench_arithmetic"))
    parser.add_argument("--binaries", type=pathlib.Path, default=HERE.parent / "build/release/bin")
    parser.add_argument("--before", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    table(*measure(arguments))


if __name__ == "__main__":
    main()
