"""What came and is not yet proven by a seal: per number a leaf hash, and others that claim the same number. Pure.

Numbers without a hole stand densely in `leaves` and `moments`, those after a hole in `ahead`. A *moment* orders
arrivals; it is the verifier's time, made strictly increasing. What was sent again on request has no place in that
order: NO_MOMENT.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from gateway.proof.merkle import HASH, Tree

NO_MOMENT = -1.0
MAX_AHEAD = 250_000
"""Most numbers held after a hole; what comes beyond has to be sent again."""
MAX_RIVALS = 8
"""Most contents held for one number beside the first."""
MAX_TRIED = 64
"""Most contested numbers that are tried one by one."""


class Candidate(NamedTuple):
    """A leaf hash that claims a number, and when it came."""

    leaf: bytes
    moment: float


@dataclass(slots=True)
class Unproven:
    """The numbers after `proven`."""

    proven: int = 0
    leaves: bytearray = field(default_factory=bytearray)
    moments: "array[float]" = field(default_factory=lambda: array("d"))
    ahead: dict[int, Candidate] = field(default_factory=dict)
    rivals: dict[int, list[Candidate]] = field(default_factory=dict)
    answers: dict[int, Candidate] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        """The last number before the first hole."""
        return self.proven + len(self.moments)

    def get(self, number: int) -> Candidate | None:
        """What came first under a number after `proven`."""
        at = number - self.proven - 1
        if 0 <= at < len(self.moments):
            return Candidate(bytes(self.leaves[at * HASH : (at + 1) * HASH]), self.moments[at])
        return self.ahead.get(number)

    def add(self, number: int, candidate: Candidate) -> bool:
        """Keep the first content of a number. False when there is no room for it."""
        if number != self.taken + 1:
            if len(self.ahead) >= MAX_AHEAD:
                return False
            self.ahead[number] = candidate
            return True
        self._append(candidate)
        while self.ahead and (following := self.ahead.pop(self.taken + 1, None)):
            self._append(following)
        return True

    def contest(self, number: int, candidate: Candidate) -> bool:
        """Keep another content of a number. False when there are too many: at most one of them can be genuine."""
        rivals = self.rivals.setdefault(number, [])
        if any(rival.leaf == candidate.leaf for rival in rivals):
            return True
        if len(rivals) >= MAX_RIVALS:
            return False
        rivals.append(candidate)
        return True

    def missing(self, first: int, last: int) -> list[tuple[int, int]]:
        """The ranges of numbers from `first` to `last` under which nothing came."""
        first = max(first, self.taken + 1)
        there = sorted(number for number in self.ahead if first <= number <= last)
        bounds = zip([first - 1, *there], [*there, last + 1], strict=True)
        return [(low + 1, high - 1) for low, high in bounds if high - low > 1]

    def run(self, first: int, last: int, instead: Mapping[int, Candidate] | None = None) -> bytes:
        """Leaf hashes of `first` to `last`, all of them before the first hole, with some put in the place of others."""
        leaves = self.leaves[(first - self.proven - 1) * HASH : (last - self.proven) * HASH]
        for number, candidate in (instead or {}).items():
            leaves[(number - first) * HASH : (number - first + 1) * HASH] = candidate.leaf
        return bytes(leaves)

    def variants(self, last: int) -> Iterator[dict[int, Candidate]]:
        """Ways of choosing other contents for contested numbers up to `last`, the likeliest first.

        Never all of them: they are exponentially many, and an answer to a resend request settles what this does not.
        """
        contested = {number: rivals for number, rivals in sorted(self.rivals.items()) if number <= last and rivals}
        answers = {number: answer for number, answer in self.answers.items() if number <= last}
        if answers:
            yield answers
        for number in list(answers)[:MAX_TRIED]:
            yield {other: answer for other, answer in answers.items() if other != number}
        for number in list(contested)[:MAX_TRIED]:
            for rival in contested[number]:
                yield {**answers, number: rival}
        if len(contested) > 1:
            yield {number: rivals[-1] for number, rivals in contested.items()}

    def explanation(self, tree: Tree, size: int, root: bytes) -> dict[int, Candidate] | None:
        """The first of these ways with which `tree`, that of the proven numbers, grows to this size and root."""
        for instead in self.variants(size):
            grown = tree.copy()
            grown.extend(self.run(tree.size + 1, size, instead))
            if grown.root() == root:
                return instead
        return None

    def adopt(self, instead: Mapping[int, Candidate]) -> None:
        """Put other contents in the first place of their numbers; what stood there becomes a rival."""
        for number, candidate in instead.items():
            before = self.get(number)
            if before is None or before.leaf == candidate.leaf:
                continue
            others = [rival for rival in self.rivals.get(number, []) if rival.leaf != candidate.leaf]
            self.rivals[number] = [*others, before]
            at = number - self.proven - 1
            self.leaves[at * HASH : (at + 1) * HASH] = candidate.leaf
            self.moments[at] = candidate.moment

    def forget(self, number: int) -> None:
        """A number that is no number of the stream; those after it stay, after a hole."""
        at = number - self.proven - 1
        following = [(later, self.get(later)) for later in range(number + 1, self.taken + 1)]
        if at < len(self.moments):
            del self.leaves[at * HASH :], self.moments[at:]
        self.ahead.update({later: candidate for later, candidate in following if candidate is not None})
        self.ahead.pop(number, None)
        rivals = self.rivals.pop(number, [])
        if rivals:
            self.add(number, rivals[0])
            self.rivals[number] = rivals[1:]

    def cut(self, size: int) -> list[tuple[int, bytes]]:
        """Let all go that came under numbers after `size`, none of them proven: the numbers, with each leaf hash."""
        held = [(number, self.get(number)) for number in [*range(size + 1, self.taken + 1), *sorted(self.ahead)]]
        rivals = [(number, rival) for number, rivals in sorted(self.rivals.items()) for rival in rivals]
        gone = [(n, candidate.leaf) for n, candidate in [*held, *rivals] if n > size and candidate is not None]
        at = size - self.proven
        del self.leaves[at * HASH :], self.moments[at:]
        self.ahead = {number: candidate for number, candidate in self.ahead.items() if number <= size}
        self.rivals = {number: rivals for number, rivals in self.rivals.items() if number <= size}
        self.answers = {number: answer for number, answer in self.answers.items() if number <= size}
        return gone

    def beyond(self, size: int, before: float) -> list[tuple[int, bytes]]:
        """Numbers after `size` that came before a moment, with their leaf hashes."""
        dense = [(number, self.get(number)) for number in range(size + 1, self.taken + 1)]
        late = [(number, candidate) for number, candidate in self.ahead.items() if number > size]
        return [
            (number, candidate.leaf)
            for number, candidate in [*dense, *late]
            if candidate is not None and NO_MOMENT < candidate.moment < before
        ]

    def losers(self, last: int) -> list[tuple[int, bytes, bytes]]:
        """Contents that claimed a number up to `last` beside the one that stands: number, leaf, the standing leaf."""
        claims = [(number, rival.leaf) for number, rivals in self.rivals.items() for rival in rivals]
        standing = {number: self.get(number) for number, _ in claims if number <= last}
        beaten = {(number, leaf, own.leaf) for number, leaf in claims if (own := standing.get(number))}
        return sorted(claim for claim in beaten if claim[1] != claim[2])

    def inversions(self, last: int, latest: float) -> list[tuple[int, int]]:
        """Ranges of numbers up to `last` that did not come in order, `latest` being the last moment of all before."""
        pairs = [(self.proven + at, m) for at, m in enumerate(self.moments[: last - self.proven], 1) if m != NO_MOMENT]
        moments = [moment for _, moment in pairs]
        highest = list(accumulate(moments, max, initial=latest))
        if highest[1:] == moments:
            return []
        ranges: list[tuple[int, int]] = []
        for (number, moment), before in zip(pairs, highest, strict=False):
            if moment < before:
                earlier = max(bisect_right(highest, moment) - 1, 0)
                first, end = pairs[earlier][0], number
                while ranges and ranges[-1][1] >= first:
                    first = min(first, ranges.pop()[0])
                ranges.append((first, end))
        return ranges

    def last_moment(self, last: int, latest: float) -> float:
        """The last moment of all numbers up to `last`."""
        return max([latest, *self.moments[: last - self.proven]])

    def prove(self, last: int) -> None:
        """Numbers up to `last` are proven, and are no longer kept."""
        count = last - self.proven
        del self.leaves[: count * HASH], self.moments[:count]
        self.proven = last
        self.rivals = {number: rivals for number, rivals in self.rivals.items() if number > last}
        self.answers = {number: answer for number, answer in self.answers.items() if number > last}

    def _append(self, candidate: Candidate) -> None:
        self.leaves += candidate.leaf
        self.moments.append(candidate.moment)
