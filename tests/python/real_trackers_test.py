"""scripts/track.py with an MLflow server on SQLite and with W&B's offline mode."""
from __future__ import annotations

import csv
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

from tiny_run import SOURCE, beside_ci, copied_run, latentcrs, run_settings
from wandb_records import records

QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false", "DO_NOT_TRACK": "true",
         "WANDB_SILENT": "true", "WANDB_MODE": "offline"}


def curves_of(run: pathlib.Path) -> dict[str, dict[int, float]]:
    """Two curves of the run from its own files: epoch -> value."""
    lines = {stage: [json.loads(line) for line in (run / stage / "metrics.jsonl").read_text().splitlines()]
             for stage in ("pretrain", "train")}
    return {"pretrain/losses/total": {line["epoch"]: line["losses"]["total"] for line in lines["pretrain"] if "losses" in line},
            "train/joint/valid/with_text/NDCG@10": {line["epoch"]: line["valid"]["with_text"]["NDCG@10"]
                                                    for line in lines["train"] if line["em_stage"] == "joint"}}


def score_of(run: pathlib.Path) -> float:
    return json.loads((run / "evaluate/one_turn.json").read_text())["test_seen_kept"]["with text"]["NDCG@10"]


class Tracked(unittest.TestCase):
    """A temporary folder, in which track.py is run with the variables of a tracker."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.variables = {**os.environ, **QUIET, "WANDB_DIR": str(self.folder)}

    def command(self, *arguments) -> list[str]:
        return [sys.executable, str(SOURCE / "scripts/track.py"), *map(str, arguments)]

    def track(self, *arguments) -> str:
        done = subprocess.run(self.command(*arguments), env=self.variables, cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def follow_a_run(self, *arguments) -> pathlib.Path:
        """Follows a run from before its start until Ctrl-C after its end; returns its folder."""
        run = self.folder / "followed"
        follower = subprocess.Popen(self.command(run, *arguments, "--follow", "--interval", "0.2", "--patience", "600"),
                                    env=self.variables, cwd=self.folder, stdout=subprocess.PIPE, text=True)
        self.addCleanup(follower.kill)
        subprocess.run(latentcrs("run", "-q", *run_settings(run)), check=True, cwd=self.folder, stdout=subprocess.DEVNULL)
        follower.send_signal(signal.SIGINT)
        said = follower.communicate(timeout=120)[0]
        self.assertEqual(follower.returncode, 0, said)
        return run


@beside_ci
class Mlflow(Tracked):
    @classmethod
    def setUpClass(cls):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        cls.temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.addClassCleanup(cls.temporary.cleanup)
        folder, cls.uri = pathlib.Path(cls.temporary.name), f"http://127.0.0.1:{port}"
        with open(folder / "server.log", "w") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
                 "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")],
                env={**os.environ, **QUIET}, stdout=log, stderr=log, start_new_session=True)
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(os.killpg, server.pid, signal.SIGTERM)
        cls.wait_for_server(server, folder / "server.log")

    @classmethod
    def wait_for_server(cls, server: subprocess.Popen, log: pathlib.Path):
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{cls.uri}/health", timeout=5).close()
                return
            except OSError:
                if server.poll() is not None:
                    break
                time.sleep(0.2)
        raise RuntimeError(f"the MLflow server does not answer:\n{log.read_text()}")

    def setUp(self):
        super().setUp()
        self.variables["MLFLOW_TRACKING_URI"] = self.uri
        os.environ |= QUIET
        import mlflow
        self.client = mlflow.MlflowClient(tracking_uri=self.uri)

    def runs(self, project: str) -> list:
        experiment = self.client.get_experiment_by_name(project)
        return self.client.search_runs([experiment.experiment_id]) if experiment else []

    def only_run(self, project: str):
        (run,) = self.runs(project)
        return run

    def histories(self, run) -> dict[str, list[tuple[int, float]]]:
        return {name: [(point.step, point.value) for point in self.client.get_metric_history(run.info.run_id, name)]
                for name in run.data.metrics}

    def check_curves(self, run, folder: pathlib.Path):
        for name, curve in curves_of(folder).items():
            self.assertEqual(sorted(self.histories(run)[name.replace("@", "_at_")]), sorted(curve.items()), name)

    def test_a_run_is_logged_once(self):
        folder = copied_run(self.folder)
        self.track(folder, "--mlflow", "--project", "once")
        run = self.only_run("once")
        self.check_curves(run, folder)
        self.assertEqual(run.info.status, "FINISHED")
        self.assertEqual(run.data.metrics["evaluate/one_turn/test_seen_kept/with text/NDCG_at_10"], score_of(folder))
        self.assertEqual(run.data.params["early_stop.delta"], "1e-05")
        self.assertEqual(run.data.params["pretrain.checkpoint"], "")
        before = self.histories(run)
        self.assertIn("nothing to add", self.track(folder, "--mlflow", "--project", "once"))
        self.assertEqual(self.histories(self.only_run("once")), before)
        self.assertEqual({len(history) for name, history in before.items() if name.startswith("evaluate/")}, {1})

    def test_what_comes_later_is_added(self):
        folder = copied_run(self.folder)
        metrics = folder / "train/metrics.jsonl"
        text = metrics.read_text()
        metrics.write_text("".join(text.splitlines(keepends=True)[:2]))
        manifest = folder / "train/manifest.json"
        finished = manifest.read_text()
        manifest.write_text(json.dumps({**json.loads(finished), "outputs": {}}))
        self.track(folder, "--mlflow", "--project", "later")
        self.assertEqual(self.only_run("later").info.status, "KILLED")
        metrics.write_text(text)
        manifest.write_text(finished)
        self.track(folder, "--mlflow", "--project", "later")
        run = self.only_run("later")
        self.check_curves(run, folder)
        self.assertEqual(run.info.status, "FINISHED")

    def test_other_settings_and_deleted_runs_are_new_runs(self):
        folder = copied_run(self.folder)
        self.track(folder, "--mlflow", "--project", "new")
        config = (folder / "config.yaml").read_text()
        (folder / "config.yaml").write_text(config.replace("learning_rate: 0.003", "learning_rate: 0.004"))
        self.track(folder, "--mlflow", "--project", "new")
        self.assertEqual({run.data.params["learning_rate"] for run in self.runs("new")}, {"0.003", "0.004"})
        for run in self.runs("new"):
            self.client.delete_run(run.info.run_id)
        self.track(folder, "--mlflow", "--project", "new")
        self.assertEqual(self.only_run("new").data.params["learning_rate"], "0.004")

    def test_more_values_than_a_call_takes(self):
        folder = copied_run(self.folder)
        lines = [{"em_stage": "joint", "epoch": epoch, "many": {f"value{i}": epoch + i for i in range(250)}}
                 for epoch in range(1, 10)]
        (folder / "train/metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        self.track(folder, "--mlflow", "--project", "many")
        histories = self.histories(self.only_run("many"))
        for i in (0, 249):
            self.assertEqual(histories[f"train/joint/many/value{i}"], [(epoch, epoch + i) for epoch in range(1, 10)])

    def test_tables_are_csv(self):
        folder = copied_run(self.folder)
        self.track(folder, "--mlflow", "--project", "tables")
        run = self.only_run("tables").info.run_id
        table = pathlib.Path(self.client.download_artifacts(run, "evaluate/one_turn.csv")).read_text()
        rows = csv.DictReader(table.splitlines())
        self.assertEqual(float({row["row"]: row for row in rows}["test_seen_kept/with text"]["NDCG@10"]), score_of(folder))

    def test_files_are_named_by_their_paths_or_copied(self):
        folder = copied_run(self.folder)
        self.track(folder, "--mlflow", "--project", "paths")
        self.track(folder, "--mlflow", "--project", "copies", "--copy")
        paths, copies = self.only_run("paths").info.run_id, self.only_run("copies").info.run_id
        listed = json.loads(pathlib.Path(self.client.download_artifacts(paths, "train/files.json")).read_text())
        self.assertEqual(pathlib.Path(listed["tiny_prior.pt"]["path"]), folder.resolve() / "train/tiny_prior.pt")
        self.assertNotIn("train/tiny_prior.pt", [file.path for file in self.client.list_artifacts(paths, "train")])
        copied = pathlib.Path(self.client.download_artifacts(copies, "train/tiny_prior.pt"))
        self.assertEqual(copied.read_bytes(), (folder / "train/tiny_prior.pt").read_bytes())

    def test_a_run_is_followed(self):
        folder = self.follow_a_run("--mlflow", "--project", "followed")
        run = self.only_run("followed")
        self.check_curves(run, folder)
        self.assertEqual(run.info.status, "FINISHED")
        self.assertIn("nothing to add", self.track(folder, "--mlflow", "--project", "followed"))

    def test_a_server_that_is_not_there_is_said(self):
        self.variables |= {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
        done = subprocess.run(self.command(copied_run(self.folder), "--mlflow"), env=self.variables, capture_output=True,
                              text=True, cwd=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr.splitlines()[-1], "^track: MLflow: .*127.0.0.1")


@beside_ci
class Wandb(Tracked):
    def files(self) -> list[pathlib.Path]:
        return sorted(self.folder.glob("wandb/offline-run-*/*.wandb"))

    def records(self) -> list:
        return [record for path in self.files() for record in records(path)]

    def history(self) -> list[dict]:
        """The rows of the history, all files together."""
        rows = [record.history for record in self.records() if record.WhichOneof("record_type") == "history"]
        return [{item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in row.item} for row in rows]

    def summary(self) -> dict:
        values = {}
        for record in self.records():
            if record.WhichOneof("record_type") == "summary":
                values |= {item.key or "/".join(item.nested_key): json.loads(item.value_json)
                           for item in record.summary.update}
        return values

    def check_curves(self, folder: pathlib.Path):
        rows = self.history()
        for name, curve in curves_of(folder).items():
            axis = re.match(r"pretrain|train/joint", name)[0]
            self.assertEqual([(row[f"{axis}/epoch"], row[name]) for row in rows if name in row], sorted(curve.items()), name)
        steps = [row["_step"] for row in rows]
        self.assertEqual(steps, sorted(set(steps)))

    def test_a_run_is_logged_once(self):
        folder = copied_run(self.folder)
        self.track(folder, "--wandb")
        self.check_curves(folder)
        self.assertEqual(self.summary()["evaluate/one_turn/test_seen_kept/with text/NDCG@10"], score_of(folder))
        (table,) = self.folder.glob("wandb/offline-run-*/files/media/table/tables/one_turn_*.table.json")
        scores = json.loads(table.read_text())
        cells = {row[0]: dict(zip(scores["columns"], row)) for row in scores["data"]}
        self.assertEqual(cells["test_seen_kept/with text"]["NDCG@10"], score_of(folder))
        kinds = {record.WhichOneof("record_type") for record in self.records()}
        self.assertFalse(kinds & {"stats", "output", "output_raw"}, kinds)
        before = self.files()
        self.assertEqual(len(before), 1)
        self.assertIn("nothing to add", self.track(folder, "--wandb"))
        self.assertEqual(self.files(), before)

    def test_what_comes_later_is_added_to_the_same_run(self):
        folder = copied_run(self.folder)
        metrics = folder / "train/metrics.jsonl"
        text = metrics.read_text()
        metrics.write_text("".join(text.splitlines(keepends=True)[:2]))
        self.track(folder, "--wandb")
        metrics.write_text(text)
        time.sleep(1.1)  # W&B names its folders by the second
        self.track(folder, "--wandb")
        self.check_curves(folder)
        self.assertEqual(len(self.files()), 2)
        self.assertEqual(len({path.stem for path in self.files()}), 1)

    def test_files_are_referred_to(self):
        folder = copied_run(self.folder)
        self.track(folder, "--wandb")
        entries = {f"{record.artifact.type}/{entry.path}": entry.ref for record in self.artifacts()
                   for entry in record.artifact.manifest.contents}
        self.assertEqual(entries["train/tiny_prior.pt"], (folder.resolve() / "train/tiny_prior.pt").as_uri())

    def artifacts(self) -> list:
        return [record for record in self.records() if record.WhichOneof("record_type") == "artifact"]

    def test_a_run_is_followed(self):
        folder = self.follow_a_run("--wandb")
        self.check_curves(folder)
        self.assertEqual(len(self.files()), 1)


if __name__ == "__main__":
    unittest.main()
