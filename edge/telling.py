"""What `cmo-edge status` says of the uplink, the journal, exported files and the annunciation. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.exports.accounting import Account


def uplink_lines(status: Mapping[str, Any], zone: str) -> Iterator[str]:
    """A line for each recipient's Kafka, the journal, each certificate and stream; times in the plant's zone, named."""
    journal = status["journal"]
    for recipient, kafka in status["recipients"].items():
        state = kafka["problem"] or ("connected" if kafka["connected"] else "away")
        yield f"kafka of {recipient}: {state}, {kafka['waiting']} records waiting"
    reserve = "" if journal["reserve"] else ", without reserve on the disk"
    yield f"journal: {journal['problem'] or 'written'}, {journal['filled']:.0%} full{reserve}"
    if journal["damaged"]:
        yield f"journal was damaged: {journal['damaged']}"
    for one in status["certificates"]:
        when = f"expires in {one['days']} days" if one["days"] >= 0 else "has EXPIRED"
        yield f"certificate {one['file']} of {one['subject']}: {when}, {one['expires']}"
    for kafka in status["recipients"].values():
        for name, stream in kafka["streams"].items():
            yield f"{name}: {stream['size']} given, {stream['published']} published, {_confirmed(stream, zone)}"


def _confirmed(stream: Mapping[str, Any], zone: str) -> str:
    if not stream["confirmed_at"]:
        return "none confirmed by the holder"
    moment = datetime.fromtimestamp(stream["confirmed_at"], ZoneInfo(zone))
    return f"confirmed by the holder up to {stream['confirmed']} at {moment:%Y-%m-%d %H:%M:%S} ({zone})"


def file_lines(status: Mapping[str, Any]) -> Iterator[str]:
    """For each source of files: what became of all its rows, and of its files."""
    for name, files in status["files"].items():
        yield f"{name}: {Account(**files['account'])}"
        counts = (files[f"files_{what}"] for what in ("read", "waiting", "refused"))
        yield "{}: {} files read, {} waiting, {} refused".format(name, *counts)
        for file, why in files["refused"]:
            yield f"{name}: {file}: refused: {literal(why)}"
        if (now := files["progress"]) is not None:
            checked, behind = now["checked"], now["behind"]
            done = f"row {behind} of {checked}" if behind else f"checked up to row {checked}"
            yield f"{name}: {now['name']}: {done} after {now['seconds']:.0f} s"


def annunciation_lines(status: Mapping[str, Any]) -> Iterator[str]:
    """Who is not reached, what waits, and how the latest test of the chain went."""
    found = status["annunciation"]
    yield from (f"annunciation: {part}: {problem}" for part, problem in found["problems"].items())
    given_up = f", {found['given_up']} given up" if found["given_up"] else ""
    if found["waiting"] or given_up:
        yield f"annunciation: {found['waiting']} messages wait{given_up}"
    test = found["test"]
    marks = [] if test is None else [f"{part['part']} {'✓' if part['ok'] else '✗'}" for part in test["parts"]]
    yield f"chain test: {' '.join(marks)} {test['seconds']:.1f} s" if test else "chain test: none since the start"


def literal(text: str) -> str:
    """Text of a file is shown, never taken for the terminal's orders."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
