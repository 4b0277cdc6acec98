"""Archives as a node leaves them: every entry with its schema, its seals inspected and confirmed."""

from collections.abc import Sequence
from pathlib import Path

from gateway.archive.archive import Archive
from gateway.intake.inspection import Inspector
from gateway.intake.message import Batch, Message, Place, SealNote
from gateway.link.whole import Raw
from gateway.proof.keys import public_keys
from gateway.proof.note import SigningKey
from schemas.catalogue import KINDS, schema
from schemas.codec import decode
from schemas.withheld_fields import commitments_in, shown
from tests.gateway.published import NODE, ONE, RECEIVED, published, seals_of

PUBLISHED = {schema(kind).fingerprint: schema(kind) for kind in KINDS}


def archived(folder: Path, own: SigningKey, *, batches: int = 5, file: Path | None = None) -> Archive:
    """What a holder's node has of the stream ONE: 2 schemas, and 4 frames a batch."""
    return received(published(folder / "journal.db", own, batches=batches), own, file)


def received(messages: Sequence[Raw], own: SigningKey, file: Path | None = None) -> Archive:
    """After all these messages, in their order, at once."""
    archive = Archive(file)
    inspector = Inspector(("cmo-a", "holder-b"), public_keys(own), NODE, archive.leaf, archive.memory())
    entries = tuple(_message(one, at) for at, one in enumerate(messages, 1) if one.topic == ONE.topic)
    seals = tuple(
        SealNote(Place(one.topic, 0), at, (one.key or b"").decode(), one.value)
        for at, one in enumerate(messages, 1) if one.topic == seals_of(ONE)
    )  # fmt: skip
    archive.store_inspected(inspector.inspect(Batch(entries, seals, (), caught_up=True), RECEIVED))
    return archive


def _message(one: Raw, offset: int) -> Message:
    record, number = decode(one.value, PUBLISHED), int(one.headers["ce_id"])
    return Message(
        Place(one.topic, 0), offset, ONE.name, number, one.value, shown(record), None, 0, 0,
        withheld=commitments_in(record),
    )  # fmt: skip
