"""`cmo-gateway export`: from the live topics to a bundle on the disk."""

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.bundle.checking import Checked, check
from gateway.bundle.contents import BundleError, Proven, build
from gateway.bundle.directory import check_free, write_bundle
from gateway.bundle.gathering import Gathering
from gateway.bundle.progress import shown
from gateway.checking.trust import Trust
from gateway.link.settings import KafkaSettings
from gateway.link.topics import Stream
from gateway.link.whole import read_whole
from gateway.proof.findings import Finding
from gateway.proof.keys import public_keys
from gateway.proof.note import SigningKey, VerifierKey


@dataclass(frozen=True, slots=True)
class Choice:
    """Which numbers: these, or where there are none all from `first` to `last`, which is the seal's size when None."""

    numbers: frozenset[int] = frozenset()
    first: int = 1
    last: int | None = None

    def __contains__(self, number: int) -> bool:
        """Whether the number is chosen."""
        if self.numbers:
            return number in self.numbers
        return self.first <= number and (self.last is None or number <= self.last)

    def of(self, proven: Proven) -> list[int]:
        """The chosen numbers, rising; of a range, those of which more is left than their leaf hash.

        Raises BundleError when none is left, or when the range goes on behind the seal.
        """
        if self.numbers:
            return sorted(self.numbers)
        size = proven.seal.size
        last = size if self.last is None else self.last
        if last > size:
            raise BundleError(f"number {last} is not proven; the newest seal that holds counts {size} entries")
        found = [number for number in range(self.first, last + 1) if proven.entry(number) is not None]
        if not found:
            raise BundleError(f"there is no entry left from {self.first} to {last}; the newest seal counts {size}")
        return found


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and what was found in the topics meanwhile."""

    checked: Checked
    findings: list[Finding]


async def export(
    kafka: KafkaSettings,
    stream: Stream,
    trust: Trust,
    choice: Choice,
    *,
    node: SigningKey,
    folder: Path,
) -> Exported:
    """Read the topics, prove, check as everybody else will, write. `node` signs the manifest; its receipts count.

    Raises BundleError, UnreachableError, OSError; then nothing is written.
    """
    check_free(folder)
    believed = replace(trust, keys=(*trust.keys, *public_keys(node)))
    gathering = Gathering(stream, believed, choice.__contains__)
    with shown("messages read") as told:
        async for batch in read_whole(kafka, gathering.topics):
            for message in batch:
                gathering.take(message)
            told(len(batch))
    with shown("proving"):
        now = time.time()
        files = bundle_of(gathering.finish(now), choice, gathering.senders, node, int(now))
        checked = check(files, Trust((*gathering.senders, *believed.nodes())))
    if checked.faults:
        raise BundleError(f"{stream.name}: {checked.faults[0]}")
    with shown("files written") as told:
        write_bundle(files, folder, told)
    return Exported(checked, gathering.findings)


def bundle_of(
    proven: Proven, choice: Choice, senders: Collection[VerifierKey], node: SigningKey, time: int
) -> dict[str, bytes]:
    """The files of the chosen entries, against the newest receipt that counts them all; else against the newest seal.

    Raises BundleError.
    """
    numbers = choice.of(proven)
    return build(proven.countersigned(numbers[-1]), numbers, senders, node, time)
