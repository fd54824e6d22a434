"""Runs at MLflow. Tags of the run say what is logged, each set in the request that logs it."""
from __future__ import annotations

import csv
import getpass
import io
import json
import os
import time

import mlflow
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from tracking.ledger import Entry, Ledger, Progress
from tracking.mlflow_limits import METRICS_A_CALL, PARAMS_A_CALL, Names, batches, chunks, cut_values, flat
from tracking.run_folder import Line, RunFolder, Stage, State, Table, without_users
from tracking.trackers import Options, Session

ERRORS = (MlflowException,)
STATUS = {State.FINISHED: "FINISHED", State.INTERRUPTED: "KILLED"}


def open_session(run: RunFolder, options: Options, ledger: Ledger) -> MlflowSession:
    # A server that does not answer is said within a quarter of a minute; MLflow's own default takes several minutes.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    return MlflowSession(run, options, ledger)


class MlflowSession(Session):
    def __init__(self, run: RunFolder, options: Options, ledger: Ledger):
        self._run, self._options, self._ledger = run, options, ledger
        self._client = mlflow.MlflowClient()
        self._destination = f"mlflow {without_users(mlflow.get_tracking_uri())} {options.project}"
        self._names = Names()
        self._entry = None if options.new else self._find()
        self._tags = self._client.get_run(self._entry.run).data.tags if self._entry else {}
        self._changed = False

    def _find(self) -> Entry | None:
        """The entry of the run that is there; one that was deleted at the tracker is forgotten."""
        while (entry := self._ledger.find(self._destination, self._run)) is not None:
            try:
                if self._client.get_run(entry.run).info.lifecycle_stage == "active":
                    return entry
            except MlflowException as error:
                if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                    raise
            self._ledger.remove(entry)
        return None

    def holds(self, run: RunFolder) -> bool:
        return self._entry is None or self._entry.holds(self._destination, run)

    def progress(self, stage: Stage) -> Progress:
        stored = self._tags.get(progress_tag(stage))
        return Progress(**json.loads(stored)) if stored else Progress()

    def log_lines(self, stage: Stage, lines: list[Line]) -> None:
        entry = self._begun(stage)
        logged = self.progress(stage).lines
        now = int(time.time() * 1000)
        for batch in batches(lines, METRICS_A_CALL):
            logged += len(batch)
            metrics = [Metric(self._names.of(path), value, now, line.epoch)
                       for line in batch for path, value in line.values.items()]
            self._log(entry, metrics, stage, Progress(lines=logged))

    def log_results(self, stage: Stage) -> None:
        entry = self._begun(stage)
        self._log_files(entry, stage)
        # With the time of the manifest the same figures are the same to MLflow, should they be sent again.
        made = int((stage.folder / "manifest.json").stat().st_mtime * 1000)
        metrics = [Metric(self._names.of(path), value, made, 0) for path, value in stage.figures().items()]
        for part in chunks(metrics, METRICS_A_CALL):
            self._client.log_batch(entry.run, metrics=part)
        self._log(entry, [], stage, Progress(self.progress(stage).lines, done=True))

    def close(self, state: State) -> None:
        if self._entry and self._changed and state != State.RUNNING:
            self._client.set_terminated(self._entry.run, STATUS[state])

    def where(self) -> str:
        run = self._entry.run if self._entry else "none yet"
        return f"run {run} of experiment {self._options.project} at {without_users(mlflow.get_tracking_uri())}"

    def _begun(self, stage: Stage) -> Entry:
        """The entry of the run, which is begun at the tracker if need be, with the stage's fingerprint in it."""
        if self._entry is None:
            self._entry = Entry(self._destination, self._create(), self._run.settings_digest())
            self._ledger.put(self._entry)
        if not self._changed:
            self._client.update_run(self._entry.run, status="RUNNING")
            self._changed = True
        if self._entry.fingerprints.get(stage.name) != stage.fingerprint:
            self._entry.fingerprints[stage.name] = stage.fingerprint
            self._ledger.put(self._entry)
        return self._entry

    def _create(self) -> str:
        experiment = mlflow.set_experiment(self._options.project).experiment_id
        tags = {"mlflow.user": getpass.getuser(), "mlflow.source.name": "latentcrs",
                "latentcrs.folder": str(self._run.folder.resolve())}
        tags |= {f"latentcrs.{key}": str(value) for key, value in self._run.record().items()}
        run = self._client.create_run(experiment, run_name=self._run.name(), tags=tags).info.run_id
        settings = cut_values(dict(flat(self._run.settings())))
        params = [Param(self._names.of(name), value) for name, value in settings.items()]
        for part in chunks(params, PARAMS_A_CALL):
            self._client.log_batch(run, params=part)
        self._client.log_text(run, self._run.config_text(), "config.yaml")
        return run

    def _log(self, entry: Entry, metrics: list[Metric], stage: Stage, progress: Progress) -> None:
        tag = RunTag(progress_tag(stage), json.dumps(vars(progress)))
        self._client.log_batch(entry.run, metrics=metrics, tags=[tag])
        self._tags[tag.key] = tag.value

    def _log_files(self, entry: Entry, stage: Stage) -> None:
        """The stage's tables as CSV, its summary, where its files lie, and with --copy the files."""
        for table in stage.tables():
            self._client.log_text(entry.run, csv_of(table), f"{stage.name}/{table.name}.csv")
        files = stage.files()
        listed = {file.name: {"path": str(file.path), "size": file.size, "sha256": file.sha256} for file in files}
        self._client.log_dict(entry.run, listed, f"{stage.name}/files.json")
        for file in files:
            if self._options.copy or file.name == "summary.md":
                folder = f"{stage.name}/{file.name}".rpartition("/")[0]
                self._client.log_artifact(entry.run, str(file.path), folder)


def csv_of(table: Table) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", *table.columns])
    writer.writerows(table.cells())
    return text.getvalue()


def progress_tag(stage: Stage) -> str:
    return f"latentcrs.logged.{stage.name}"
