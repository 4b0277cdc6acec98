"""What a verifier has found, and when each thing is told: once, and not before it is shown. Pure."""

from gateway.proof.checkpoint import Seal
from gateway.proof.findings import Code, Finding
from gateway.proof.keyring import End
from gateway.proof.standing import Limits
from gateway.proof.state import State


class Telling:
    """The findings about one stream. All times are the verifier's, UTC seconds."""

    def __init__(self, stream: str, state: State, limits: Limits) -> None:
        self._stream = stream
        self._state = state
        self._limits = limits
        self._found: list[Finding] = []

    def take(self) -> list[Finding]:
        """What was found since the last call."""
        found, self._found = self._found, []
        return found

    def find(
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
        """Something is found about the numbers `first` to `last`."""
        self._found.append(Finding(code, self._stream, first, last, text, now, leaf, sealed))

    def fork(self, seal: Seal, text: str, now: float) -> None:
        """The seal excludes another statement of the sender."""
        self._state.forked_to = max(self._state.forked_to, seal.size)
        self.find(Code.FORKED, seal.size, seal.size, text, now)

    def contradiction(self, seal: Seal, code: Code, text: str, now: float) -> None:
        """A genuine seal does not go on from those before it."""
        if code is Code.FORKED:
            self.fork(seal, text, now)
        else:
            self.find(code, seal.size, seal.size, text, now)

    def missing(self, since: float, end: End | None, now: float) -> None:
        """Numbers that a seal counts which came at `since` or before, or the closing, and that the topic lacks."""
        state = self._state
        counted = max((held.seal.size for held in state.pending if held.since <= since), default=0)
        self._missing(counted, "a seal counts them", now)
        if end is not None:
            self._missing(end.size, "the closing of the stream counts them", now)

    def _missing(self, counted: int, shown_by: str, now: float) -> None:
        state = self._state
        for first, last in state.unproven.missing(state.missing_to + 1, counted):
            self.find(Code.MISSING, first, last, f"{shown_by}, the topic does not hold them", now)
        state.missing_to = max(state.missing_to, counted)

    def dispute(self, now: float) -> None:
        """What came does not fit a seal, and nothing that is known explains it."""
        state = self._state
        if state.disputed_at == state.tree.size:
            return
        state.disputed_at = state.tree.size
        seal = state.disputed[0].seal
        if state.forked_to:
            self.fork(seal, "of a stream that is forked; what came does not fit it", now)
            return
        self.find(Code.ALTERED, state.tree.size + 1, seal.size, "what came is not what was sealed", now)

    def losers(self, since: float, now: float) -> None:
        """Contents that a seal proves not to be the genuine one, where that is known at `since` or longer."""
        state = self._state
        due = [number for number, losers in state.losers.items() if losers[0].since <= since]
        for number in due:
            code = Code.FORKED if number <= state.forked_to else Code.ALTERED
            text = "a message bore this number and another content than the sealed one"
            for loser in state.losers.pop(number):
                self.find(code, number, number, text, now, leaf=loser.leaf, sealed=loser.sealed)

    def unsealed(self, size: int, now: float) -> None:
        """What came long before a seal that does not count it is not the sender's."""
        before = now - self._limits.late - self._limits.patience
        for number, leaf in self._state.unproven.beyond(size, before):
            self.find(Code.UNSIGNED, number, number, "no seal counts it, though later ones came", now, leaf=leaf)
            self._state.unproven.forget(number)

    def after_closing(self, end: End, now: float) -> None:
        """What had come beyond the end of the stream before the closing was known."""
        state = self._state
        for number, leaf in state.unproven.cut(max(end.size, state.tree.size)):
            self.find(Code.AFTER_CLOSING, number, number, _beyond(end), now, leaf=leaf)
        if state.closed_at == end.size:
            return
        state.closed_at = end.size
        if state.tree.size > end.size:
            text = f"{_beyond(end)}; a seal that came before the closing counts them"
            self.find(Code.AFTER_CLOSING, end.size + 1, state.tree.size, text, now)
        if state.newest is not None and state.newest.seal.time >= end.time:
            self.seal_after_closing(state.newest.seal, end, now)
        if end.root is not None and state.roots.setdefault(end.size, end.root) != end.root:
            self.find(Code.FORKED, end.size, end.size, "the closing states another root than the sender's seal", now)

    def entry_after_closing(self, number: int, leaf: bytes, end: End, now: float) -> None:
        """An entry came for a stream that is closed."""
        self.find(Code.AFTER_CLOSING, number, number, _beyond(end), now, leaf=leaf)

    def seal_after_closing(self, seal: Seal, end: End, now: float) -> None:
        """A seal came that the closing of its stream bars."""
        text = f"a seal signed at {seal.time}, of a stream that was closed at number {end.size} and time {end.time}"
        self.find(Code.AFTER_CLOSING, seal.size, seal.size, text, now)

    def silence(self, begun: float, now: float, *, caught_up: bool) -> None:
        """Nothing comes, or entries and no seals; not counting the time before `begun`, when nobody listened."""
        state, limits = self._state, self._limits
        quiet = now - max(begun, state.heard)
        unsealed = now - max(begun, state.newest.since if state.newest else begun)
        if quiet > limits.silent:
            if not state.silent:
                self.find(Code.SILENT_STREAM, 0, 0, f"nothing came for {quiet:.0f} s", now)
            state.silent = True
        elif caught_up and unsealed > limits.late:
            self.late(f"no seal came for {unsealed:.0f} s, and entries do", now)

    def late(self, text: str, now: float) -> None:
        """A seal is late; said once until one is on time again."""
        if not self._state.late:
            self.find(Code.LATE_SEAL, 0, 0, text, now)
        self._state.late = True


def _beyond(end: End) -> str:
    return f"beyond number {end.size}, at which a signatory closed the stream"
