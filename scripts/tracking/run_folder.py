"""A run of latentcrs as it lies on disk (docs/files.md): settings, stages, learning curves, figures, tables, files."""
from __future__ import annotations

import dataclasses
import enum
import functools
import hashlib
import json
import pathlib
import re

from tracking.errors import TrackError

# The JSON files of a stage whose numbers are its results.
RESULTS = ("dataset_report.json", "next_item.json", "simulation_report.json", "one_turn.json", "multi_turn.json",
           "zero_shot.json")


class State(enum.Enum):
    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of metrics.jsonl. `axis` names the values that share a count of epochs, such as "train/joint"."""

    axis: str
    epoch: int
    values: dict[str, float]
    is_best: bool


@dataclasses.dataclass(frozen=True)
class Table:
    """A file of results: a row for each group of figures, named by its path in the file, "test_seen_kept/with text"."""

    name: str
    rows: dict[str, dict[str, float]]

    @property
    def columns(self) -> list[str]:
        """The figures of all rows, in the order in which they first occur."""
        return list(dict.fromkeys(column for row in self.rows.values() for column in row))

    def cells(self) -> list[list]:
        """The rows with their names in front; None where a row lacks a figure."""
        return [[name, *(row.get(column) for column in self.columns)] for name, row in self.rows.items()]


@dataclasses.dataclass(frozen=True)
class File:
    """An output of a stage. `name` is its path below the stage's folder, with / between the parts."""

    name: str
    path: pathlib.Path
    size: int
    sha256: str


class Stage:
    """A stage that has begun. Its manifest has a fingerprint: equal ones make equal results."""

    def __init__(self, folder: pathlib.Path, manifest: dict):
        self.folder = folder
        self.name: str = folder.name
        if "fingerprint" not in manifest:
            raise TrackError(f"{folder}/manifest.json: no fingerprint; make this stage again with --force")
        self.fingerprint: str = manifest["fingerprint"]
        self.inputs: dict[str, dict] = manifest.get("inputs", {})
        self.outputs: dict[str, dict] = manifest.get("outputs") or {}
        self.seconds: float = manifest.get("seconds", 0.0)

    @property
    def is_finished(self) -> bool:
        return bool(self.outputs)

    def lines(self) -> list[Line]:
        """The complete lines of metrics.jsonl; a line that is being written is left for the next time."""
        path = self.folder / "metrics.jsonl"
        if not path.exists():
            return []
        whole = path.read_bytes().rpartition(b"\n")[0]
        return [metrics_line(self.name, parsed(text, f"{path}:{number}"), number)
                for number, text in enumerate(whole.splitlines(), start=1)]

    def tables(self) -> list[Table]:
        found = [self.folder / name for name in RESULTS if name in self.outputs]
        return [Table(path.stem, dict(rows_of(read_json(path)))) for path in found]

    def figures(self) -> dict[str, float]:
        """The stage's duration and the figures of its tables, without intervals and the rows that leave users out."""
        figures = {f"{self.name}/stage_seconds": self.seconds}
        for table in self.tables():
            for row, values in table.rows.items():
                if "without_leaks" not in row:
                    where = "/".join(filter(None, (self.name, table.name, row)))
                    figures.update({f"{where}/{key}": value for key, value in values.items() if "ci95" not in key})
        return figures

    def files(self) -> list[File]:
        return [File(name, self.folder.resolve() / name, stamp["size"], stamp["sha256"])
                for name, stamp in sorted(self.outputs.items())]


class RunFolder:
    def __init__(self, folder: pathlib.Path):
        self.folder = folder

    @property
    def has_begun(self) -> bool:
        return (self.folder / "run.json").exists() and (self.folder / "config.yaml").exists()

    def require(self) -> None:
        """Throws if the folder is none of a run."""
        if not self.has_begun:
            raise TrackError(f"{self.folder}: not the folder of a run: it holds no run.json and config.yaml. Give the "
                             "output_dir of `latentcrs run`; with --follow it may be one that is to come.")

    def record(self) -> dict:
        return read_json(self.folder / "run.json")

    def config_text(self) -> str:
        """config.yaml without user names and passwords of addresses."""
        return without_users((self.folder / "config.yaml").read_text(encoding="utf-8"))

    def settings(self) -> dict:
        """All settings, nested as in config.yaml."""
        return settings_of(self.config_text())

    def settings_digest(self) -> str:
        return hashlib.sha256(json.dumps(self.settings(), sort_keys=True).encode()).hexdigest()

    def name(self) -> str:
        return str(self.settings()["exp_name"])

    def stages(self) -> list[Stage]:
        """The stages in the order in which each reads what the ones before wrote. A stage that was made from an earlier
        result of another one is left out: a new result is still to come."""
        manifests = self.folder.glob("*/manifest.json")
        found = {path.parent.name: Stage(path.parent, read_json(path)) for path in manifests}
        current = {name for name, stage in found.items() if is_current(stage, found)}
        return sorted((found[name] for name in current), key=lambda stage: (depth(stage.name, found), stage.name))

    def state(self) -> State:
        if is_locked(self.folder / ".lock"):
            return State.RUNNING
        stages = self.stages()
        return State.FINISHED if stages and all(stage.is_finished for stage in stages) else State.INTERRUPTED


def stages_read(stage: Stage, found: dict[str, Stage]) -> dict[str, dict[str, str]]:
    """The stages whose files `stage` read: name of the stage -> name of the file below its folder -> SHA-256."""
    read: dict[str, dict[str, str]] = {}
    for path, stamp in stage.inputs.items():
        first, _, rest = path.partition("/")
        if first in found:
            read.setdefault(first, {})[rest] = stamp["sha256"]
    return read


def is_current(stage: Stage, found: dict[str, Stage]) -> bool:
    """Whether the stages that `stage` read still hold what it read."""
    return all(found[name].outputs.get(file, {}).get("sha256") == digest
               for name, files in stages_read(stage, found).items() for file, digest in files.items())


def depth(name: str, found: dict[str, Stage]) -> int:
    """The length of the longest chain of stages that end in `name`."""
    return 1 + max((depth(other, found) for other in stages_read(found[name], found)), default=0)


def metrics_line(stage: str, entry: dict, number: int) -> Line:
    """A line of metrics.jsonl, with the names that TensorBoard shows, below the stage's: "train/joint/e_step/loss",
    "pretrain/best/test/HIT@5". A line without an epoch is about the best one."""
    is_best = "epoch" not in entry
    axis = "/".join(filter(None, (stage, entry.get("em_stage"))))
    values = {key: value for key, value in entry.items() if key not in ("epoch", "best_epoch", "em_stage")}
    prefix = f"{axis}/best" if is_best else axis
    return Line(axis, int(entry.get("epoch", entry.get("best_epoch", number))),
                {f"{prefix}/{path}": value for path, value in numbers_of(values)}, is_best)


def numbers_of(value, path: str = ""):
    """The numbers in nested maps and lists with their paths: losses/total, success_rate@2. null is no number."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from numbers_of(part, f"{path}/{key}" if path else str(key))
    elif isinstance(value, list):
        ends = ("_low", "_high") if is_interval(path, value) else [f"@{i + 1}" for i in range(len(value))]
        for end, part in zip(ends, value):
            yield from numbers_of(part, path + end)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, float(value)


def is_interval(path: str, value: list) -> bool:
    return "ci95" in path and len(value) == 2 and not any(isinstance(part, list) for part in value)


def rows_of(tree: dict, path: str = ""):
    """The maps that hold numbers or lists themselves, with their paths; what is below them belongs to the row."""
    if any(not isinstance(value, dict) for value in tree.values()):
        yield path, dict(numbers_of(tree))
        return
    for key, part in tree.items():
        yield from rows_of(part, f"{path}/{key}" if path else key)


def is_locked(path: pathlib.Path) -> bool:
    """Whether a latentcrs is at work in the folder. Taking the lock to find out could turn away a command that starts
    just then, so the kernel's list of locks is read; where there is none (elsewhere than on Linux), nothing is locked."""
    try:
        inode = path.stat().st_ino
        locks = pathlib.Path("/proc/locks").read_text(encoding="ascii")
    except OSError:
        return False
    return any(line.split()[5].rpartition(":")[2] == str(inode) for line in locks.splitlines() if " -> " not in line)


def without_users(text: str) -> str:
    """`text` with *** in place of user and password of every address."""
    return re.sub(r"://[^/\s\"'@]*@", "://***@", text)


def parsed(text: str | bytes, where: str) -> dict:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise TrackError(f"{where}: not JSON ({error}); make this stage again with --force") from error
    if not isinstance(value, dict):
        raise TrackError(f"{where}: not a JSON object; make this stage again with --force")
    return value


def read_json(path: pathlib.Path) -> dict:
    return parsed(path.read_bytes(), str(path))


@functools.lru_cache(maxsize=1)
def settings_of(config_text: str) -> dict:
    import yaml  # both trackers bring it

    class Core(yaml.SafeLoader):
        """YAML 1.2's core schema: `no` and 12:30 are text, 1e-05 is a number."""

        yaml_implicit_resolvers: dict = {}

    Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
    Core.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
    Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
    Core.add_implicit_resolver("tag:yaml.org,2002:float",
                               re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
                               list("-+.0123456789"))
    try:
        return yaml.load(config_text, Loader=Core)
    except yaml.YAMLError as error:
        raise TrackError(f"config.yaml of the run is not YAML: {error}") from error
