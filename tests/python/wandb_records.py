"""The records of a .wandb file, which W&B's offline mode writes: protobuf in LevelDB's log format, after seven bytes."""
from __future__ import annotations

import pathlib
from collections.abc import Iterator

BLOCK = 32768
HEADER = 7  # checksum (4), length (2), type (1: whole, 2: first part, 3: middle, 4: last)
WHOLE, LAST = 1, 4


def chunks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and content of every chunk. A block ends with zeros where less than a header is left."""
    at = HEADER  # the file's own header
    while at + HEADER <= len(data):
        left = BLOCK - at % BLOCK
        if left < HEADER:
            at += left
            continue
        length = int.from_bytes(data[at + 4:at + 6], "little")
        yield data[at + 6], data[at + HEADER:at + HEADER + length]
        at += HEADER + length


def records(path: pathlib.Path) -> list:
    from wandb.proto.wandb_internal_pb2 import Record

    found, parts = [], b""
    for kind, content in chunks(path.read_bytes()):
        parts += content
        if kind in (WHOLE, LAST):
            found.append(Record.FromString(parts))
            parts = b""
    return found
