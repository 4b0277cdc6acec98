"""Receipts come home: what a recipient's node confirms, the journal may let go.

A receipt counts when the agent's own key sealed it, a trusted node of that recipient countersigned it, and the
journal's own tree had that root at that size. Anything else changes nothing; it is said and counted.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog
from aiokafka import ConsumerRecord

from gateway.journal.journal import Journal, NotOursError
from gateway.link.topics import RECEIPTS, Stream, stream_named, topic
from gateway.proof.checkpoint import Receipt, open_receipt
from gateway.proof.keys import Role, role_of
from gateway.proof.note import VerifierKey

log = structlog.get_logger(__name__)


def nodes_of(recipient: str, trusted: Iterable[VerifierKey]) -> list[VerifierKey]:
    """Those of the trusted keys with which nodes of the recipient sign."""
    return [key for key in trusted if role_of(key.name) == Role.NODE and key.name.startswith(f"{recipient}/")]


def led_back(record: ConsumerRecord, kind: str, ours: Sequence[Stream]) -> Stream | None:
    """The stream of ours that a message in a topic of this kind is about; None where it is another sender's.

    Raises ValueError for what does not belong into the topic.
    """
    name = (record.key or b"").decode(errors="replace")
    stream = stream_named(name)
    if stream is None or topic(stream.recipient, stream.origin, kind) != record.topic:
        raise ValueError(f"{name[:100]!r} is no stream between these two parties")
    return stream if stream in ours else None


@dataclass(slots=True)
class Receipts:
    """Takes receipts of the sender's streams to its journal."""

    journal: Journal
    streams: Sequence[Stream]
    own: Sequence[VerifierKey]
    """The sender's own public keys."""
    trusted: Sequence[VerifierKey]
    refused: int = 0
    """Messages that confirmed nothing: forged, foreign, or contradicting the journal."""

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Confirm what these messages confirm. Each confirmation is a write: of several only the furthest is made."""
        await asyncio.to_thread(self._take, records)

    def _take(self, records: Sequence[ConsumerRecord]) -> None:
        found: list[tuple[Receipt, ConsumerRecord]] = []
        for record in records:
            try:
                if (receipt := self._opened(record)) is not None:
                    found.append((receipt, record))
            except ValueError as error:
                self._refuse(record, error)
        confirmed = set[str]()
        for receipt, record in sorted(found, key=lambda one: one[0].seal.size, reverse=True):
            stream = receipt.seal.checkpoint.origin
            if stream not in confirmed and self._confirm(receipt, record):
                confirmed.add(stream)

    def _opened(self, record: ConsumerRecord) -> Receipt | None:
        stream = led_back(record, RECEIPTS, self.streams)
        if stream is None:
            return None
        nodes = nodes_of(stream.recipient, self.trusted)
        return max(open_receipt(record.value or b"", stream.name, self.own, nodes), key=lambda receipt: receipt.time)

    def _confirm(self, receipt: Receipt, record: ConsumerRecord) -> bool:
        seal = receipt.seal
        try:
            self.journal.confirm(seal.checkpoint.origin, seal.size, seal.root, receipt.time)
        except NotOursError as error:
            self._refuse(record, error)
            return False
        except sqlite3.Error as error:  # the next receipt confirms this one too
            log.warning("receipt not kept", stream=seal.checkpoint.origin, problem=str(error))
        return True

    def _refuse(self, record: ConsumerRecord, error: Exception) -> None:
        self.refused += 1
        log.warning("receipt refused", topic=record.topic, offset=record.offset, problem=str(error))
