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

from collections import deque
from collections.abc import Callable, Sequence

from gateway.proof.checkpoint import Seal, decimal
from gateway.proof.findings import Code, Finding, code_of
from gateway.proof.keyring import End, KeyRing
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import MalformedNoteError, NoteError
from gateway.proof.standing import OUTCOMES, Limits, Outcome, Standing
from gateway.proof.state import Held, State
from gateway.proof.telling import Telling
from gateway.proof.unproven import NO_MOMENT, Candidate

ROOTS = 64
"""So many sizes with their roots are remembered, to tell an old seal from one of another history."""
DISPUTES = 4
"""So many disputed seals are tried at once."""


class Verifier:
    """Verifies one stream.

    `ring` are the keys of its sender, one ring for all streams of it: what it learns counts at once, and from the next
    `tick` for what came before. `leaf_of(number)` gives the leaf hash that the caller stored for a
    number up to `verified_to` (`sealed` of a finding, where there was one); it tells a late repeat from a forgery.
    `state` is what another verifier's `state()` gave; ValueError when it is not. `proven` is told each seal that comes
    to be proven, each of more entries than the one before.
    """

    def __init__(
        self,
        stream: str,
        ring: KeyRing,
        leaf_of: Callable[[int], bytes],
        *,
        limits: Limits | None = None,
        state: bytes | None = None,
        proven: Callable[[Seal], None] = lambda _: None,
    ) -> None:
        self.stream = stream
        self.ring = ring
        self._leaf_of = leaf_of
        self._limits = limits or Limits()
        self._state = State() if state is None else State.from_bytes(state)
        self._front = self._state.tree.copy()
        self._caught_up = False
        self._begun: float | None = None
        self._tell = Telling(stream, self._state, self._limits)
        self._told_proven = proven

    def state(self) -> bytes:
        """Everything remembered, for a verifier after a restart; findings not yet taken are not in it."""
        return self._state.to_bytes()

    def findings(self) -> list[Finding]:
        """What was found since the last call."""
        return self._tell.take()

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
        """The newest seal that holds for all numbers up to its size: what a receipt countersigns.

        None where there is none, or where the stream was closed before it.
        """
        proven, end = self._state.proven, self.ring.end_of(self.stream)
        return None if proven is None or (end is not None and end.bars(proven)) else proven

    @property
    def waiting(self) -> tuple[int, int]:
        """How many numbers and seals are held unproven: a caller that catches up reads on where there are fewer."""
        state = self._state
        return len(state.unproven.moments) + len(state.unproven.ahead), len(state.pending) + len(state.disputed)

    @property
    def repeats(self) -> tuple[int, int]:
        """How many entries, and how many seals, came again byte for byte."""
        return self._state.repeats, self._state.seal_repeats

    def leaf(self, number: int) -> bytes | None:
        """The leaf hash of the content that stands under a number now; None when there is none."""
        return self._standing(number)[1]

    def contested(self) -> list[int]:
        """Numbers that more than one content claims, and no seal has decided yet."""
        return sorted(number for number, rivals in self._state.unproven.rivals.items() if rivals)

    def wanted(self) -> list[tuple[int, int]]:
        """Ranges of numbers that the sender should send again: missing ones, and those of a dispute that was told."""
        state = self._state
        disputed = state.disputed and state.disputed_at == self.verified_to
        ranges = [(self.verified_to + 1, state.disputed[0].seal.size)] if disputed else []
        return ranges + state.unproven.missing(self.received_to + 1, state.missing_to)

    def take_entry(self, entry: bytes, *, source: bytes, number: bytes, now: float) -> Outcome:
        """An entry with the headers `ce_source` and `ce_id` of its message, in the order of the topic."""
        leaf, claimed = leaf_hash(entry), _number(number)
        if source == self.stream.encode() and claimed:
            return self.take(claimed, leaf, now)
        wrong = "source is not this stream" if claimed else "id is no number of a stream"
        self._tell.find(Code.ALTERED, 0, 0, f"the message's {wrong}", now, leaf=leaf)
        return Outcome.REFUSED

    def take(self, number: int, leaf: bytes, now: float) -> Outcome:
        """A leaf hash under a number, in the order of the topic: of an entry, or told by an `evicted` message."""
        state = self._state
        self._begin(now)
        standing, known = self._standing(number)
        outcome = OUTCOMES[standing, leaf == known]
        if outcome is Outcome.RECEIVED:
            end = self.ring.end_of(self.stream)
            if end is not None and number > end.size:
                self._tell.entry_after_closing(number, leaf, end, now)
                return Outcome.REFUSED
            if not state.unproven.add(number, Candidate(leaf, state.moment(now))):
                return Outcome.REFUSED
            state.hear(now)
            self._advance(now)
        elif outcome is Outcome.REPEATED:
            state.repeats += 1
            self._tell.find(Code.DUPLICATE, number, number, "came again, byte for byte", now, leaf=leaf)
        elif outcome is Outcome.RIVAL:
            return self._contest(number, leaf, now)
        elif known is not None:
            state.lose(number, leaf, known, now)
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
            elif standing is Standing.HELD:
                state.unproven.answers.pop(number, None)  # the newest answer counts: what is held is right
            elif known is not None and leaf != known:
                state.lose(number, leaf, known, now)
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
            seal = self.ring.open_seal(octets, self.stream)
        except NoteError as error:
            self._tell.find(code_of(error), 0, 0, f"a seal: {error}", now)
            return
        end, contradiction = self.ring.end_of(self.stream), state.contradiction(seal)
        if end is not None and end.bars(seal):
            self._tell.seal_after_closing(seal, end, now)
        elif contradiction is None:
            self._accept(seal, now)
        else:
            self._tell.contradiction(seal, *contradiction, now)

    def tick(self, now: float, *, caught_up: bool) -> None:
        """Time passes. `caught_up`: entries and seals have been read up to the ends of their topics."""
        begun = self._begin(now)
        self._caught_up = caught_up
        state, since, end = self._state, now - self._limits.patience, self.ring.end_of(self.stream)
        if end is not None:
            self._close(end, now)
        if caught_up:
            self._tell.missing(since, end, now)
        if state.disputed and state.disputed[0].since <= since:
            settled = state.evidence and self._settle(now)
            state.evidence = False
            if not settled:
                self._tell.dispute(now)
        self._tell.losers(since, now)
        if end is None:
            self._tell.silence(begun, now, caught_up=caught_up)

    def _close(self, end: End, now: float) -> None:
        """Beyond its end nothing of the stream counts, also what came before the end was known."""
        state = self._state
        state.pending = deque(held for held in state.pending if not end.bars(held.seal))
        state.disputed = [held for held in state.disputed if not end.bars(held.seal)]
        self._tell.after_closing(end, now)

    def _begin(self, now: float) -> float:
        """When this verifier was first used: while nobody listens, silence is no finding."""
        if self._begun is None:
            self._begun = now
        return self._begun

    def _standing(self, number: int) -> tuple[Standing, bytes | None]:
        if number <= self.verified_to:
            losers = self._state.losers.get(number)
            return Standing.PROVEN, losers[0].sealed if losers else self._leaf_of(number)
        held = self._state.unproven.get(number)
        return (Standing.FREE, None) if held is None else (Standing.HELD, held.leaf)

    def _contest(self, number: int, leaf: bytes, now: float) -> Outcome:
        if self._state.unproven.contest(number, Candidate(leaf, self._state.moment(now))):
            self._state.evidence = True
            return Outcome.RIVAL
        self._tell.find(Code.ALTERED, number, number, "too many messages bear this number", now, leaf=leaf)
        return Outcome.REFUSED

    def _accept(self, seal: Seal, now: float) -> None:
        state = self._state
        state.newest = Held(seal, now)
        state.roots = dict([*state.roots.items(), (seal.size, seal.root)][-ROOTS:])
        state.hear(now)
        on_time = not self._caught_up or now - seal.time <= self._limits.late
        if not on_time:
            self._tell.late(f"signed {now - seal.time:.0f} s before it came", now)
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
            self._tell.unsealed(seal.size, now)

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
            self._tell.fork(held.seal, f"it excludes the seal of size {seal.size}, which is signed too", now)
        state.disputed.clear()
        for first, last in unproven.inversions(seal.size, state.latest):
            self._tell.find(Code.REORDERED, first, last, "came in another order than that of their numbers", now)
        state.latest = unproven.last_moment(seal.size, state.latest)
        for number, leaf, sealed in unproven.losers(seal.size):
            state.lose(number, leaf, sealed, now)
        unproven.prove(seal.size)
        state.tree = self._front.copy()
        state.proven = seal
        self._told_proven(seal)

    def _settle(self, now: float) -> bool:
        """Try other contents of contested numbers until one of the disputed seals fits."""
        state = self._state
        for held in state.disputed[:DISPUTES]:
            instead = state.unproven.explanation(state.tree, held.seal.size, held.seal.root)
            if instead is not None:
                state.unproven.adopt(instead)
                state.pending.extendleft(reversed(state.disputed))
                state.disputed.clear()
                self._front = state.tree.copy()
                self._advance(now)
                return True
        return False


def _number(claim: bytes) -> int:
    """The number that a message claims; 0 where it is none."""
    try:
        return decimal(claim.decode("latin-1"))
    except MalformedNoteError:
        return 0
