"""Runs at Weights & Biases. Its offline files cannot be asked what is logged, so tracked.json in the run's folder says it."""
from __future__ import annotations

import os
import uuid

import wandb

from tracking.ledger import Entry, Ledger, Progress
from tracking.run_folder import Line, RunFolder, Stage, State
from tracking.trackers import Options, Session

ERRORS = (wandb.Error,)


def open_session(run: RunFolder, options: Options, ledger: Ledger) -> WandbSession:
    return WandbSession(run, options, ledger)


class WandbSession(Session):
    def __init__(self, run: RunFolder, options: Options, ledger: Ledger):
        self._folder, self._options, self._ledger = run, options, ledger
        self._place = "/".join(filter(None, (os.environ.get("WANDB_ENTITY"), options.project)))
        self._destination = f"wandb {self._place}"
        self._entry = None if options.new else ledger.find(self._destination, run)
        self._run: wandb.Run | None = None
        self._axes: set[str] = set()

    def holds(self, run: RunFolder) -> bool:
        return self._entry is None or self._entry.holds(self._destination, run)

    def progress(self, stage: Stage) -> Progress:
        return self._entry.of_stage(stage) if self._entry else Progress()

    def log_lines(self, stage: Stage, lines: list[Line]) -> None:
        """Logs a line a step, with its epoch as the axis of its charts."""
        run, entry = self._begun(stage)
        for line in lines:
            if line.is_best:
                run.summary.update(line.values)
            else:
                self._define_axis(run, line.axis)
                run.log({**line.values, f"{line.axis}/epoch": line.epoch}, step=steps(entry))
            entry.of_stage(stage).lines += 1
        self._ledger.put(entry)

    def log_results(self, stage: Stage) -> None:
        run, entry = self._begun(stage)
        run.summary.update(stage.figures())
        tables = {f"tables/{table.name}": wandb.Table(columns=["row", *table.columns], data=table.cells())
                  for table in stage.tables()}
        if tables:
            run.log(tables, step=steps(entry))
        run.log_artifact(self._artifact(run, stage))
        entry.of_stage(stage).done = True
        self._ledger.put(entry)

    def close(self, state: State) -> None:
        if self._run is not None:
            self._run.finish(exit_code=1 if state == State.INTERRUPTED else 0)

    def where(self) -> str:
        run = self._entry.run if self._entry else "none yet"
        return f"run {run} of project {self._place}"

    def _begun(self, stage: Stage) -> tuple[wandb.Run, Entry]:
        """The run at W&B and its entry, with the stage's fingerprint in it. The entry is written with what is logged."""
        if self._entry is None:
            self._entry = Entry(self._destination, uuid.uuid4().hex[:12], self._folder.settings_digest())
            self._ledger.put(self._entry)
        self._entry.fingerprints[stage.name] = stage.fingerprint
        if self._run is None:
            self._run = self._init(self._entry.run)
        return self._run, self._entry

    def _init(self, run_id: str) -> wandb.Run:
        """Only what the run itself says is logged: nothing of this process, its machine, its output or its source."""
        settings = wandb.Settings(console="off", disable_git=True, save_code=False, x_disable_stats=True,
                                  x_disable_meta=True, x_save_requirements=False)
        return wandb.init(project=self._options.project, id=run_id, name=self._folder.name(), resume="allow",
                          config={**self._folder.settings(), "run": self._folder.record()}, settings=settings)

    def _define_axis(self, run: wandb.Run, axis: str) -> None:
        if axis not in self._axes:
            run.define_metric(f"{axis}/*", step_metric=f"{axis}/epoch")
            self._axes.add(axis)

    def _artifact(self, run: wandb.Run, stage: Stage) -> wandb.Artifact:
        """The stage's files, by their paths here or with --copy their contents."""
        artifact = wandb.Artifact(f"{run.id}-{stage.name}", type=stage.name,
                                  metadata={"fingerprint": stage.fingerprint, "folder": str(stage.folder.resolve())})
        for file in stage.files():
            if self._options.copy:
                artifact.add_file(str(file.path), name=file.name)
            else:
                artifact.add_reference(file.path.as_uri(), name=file.name)
        return artifact


def steps(entry: Entry) -> int:
    """The next step of W&B's own. It goes on where an earlier session ended, because W&B wants steps that grow."""
    return sum(progress.lines + progress.done for progress in entry.progress.values())
