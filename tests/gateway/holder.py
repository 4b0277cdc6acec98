"""A sender's stream, and a holder that inspects and stores it as the node does, without Kafka."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from gateway.archive.archive import Archive
from gateway.intake.inspection import Inspected, Inspector
from gateway.intake.message import Batch, Message, Place, SealNote
from gateway.proof.checkpoint import Checkpoint, Receipt, open_receipt, write_seal
from gateway.proof.eviction import write_eviction
from gateway.proof.findings import Finding
from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.merkle import Tree, leaf_hash
from gateway.proof.note import SigningKey
from schemas.codec import encode
from schemas.records import Evicted
from tests.gateway.messages import SECOND, frame, sent

STREAM = "cmo-a.line-3.holder-b.measurements.v1"
START = 1_700_000_000
SENDER, NODE = generate("cmo-a", Role.SENDER, "line-3"), generate("holder-b", Role.NODE, "holder-b")
TRUSTED = public_keys(SENDER)
LONG = 12.0
"""Longer than a verifier waits for evidence, seconds."""


class Sent:
    """A stream of `count` frames; sample n has the value n."""

    def __init__(self, count: int) -> None:
        self.messages = [self._message(number, float(number)) for number in range(1, count + 1)]
        self._forged = 10_000

    def forged(self, number: int) -> Message:
        """Another content under the number; each has a value of its own."""
        self._forged += 1
        return self._message(number, float(self._forged))

    def evicted(self, first: int, last: int, key: SigningKey = SENDER) -> Message:
        """What stands for entries of which only leaf hashes are left."""
        leaves = tuple(leaf_hash(message.entry) for message in self.messages[first - 1 : last])
        note = write_eviction(STREAM, first, leaves, key)
        return sent(STREAM, first, Evicted(first=first, leaves=leaves, note=note), 0)

    def seal(self, size: int, time: int) -> bytes:
        """The sender's seal of the first `size` entries, `time` seconds after the start."""
        return write_seal(Checkpoint(STREAM, size, self.root(size)), SENDER, START + time)

    def root(self, size: int) -> bytes:
        tree = Tree()
        for message in self.messages[:size]:
            tree.append(leaf_hash(message.entry))
        return tree.root()

    def _message(self, number: int, value: float) -> Message:
        return sent(STREAM, number, frame({"dp": value}, received=(START + number) * SECOND), 0)


class Holder:
    """Inspector and archive. Each message stands at the next offset of its topic."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.now = float(START)
        self.findings: list[Finding] = []
        self.receipts: list[Receipt] = []
        self.batches: list[Batch] = []
        self._offsets = {"t": 0, "seals": 0, "resent": 0}
        self.archive = Archive(file)
        self._begin()

    def _begin(self) -> None:
        self.inspector = Inspector(("cmo-a", "holder-b"), TRUSTED, NODE, self.archive.leaf, self.archive.memory())

    def restart(self) -> None:
        """As after a kill: only what was stored is known."""
        if self.file:
            self.archive.close()
            self.archive = Archive(self.file)
        self._begin()

    def take(
        self,
        messages: Iterable[Message] = (),
        seals: Sequence[bytes] = (),
        resent: Iterable[Message] = (),
        *,
        key: str = STREAM,
        wait: float = 1.0,
    ) -> Inspected:
        """One batch, `wait` seconds after the last; after it all is read."""
        self.now += wait
        notes = [SealNote(Place("seals", 0), self._offset("seals"), key, note) for note in seals]
        placed = [tuple(self._placed(m, name) for m in some) for name, some in (("t", messages), ("resent", resent))]
        return self.replay(Batch(placed[0], tuple(notes), placed[1], caught_up=True))

    def moment(self) -> int:
        """Seconds since the start at which the sender may sign the next seal."""
        return int(self.now) - START + 1

    def replay(self, batch: Batch) -> Inspected:
        """A batch as it is."""
        self.batches.append(batch)
        inspected = self.inspector.inspect(batch, self.now)
        self.archive.store_inspected(inspected)
        self.findings += inspected.findings
        nodes = public_keys(NODE)
        for stream, note in inspected.receipts.items():
            self.receipts += open_receipt(note, stream, TRUSTED, nodes)
        return inspected

    def confirmed(self) -> int:
        """The last number that a receipt covers."""
        return max((receipt.seal.size for receipt in self.receipts), default=0)

    def values(self) -> list[float]:
        """Every sample's value, by number."""
        return [value for (value,) in self.archive.rows("SELECT value FROM samples ORDER BY number")]

    def entries(self) -> list[tuple[int, bytes | None]]:
        """Numbers and octets."""
        rows = self.archive.rows("SELECT number, octets FROM entries ORDER BY number")
        return [(number, None if octets is None else bytes(octets)) for number, octets in rows]

    def aside(self) -> list[bytes]:
        """The octets in quarantine."""
        return [bytes(entry) for (entry,) in self.archive.rows("SELECT entry FROM quarantine")]

    def codes(self) -> set[str]:
        """What was found that somebody has to look at."""
        return {finding.code.value for finding in self.findings if finding.alarms}

    def _placed(self, message: Message, topic: str) -> Message:
        return replace(message, place=Place(topic, 0), offset=self._offset(topic))

    def _offset(self, topic: str) -> int:
        self._offsets[topic] += 1
        return self._offsets[topic]


def octets(sent_: Sent, count: int) -> list[tuple[int, bytes | None]]:
    """What the archive's entries have to be."""
    return [
        (number, encode(message.record)) for number, message in enumerate(sent_.messages[:count], 1) if message.record
    ]
