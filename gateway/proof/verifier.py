"""The independent verifier of one stream. Pure: entries, seals and the time go in, findings come out.

How it decides. A number that a message bears is a claim, and so is its content; only a seal proves. What comes is held
(`Unproven`) until a seal of that size has come too, in whichever order. When the root fits, all numbers up to the
seal's size are proven, and what else claimed one of them is not genuine. When not, the seal is *disputed*:

- a larger seal fits later: both are the sender's and exclude each other: FORKED;
- another content of some number makes it fit, one that came by itself or was sent again: the first one is ALTERED;
- neither within `patience`: the range is ALTERED, told once, and `wanted` asks for it to be sent again.

A number is MISSING when a genuine seal counts it and it is not in the topic. Entries are REORDERED when they are proven
and came in another order. Nothing past a hole is proven. Verdicts wait for their proof, so none has to be taken back.

`now` is UTC seconds that never step: the time at the program's start plus what the monotonic clock counted since.
"""

from collections.abc import Callable, Collection, Sequence
from math import inf, nextafter

from gateway.proof.checkpoint import Seal, decimal, open_seal
from gateway.proof.findings import Code, Finding, code_of
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import MalformedNoteError, NoteError, VerifierKey
from gateway.proof.standing import OUTCOMES, Limits, Outcome, Standing
from gateway.proof.state import Held, Loser, State
from gateway.proof.unproven import NO_MOMENT, Candidate

ROOTS = 64
"""So many sizes with their roots are remembered, to tell an old seal from one of another history."""
DISPUTES = 4
"""So many disputed seals are tried at once."""


class Verifier:
    """Verifies one stream.

    `senders` are the trusted keys of its sender. `leaf_of(number)` gives the leaf hash that the caller stored for a
    number up to `verified_to` (`sealed` of a finding, where there was one); it tells a late repeat from a forgery.
    `state` is what another verifier's `state()` gave; ValueError when it is not.
    """

    def __init__(
        self,
        stream: str,
        senders: Collection[VerifierKey],
        leaf_of: Callable[[int], bytes],
        *,
        limits: Limits | None = None,
        state: bytes | None = None,
    ) -> None:
        self.stream = stream
        self.senders = senders
        self._leaf_of = leaf_of
        self._limits = limits or Limits()
        self._state = State() if state is None else State.from_bytes(state)
        self._front = self._state.tree.copy()
        self._caught_up = False
        self._begun: float | None = None
        self._found: list[Finding] = []

    def state(self) -> bytes:
        """Everything remembered, for a verifier after a restart; findings not yet taken are not in it."""
        return self._state.to_bytes()

    def findings(self) -> list[Finding]:
        """What was found since the last call."""
        found, self._found = self._found, []
        return found

    @property
    def received_to(self) -> int:
        """The last number before the first hole."""
        return self._state.unproven.taken

    @property
    def verified_to(self) -> int:
        """The last number that a seal proves, with all before it."""
        return self._state.tree.size

    @property
    def verified(self) -> Seal | None:
        """The newest seal that holds for all numbers up to its size: what a receipt countersigns."""
        return self._state.proven

    @property
    def waiting(self) -> tuple[int, int]:
        """How many numbers and seals are held unproven: a caller that catches up reads on where there are fewer."""
        state = self._state
        return len(state.unproven.moments) + len(state.unproven.ahead), len(state.pending) + len(state.disputed)

    @property
    def repeats(self) -> tuple[int, int]:
        """How many entries, and how many seals, came again byte for byte."""
        return self._state.repeats, self._state.seal_repeats

    def wanted(self) -> list[tuple[int, int]]:
        """Ranges of numbers that the sender should send again: missing ones, and those of a dispute that was told."""
        state = self._state
        disputed = state.disputed and state.disputed_at == self.verified_to
        ranges = [(self.verified_to + 1, state.disputed[0].seal.size)] if disputed else []
        return ranges + state.unproven.missing(self.received_to + 1, state.missing_to)

    def take_entry(self, entry: bytes, *, source: bytes, number: bytes, now: float) -> Outcome:
        """An entry with the headers `ce_source` and `ce_id` of its message, in the order of the topic."""
        if source != self.stream.encode():
            self._find(Code.ALTERED, 0, 0, "the message's source is not this stream", now, leaf=leaf_hash(entry))
            return Outcome.REFUSED
        try:
            claimed = decimal(number.decode("latin-1"))
        except MalformedNoteError:
            claimed = 0
        if not claimed:
            self._find(Code.ALTERED, 0, 0, "the message's id is no number of a stream", now, leaf=leaf_hash(entry))
            return Outcome.REFUSED
        return self.take(claimed, leaf_hash(entry), now)

    def take(self, number: int, leaf: bytes, now: float) -> Outcome:
        """A leaf hash under a number, in the order of the topic: of an entry, or told by an `evicted` message."""
        state = self._state
        self._begin(now)
        standing, known = self._standing(number)
        outcome = OUTCOMES[standing, leaf == known]
        if outcome is Outcome.RECEIVED:
            if not state.unproven.add(number, Candidate(leaf, self._moment(now))):
                return Outcome.REFUSED
            self._hear(now)
            self._advance(now)
        elif outcome is Outcome.REPEATED:
            state.repeats += 1
            self._find(Code.DUPLICATE, number, number, "came again, byte for byte", now, leaf=leaf)
        elif outcome is Outcome.RIVAL:
            return self._contest(number, leaf, now)
        elif known is not None:
            self._lose(number, leaf, known, now)
        return outcome

    def answer(self, first: int, leaves: Sequence[bytes], now: float) -> None:
        """What the sender sent again from number `first` on, as leaf hashes (of the entries, or as told)."""
        state = self._state
        self._begin(now)
        for number, leaf in enumerate(leaves, first):
            standing, known = self._standing(number)
            if standing is Standing.FREE:
                state.unproven.add(number, Candidate(leaf, NO_MOMENT))
            elif standing is Standing.HELD and leaf != known:
                state.unproven.answers[number] = Candidate(leaf, NO_MOMENT)
                state.unproven.contest(number, Candidate(leaf, NO_MOMENT))
            elif known is not None and leaf != known:
                self._lose(number, leaf, known, now)
        self._advance(now)
        if state.disputed:
            state.evidence = not self._settle(now)

    def take_seal(self, octets: bytes, now: float) -> None:
        """A note from the seals' topic, in its order."""
        state = self._state
        self._begin(now)
        if state.newest is not None and octets == state.newest.seal.note:
            state.seal_repeats += 1
            return
        try:
            seal = open_seal(octets, self.stream, self.senders)
        except NoteError as error:
            self._find(code_of(error), 0, 0, f"a seal: {error}", now)
            return
        if not self._contradicts(seal, now):
            self._accept(seal, now)

    def tick(self, now: float, *, caught_up: bool) -> None:
        """Time passes. `caught_up`: entries and seals have been read up to the ends of their topics."""
        begun = self._begin(now)
        self._caught_up = caught_up
        state, since = self._state, now - self._limits.patience
        if caught_up:
            self._tell_missing(since, now)
        if state.disputed and state.disputed[0].since <= since:
            self._tell_dispute(now)
        self._tell_losers(since, now)
        self._tell_silence(begun, now)

    def _begin(self, now: float) -> float:
        """When this verifier was first used: while nobody listens, silence is no finding."""
        if self._begun is None:
            self._begun = now
        return self._begun

    def _hear(self, now: float) -> None:
        self._state.heard = now
        self._state.silent = False

    def _moment(self, now: float) -> float:
        self._state.clock = now if now > self._state.clock else nextafter(self._state.clock, inf)
        return self._state.clock

    def _standing(self, number: int) -> tuple[Standing, bytes | None]:
        if number <= self.verified_to:
            losers = self._state.losers.get(number)
            return Standing.PROVEN, losers[0].sealed if losers else self._leaf_of(number)
        held = self._state.unproven.get(number)
        return (Standing.FREE, None) if held is None else (Standing.HELD, held.leaf)

    def _contest(self, number: int, leaf: bytes, now: float) -> Outcome:
        if self._state.unproven.contest(number, Candidate(leaf, self._moment(now))):
            self._state.evidence = True
            return Outcome.RIVAL
        self._find(Code.ALTERED, number, number, "too many messages bear this number", now, leaf=leaf)
        return Outcome.REFUSED

    def _lose(self, number: int, leaf: bytes, sealed: bytes, now: float) -> None:
        losers = self._state.losers.setdefault(number, [])
        if all(loser.leaf != leaf for loser in losers):
            losers.append(Loser(leaf, sealed, now))

    def _contradicts(self, seal: Seal, now: float) -> bool:
        state = self._state
        newest = state.newest.seal if state.newest else None
        if state.roots.get(seal.size, seal.root) != seal.root:
            self._fork(seal, "a seal of this size with another root is signed too", now)
        elif newest is None or (seal.time > newest.time and seal.size >= newest.size):
            return False
        elif seal.time > newest.time:
            self._fork(seal, f"signed later than a seal of the larger size {newest.size}", now)
        else:
            text = f"signed at {seal.time}, not after {newest.time} as it should be"
            self._find(Code.STALE_SEAL, seal.size, seal.size, text, now)
        return True

    def _accept(self, seal: Seal, now: float) -> None:
        state = self._state
        state.newest = Held(seal, now)
        state.roots = dict([*state.roots.items(), (seal.size, seal.root)][-ROOTS:])
        self._hear(now)
        on_time = not self._caught_up or now - seal.time <= self._limits.late
        if not on_time:
            self._tell_late(f"signed {now - seal.time:.0f} s before it came", now)
        state.late = not on_time
        waiting: Sequence[Held] = state.pending or state.disputed
        if seal.size == self.verified_to:
            state.proven = seal
        elif waiting and waiting[-1].seal.size == seal.size:
            (state.pending or state.disputed)[-1] = Held(seal, waiting[-1].since)
        else:
            state.pending.append(Held(seal, now))
            self._advance(now)
        if on_time and self._caught_up:
            self._tell_unsealed(seal.size, now)

    def _advance(self, now: float) -> None:
        """Check the seals for which enough has come."""
        state = self._state
        while state.pending and state.pending[0].seal.size <= state.unproven.taken:
            held = state.pending.popleft()
            self._front.extend(state.unproven.run(self._front.size + 1, held.seal.size))
            if self._front.root() == held.seal.root:
                self._prove(held.seal, now)
            else:
                state.disputed.append(Held(held.seal, now))
                state.evidence = True

    def _prove(self, seal: Seal, now: float) -> None:
        state, unproven = self._state, self._state.unproven
        for held in state.disputed:
            self._fork(held.seal, f"it excludes the seal of size {seal.size}, which is signed too", now)
        state.disputed.clear()
        for first, last in unproven.inversions(seal.size, state.latest):
            self._find(Code.REORDERED, first, last, "came in another order than that of their numbers", now)
        state.latest = unproven.last_moment(seal.size, state.latest)
        for number, leaf, sealed in unproven.losers(seal.size):
            self._lose(number, leaf, sealed, now)
        unproven.prove(seal.size)
        state.tree = self._front.copy()
        state.proven = seal

    def _settle(self, now: float) -> bool:
        """Try other contents of contested numbers until one of the disputed seals fits."""
        state = self._state
        for held in state.disputed[:DISPUTES]:
            for instead in state.unproven.variants(held.seal.size):
                tree = state.tree.copy()
                tree.extend(state.unproven.run(tree.size + 1, held.seal.size, instead))
                if tree.root() == held.seal.root:
                    state.unproven.adopt(instead)
                    state.pending.extendleft(reversed(state.disputed))
                    state.disputed.clear()
                    self._front = state.tree.copy()
                    self._advance(now)
                    return True
        return False

    def _fork(self, seal: Seal, text: str, now: float) -> None:
        self._state.forked_to = max(self._state.forked_to, seal.size)
        self._find(Code.FORKED, seal.size, seal.size, text, now)

    def _tell_missing(self, since: float, now: float) -> None:
        state = self._state
        counted = max((held.seal.size for held in state.pending if held.since <= since), default=0)
        for first, last in state.unproven.missing(state.missing_to + 1, counted):
            self._find(Code.MISSING, first, last, "a seal counts them, the topic does not hold them", now)
        state.missing_to = max(state.missing_to, counted)

    def _tell_dispute(self, now: float) -> None:
        state = self._state
        settled = state.evidence and self._settle(now)
        state.evidence = False
        if settled or state.disputed_at == self.verified_to:
            return
        state.disputed_at = self.verified_to
        if state.forked_to:
            self._fork(state.disputed[0].seal, "of a stream that is forked; what came does not fit it", now)
            return
        text = "what came is not what was sealed"
        self._find(Code.ALTERED, self.verified_to + 1, state.disputed[0].seal.size, text, now)

    def _tell_losers(self, since: float, now: float) -> None:
        state = self._state
        due = [number for number, losers in state.losers.items() if losers[0].since <= since]
        for number in due:
            code = Code.FORKED if number <= state.forked_to else Code.ALTERED
            text = "a message bore this number and another content than the sealed one"
            for loser in state.losers.pop(number):
                self._find(code, number, number, text, now, leaf=loser.leaf, sealed=loser.sealed)

    def _tell_unsealed(self, size: int, now: float) -> None:
        """What came long before a seal that does not count it is not the sender's."""
        before = now - self._limits.late - self._limits.patience
        for number, leaf in self._state.unproven.beyond(size, before):
            self._find(Code.UNSIGNED, number, number, "no seal counts it, though later ones came", now, leaf=leaf)
            self._state.unproven.forget(number)

    def _tell_silence(self, begun: float, now: float) -> None:
        state, limits = self._state, self._limits
        quiet = now - max(begun, state.heard)
        unsealed = now - max(begun, state.newest.since if state.newest else begun)
        if quiet > limits.silent:
            if not state.silent:
                self._find(Code.SILENT_STREAM, 0, 0, f"nothing came for {quiet:.0f} s", now)
            state.silent = True
        elif self._caught_up and unsealed > limits.late:
            self._tell_late(f"no seal came for {unsealed:.0f} s, and entries do", now)

    def _tell_late(self, text: str, now: float) -> None:
        if not self._state.late:
            self._find(Code.LATE_SEAL, 0, 0, text, now)
        self._state.late = True

    def _find(
        self,
        code: Code,
        first: int,
        last: int,
        text: str,
        now: float,
        *,
        leaf: bytes | None = None,
        sealed: bytes | None = None,
    ) -> None:
        self._found.append(Finding(code, self.stream, first, last, text, now, leaf, sealed))
