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


@dataclass(frozen=True, slots=True)
class Holding:
    """A record that came, with the commitments in it: digests by field."""

    stream: str
    record: str
    kind: str
    digests: Mapping[str, bytes]

    @classmethod
    def of(cls, stream: str, record: Record) -> Self:
        """The record as it stands in a stream."""
        held = commitments_in(record)
        return cls(stream, str(record.id), kind_of(record), {name: one.digest for name, one in held.items()})


def refuted(disclosed: Disclosed, holding: Holding) -> str | None:
    """Why this is not what was withheld there; None where it is."""
    if disclosed.stream != holding.stream:
        return f"it is for the stream {disclosed.stream}, not {holding.stream}"
    if disclosed.record != holding.record:
        return f"it is for the record {disclosed.record}, not {holding.record}"
    kind, _, name = disclosed.path.partition(".")
    if kind != holding.kind:
        return f"it is for a {kind}, not a {holding.kind}"
    digest = holding.digests.get(name)
    if digest is None:
        return f"no {disclosed.path} is withheld in the record"
    if digest_of(disclosed.text) != digest:
        return f"the commitment {digest.hex()} was made to another value or with another salt"
    return None


def checked(disclosed: Disclosed, holdings: Iterable[Holding]) -> str | None:
    """Why this is not what was withheld in any of the records that came; None where it is."""
    whys = [refuted(disclosed, one) for one in holdings if one.record == disclosed.record]
    if not whys:
        return f"no record {disclosed.record} with anything withheld is here"
    return None if None in whys else whys[-1]


def holdings_in(stream: str, entries: Iterable[bytes], published: Mapping[bytes, Schema]) -> Iterator[Holding]:
    """The records with commitments among entries of a stream. Raises DisclosureError where one cannot be read."""
    for entry in entries:
        try:
            holding = Holding.of(stream, decode(entry, published))
        except DecodeError as error:
            raise DisclosureError(f"an entry cannot be read: {error}") from error
        if holding.digests:
            yield holding
