#!/usr/bin/env python3
"""How real users' words are: one column for each file, the same figures for simulated users and for people.

usage: word_profile.py FEATURES FILE...
FEATURES  preprocess/movie_features.csv of a run on a MovieLens dataset: the titles, years and genres that can be named
FILE      NAME=PATH of utterances, .jsonl or .jsonl.gz: simulate/processed_data/*.jsonl (`response`, `history`), conversations with
          `utterances` as [speaker, text] (`history` beside them), or dialogues with `conversation` (UserSimCRS; only user queries and
          preferences are counted)

A user's first words count once for each record or dialogue. `names a liked item` is a title of the record's history.
"""
import csv
import gzip
import json
import re
import sys

WORD = re.compile(r"[a-z0-9']+")
DECADE = re.compile(r"\b(?:19|20)?\d0'?s\b|\b(?:19|20)\d\d\b|\b(?:twent|thirt|fort|fift|sixt|sevent|eight|ninet)ies\b")
GENRE_WORDS = {"sci-fi": ["sci-fi", "sci fi", "scifi", "science fiction"], "children's": ["children", "kids", "family"],
               "romance": ["romance", "romantic"], "animation": ["animation", "animated", "cartoon"],
               "film-noir": ["noir"], "comedy": ["comedy", "comedies", "funny"], "documentary": ["documentary", "documentaries"],
               "fantasy": ["fantasy", "fantasies"], "mystery": ["mystery", "mysteries"], "horror": ["horror", "scary"]}


def plain(title):
    title = re.sub(r"\s*\(.*?\)", "", title)
    title = re.sub(r"^(.*), (The|A|An)$", r"\2 \1", title)
    return " ".join(WORD.findall(title.lower()))


def read_features(path):
    """Titles by item id as plain words, and the words that name a genre."""
    titles, genres = {}, set()
    with open(path, encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            titles[row["MovieID"]] = plain(row["Title"])
            genres.update(genre.lower() for genre in row["Genres"].split("|"))
    words = sorted({word for genre in genres for word in GENRE_WORDS.get(genre, [genre])}, key=len, reverse=True)
    return titles, re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + r")s?\b")


def records(path):
    """(text, history) of a user's first words, once for each record or dialogue."""
    seen = set()
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            for one in entry if isinstance(entry, list) else [entry]:
                if "response" in one:
                    if one["response"]:
                        yield one["response"], [str(i) for i in one["history"]]
                elif "utterances" in one:
                    said = [text for speaker, text in one["utterances"] if speaker == "user"]
                    if said and one.get("dialog_id") not in seen:
                        seen.add(one.get("dialog_id"))
                        yield said[0], [str(i) for i in one.get("history", [])]
                elif "conversation" in one:
                    asks = [turn["utterance"] for turn in one["conversation"] if turn["participant"] == "USER" and any(
                        str(act.get("intent", "")).startswith(("IQU", "PRO")) for act in turn.get("dialogue_acts", []))]
                    if asks:
                        yield asks[0], []


def distinct(texts, n):
    grams = [tuple(words[i:i + n]) for words in texts for i in range(len(words) - n + 1)]
    return len(set(grams)) / len(grams) if grams else 0


def profile(found, titles, genre):
    known = {title for title in titles.values() if len(title.split()) > 1}
    texts = [WORD.findall(text.lower()) for text, _ in found]
    lines = [" ".join(words) for words in texts]
    share = lambda hits: sum(hits) / max(len(found), 1)
    lengths = sorted(len(words) for words in texts)
    names = lambda line, some: any(f" {title} " in f" {line} " for title in some)
    grams = lambda words: (" ".join(words[i:i + n]) for n in range(2, 9) for i in range(len(words) - n + 1))
    sample = texts[:200]
    return [str(len(found)), f"{sum(lengths) / max(len(lengths), 1):.1f}", str(lengths[len(lengths) // 2]) if lengths else "",
            f"{share(bool(genre.search(text.lower())) for text, _ in found):.2f}",
            f"{share(bool(DECADE.search(text.lower())) for text, _ in found):.2f}",
            f"{share(any(g in known for g in grams(words)) for words in texts):.2f}",
            f"{share(names(line, [t for t in (titles.get(i) for i in history) if t]) for line, (_, history) in zip(lines, found)):.2f}",
            f"{distinct(sample, 1):.2f}", f"{distinct(sample, 2):.2f}"]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    titles, genre = read_features(sys.argv[1])
    rows = ["first utterances", "words, mean", "words, median", "names a genre", "names a decade or year", "names an item (of 2+ words)",
            "names a liked item", "distinct words (first 200)", "distinct pairs (first 200)"]
    columns, heads = [], []
    for file in sys.argv[2:]:
        name, _, path = file.partition("=")
        heads.append(name)
        columns.append(profile(list(records(path or name)), titles, genre))
    print("| | " + " | ".join(heads) + " |")
    print("|---|" + "---:|" * len(heads))
    for i, row in enumerate(rows):
        print(f"| {row} | " + " | ".join(column[i] for column in columns) + " |")


if __name__ == "__main__":
    main()
