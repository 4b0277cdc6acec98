"""What the demo sees: the plant's events from their file, and the holder's node through its API like any program."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

WINDOW = {"range": "1d"}


@dataclass
class Seen:
    """All that was seen so far. Times are UTC microseconds; alarms are by id, as the API gives them."""

    events: list[dict[str, Any]] = field(default_factory=list)
    overview: dict[str, Any] = field(default_factory=dict)
    alarms: dict[str, dict[str, Any]] = field(default_factory=dict)
    first_seen: dict[str, int] = field(default_factory=dict)
    """When each alarm first stood in the holder's list."""
    return_seen: dict[str, int] = field(default_factory=dict)
    """When its return first did."""

    def take_alarms(self, rows: list[dict[str, Any]], now: int) -> None:
        """The holder's list of alarms as it stands now."""
        for row in rows:
            self.alarms[row["alarm"]] = row
            self.first_seen.setdefault(row["alarm"], now)
            if row["returned"]:
                self.return_seen.setdefault(row["alarm"], now)


class Watch:
    """Looks again at each `look`."""

    def __init__(self, console: str, events: Path) -> None:
        self.seen = Seen()
        self._api = httpx.Client(base_url=f"{console}/api", timeout=5)
        self._events = events
        self._read = 0

    def close(self) -> None:
        """Close the connections to the node."""
        self._api.close()

    def new_events(self) -> list[dict[str, Any]]:
        """Events of the plant since the last call."""
        if not self._events.exists():
            return []
        with self._events.open() as file:
            file.seek(self._read)
            whole = file.read().rpartition("\n")[0]
        self._read += len(whole.encode()) + (1 if whole else 0)
        events = [json.loads(line) for line in whole.splitlines()]
        self.seen.events += events
        return events

    def look(self) -> bool:
        """Ask the node how things are; False while it does not answer."""
        try:
            overview, alarms = self._api.get("/overview"), self._api.get("/alarms", params=WINDOW)
            overview.raise_for_status()
            alarms.raise_for_status()
        except httpx.HTTPError:
            return False
        self.seen.overview = overview.json()
        self.seen.take_alarms(alarms.json(), time.time_ns() // 1000)
        return True
