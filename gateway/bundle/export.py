"""`cmo-gateway export`: from the live topics to a bundle on the disk."""

import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from getpass import getuser
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.bundle.checking import Checked, check
from gateway.bundle.contents import MANIFEST, BundleError, Proven, build
from gateway.bundle.directory import check_free, write_bundle
from gateway.bundle.gathering import Gathering
from gateway.bundle.logged import log_export
from gateway.bundle.progress import shown
from gateway.bundle.purpose import Purpose
from gateway.checking.trust import Trust
from gateway.link.settings import KafkaSettings
from gateway.link.topics import Stream
from gateway.link.whole import read_whole
from gateway.proof.findings import Finding
from gateway.proof.keys import public_keys
from gateway.proof.note import SigningKey, VerifierKey
from gateway.words import ranges


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
class Account:
    """Where it is written down that something was exported, and for what."""

    log: Path
    purpose: Purpose | None = None


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
    account: Account,
) -> Exported:
    """Read the topics, prove, check as everybody else will, log, write. `node` signs the manifest; its receipts count.

    Raises BundleError, UnreachableError, ExportLogError, OSError; then nothing is written.
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
        files = bundle_of(gathering.finish(now), choice, gathering.senders, node, int(now), purpose=account.purpose)
        checked = check(files, Trust((*gathering.senders, *believed.nodes())))
    if checked.faults:
        raise BundleError(f"{stream.name}: {checked.faults[0]}")
    log_export(account.log, _told(stream, files, checked, account.purpose, int(now)))
    with shown("files written") as told:
        write_bundle(files, folder, told)
    return Exported(checked, gathering.findings)


def bundle_of(
    proven: Proven,
    choice: Choice,
    senders: Collection[VerifierKey],
    node: SigningKey,
    time: int,
    *,
    purpose: Purpose | None = None,
) -> dict[str, bytes]:
    """The files of the chosen entries, against the newest receipt that counts them all; else against the newest seal.

    Raises BundleError.
    """
    numbers = choice.of(proven)
    return build(proven.countersigned(numbers[-1]), numbers, senders, node, time, purpose=purpose)


def _told(
    stream: Stream, files: Mapping[str, bytes], checked: Checked, purpose: Purpose | None, now: int
) -> dict[str, Any]:
    """The line of the log: what was exported, the digest of the manifest that signs it, for whom, and by which user."""
    return {
        "made": now,
        "stream": stream.name,
        "entries": ranges(checked.proven),
        "count": len(checked.proven),
        "manifest": sha256(files[MANIFEST]).hexdigest(),
        "purpose": None if purpose is None else asdict(purpose),
        "user": getuser(),
    }
