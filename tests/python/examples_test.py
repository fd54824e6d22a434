"""The scripts of examples/ on a run of the tiny dataset."""
from __future__ import annotations

import json
import pathlib
import pickle
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
import zipfile

from tiny_run import BINARY, SOURCE, copied_run, needs


class Attack:
    """An object whose pickle runs a command when it is read."""

    def __reduce__(self):
        return print, ("the file's code has been run",)


class Example(unittest.TestCase):
    script = ""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def run_script(self, *arguments) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, str(SOURCE / "examples" / self.script), *map(str, arguments)], cwd=self.folder,
                              capture_output=True, text=True)


@needs("numpy", "pandas")
class ReadRun(Example):
    script = "read_run.py"

    def test_the_figure_shows_the_success_rates(self):
        run = copied_run(self.folder)
        done = self.run_script(run, "figure.svg")
        self.assertEqual(done.returncode, 0, done.stderr)
        tree = xml.etree.ElementTree.parse(self.folder / "figure.svg")
        titles = [title.text for title in tree.iter("{http://www.w3.org/2000/svg}title")]
        figures = json.loads((run / "evaluate/multi_turn.json").read_text())["all"]
        self.assertIn(f"{figures['users']} dialogues", titles[0])
        self.assertEqual(titles[1:], [f"turn {turn}: {share:.4f} [{low:.4f}, {high:.4f}]" for turn, (share, (low, high)) in
                                      enumerate(zip(figures["success_rate"], figures["success_rate_ci95"]), start=1)])

    def test_ranks_that_do_not_give_the_scores_are_noticed(self):
        run = copied_run(self.folder)
        path = run / "evaluate/ranks_test_seen_kept.tsv"
        path.write_text(re.sub(r"\t\d+$", "\t1", path.read_text(), flags=re.MULTILINE))
        done = self.run_script(run)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "AssertionError")

    def test_a_file_of_tensors_runs_no_code(self):
        run = copied_run(self.folder)
        (path,) = (run / "embed/embedding_cache").glob("*_test.pt")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x/data.pkl", pickle.dumps(Attack(), protocol=2))
        done = self.run_script(run)
        self.assertNotIn("has been run", done.stdout)
        self.assertRegex(done.stderr, "print is not expected in a file of tensors")


@needs("optuna")
class SearchWithOptuna(Example):
    script = "search_with_optuna.py"

    def search(self, *arguments) -> subprocess.CompletedProcess:
        return self.run_script("-c", SOURCE / "configs/tiny.yaml", "--program", BINARY, "--folder", "search", "--storage",
                               "sqlite:///search.db", "pretrain.epochs=2", f"services.cache={self.folder}/cache", *arguments)

    def trials(self) -> list:
        import optuna
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        return optuna.load_study(study_name="search", storage=f"sqlite:///{self.folder}/search.db").trials

    def test_trials_are_runs_and_a_search_goes_on(self):
        done = self.search("--trials", "2", "epochs=2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([trial.state.name for trial in self.trials()], ["COMPLETE", "COMPLETE"])
        for trial in self.trials():
            run = self.folder / f"search/trial-{trial.number}"
            lines = [json.loads(line) for line in (run / "train/metrics.jsonl").read_text().splitlines()]
            joint = [line["valid"]["with_text"]["NDCG@10"] for line in lines if line["em_stage"] == "joint" and line["epoch"]]
            self.assertEqual(trial.value, max(joint))
            self.assertIn(f"learning_rate: {trial.params['learning_rate']} ", (run / "config.yaml").read_text())
            encoder = "pretrain/ICLRec-tiny-ml.pt"
            self.assertTrue((run / encoder).samefile(self.folder / "search/common" / encoder))
        best = max(self.trials(), key=lambda trial: trial.value)
        self.assertIn(f"run -c {SOURCE}/configs/tiny.yaml", done.stdout)
        self.assertIn(f"learning_rate={best.params['learning_rate']}", done.stdout)
        self.assertEqual(self.search("--trials", "1", "epochs=2").returncode, 0)
        self.assertEqual(len(self.trials()), 3)

    def test_a_setting_that_does_not_exist_ends_the_search(self):
        done = self.search("--trials", "2", "no_such_setting=1")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "no_such_setting")
        self.assertRegex(done.stderr.splitlines()[-1], "^search: .*ended with exit code 3")


if __name__ == "__main__":
    unittest.main()
