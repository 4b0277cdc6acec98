"""Disclosures: what opens commitments, as a file that can be handed over, and whether it fits a sealed record. Pure.

Nothing in the file is believed: what it says is true where its SHA-256 stands in the record.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from schemas.catalogue import Schema
from schemas.codec import DecodeError, Record, decode, kind_of
from schemas.commitment import canonical, digest_of
from schemas.errors import ToldError
from schemas.opening import Opening
from schemas.withheld_fields import commitments_in

FORMAT = "cmo.v1/disclosure"


class DisclosureError(ToldError):
    """What was handed over opens nothing; the message says why, in a line."""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What one canonical text says: that this field of that record in that stream has this value.

    `value` is as JSON has it; `text` is what is hashed.
    """

    text: str
    stream: str
    record: str
    path: str
    value: str | float | bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises DisclosureError for what is no canonical text: each meaning has one writing."""
        try:
            salt, stream, record, path, value = json.loads(text, parse_int=float)  # as JSON has numbers
            texts = all(isinstance(one, str) for one in (salt, stream, record, path))
            known = texts and isinstance(value, str | int | float)
            good = known and canonical(_salt(salt), stream, record, path, value) == text
        except (ValueError, TypeError, RecursionError) as error:
            raise DisclosureError(f"not a disclosed value: {error}") from error
        if not good:
            raise DisclosureError("not a disclosed value: not salt, stream, record, path, value as RFC 8785 says")
        return cls(text, stream, record, path, value)


def _salt(text: str) -> bytes:
    """Raises ValueError where it is no base64; what is not written as it should be gives another text."""
    return base64.urlsafe_b64decode(f"{text}==")


def document(openings: Iterable[Opening]) -> str:
    """The file that hands these over."""
    texts = [one.disclosed for one in openings]
    return json.dumps({"format": FORMAT, "disclosed": texts}, ensure_ascii=False, indent=1) + "\n"


def read_document(octets: bytes) -> list[Disclosed]:
    """What a file discloses. Raises DisclosureError."""
    try:
        found: Any = json.loads(octets)
    except (ValueError, RecursionError) as error:
        raise DisclosureError(f"no disclosure: {error}") from error
    texts = found.get("disclosed") if isinstance(found, dict) and found.get("format") == FORMAT else None
    if not isinstance(texts, list) or not texts or not all(isinstance(one, str) for one in texts):
        raise DisclosureError(f"no disclosure: it is not of the format {FORMAT}, or discloses nothing")
    return [Disclosed.parse(one) for one in texts]


def refuted(disclosed: Disclosed, stream: str, record: Record) -> str | None:
    """Why this is not what was withheld in the record that stands in that stream; None where it is."""
    if disclosed.stream != stream:
        return f"it is for the stream {disclosed.stream}, not {stream}"
    if disclosed.record != str(record.id):
        return f"it is for the record {disclosed.record}, not {record.id}"
    kind, _, name = disclosed.path.partition(".")
    if kind != kind_of(record):
        return f"it is for a {kind}, not a {kind_of(record)}"
    held = commitments_in(record).get(name)
    if held is None:
        return f"no {disclosed.path} is withheld in the record"
    if digest_of(disclosed.text) != held.digest:
        return f"the commitment {held.digest.hex()} was made to another value or with another salt"
    return None


def check_entries(
    disclosed: Iterable[Disclosed], stream: str, entries: Iterable[bytes], published: Mapping[bytes, Schema]
) -> Iterator[tuple[Disclosed, str | None]]:
    """Of each value whether it is what was withheld in one of the entries of the stream: None, or why it is not."""
    records = {str(record.id): record for record in _records(entries, published)}
    for one in disclosed:
        record = records.get(one.record)
        yield one, f"no record {one.record} is here" if record is None else refuted(one, stream, record)


def _records(entries: Iterable[bytes], published: Mapping[bytes, Schema]) -> Iterator[Record]:
    for entry in entries:
        try:
            yield decode(entry, published)
        except DecodeError as error:
            raise DisclosureError(f"an entry cannot be read: {error}") from error
