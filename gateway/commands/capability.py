"""`cmo-gateway capability`: what makes the exchange eligible for remote audits, as a PDF with its signed note."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode
from zipfile import BadZipFile, ZipFile
from zoneinfo import ZoneInfo

import typer

from gateway.agreement.shelf import Shelf
from gateway.archive.archive import Archive, ArchiveError
from gateway.capability.archived import capability_of
from gateway.capability.made import files_of
from gateway.commands.arguments import ConfigFile, loaded, moment_from, refuse
from gateway.commands.report import PATIENCE
from gateway.completeness import Interval
from gateway.console.serving import bracketed
from gateway.languages import Language
from gateway.proof.keys import Role, load, load_public
from gateway.reports.archived import NoReportError
from gateway.settings import NodeConfiguration


def capability(
    config: ConfigFile,
    *,
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="ISO 8601, in the plant's zone.")],
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="ISO 8601, in the plant's zone.")],
    out: Annotated[Path, typer.Option(help="Folder for the PDF, the same as data, and the note that signs both.")],
    language: Annotated[Language, typer.Option(help="Of names and texts.")] = Language.EN,
) -> None:
    """Write the report on what makes the exchange eligible for remote audits (134 art. 14, 17), signed by the node.

    While the node runs it alone can read its archive: then it is asked for the report.
    """
    configuration = loaded(config)
    zone = configuration.site.zone
    period = moment_from("--from", begin, zone), moment_from("--to", end, zone)
    if not configuration.archive.exists():
        refuse(f"archive {configuration.archive} is not there; the node makes it when it runs")
    try:
        files = _files(configuration, period, language)
    except NoReportError as error:
        refuse(error)
    out.mkdir(parents=True, exist_ok=True)
    for name, octets in files.items():
        (out / name).write_bytes(octets)
        typer.echo(f"report: {out / name}")


def _files(configuration: NodeConfiguration, period: Interval, language: Language) -> Mapping[str, bytes]:
    try:
        archive = Archive(configuration.archive)
    except ArchiveError as error:
        return _of_node(configuration, period, language, error)
    with closing(archive):
        key = load(configuration.key, Role.NODE)
        signed = None
        if configuration.agreements is not None:
            trusted = [key for file in configuration.trust for key in load_public(file)]
            signed = Shelf(configuration.agreements, trusted).signed()
        now = time.time_ns() // 1000
        report = capability_of(archive, configuration.site, signed, period, now=now)
        return files_of(report, language, printed=now, key=key)


def _of_node(
    configuration: NodeConfiguration, period: Interval, language: Language, locked: ArchiveError
) -> Mapping[str, bytes]:
    """From the node that has the archive open."""
    console, zone = configuration.settings.console, ZoneInfo(configuration.site.zone)
    node = f"http://{bracketed(console.host)}:{console.port}"
    begin, end = (datetime.fromtimestamp(one / 1e6, zone).isoformat() for one in period)
    query = urlencode({"from": begin, "to": end, "language": language})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{node}/api/capability/report.zip?{query}", timeout=PATIENCE) as answer:
            octets = bytes(answer.read())
    except urllib.error.HTTPError as error:
        refuse(f"the node at {node} has no such report: {_detail(error)}")
    except OSError as error:
        why = f"{locked}; and no node answers at {node} ({getattr(error, 'reason', error)})"
        refuse(f"{why}; stop what has it open, or name a copy of the file in the configuration")
    try:
        with ZipFile(BytesIO(octets)) as inner:
            return {Path(name).name: inner.read(name) for name in inner.namelist()}
    except BadZipFile:
        refuse(f"{locked}; and what answers at {node} is no node; name the node's console in the configuration")


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["detail"])
    except (ValueError, KeyError, TypeError):
        return f"status {error.code}"
