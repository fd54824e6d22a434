"""What MLflow takes: the characters of its names, the lengths of its texts, the number of values a call."""
from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from tracking.errors import TrackError
from tracking.run_folder import Line

METRICS_A_CALL = 999  # 1,000 values of all kinds, of which one is the tag that says what is logged
PARAMS_A_CALL = 100
VALUE_CHARACTERS = 6000
NAME_CHARACTERS = 250


class Names:
    """MLflow's names of ours: HIT@10 is HIT_at_10, and other characters that MLflow refuses are underscores."""

    def __init__(self) -> None:
        self._ours: dict[str, str] = {}

    def of(self, name: str) -> str:
        changed = re.sub(r"[^\w\-./: ]", "_", name.replace("@", "_at_"), flags=re.ASCII)[:NAME_CHARACTERS]
        if self._ours.setdefault(changed, name) != name:
            raise TrackError(f"MLflow would have one name, {changed}, for two: {self._ours[changed]} and {name}")
        return changed


def cut_values(settings: dict[str, str]) -> dict[str, str]:
    """The values as MLflow holds them. What is cut is said; the config.yaml beside the run has it whole."""
    for name, value in settings.items():
        if len(value) > VALUE_CHARACTERS:
            print(f"track: {name} has {len(value)} characters, of which MLflow holds {VALUE_CHARACTERS}; its config.yaml has "
                  "all of them")
    return {name: value[:VALUE_CHARACTERS] for name, value in settings.items()}


def flat(settings: dict, path: str = "") -> Iterator[tuple[str, str]]:
    """The settings under dotted names, their values as text."""
    for key, value in settings.items():
        name = f"{path}.{key}" if path else str(key)
        if isinstance(value, dict) and value:
            yield from flat(value, name)
        else:
            yield name, value if isinstance(value, str) else json.dumps(value)


def batches(lines: Iterable[Line], limit: int) -> Iterator[list[Line]]:
    """The lines in order, with at most `limit` values a batch; a line stays whole."""
    batch: list[Line] = []
    count = 0
    for line in lines:
        if batch and count + len(line.values) > limit:
            yield batch
            batch, count = [], 0
        batch.append(line)
        count += len(line.values)
    if batch:
        yield batch


def chunks(values: list, size: int) -> Iterator[list]:
    for begin in range(0, len(values), size):
        yield values[begin:begin + size]
