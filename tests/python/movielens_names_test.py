"""The table of names that scripts/movielens_names.py makes, from a small package of films in the place of PyPI's."""
from __future__ import annotations

import contextlib
import io
import pathlib
import sqlite3
import sys
import tempfile
import unittest
import zipfile
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import movielens_names  # noqa: E402

FILMS = [  # title, year, director, cast, reviews
    ("Heat", 1995, "Michael Mann", "Al Pacino, Robert De Niro", 70),
    ("Heat", 1986, "Dick Richards", "Burt Reynolds", 5),
    ("Il Postino", 1994, "Michael Radford", "Massimo Troisi, Jr.", 20),
    ("Am\u00e9lie & Friends", 2001, "", "Audrey Tautou", None),
    ("Silent", 1990, None, "", 1),
]
MOVIES = (
    "1::Heat (1995)::Crime\n2::Postman, The (Il Postino) (1995)::Drama\n3::Amelie and Friends, The (2000)::Comedy\n"
    "4::Heat (1980)::Crime\n5::Silent (1990)::Drama\n"
)


def write_wheel(path: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = pathlib.Path(folder) / "movies.db"
        with contextlib.closing(sqlite3.connect(database)) as films, films:
            films.execute("create table omdb (ID, Title, Year, Director, Cast)")
            films.execute("create table tomatoes (ID, Reviews)")
            for number, (title, year, director, cast, reviews) in enumerate(FILMS):
                films.execute("insert into omdb values (?, ?, ?, ?, ?)", (number, title, year, director, cast))
                films.execute("insert into tomatoes values (?, ?)", (number, reviews))
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.write(database, movielens_names.DATABASE)


class MovieLensNames(unittest.TestCase):
    def names_of(self, name: str, movies: str, encoding: str) -> list[str]:
        with tempfile.TemporaryDirectory() as temp:
            folder = pathlib.Path(temp)
            (folder / name).write_text(movies, encoding=encoding)
            write_wheel(folder / "films.whl")
            words = ["", str(folder / name), str(folder / "names.tsv"), "--wheel", str(folder / "films.whl")]
            with mock.patch.object(sys, "argv", words), contextlib.redirect_stdout(io.StringIO()) as said:
                movielens_names.main()
            self.assertIn("3 of 5 films have names", said.getvalue())
            return (folder / "names.tsv").read_text(encoding="utf-8").splitlines()

    def test_films_are_found_by_title_and_year(self):
        expected = [
            "item\ttitle\tnames",
            "1\tHeat (1995)\tMichael Mann|Al Pacino|Robert De Niro",
            "2\tPostman, The (Il Postino) (1995)\tMichael Radford|Massimo Troisi",
            "3\tAmelie and Friends, The (2000)\tAudrey Tautou",
        ]
        self.assertEqual(self.names_of("movies.dat", MOVIES, "latin-1"), expected)
        rows = ['%s,"%s",%s' % tuple(line.split("::")) for line in MOVIES.splitlines()]
        table = "movieId,title,genres\n" + "\n".join(rows) + "\n"
        self.assertEqual(self.names_of("movies.csv", table, "utf-8"), expected)


if __name__ == "__main__":
    unittest.main()
