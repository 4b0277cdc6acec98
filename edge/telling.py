"""What `cmo-edge status` says of the uplink and the journal. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


def uplink_lines(status: Mapping[str, Any], zone: str) -> Iterator[str]:
    """One line for Kafka, one for the journal, one for each stream; times in the plant's zone, which is named."""
    kafka, journal = status["kafka"], status["journal"]
    state = kafka["problem"] or ("connected" if kafka["connected"] else "away")
    yield f"kafka: {state}, {status['waiting']} records waiting"
    reserve = "" if journal["reserve"] else ", without reserve on the disk"
    yield f"journal: {journal['problem'] or 'written'}, {journal['filled']:.0%} full{reserve}"
    if journal["damaged"]:
        yield f"journal was damaged: {journal['damaged']}"
    for name, stream in kafka["streams"].items():
        yield f"{name}: {stream['size']} given, {stream['published']} published, {_confirmed(stream, zone)}"


def _confirmed(stream: Mapping[str, Any], zone: str) -> str:
    if not stream["confirmed_at"]:
        return "none confirmed by the holder"
    moment = datetime.fromtimestamp(stream["confirmed_at"], ZoneInfo(zone))
    return f"confirmed by the holder up to {stream['confirmed']} at {moment:%Y-%m-%d %H:%M:%S} ({zone})"
