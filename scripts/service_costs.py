#!/usr/bin/env python3
"""What the stage `simulate` asks a language model on the Amazon datasets, from their published counts of users.

The dry run counts exactly, but needs the data; this needs none. Of each user three records are asked about (raw, valid,
test), and of those with at least 11 items five more (the selections). A prompt is the template, the titles of the history
and the description of the target, at four bytes a token.
"""
import argparse
import pathlib
import re

# Users that the published preprocessing leaves of Amazon Reviews 2023: ratings of 4 and more, iterated 5-core.
PUBLISHED = {"CDs and Vinyl": 104_544, "Video Games": 15_582}
TEMPLATE = pathlib.Path(__file__).resolve().parent.parent / "configs/prompts/user_simulator.txt"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--title", type=float, default=8, help="tokens of a title in the history (default 8)")
    parser.add_argument("--description", type=float, default=60, help="tokens of the target's description (default 60)")
    parser.add_argument("--answer", type=float, default=80, help="tokens of an answer (default 80)")
    parser.add_argument("--price-in", type=float, default=0.30, help="of a million tokens sent (default 0.30)")
    parser.add_argument("--price-out", type=float, default=2.50, help="of a million tokens answered (default 2.50)")
    options = parser.parse_args()

    template = len(re.sub(r"\{\w+\}", "", TEMPLATE.read_text()).encode()) / 4
    print("| | users | records a user | history | requests | tokens in, millions | tokens out, millions | cost |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, users in PUBLISHED.items():
        # Nobody has selections and all have the shortest history; all have selections and the longest.
        for records, history in ((3, 5), (8, 24)):
            requests = users * records
            sent = requests * (template + options.title * history + options.description) / 1e6
            answered = requests * options.answer / 1e6
            cost = sent * options.price_in + answered * options.price_out
            print(f"| {name} | {users:,} | {records} | {history} | {requests:,} | {sent:.1f} | {answered:.1f} | {cost:.0f} |")


if __name__ == "__main__":
    main()
