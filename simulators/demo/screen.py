"""The demo on the terminal: a table that lives, and lines for what happens."""

import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulators.demo.watch import Seen

SHOWN_EVENTS = 8


def screen(seen: Seen, console: str) -> RenderableType:
    """The whole picture: differentials with their limits, alarms, the newest events, latency, where the console is."""
    return Group(_differentials(seen), Text(), _alarms(seen), Text(), _events(seen), Text(), _foot(seen, console))


def _differentials(seen: Seen) -> Table:
    table = Table("differential", box=None, header_style="dim", min_width=50)
    for name in ("now", "limit"):
        table.add_column(name, justify="right")
    table.add_column("at the holder")
    for flow in seen.overview.get("limits", ()):
        reading, limit = flow["reading"], flow["reading"]["limit"]
        bound = f"≥ {limit['low']:g} Pa" if limit["low"] is not None else f"≤ {limit['high']:g} Pa"
        value = "?" if reading["value"] is None else f"{reading['value']:.1f} Pa"
        style = {"ACTION": "bold red", "ALERT": "yellow", "GOOD": ""}.get(reading["status"], "magenta")
        table.add_row(f"{flow['room']} → {flow['against']}", value, bound, _word(reading), style=style)
    return table


def _word(reading: dict[str, Any]) -> str:
    if reading["status"] == "GOOD":
        return ""
    word = reading["status"].lower().replace("_", " ")
    return word if reading["reason"] in (None, "NONE") else f"{word} ({reading['reason']})"


def _alarms(seen: Seen) -> RenderableType:
    if not seen.alarms:
        return Text("no alarms", style="dim")
    lines = []
    for row in seen.alarms.values():
        state = "■ active" if row["active"] else "□ returned"
        text = f"{state}  {row['condition']}  {row['duration'] / 1e6:.0f} s  {row['state'].lower().replace('_', ' ')}"
        lines.append(Text(text, style="bold red" if row["active"] else ""))
    return Group(*lines)


def _events(seen: Seen) -> RenderableType:
    return Group(*(Text(event_text(event), style="dim") for event in seen.events[-SHOWN_EVENTS:]))


def event_text(event: dict[str, Any]) -> str:
    """One event of the plant in a line."""
    details = " ".join(f"{name}={value}" for name, value in event["arguments"].items() if not isinstance(value, dict))
    return f"{event['at']:6.1f} s  {event['action'].replace('_', ' ')} {details}".rstrip()


def _foot(seen: Seen, console: str) -> Text:
    latency = seen.overview.get("latency_ms")
    text = f"sensor → holder p50 {latency['p50']:.0f} ms, p99 {latency['p99']:.0f} ms   " if latency else ""
    zone = seen.overview.get("zone", "UTC")
    now = datetime.fromtimestamp(time.time(), ZoneInfo(zone)).strftime("%H:%M:%S")
    return Text(f"{text}console {console}/en   plant time {now} ({zone})   Ctrl-C ends everything")
