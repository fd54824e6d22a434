"""The files of `latentcrs report` on a run of the tiny dataset, read by Python's own parsers."""
from __future__ import annotations

import csv
import html.parser
import json
import pathlib
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from tiny_run import BINARY, copied_run

SVG = "{http://www.w3.org/2000/svg}"


class Outline(html.parser.HTMLParser):
    """The ids, links, levels of headings and tables of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.ids, self.links, self.levels, self.tables, self.captions = [], [], [], 0, 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "a":
            self.links.append(attributes["href"])
        if tag in ("h1", "h2", "h3", "h4"):
            self.levels.append(int(tag[1]))
        self.tables += tag == "table"
        self.captions += tag == "caption"


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.run_folder = copied_run(pathlib.Path(temporary.name))
        subprocess.run([BINARY, "report", str(cls.run_folder)], check=True, stdout=subprocess.DEVNULL)
        cls.files = cls.run_folder / "report"

    def rows(self, table: str) -> list[dict[str, str]]:
        with open(self.files / f"tables/{table}.csv", newline="") as file:
            return list(csv.DictReader(file))

    def test_pictures_are_xml_and_say_what_they_show(self):
        pictures = sorted((self.files / "figures").glob("*.svg"))
        self.assertEqual([picture.stem for picture in pictures],
                         ["em", "gain-by-history", "gain-by-popularity", "intent-use", "pretraining", "scores", "turns"])
        for picture in pictures:
            root = xml.etree.ElementTree.parse(picture).getroot()
            self.assertEqual(root.tag, f"{SVG}svg")
            self.assertTrue(root.find(f"{SVG}title").text)
            self.assertTrue(root.find(f"{SVG}desc").text)
            self.assertNotIn("var(", picture.read_text())

    def test_tables_hold_the_figures_of_the_run(self):
        scores = json.loads((self.run_folder / "evaluate/one_turn.json").read_text())["test_seen_kept"]
        rows = self.rows("scores")
        self.assertEqual({row["score"] for row in rows}, set(scores))
        for row in rows:
            self.assertEqual(float(row["NDCG@10"]), scores[row["score"]]["NDCG@10"])
            half = (float(row["NDCG@10 high"]) - float(row["NDCG@10 low"])) / 2
            self.assertAlmostEqual(half, scores[row["score"]]["NDCG@10_ci95"], places=12)
        dialogues = json.loads((self.run_folder / "evaluate/multi_turn.json").read_text())["all"]
        self.assertEqual([float(row["success rate"]) for row in self.rows("turns")], dialogues["success_rate"])

    def test_gains_of_groups_add_up_to_those_of_all(self):
        for table in ("gain-by-history", "gain-by-popularity"):
            *groups, every = self.rows(table)
            counts = [int(row["targets"]) for row in groups]
            self.assertEqual(sum(counts), int(every["targets"]))
            gains = sum(float(row["gain in NDCG@10"]) * count for row, count in zip(groups, counts))
            self.assertAlmostEqual(gains / sum(counts), float(every["gain in NDCG@10"]), places=12)

    def test_the_page_leads_to_its_parts_and_files(self):
        page = Outline((self.run_folder / "report.html").read_text())
        self.assertEqual(len(page.ids), len(set(page.ids)))
        for link in page.links:
            if link.startswith("#"):
                self.assertIn(link[1:], page.ids)
            else:
                self.assertTrue((self.run_folder / link).exists(), link)
        self.assertEqual(page.levels[0], 1)
        for above, level in zip(page.levels, page.levels[1:]):
            self.assertLessEqual(level, above + 1)

    def test_a_folder_that_is_no_run_is_refused(self):
        done = subprocess.run([BINARY, "report", str(self.files)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 4)
        self.assertIn("holds no run.json", done.stderr)
        self.assertFalse((self.files / "report.html").exists())


if __name__ == "__main__":
    unittest.main()
