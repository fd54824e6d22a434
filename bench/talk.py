#!/usr/bin/env python3
"""Seconds from the start of `latentcrs chat` to its first answer, and milliseconds of later turns, beside the command that ranks one
user as `evaluate` does: bench/talk.py build/release/bin/latentcrs RUN [--rounds N]. The two are started in turns.
"""
import argparse
import os
import statistics
import subprocess
import time

SENTENCES = ["A comedy for children, please", "Something with robots and space", "not 2", "A dark thriller with detectives",
             "more like 3", "something older"]


def say(process, sentence):
    """Seconds until the answer is complete; /history marks its end."""
    start = time.perf_counter()
    process.stdin.write(f"{sentence}\n/history\n")
    process.stdin.flush()
    while not process.stdout.readline().startswith("Your history"):
        pass
    return time.perf_counter() - start


def processor_seconds():
    times = os.times()
    return times.children_user + times.children_system


def chat(program, run):
    """Seconds to the first answer, seconds of the later turns, seconds of the processor."""
    before = processor_seconds()
    start = time.perf_counter()
    process = subprocess.Popen([program, "chat", run, "--user", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    while not process.stdout.readline().startswith("Your history"):  # of the greeting
        pass
    say(process, SENTENCES[0])
    first = time.perf_counter() - start
    later = [say(process, sentence) for sentence in SENTENCES[1:]]
    process.stdin.close()
    process.wait()
    return first, later, processor_seconds() - before


def one_user(program, run, config):
    before = processor_seconds()
    start = time.perf_counter()
    subprocess.run([program, "recommend", "-c", config, f"output_dir={run}", "--users", "1", "--as-of", "test", "--utterances"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start, processor_seconds() - before


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("run")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    config = os.path.join(options.run, "config.yaml")
    firsts, laters, chat_cpu, users, user_cpu = [], [], [], [], []
    for _ in range(options.rounds):
        first, later, cpu = chat(options.program, options.run)
        firsts.append(first)
        laters += later
        chat_cpu.append(cpu)
        seconds, cpu = one_user(options.program, options.run, config)
        users.append(seconds)
        user_cpu.append(cpu)
    print(f"chat, start to first answer   {statistics.median(firsts):7.3f} s  (best {min(firsts):.3f} s)")
    print(f"chat, later turns             {1e3 * statistics.median(laters):7.1f} ms (best {1e3 * min(laters):.1f} ms)")
    print(f"chat, {len(SENTENCES)} turns, processor    {statistics.median(chat_cpu):7.3f} s  (best {min(chat_cpu):.3f} s)")
    print(f"recommend, one test user      {statistics.median(users):7.3f} s  (best {min(users):.3f} s)")
    print(f"recommend, processor          {statistics.median(user_cpu):7.3f} s  (best {min(user_cpu):.3f} s)")
    print(f"load {os.getloadavg()[0]:.1f}, medians of {options.rounds} rounds in turns")


if __name__ == "__main__":
    main()
