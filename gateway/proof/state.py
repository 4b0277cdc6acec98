"""What a verifier remembers, and how it is written down across restarts. Pure."""

import json
from array import array
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf, nextafter
from typing import Any, NamedTuple

from gateway.proof.checkpoint import Checkpoint, Seal
from gateway.proof.findings import Code
from gateway.proof.merkle import EMPTY_ROOT, Tree
from gateway.proof.note import Note, decode64, encode64
from gateway.proof.unproven import NO_MOMENT, Candidate, Unproven

VERSION = 2
PLAIN = (
    "clock",
    "latest",
    "heard",
    "missing_to",
    "disputed_at",
    "forked_to",
    "closed_at",
    "late",
    "silent",
    "evidence",
    "repeats",
    "seal_repeats",
)
"""Fields that are written as they are."""


class Held(NamedTuple):
    """A seal, and since when (the verifier's time) it waits."""

    seal: Seal
    since: float


class Loser(NamedTuple):
    """A content that claimed a number, the one that a seal proves for it, and since when that is known."""

    leaf: bytes
    sealed: bytes
    since: float


@dataclass(slots=True)
class State:
    """Everything a verifier knows of its stream. `tree` is that of the proven numbers."""

    tree: Tree = field(default_factory=Tree)
    unproven: Unproven = field(default_factory=Unproven)
    proven: Seal | None = None
    newest: Held | None = None
    pending: deque[Held] = field(default_factory=deque)
    """Seals that count more than has come, by size."""
    disputed: list[Held] = field(default_factory=list)
    """Seals that what came does not fit, by size."""
    roots: dict[int, bytes] = field(default_factory=lambda: {0: EMPTY_ROOT})
    """Size and root of the newest seals."""
    losers: dict[int, list[Loser]] = field(default_factory=dict)
    clock: float = NO_MOMENT
    latest: float = NO_MOMENT
    """The last arrival of all proven numbers."""
    heard: float = NO_MOMENT
    """When something new came last."""
    missing_to: int = 0
    """Missing numbers up to here have been told."""
    disputed_at: int = -1
    """Size of the proven tree when a dispute was last told."""
    forked_to: int = 0
    """Largest size in a fork; 0 while there is none."""
    closed_at: int = -1
    """Number at which the stream was closed, as it was last told; -1 while it is open."""
    late: bool = False
    silent: bool = False
    evidence: bool = False
    """Contents came since a dispute was last tried to settle."""
    repeats: int = 0
    seal_repeats: int = 0

    def hear(self, now: float) -> None:
        """Something new came."""
        self.heard = now
        self.silent = False

    def moment(self, now: float) -> float:
        """The time, made later than that of all arrivals before."""
        self.clock = now if now > self.clock else nextafter(self.clock, inf)
        return self.clock

    def lose(self, number: int, leaf: bytes, sealed: bytes, now: float) -> None:
        """A content that claimed a number is not the one that a seal proves for it."""
        losers = self.losers.setdefault(number, [])
        if all(loser.leaf != leaf for loser in losers):
            losers.append(Loser(leaf, sealed, now))

    def contradiction(self, seal: Seal) -> tuple[Code, str] | None:
        """What a genuine seal is that does not go on from those before it, in words too; None when it does."""
        newest = self.newest.seal if self.newest else None
        if self.roots.get(seal.size, seal.root) != seal.root:
            return Code.FORKED, "another root of this size is signed too"
        if newest is None or (seal.time > newest.time and seal.size >= newest.size):
            return None
        if seal.time > newest.time:
            return Code.FORKED, f"signed later than a seal of the larger size {newest.size}"
        return Code.STALE_SEAL, f"signed at {seal.time}, not after {newest.time} as it should be"

    def to_bytes(self) -> bytes:
        """The state as UTF-8 JSON."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in PLAIN}
        return json.dumps(
            {
                "version": VERSION,
                **fields,
                "tree": encode64(self.tree.to_bytes()),
                "unproven": _unproven(self.unproven),
                "proven": None if self.proven is None else _seal(self.proven),
                "newest": None if self.newest is None else _held(self.newest),
                "pending": [_held(held) for held in self.pending],
                "disputed": [_held(held) for held in self.disputed],
                "roots": [[size, encode64(root)] for size, root in self.roots.items()],
                "losers": [[number, [_loser(loser) for loser in losers]] for number, losers in self.losers.items()],
            }
        ).encode()

    @classmethod
    def from_bytes(cls, octets: bytes) -> "State":
        """The state that was written. Raises ValueError when it is none of this version."""
        try:
            data = json.loads(octets)
            if data["version"] != VERSION:
                raise ValueError(f"version {data['version']}, not {VERSION}")  # noqa: TRY301  # one way out for all
            return cls(
                tree=Tree.from_bytes(decode64(data["tree"])),
                unproven=_read_unproven(data["unproven"]),
                proven=None if data["proven"] is None else _read_seal(data["proven"]),
                newest=None if data["newest"] is None else _read_held(data["newest"]),
                pending=deque(_read_held(held) for held in data["pending"]),
                disputed=[_read_held(held) for held in data["disputed"]],
                roots={size: decode64(root) for size, root in data["roots"]},
                losers={number: [_read_loser(loser) for loser in losers] for number, losers in data["losers"]},
                **{name: data[name] for name in PLAIN},
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"not a verifier's state: {error}") from error


def _seal(seal: Seal) -> list[Any]:
    return [seal.time, seal.note.decode()]


def _read_seal(data: list[Any]) -> Seal:
    time, note = data
    return Seal(Checkpoint.parse(Note.parse(note.encode()).text), time, note.encode())


def _held(held: Held) -> list[Any]:
    return [_seal(held.seal), held.since]


def _read_held(data: list[Any]) -> Held:
    return Held(_read_seal(data[0]), data[1])


def _loser(loser: Loser) -> list[Any]:
    return [encode64(loser.leaf), encode64(loser.sealed), loser.since]


def _read_loser(data: list[Any]) -> Loser:
    leaf, sealed, since = data
    return Loser(decode64(leaf), decode64(sealed), since)


def _candidates(candidates: Iterable[tuple[int, Candidate]]) -> list[list[Any]]:
    return [[number, encode64(candidate.leaf), candidate.moment] for number, candidate in candidates]


def _read_candidates(data: list[list[Any]]) -> list[tuple[int, Candidate]]:
    return [(number, Candidate(decode64(leaf), moment)) for number, leaf, moment in data]


def _unproven(unproven: Unproven) -> dict[str, Any]:
    rivals = ((number, rival) for number, rivals in unproven.rivals.items() for rival in rivals)
    return {
        "proven": unproven.proven,
        "leaves": encode64(bytes(unproven.leaves)),
        "moments": unproven.moments.tolist(),
        "ahead": _candidates(unproven.ahead.items()),
        "rivals": _candidates(rivals),
        "answers": _candidates(unproven.answers.items()),
    }


def _read_unproven(data: dict[str, Any]) -> Unproven:
    unproven = Unproven(
        proven=data["proven"],
        leaves=bytearray(decode64(data["leaves"])),
        moments=array("d", data["moments"]),
        ahead=dict(_read_candidates(data["ahead"])),
        answers=dict(_read_candidates(data["answers"])),
    )
    for number, rival in _read_candidates(data["rivals"]):
        unproven.rivals.setdefault(number, []).append(rival)
    return unproven
