"""`cmo-gateway why`: the clause that sent a record to a holder or withheld it, and the reason in words."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import numpy as np
import typer

from gateway.agreement.in_force import Signed, signed_agreements
from gateway.agreement.routing.explaining import Explanation, explain
from gateway.agreement.routing.occupancy import Occupancy
from gateway.agreement.routing.plant import plant_of
from gateway.agreement.routing.router import Router
from gateway.archive.archive import Archive
from gateway.archive.exported import current
from gateway.commands.arguments import ConfigFile, loaded, moment_from, refuse
from gateway.configuration import ConfigurationError
from gateway.context.archived import assignments
from gateway.link.topics import stream_named
from gateway.proof.keys import KeyFileError, load_public
from gateway.running import complain, tell
from gateway.settings import NodeConfiguration
from schemas.access import Access
from schemas.agreements import AgreementInForce
from schemas.catalogue import KINDS, Schema, schema, schema_of
from schemas.codec import DecodeError, Record, decode, kind_of
from schemas.exported import BatchOrder
from schemas.frame import NO_TIME, Frame, TagTable
from schemas.notices import NoticeStep
from schemas.opening import Opening
from schemas.signers import Signer

_UNROUTED = (AgreementInForce, Opening, Access, NoticeStep, Signer)
_BY_ID = "SELECT stream, octets FROM entries WHERE substring(hex(octets), 21, 74) = ? AND octets IS NOT NULL LIMIT 100"
"""Every record begins with its id: after marker and fingerprint a length and 36 characters (`schemas/avro`)."""


def why(
    config: ConfigFile,
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Record id, or TAG@TIME: F1.T@2026-11-23T08:00.")],
    holder: Annotated[str, typer.Argument(metavar="HOLDER", help="Short name of the holder.")],
    *,
    agreements: Annotated[Path, typer.Option(help="Folder of the agreements with their signatures.")],
    trust: Annotated[list[Path], typer.Option(help="Public key file of a signatory; may be given several times.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
    zh: Annotated[bool, typer.Option("--zh", help="Words in Chinese.")] = False,
) -> None:
    """Tell by which clause a holder gets a record or does not, by what the archive knows of batches now.

    CONFIG is the manufacturer's own node: its archive has every record. The archive is opened alone: stop the node, or
    name a copy of its file in the configuration. What alarms and gaps go on from their first step is not told here.
    """
    configuration = loaded(config)
    if not configuration.archive.exists():
        refuse(f"archive {configuration.archive} is not there; the node makes it when it runs")
    signed = _signed(agreements, trust)
    with closing(Archive(configuration.archive)) as archive:
        sender, found = _record(archive, configuration, record)
        told = explain(_router(archive, configuration, signed, sender), found, holder, time.time_ns() // 1000)
    if as_json:
        tell(json.dumps([_plain(one) for one in told], ensure_ascii=False))
    else:
        for line in (line for one in told for line in _lines(one, zh=zh)):
            tell(line)


def _signed(folder: Path, trust: list[Path]) -> Signed:
    try:
        signed = signed_agreements(folder, [key for file in trust for key in load_public(file)])
    except (ConfigurationError, KeyFileError) as error:
        refuse(error)
    for finding in signed.findings:
        complain(str(finding))
    return signed


def _router(archive: Archive, configuration: NodeConfiguration, signed: Signed, sender: str) -> Router:
    told = assignments(archive)
    products: dict[str, set[str]] = {}
    for one in (*told, *(kept.record for kept in current(archive, BatchOrder))):
        if one.batch is not None and one.product is not None:
            products.setdefault(one.batch, set()).add(one.product)
    only = {batch: next(iter(some)) for batch, some in products.items() if len(some) == 1}
    tags: dict[str, list[str]] = {}
    for source, tag in archive.rows("SELECT DISTINCT source, tag FROM tags ORDER BY source, tag"):
        tags.setdefault(source, []).append(tag)
    plant = plant_of(configuration.site, sender, {source: tuple(some) for source, some in tags.items()})
    return Router(signed, plant, product_of=only.get, occupancy=Occupancy().after(told))


def _record(archive: Archive, configuration: NodeConfiguration, name: str) -> tuple[str, Record]:
    """The record, and the agent that sent it."""
    tag, at, moment = name.partition("@")
    if at:
        when = moment_from("RECORD", moment, configuration.site.zone)
        rooms = dict(configuration.site.tagged_rooms())
        return "", _sample(tag, rooms.get(tag), configuration.site.line, when)
    try:
        id_ = UUID(name)
    except ValueError:
        refuse(f"{name}: is no record id, nor TAG@TIME")
    rows = archive.rows(_BY_ID, ["48" + str(id_).encode().hex().upper()])
    streams = ((stream_named(stream), octets) for stream, octets in rows)
    own = next(((one, octets) for one, octets in streams if one and one.recipient == one.origin), None)
    if own is None:
        refuse(f"{name}: the archive has no such record in the manufacturer's own streams")
    try:
        found = decode(own[1], _published(archive))
    except DecodeError as error:
        refuse(f"{name}: {error}")
    if isinstance(found, _UNROUTED):
        refuse(f"{name}: is of kind {kind_of(found)}, which no clause is about; name a record of the plant")
    return own[0].sender, found


def _sample(tag: str, room: str | None, line: str, when: int) -> Frame:
    one: Any = np.zeros(1)
    return Frame(
        source="", tags=TagTable((tag,), ("1",), rooms=(room,), line=line), tag=one.astype(np.int32), value=one,
        status=one.astype(np.uint32), reason=one.astype(np.uint8), source_time=np.full(1, NO_TIME), received=when,
    )  # fmt: skip


def _published(archive: Archive) -> Mapping[bytes, Schema]:
    said = {one.fingerprint: schema_of(one.text) for one in archive.schemas()}
    return said | {schema(kind).fingerprint: schema(kind) for kind in KINDS}


def _plain(one: Explanation) -> dict[str, Any]:
    rule, clause = one.decision.rule, one.clause
    return {
        "holder": one.decision.holder, "sent": one.decision.sends, "reason": one.decision.reason.value,
        "words": one.words.model_dump(), "samples": one.samples, "tags": list(one.tags),
        "clause": None if rule is None else rule.name, "text": None if clause is None else clause.model_dump(),
    }  # fmt: skip


def _lines(one: Explanation, *, zh: bool) -> Iterator[str]:
    rule, clause = one.decision.rule, one.clause
    words = one.words.zh if zh else one.words.en
    head = one.decision.holder if rule is None else f"{one.decision.holder}  {rule.name}"
    yield f"{head}  {words}"
    if clause is not None:
        yield f"    {clause.zh if zh else clause.en}"
    if one.samples:
        yield f"    {one.samples} × {', '.join(one.tags)}"
