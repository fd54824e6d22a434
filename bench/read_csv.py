#!/usr/bin/env python3
"""Preprocessing of a CSV log (read, threshold, k-core, order of time, ids, sequences) by latentcrs, pandas and polars, in turns.

  python3 -m venv env && env/bin/pip install -r bench/read_csv_requirements.txt
  env/bin/python bench/read_csv.py log.csv --generate 10000000
  env/bin/python bench/read_csv.py log.csv --program build/release/bin/bench_read_csv --rounds 3

Each measurement is a process of its own. All of them must write the same sequences."""
import argparse
import hashlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

MIN_INTERACTIONS = 5
CHUNK = 10_000_000


def generate(path, lines, ids):
    """Writes lines in order of time, as a service logs them, with users and items of unequal frequency."""
    import numpy
    import polars
    rng = numpy.random.default_rng(1)
    users, items = max(10, lines // 60), max(10, lines // 600)
    with open(path, "wb") as out:
        for begin in range(0, lines, CHUNK):
            count = min(CHUNK, lines - begin)
            user = (users * rng.random(count) ** 2).astype(numpy.int64) * 7919 % users + 1
            item = (items * rng.random(count) ** 3).astype(numpy.int64) * 104729 % items + 1
            table = polars.DataFrame({"user": user, "item": item, "rating": rng.choice([1, 2, 3, 3.5, 4, 4.5, 5, 5], count),
                                      "time": 1_500_000_000 + begin + numpy.arange(count)})
            if ids == "text":
                table = table.with_columns(polars.format("AE{}", polars.col("user").cast(str).str.zfill(11)).alias("user"),
                                           polars.format("B{}", polars.col("item").cast(str).str.zfill(9)).alias("item"))
            table.write_csv(out, include_header=begin == 0)


def run_pandas(path, output, min_rating):
    import pandas
    log = pandas.read_csv(path)
    log["row"] = pandas.factorize(log.pop("user"))[0]
    log["item"] = pandas.factorize(log["item"])[0]
    log = log[log.pop("rating") >= min_rating]
    size = -1
    while size != len(log):
        size = len(log)
        log = log[log.groupby("item")["item"].transform("size") >= MIN_INTERACTIONS]
        log = log[log.groupby("row")["row"].transform("size") >= MIN_INTERACTIONS]
    log = log.sort_values(["row", "time"], kind="stable")
    log["item"] = (pandas.factorize(log["item"])[0] + 1).astype(str)
    with open(output, "w", encoding="ascii") as out:
        for number, (_, items) in enumerate(log.groupby("row", sort=False)["item"], 1):
            out.write(f"{number}\t{' '.join(items)}\n")


def run_polars(path, output, min_rating):
    import polars
    from polars import col

    def numbered(log, column):
        """Ids as numbers in order of appearance."""
        ids = log.select(col(column).unique(maintain_order=True)).with_row_index("number", offset=1)
        log = log.join(ids, on=column, how="left", maintain_order="left")
        return log.drop(column).rename({"number": column})

    log = numbered(numbered(polars.read_csv(path), "user"), "item")
    log = log.filter(col("rating") >= min_rating).drop("rating")
    size = -1
    while size != len(log):
        size = len(log)
        log = log.filter(polars.len().over("item") >= MIN_INTERACTIONS)
        log = log.filter(polars.len().over("user") >= MIN_INTERACTIONS)
    log = numbered(log.sort("user", "time", maintain_order=True), "item")
    users = log.group_by("user", maintain_order=True).agg(col("item").cast(str)).with_row_index("number", offset=1)
    users.select("number", col("item").list.join(" ")).write_csv(output, separator="\t", include_header=False, quote_style="never")


def measured(name, arguments, folder):
    """Seconds, peak memory in MB and the digest of the sequences of one process."""
    output = pathlib.Path(folder) / "bench.csv"
    output.unlink(missing_ok=True)
    if name == "latentcrs":
        command = [arguments.program, arguments.log, folder, str(arguments.min_rating)]
    else:
        command = [sys.executable, __file__, arguments.log, "--only", name, "--output", str(output), "--min-rating", str(arguments.min_rating)]
    environment = os.environ | {"POLARS_MAX_THREADS": str(arguments.threads)}
    begin = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begin
    if status != 0:
        sys.exit(f"{name} failed: {' '.join(command)}")
    with open(output, "rb") as sequences:
        digest = hashlib.file_digest(sequences, "sha256").hexdigest()
    return {"seconds": seconds, "processor": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024, "digest": digest}


def compare(arguments):
    with open(arguments.log, "rb") as log:
        lines = sum(block.count(b"\n") for block in iter(lambda: log.read(1 << 24), b"")) - 1
    names = arguments.peers.split(",")
    runs = {name: [] for name in names}
    with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
        for _ in range(arguments.rounds):
            for name in names:
                runs[name].append(measured(name, arguments, folder))
    if len({run["digest"] for all_runs in runs.values() for run in all_runs}) > 1:
        sys.exit(f"the sequences differ: {json.dumps(runs, indent=1)}")
    print("| | seconds | processor seconds | million lines a second | peak MB |\n|---|---:|---:|---:|---:|")
    for name in names:
        seconds, processor, memory = (statistics.median(run[key] for run in runs[name]) for key in ("seconds", "processor", "memory"))
        print(f"| {name} | {seconds:.2f} | {processor:.2f} | {lines / seconds / 1e6:.2f} | {memory:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("--generate", type=int, metavar="LINES", help="write the log instead")
    parser.add_argument("--ids", choices=["number", "text"], default="number", help="of the log that is written")
    parser.add_argument("--program", help="bench_read_csv")
    parser.add_argument("--peers", default="latentcrs,pandas,polars")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2, help="of polars")
    parser.add_argument("--min-rating", type=float, default=4.0)
    parser.add_argument("--work", default=None, help="folder of temporary files")
    parser.add_argument("--only", choices=["pandas", "polars"], help=argparse.SUPPRESS)
    parser.add_argument("--output", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.generate:
        generate(arguments.log, arguments.generate, arguments.ids)
    elif arguments.only:
        {"pandas": run_pandas, "polars": run_polars}[arguments.only](arguments.log, arguments.output, arguments.min_rating)
    else:
        compare(arguments)


if __name__ == "__main__":
    main()
