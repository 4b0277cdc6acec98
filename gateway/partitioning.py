"""The running node writes its archive's Parquet partitions itself, since nobody else can read the file meanwhile."""

import asyncio
from pathlib import Path
from threading import Event

import duckdb
import structlog

from gateway.archive.archive import Archive
from gateway.archive.partitions import write_partitions

log = structlog.get_logger(__name__)

EVERY = 3600.0
"""Seconds between two looks at what changed."""


class Partitioning:
    """What changed in the archive goes into the folder, hour by hour."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self._archive, self._folder = archive, folder
        self._stopped = Event()

    async def run(self) -> None:
        """Until cancelled; a file that was begun is finished. What cannot be written is said, and tried again."""
        try:
            while True:
                await asyncio.to_thread(self._write)
                await asyncio.sleep(EVERY)
        finally:
            self._stopped.set()

    def _write(self) -> None:
        written = 0
        try:
            for told in write_partitions(self._archive, self._folder):
                written = told.done
                if self._stopped.is_set():
                    return
        except (OSError, ValueError, duckdb.Error) as error:
            log.warning("partitions not written", folder=str(self._folder), problem=str(error))
            return
        if written:
            log.info("partitions written", folder=str(self._folder), files=written)
