"""The trackers that track.py knows, in one table, and what each of them does."""
from __future__ import annotations

import abc
import dataclasses
import importlib
import sys
import types

from tracking.errors import TrackError
from tracking.ledger import Ledger, Progress
from tracking.run_folder import Line, RunFolder, Stage, State


@dataclasses.dataclass(frozen=True)
class Options:
    project: str
    copy: bool  # the files themselves are logged, and not only where they lie
    new: bool  # begin another run at the tracker, whatever is logged


class Session(abc.ABC):
    """A run at a tracker. It is begun there with the first thing that is logged."""

    @abc.abstractmethod
    def holds(self, run: RunFolder) -> bool:
        """Whether what is logged is still in the run's folder, so that the rest can be added to it."""

    @abc.abstractmethod
    def progress(self, stage: Stage) -> Progress:
        """What of the stage is logged."""

    @abc.abstractmethod
    def log_lines(self, stage: Stage, lines: list[Line]) -> None:
        """Logs the next lines of the stage's metrics, each with its own epoch."""

    @abc.abstractmethod
    def log_results(self, stage: Stage) -> None:
        """Logs figures, tables and files of a finished stage."""

    @abc.abstractmethod
    def close(self, state: State) -> None:
        """Says at the tracker how the run stands. Does nothing if nothing was logged."""

    @abc.abstractmethod
    def where(self) -> str:
        """The run at the tracker, in words."""


@dataclasses.dataclass(frozen=True)
class Tracker:
    """A tracker. `module` is imported when the tracker is asked for; it has open_session(RunFolder, Options, Ledger) and
    ERRORS, the exceptions by which the package says that something is wrong."""

    name: str
    title: str
    package: str
    module: str

    def load(self) -> types.ModuleType:
        """Imports the tracker's package. Throws if it is not installed."""
        try:
            return importlib.import_module(self.module)
        except ModuleNotFoundError as error:
            raise TrackError(f"{self.title} needs the Python package {self.package}, and {error.name} is missing. Install it "
                             f"with: python3 -m pip install {self.package}") from error

    def open(self, run: RunFolder, options: Options, ledger: Ledger) -> Session:
        return self.load().open_session(run, options, ledger)

    def errors(self) -> tuple[type[Exception], ...]:
        """The exceptions of the package; none before load()."""
        return getattr(sys.modules.get(self.module), "ERRORS", ())


TRACKERS = (
    Tracker(name="wandb", title="Weights & Biases", package="wandb", module="tracking.wandb_session"),
    Tracker(name="mlflow", title="MLflow", package="mlflow", module="tracking.mlflow_session"),
)
