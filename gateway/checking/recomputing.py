"""A stream checked from its octets: every leaf is computed anew, and all of them against a seal. Pure.

It rests on nothing that was stored when the entries came: the leaf hashes of then only tell which number was altered
since. The tree keeps no leaves, so a stream of any length takes the same room.
"""

from collections.abc import Iterable
from enum import StrEnum

from gateway.proof.checkpoint import Seal
from gateway.proof.merkle import Tree, leaf_hash

NAMED = 20
"""How many altered numbers are named."""


class Verdict(StrEnum):
    """How a check ended."""

    HOLDS = "HOLDS"
    ALTERED = "ALTERED"
    """Octets do not have the leaf hash that they had when they came."""
    MISSING = "MISSING"
    """A number that the seal counts is not here; nothing behind it was looked at."""
    OTHER_ROOT = "OTHER_ROOT"
    """All leaves are as they came, and lead to another root than the sealed one."""
    NO_SEAL = "NO_SEAL"
    """There is no seal to check against."""
    NOT_TRUSTED = "NOT_TRUSTED"
    """The signatures on the seal do not hold by the trusted keys."""
    STOPPED = "STOPPED"
    """Somebody stopped it before its end."""
    FAILED = "FAILED"
    """It could not be done; the log of whoever did it says why."""


Kept = tuple[int, bytes, bytes | None]
"""What is kept under a number: the number, its leaf hash, and its octets, or None where only the leaf hash came."""


class Recomputing:
    """The entries that a seal counts, taken in the order of their numbers."""

    def __init__(self, seal: Seal) -> None:
        self.seal = seal
        self._tree = Tree()
        self.altered: list[int] = []
        """The first numbers whose octets are not those that came; `altered_in_all` counts them all."""
        self.altered_in_all = 0
        self.leaves_only = 0
        """Numbers of which only the leaf hash is here: the root proves it, not what it stood for."""
        self.missing: int | None = None
        """The first number that is not here."""

    @property
    def done(self) -> int:
        """The last number that was taken."""
        return self._tree.size

    @property
    def over(self) -> bool:
        """Whether nothing more can be learnt."""
        return self.done == self.seal.size or self.missing is not None

    def take(self, entries: Iterable[Kept], last: int) -> None:
        """All that is kept of the next numbers, up to `last`, in their order."""
        leaves = []
        for expected, (number, leaf, octets) in enumerate(entries, self.done + 1):
            if number != expected:
                break
            leaves.append(self._leaf(number, leaf, octets))
        self._tree.extend(b"".join(leaves))
        if self.done < last:
            self.missing = self.done + 1

    def _leaf(self, number: int, came: bytes, octets: bytes | None) -> bytes:
        if octets is None:
            self.leaves_only += 1
            return came
        leaf = leaf_hash(octets)
        if leaf != came:
            self.altered_in_all += 1
            self.altered += [number] if len(self.altered) < NAMED else []
        return leaf

    @property
    def root(self) -> bytes:
        """Over what was taken."""
        return self._tree.root()

    @property
    def verdict(self) -> Verdict:
        """What holds after all that was taken; the worst first."""
        if self.altered:
            return Verdict.ALTERED
        if self.missing is not None:
            return Verdict.MISSING
        if not self.over:
            return Verdict.STOPPED
        return Verdict.HOLDS if self.root == self.seal.root else Verdict.OTHER_ROOT
