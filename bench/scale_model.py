#!/usr/bin/env python3
"""Computes what a step costs on several hosts or GPUs from measured times and from the numbers that travel. Nothing here is measured.

    python3 bench/scale_model.py

A step on N processes takes its computation on one divided by N, at least the launches of its shards; what a process sends, at the rate of the
network; and a round of messages for each exchange. docs/performance.md says where times and rates are from.
"""
import dataclasses

FLOAT_BYTES = 4
SHARDS = 8
PROCESSES = (1, 2, 4, 8)
WIDTH = 64                # D
ROW = WIDTH + 2           # floats that a row of an item table takes: its numbers, and an int64 for its place
BEAUTY, CDS, ML1M = 12_101 * WIDTH, 84_777 * WIDTH, 3_417 * WIDTH  # item tables
BEAUTY_ROWS = 4_600       # that the shards of a step touch, together
ENCODER = 50_000          # the other weights of an encoder of one layer
HEADS = 330_000           # EM's weights without the text projection's first layer: 512 intents


@dataclasses.dataclass
class Network:
    bytes_per_second: float
    seconds_per_round: float
    launch_seconds: float  # of the kernels of a shard's step; 0 where nothing is launched


@dataclasses.dataclass
class Work:
    """Seconds of a step on one process; floats of dense gradients; floats sent to everybody (touched rows, vectors, activations); exchanges."""
    name: str
    seconds: float
    dense: int
    to_all: int
    exchanges: int

    def bytes_sent(self, processes):
        """By one process: slices of dense gradients out and its finished slice back, and its part of the rest to each other process."""
        return FLOAT_BYTES * (2 * self.dense + self.to_all) * (processes - 1) / processes

    def seconds_on(self, processes, network):
        if processes == 1:
            return self.seconds
        computing = max(self.seconds, SHARDS * network.launch_seconds) / processes
        return computing + self.bytes_sent(processes) / network.bytes_per_second + self.exchanges * network.seconds_per_round


def works(beauty, cds, ml1m, em):
    instance = 2 * 256 * 50 * WIDTH
    return [
        Work("Beauty, bce and instance contrast, touched rows", beauty, ENCODER, instance + BEAUTY_ROWS * ROW, 7),
        Work("Beauty, bce and instance contrast, whole tables", beauty, ENCODER + BEAUTY, instance, 4),
        Work("CDs, softmax over 84,777 items", cds, ENCODER + CDS, 0, 5),
        Work("MovieLens-1M, L 200, three pairs of views", ml1m, 2 * ENCODER + ML1M, 3 * 2 * 256 * 200 * WIDTH, 7),
        Work("EM on MovieLens-1M, an M-step (E 4096, K 512)", em, HEADS, 2 * 480 * 1024, 4),
    ]


def milliseconds(seconds):
    """The time with three digits that count."""
    return f"{float(f'{1000 * seconds:.3g}'):,g} ms"


def print_table(title, rows, network):
    print(f"| {title} | 1 | 2 | 4 | 8 | each of 8 sends |")
    print("|---|---:|---:|---:|---:|---:|")
    for work in rows:
        times = [work.seconds_on(n, network) for n in PROCESSES]
        cells = [milliseconds(times[0])] + [f"{milliseconds(t)}, {times[0] / t:.1f}x" for t in times[1:]]
        print(f"| {work.name} | {' | '.join(cells)} | {work.bytes_sent(PROCESSES[-1]) / 1e6:.1f} MB |")
    print()


def main():
    print_table("hosts, one core each, 1.1 GB/s", works(beauty=0.26, cds=1.65, ml1m=5.3, em=0.077),
                Network(bytes_per_second=1.1e9, seconds_per_round=100e-6, launch_seconds=0))
    print_table("GPUs, 200 GB/s", [work for work in works(beauty=3.2e-3, cds=2.3e-3, ml1m=32.5e-3, em=0.69e-3) if "rows" not in work.name],
                Network(bytes_per_second=200e9, seconds_per_round=20e-6, launch_seconds=1.5e-3))


if __name__ == "__main__":
    main()
