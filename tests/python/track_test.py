"""What scripts/track.py reads of a run and what it logs, with a tracker that only remembers."""
from __future__ import annotations

import contextlib
import io
import json
import pathlib
import tempfile
import threading
import types
import unittest

from tiny_run import copied_run, finished_run, needs

import track
from tracking.errors import TrackError
from tracking.ledger import Entry, Ledger, Progress
from tracking.mlflow_limits import Names, batches, cut_values, flat
from tracking.run_folder import Line, RunFolder, metrics_line, numbers_of, rows_of, without_users
from tracking.trackers import TRACKERS, Options, Session, Tracker


class Memory(Session):
    """A tracker that keeps what it is given: (name, epoch) of every value, and the stages with results."""

    def __init__(self):
        self.points: list[tuple[str, int]] = []
        self.results: list[str] = []
        self.lines: dict[str, int] = {}

    def holds(self, run):
        return True

    def progress(self, stage):
        return Progress(self.lines.get(stage.name, 0), stage.name in self.results)

    def log_lines(self, stage, lines):
        self.points += [(name, line.epoch) for line in lines for name in line.values]
        self.lines[stage.name] = self.lines.get(stage.name, 0) + len(lines)

    def log_results(self, stage):
        self.results.append(stage.name)

    def close(self, state):
        pass

    def where(self):
        return "memory"


def log(folder: pathlib.Path, session: Session) -> bool:
    with contextlib.redirect_stdout(io.StringIO()):
        return track.bring_up_to_date(RunFolder(folder), session)


def epochs_of(path: pathlib.Path) -> int:
    return sum("epoch" in json.loads(line) for line in path.read_text().splitlines())


class LinesOfMetrics(unittest.TestCase):
    def test_names_are_those_of_tensorboard_below_the_stage(self):
        entry = {"em_stage": "joint", "epoch": 3, "e_step": {"loss": 2.5, "elbo": None},
                 "valid": {"with_text": {"HIT@5": 0.5}}}
        self.assertEqual(metrics_line("train", entry, 9),
                         Line("train/joint", 3, {"train/joint/e_step/loss": 2.5, "train/joint/valid/with_text/HIT@5": 0.5},
                              False))

    def test_a_line_without_an_epoch_is_about_the_best_one(self):
        line = metrics_line("pretrain", {"best_epoch": 7, "test": {"HIT@5": 0.25}}, 61)
        self.assertEqual(line, Line("pretrain", 7, {"pretrain/best/test/HIT@5": 0.25}, True))

    def test_lists_and_intervals_have_names(self):
        figures = {"success_rate": [0.1, 0.2], "success_rate_ci95": [[0, 1], [0, 1]], "x": True, "y": "text"}
        self.assertEqual([name for name, _ in numbers_of(figures)],
                         ["success_rate@1", "success_rate@2", "success_rate_ci95@1_low", "success_rate_ci95@1_high",
                          "success_rate_ci95@2_low", "success_rate_ci95@2_high"])

    def test_rows_of_a_table_are_the_maps_with_numbers(self):
        tree = {"test": {"with text": {"HIT@5": 1}, "popularity": {"HIT@5": 0, "after": {"users": 3}}}}
        self.assertEqual(dict(rows_of(tree)),
                         {"test/with text": {"HIT@5": 1.0}, "test/popularity": {"HIT@5": 0.0, "after/users": 3.0}})

    def test_addresses_lose_their_users(self):
        self.assertEqual(without_users("proxy: http://me:secret@host:80/x  # me@home"),
                         "proxy: http://***@host:80/x  # me@home")


class ARun(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def test_every_epoch_is_logged_once(self):
        session = Memory()
        self.assertTrue(log(finished_run(), session))
        self.assertEqual(len(session.points), len(set(session.points)))
        total = [epoch for name, epoch in session.points if name == "pretrain/losses/total"]
        self.assertEqual(total, [1, 2, 3, 4])
        shown = sum(name.endswith("/valid/with_text/NDCG@10") for name, _ in session.points)
        self.assertEqual(shown, epochs_of(finished_run() / "train/metrics.jsonl"))
        self.assertEqual(session.results, ["preprocess", "pretrain", "simulate", "embed", "train", "evaluate"])
        before = list(session.points)
        self.assertFalse(log(finished_run(), session))
        self.assertEqual(session.points, before)

    def test_following_ends_when_nothing_is_at_work(self):
        session = Memory()
        tracker = types.SimpleNamespace(open=lambda *_: session)
        follower = track.Follower(RunFolder(finished_run()), tracker, Options("p", False, False))
        with contextlib.redirect_stdout(io.StringIO()) as said:
            follower.follow(interval=0.05, patience=0.2, stop=threading.Event())
        self.assertEqual(session.results[-1], "evaluate")
        self.assertRegex(said.getvalue(), "logged as memory")

    def test_following_a_run_that_does_not_come_is_an_error(self):
        follower = track.Follower(RunFolder(self.folder / "none"), None, Options("p", False, False))
        with self.assertRaisesRegex(TrackError, "not the folder of a run"):
            follower.follow(interval=0.05, patience=0.1, stop=threading.Event())

    def test_a_line_that_is_being_written_is_logged_when_it_is_whole(self):
        run = copied_run(self.folder)
        metrics = run / "train/metrics.jsonl"
        text = metrics.read_bytes()
        whole, session = Memory(), Memory()
        log(run, whole)
        metrics.write_bytes(text[: len(text) // 2])
        log(run, session)
        self.assertLess(len(session.points), len(whole.points))
        metrics.write_bytes(text)
        log(run, session)
        self.assertEqual(session.points, whole.points)

    def test_results_of_a_stage_that_is_to_be_made_anew_are_left_out(self):
        run = copied_run(self.folder)
        manifest = json.loads((run / "pretrain/manifest.json").read_text())
        manifest["outputs"] = {}
        (run / "pretrain/manifest.json").write_text(json.dumps(manifest))
        session = Memory()
        log(run, session)
        self.assertEqual([stage.name for stage in RunFolder(run).stages()], ["preprocess", "pretrain", "simulate", "embed"])
        self.assertNotIn("pretrain", session.results)
        self.assertTrue(any(name.startswith("pretrain/losses") for name, _ in session.points))
        self.assertFalse(any(name.startswith("train/") for name, _ in session.points))

    def test_damaged_metrics_are_named(self):
        run = copied_run(self.folder)
        (run / "train/metrics.jsonl").write_text('{"epoch": 0}\n{"epoch": \n')
        with self.assertRaisesRegex(TrackError, "train/metrics.jsonl:2: not JSON"):
            log(run, Memory())

    @needs("yaml")
    def test_settings_have_the_types_of_yaml_1_2(self):
        run = copied_run(self.folder)
        config = (run / "config.yaml").read_text().replace("exp_name: tiny ", 'exp_name: "no" ')
        (run / "config.yaml").write_text(config.replace('proxy: "" ', "proxy: http://me:secret@host "))
        settings = RunFolder(run).settings()
        self.assertEqual((settings["exp_name"], settings["early_stop"]["delta"], settings["datasets"]["filter_keys"][1],
                          settings["evaluate"]["controls"], settings["services"]["http"]["proxy"]),
                         ("no", 1e-05, "1755", True, "http://***@host"))

    @needs("yaml")
    def test_a_tracked_run_is_found_again_unless_its_settings_or_stages_changed(self):
        run = RunFolder(copied_run(self.folder))
        stage = {stage.name: stage for stage in run.stages()}["train"]
        Ledger(run).put(Entry("there", "id1", run.settings_digest(), {"train": stage.fingerprint}, {"train": Progress(9)}))
        self.assertEqual(Ledger(run).find("there", run).of_stage(stage), Progress(9, False))
        self.assertIsNone(Ledger(run).find("elsewhere", run))
        for file, old, new in (("config.yaml", "random_seed: 42", "random_seed: 43"),
                               ("train/manifest.json", stage.fingerprint, "0" * 64)):
            text = (run.folder / file).read_text()
            (run.folder / file).write_text(text.replace(old, new))
            self.assertIsNone(Ledger(run).find("there", run), file)
            (run.folder / file).write_text(text)

    @needs("yaml")
    def test_two_trackers_keep_their_entries_in_one_file(self):
        run = RunFolder(copied_run(self.folder))
        ledgers = {name: Ledger(run) for name in ("one", "two")}
        entries = {name: Entry(name, "id", run.settings_digest()) for name in ledgers}
        for lines in (1, 2):
            for name, ledger in ledgers.items():
                entries[name].progress["train"] = Progress(lines)
                ledger.put(entries[name])
        self.assertEqual({name: Ledger(run).find(name, run).progress["train"].lines for name in ledgers}, {"one": 2, "two": 2})
        ledgers["one"].remove(entries["one"])
        self.assertIsNone(Ledger(run).find("one", run))
        self.assertIsNotNone(Ledger(run).find("two", run))


class LimitsOfMlflow(unittest.TestCase):
    def test_names(self):
        names = Names()
        self.assertEqual(names.of("evaluate/other's text/HIT@10"), "evaluate/other_s text/HIT_at_10")
        self.assertEqual(names.of("evaluate/other's text/HIT@10"), "evaluate/other_s text/HIT_at_10")
        with self.assertRaisesRegex(TrackError, "one name"):
            names.of("evaluate/other_s text/HIT_at_10")

    def test_lines_stay_whole_and_below_the_limit(self):
        lines = [Line("a", i, {f"v{j}": 0.0 for j in range(300)}, False) for i in range(8)]
        self.assertEqual([[line.epoch for line in batch] for batch in batches(lines, 1000)], [[0, 1, 2], [3, 4, 5], [6, 7]])

    def test_settings_are_flat_text_and_a_cut_is_said(self):
        settings = dict(flat({"a": {"b": 1e-05, "c": ["x", True], "d": {}}, "e": "x" * 7000}))
        self.assertEqual({**settings, "e": ""}, {"a.b": "1e-05", "a.c": '["x", true]', "a.d": "{}", "e": ""})
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            self.assertEqual(len(cut_values(settings)["e"]), 6000)
        self.assertRegex(said.getvalue(), "e has 7000 characters")


class Trackers(unittest.TestCase):
    def test_names_are_unique(self):
        self.assertEqual(len({tracker.name for tracker in TRACKERS}), len(TRACKERS))

    def test_a_missing_package_is_named_with_its_installation(self):
        absent = Tracker(name="absent", title="Absent", package="absent-package", module="absent_package.session")
        with self.assertRaisesRegex(TrackError, "pip install absent-package"):
            absent.load()
        self.assertEqual(absent.errors(), ())


if __name__ == "__main__":
    unittest.main()
