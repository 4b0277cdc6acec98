"""Which batches have missing pieces: counted beside, some at a time, and again only where something came.

Records that name no batch, such as logs of equipment, may speak of any: after some came all are counted again, not more
often than every `AGAIN` seconds.
"""

from time import monotonic

from gateway.archive.archive import Archive
from gateway.batches.listed import Pieces
from gateway.batches.pieces import Missing, missing_pieces
from gateway.batches.standing import record_marks, unnamed_mark
from gateway.masters import Masters

AT_ONCE = 25
"""How many batches are counted in one turn: about a fifth of a second."""
AGAIN = 900.0


class CountedPieces:
    """Remembers what was counted. `count` blocks, and is called one at a time."""

    def __init__(self, masters: Masters) -> None:
        self._masters = masters
        self._counted: dict[str, tuple[tuple[int, int], Missing]] = {}
        self._unnamed: tuple[tuple[int, int] | None, float] = (None, 0.0)

    @property
    def pieces(self) -> Pieces:
        """How many pieces are missing of those that were counted so far."""
        return {key: count for _, found in self._counted.values() for key, count in found.items()}

    def count(self, archive: Archive, now: int) -> bool:
        """Count some of those whose count is not as it should be; False where none was."""
        marks = record_marks(archive)
        self._notice(unnamed_mark(archive))
        for number in self._counted.keys() - marks.keys():
            del self._counted[number]
        stale = [number for number, mark in marks.items() if self._mark(number) != mark]
        some = sorted(stale, key=lambda number: marks[number][1], reverse=True)[:AT_ONCE]
        found = missing_pieces(archive, self._masters, some, now) if some else {}
        for number in some:
            mine = {key: count for key, count in found.items() if key[0] == number}
            self._counted[number] = marks[number], mine
        return bool(some)

    def forget(self) -> None:
        """Nothing is counted."""
        self._counted, self._unnamed = {}, (None, 0.0)

    def _mark(self, number: str) -> tuple[int, int] | None:
        counted = self._counted.get(number)
        return None if counted is None else counted[0]

    def _notice(self, mark: tuple[int, int]) -> None:
        """Count everything anew where records came that name no batch."""
        before, at = self._unnamed
        if before is None:
            self._unnamed = mark, monotonic()
        elif before != mark and monotonic() - at >= AGAIN:
            self._unnamed = mark, monotonic()
            nothing = (0, 0)
            self._counted = {number: (nothing, found) for number, (_, found) in self._counted.items()}
