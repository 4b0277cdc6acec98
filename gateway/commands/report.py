"""`cmo-gateway report`: a room and a period as PDF or CSV, from the archive, or from the node that has it open."""

import json
import time
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import typer

from gateway.archive.archive import Archive, ArchiveError
from gateway.commands.arguments import ConfigFile, loaded, moment_from, refuse
from gateway.console.serving import bracketed
from gateway.languages import Language
from gateway.reports.archived import NoReportError, report_of
from gateway.reports.formats import Format, written
from gateway.settings import NodeConfiguration

PATIENCE = 300.0
"""Seconds that a running node may take for a report."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """begin ≤ time < end, UTC microseconds."""

    room: str
    begin: int
    end: int
    form: Format
    language: Language


def report(
    config: ConfigFile,
    *,
    room: Annotated[str, typer.Option(help="The room, by the id that it has in the site file.")],
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="ISO 8601, in the plant's zone.")],
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="ISO 8601, in the plant's zone.")],
    out: Annotated[Path, typer.Option(help="The file to write; it ends with .pdf or .csv.")],
    language: Annotated[Language, typer.Option(help="Of names and texts.")] = Language.EN,
) -> None:
    """Write a report on a room: time in limits, excursions, figures, results, trends, and what it rests on.

    While the node runs it alone can read its archive: then it is asked for the report.
    """
    configuration = loaded(config)
    form = _format(out)
    zone = configuration.site.zone
    asked = _Asked(room, moment_from("--from", begin, zone), moment_from("--to", end, zone), form, language)
    if not configuration.archive.exists():
        refuse(f"archive {configuration.archive} is not there; the node makes it when it runs")
    try:
        octets = _octets(configuration, asked)
    except NoReportError as error:
        refuse(error)
    out.write_bytes(octets)
    typer.echo(f"report: {out}")


def _format(out: Path) -> Format:
    try:
        return Format(out.suffix.removeprefix(".").lower())
    except ValueError:
        refuse(f"--out {out}: must end with .pdf or .csv")


def _octets(configuration: NodeConfiguration, asked: _Asked) -> bytes:
    try:
        archive = Archive(configuration.archive)
    except ArchiveError as error:
        return _of_node(configuration, asked, error)
    with closing(archive):
        now = time.time_ns() // 1000
        found = report_of(archive, configuration.site, asked.room, asked.begin, asked.end, now=now)
        return written(found, asked.form, asked.language, printed=now)


def _of_node(configuration: NodeConfiguration, asked: _Asked, locked: ArchiveError) -> bytes:
    """From the node that has the archive open."""
    console, zone = configuration.settings.console, ZoneInfo(configuration.site.zone)
    node = f"http://{bracketed(console.host)}:{console.port}"
    begin, end = (datetime.fromtimestamp(one / 1e6, zone).isoformat() for one in (asked.begin, asked.end))
    query = urlencode({"room": asked.room, "from": begin, "to": end, "language": asked.language})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{node}/api/reports/report.{asked.form}?{query}", timeout=PATIENCE) as answer:
            octets, kind = bytes(answer.read()), answer.headers["content-type"]
    except urllib.error.HTTPError as error:
        _refused(node, error)
    except OSError as error:
        why = f"{locked}; and no node answers at {node} ({getattr(error, 'reason', error)})"
        refuse(f"{why}; stop what has it open, or name a copy of the file in the configuration")
    if kind != asked.form.media_type:
        refuse(f"{locked}; and what answers at {node} is no node; name the node's console in the configuration")
    return octets


def _refused(node: str, error: urllib.error.HTTPError) -> NoReturn:
    try:
        detail = json.loads(error.read())["detail"]
    except (ValueError, KeyError, TypeError):
        detail = f"status {error.code}"
    refuse(f"the node at {node} has no such report: {detail}")
