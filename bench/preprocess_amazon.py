#!/usr/bin/env python3
"""The baseline of preprocess_amazon.cpp: the same filtering with json.loads for each line. With --generate it writes the input."""
import argparse
import csv
import gzip
import json
import os
import random
import resource
import time


def open_text(path):
    return gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")


def generate(reviews, metadata, megabytes):
    """Writes lines as long as real ones, with users and items of similarly unequal frequency."""
    rng = random.Random(1)
    items = [f"B{i:09d}" for i in range(200_000)]
    words = "a very good record that I would buy again and again for the sound of it, said nobody in particular".split()
    texts = [" ".join(rng.choices(words, k=rng.randint(5, 120))) for _ in range(2000)]
    with open(metadata, "w", encoding="utf-8") as out:
        for item in items:
            entry = {"main_category": "Digital Music", "title": rng.choice(texts)[:60], "average_rating": 4.1, "features": [],
                     "description": [rng.choice(texts)], "price": None, "images": [{"large": "x" * 60}] * 3,
                     "categories": ["CDs & Vinyl", "Pop"], "details": {"Label": "none"}, "parent_asin": item}
            out.write(json.dumps(entry) + "\n")
    written = 0
    with open(reviews, "w", encoding="utf-8") as out:
        while written < megabytes * 1_000_000:
            item = items[int(len(items) * rng.random() ** 4)]
            line = json.dumps({"rating": float(rng.randint(1, 5)), "title": "Five Stars", "text": rng.choice(texts),
                               "images": [], "asin": item, "parent_asin": item,
                               "user_id": f"AE{int(800_000 * rng.random() ** 3):026d}",
                               "timestamp": rng.randint(10**12, 16 * 10**11), "helpful_vote": 0,
                               "verified_purchase": True}) + "\n"
            out.write(line)
            written += len(line)


def preprocess(reviews, metadata, folder):
    have = set()
    with open_text(metadata) as lines:
        for line in lines:
            have.add(json.loads(line)["parent_asin"])
    users, counts = {}, {}
    with open_text(reviews) as lines:
        for line in lines:
            review = json.loads(line)
            kept = users.setdefault(review["user_id"], [])
            if review["rating"] >= 4 and review["parent_asin"] in have:
                kept.append((review["parent_asin"], review["timestamp"]))
                counts[review["parent_asin"]] = counts.get(review["parent_asin"], 0) + 1
    before, after = -1, 0
    while before != after:
        popular = {item for item, count in counts.items() if count >= 5}
        before, after, kept_users, counts = after, 0, {}, {}
        for user, ratings in users.items():
            ratings = [rating for rating in ratings if rating[0] in popular]
            if len(ratings) >= 5:
                kept_users[user] = ratings
                after += len(ratings)
                for item, _ in ratings:
                    counts[item] = counts.get(item, 0) + 1
        users = kept_users
    item_ids = {}
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "bench.csv"), "w", encoding="utf-8") as out:
        for number, ratings in enumerate(users.values(), 1):
            ratings.sort(key=lambda rating: rating[1])
            ids = [item_ids.setdefault(item, len(item_ids) + 1) for item, _ in ratings]
            out.write(f"{number}\t{' '.join(map(str, ids))}\n")
    with open_text(metadata) as lines, open(os.path.join(folder, "features.csv"), "w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, delimiter="\t", lineterminator="\n")
        rows.writerow(["MovieID", "rawID", "title", "main_category", "categories", "description"])
        for line in lines:
            entry = json.loads(line)
            if entry["parent_asin"] in item_ids:
                rows.writerow([item_ids[entry["parent_asin"]], entry["parent_asin"], entry["title"], entry["main_category"],
                               ",".join(entry["categories"]), entry["description"][0] if entry["description"] else ""])
    print(f"{len(users)} users, {len(item_ids)} items, {after} interactions")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reviews")
    parser.add_argument("metadata")
    parser.add_argument("folder", nargs="?", default=".")
    parser.add_argument("--generate", type=int, metavar="MB", help="write this many MB of reviews, and metadata, instead")
    arguments = parser.parse_args()
    if arguments.generate:
        generate(arguments.reviews, arguments.metadata, arguments.generate)
        return
    start = time.monotonic()
    preprocess(arguments.reviews, arguments.metadata, arguments.folder)
    seconds = time.monotonic() - start
    megabytes = (os.path.getsize(arguments.reviews) + 2 * os.path.getsize(arguments.metadata)) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{seconds:.2f} s, {megabytes / seconds:.0f} MB/s, peak {peak} MB")


if __name__ == "__main__":
    main()
