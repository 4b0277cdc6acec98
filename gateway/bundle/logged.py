"""The log of exports, beside the archive: a line for each copy that was made, each bound to the one before.

Whoever changes or takes out a line breaks the chain of all that follow; only the last ones can go unseen, and their
copies bear the digest of the log's end.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from schemas.errors import ToldError

FIRST = "0" * 64
"""What stands for the line before the first."""


class ExportLogError(ToldError):
    """The log cannot be written, so nothing is exported; the message says why."""


def log_of(archive: Path) -> Path:
    """The log beside an archive."""
    return archive.with_name(f"{archive.name}.exports.jsonl")


def log_export(log: Path, told: dict[str, Any]) -> None:
    """Add a line, on the disk when this returns. Raises ExportLogError, also where the log is broken already."""
    try:
        with log.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            octets = file.read()
            for fault in broken(octets):
                raise ExportLogError(f"{log}: {fault}; keep it, find out why, and move it away")
            line = json.dumps(told | {"previous": _end(octets)}, ensure_ascii=False)
            file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ExportLogError(f"{log}: cannot be written ({error.strerror}); without it nothing is exported") from error


def broken(octets: bytes) -> Iterator[str]:
    """Where the chain of a log does not hold, a text for each line at fault."""
    previous = FIRST
    for number, line in enumerate(octets.split(b"\n")[:-1], 1):
        try:
            said = json.loads(line)["previous"]
        except (ValueError, KeyError, TypeError, RecursionError):
            said = None
        if said != previous:
            yield f"line {number} does not follow the one before it"
        previous = sha256(line).hexdigest()
    if octets and not octets.endswith(b"\n"):
        yield "the last line is cut"


def _end(octets: bytes) -> str:
    lines = octets.split(b"\n")[:-1]
    return sha256(lines[-1]).hexdigest() if lines else FIRST
