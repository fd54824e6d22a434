"""tracked.json in a run's folder: which run at which tracker holds the run."""
from __future__ import annotations

import dataclasses
import json
import os
import pathlib

from tracking.run_folder import RunFolder, Stage, read_json


@dataclasses.dataclass
class Progress:
    """What of a stage is logged: the first `lines` lines of its metrics, and `done`, its results."""

    lines: int = 0
    done: bool = False


@dataclasses.dataclass
class Entry:
    """A run at a tracker. `destination` names the tracker and the project there; `fingerprints` are those of the stages
    that are logged. `progress` is kept by trackers that cannot be asked for it."""

    destination: str
    run: str
    settings: str
    fingerprints: dict[str, str] = dataclasses.field(default_factory=dict)
    progress: dict[str, Progress] = dataclasses.field(default_factory=dict)

    def holds(self, destination: str, run: RunFolder) -> bool:
        """Whether `run` is what this entry has begun to log: the same settings, and no stage made anew with others."""
        now = {stage.name: stage.fingerprint for stage in run.stages()}
        return (self.destination == destination and self.settings == run.settings_digest()
                and all(now.get(name) == fingerprint for name, fingerprint in self.fingerprints.items()))

    def of_stage(self, stage: Stage) -> Progress:
        return self.progress.setdefault(stage.name, Progress())


class Ledger:
    """The entries of a run's folder. They are read for every change, because several trackers may follow one run."""

    def __init__(self, run: RunFolder):
        self._path = run.folder / "tracked.json"

    def find(self, destination: str, run: RunFolder) -> Entry | None:
        """The latest entry that holds the run."""
        return next((entry for entry in reversed(self._entries()) if entry.holds(destination, run)), None)

    def put(self, entry: Entry) -> None:
        """Writes the entry in place of its earlier state."""
        self._write([*self._others(entry), entry])

    def remove(self, entry: Entry) -> None:
        self._write(self._others(entry))

    def _others(self, entry: Entry) -> list[Entry]:
        return [other for other in self._entries() if (other.destination, other.run) != (entry.destination, entry.run)]

    def _entries(self) -> list[Entry]:
        stored = read_json(self._path)["runs"] if self._path.exists() else []
        return [entry_from(value) for value in stored]

    def _write(self, entries: list[Entry]) -> None:
        text = json.dumps({"runs": [dataclasses.asdict(entry) for entry in entries]}, indent=2) + "\n"
        replace_file(self._path, text)


def entry_from(value: dict) -> Entry:
    return Entry(**{**value, "progress": {name: Progress(**part) for name, part in value["progress"].items()}})


def replace_file(path: pathlib.Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)
