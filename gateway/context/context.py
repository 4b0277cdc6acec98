"""The context of an agent: what records and tags say, the time lines that follow, and what of them was told. Pure.

`take` and `hear` bring what is said, in any order and as often as it comes. `settle` gives the assignments that tell
what follows of it and was not told yet. Nothing of it is known after a restart but what `restore` is given: that is
what `changes` gave before. Times are UTC microseconds.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from uuid import uuid4

from gateway.context.claims import SPEAKING, Word, claims, product_of, spans_of
from gateway.context.telling import Teller
from gateway.context.timeline import EVER, Claim, Place, Stay, stays
from schemas.context import Assignment, PlaceKind
from schemas.exported import Exported, Origin

Key = tuple[str, str, str]
"""Kind, system and key of a record."""


@dataclass(slots=True)
class Changes:
    """What was learnt and told since it was asked for last: to be kept until the next life."""

    records: list[Exported] = field(default_factory=list)
    words: list[tuple[Place, Word]] = field(default_factory=list)
    told: list[Assignment] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.records or self.words or self.told)

    def add(self, later: "Changes") -> None:
        """These too."""
        self.records += later.records
        self.words += later.words
        self.told += later.told


class Context:
    """Of one agent."""

    def __init__(self, agent: str, line: str | None) -> None:
        self._agent, self._line = agent, line
        self._records: dict[Key, Exported] = {}
        self._of_batch: dict[str, dict[Key, Exported]] = {}
        self._claims: dict[str, list[Claim]] = {}
        self._at: dict[Place, set[str]] = {}
        self._words: dict[Place, list[Word]] = {}
        self._told: dict[Place, dict[str, dict[str, Assignment]]] = {}
        """By place, batch and key."""
        self._touched: dict[str, Exported | None] = {}
        self._heard: set[Place] = set()
        self._changes = Changes()

    def take(self, record: Exported) -> None:
        """What another system says. Of each key the highest version counts."""
        if isinstance(record, SPEAKING) and self._put(record):
            self._changes.records.append(record)

    def _put(self, record: Exported) -> bool:
        """Whether it is in force now."""
        key = type(record).__name__, record.system, record.key
        known = self._records.get(key)
        if known is not None and _rank(known) >= _rank(record):
            return False
        self._records[key] = record
        if known is not None and known.batch is not None:
            self._of_batch[known.batch].pop(key, None)
            self._touched[known.batch] = record
        if record.batch is not None:
            self._of_batch.setdefault(record.batch, {})[key] = record
            self._touched[record.batch] = record
        return True

    def hear(self, place: Place, time: int, batch: str | None) -> bool:
        """What the tag of a place says: a batch, "" for none, None where its value is not known any more.

        Whether that is another word than it had for that time.
        """
        words = self._words.setdefault(place, [])
        at = bisect_right(words, time, key=lambda one: one.time)
        if (words[at - 1].batch if at else None) == batch:
            return False
        word = Word(time, batch)
        insort(words, word, key=lambda one: one.time)
        self._heard.add(place)
        self._changes.words.append((place, word))
        return True

    def word(self, place: Place) -> str | None:
        """What the tag of a place said last, None where that is not known."""
        words = self._words.get(place)
        return words[-1].batch if words else None

    def restore(
        self, records: Iterable[Exported], words: Iterable[tuple[Place, Word]], told: Iterable[Assignment]
    ) -> None:
        """Go on from the agent's life before; nothing of it is a change."""
        for record in records:
            self._put(record)
        for place, word in words:
            insort(self._words.setdefault(place, []), word, key=lambda one: one.time)
        for one in sorted(told, key=lambda one: one.version):
            self._keep(one)
        for batch in self._touched:
            self._claim(batch)
        self._touched.clear()

    def changes(self) -> Changes:
        """What was learnt and told since the last call."""
        found, self._changes = self._changes, Changes()
        return found

    def settle(self, now: int) -> list[Assignment]:
        """What is to be told now: nothing, where all that was said changes nothing."""
        looks: dict[tuple[Place, str | None], Exported | None] = {(place, None): None for place in self._heard}
        for batch, record in self._touched.items():
            for place in {*self._claim(batch), *self._named_by_tags(batch)}:
                looks[place, None if place in self._words else batch] = record
        found = list[Assignment]()
        for (place, of), record in sorted(looks.items(), key=lambda look: (look[0][0], look[0][1] or "")):
            found += self._differences(place, of, record, now)
        self._touched.clear()
        self._heard.clear()
        self._changes.told += found
        return found

    def told(self) -> Iterator[Assignment]:
        """The assignments in force, as they were told."""
        return (one for there in self._told.values() for many in there.values() for one in many.values())

    def batches(self) -> set[str]:
        """All that were named."""
        return {*self._of_batch, *(batch for there in self._told.values() for batch in there)}

    def product(self, batch: str) -> str | None:
        """The product of a batch; None where it is not known, or not one only."""
        named = [one.product for there in self._told.values() for one in there.get(batch, {}).values()]
        products = {*named, product_of(self._of_batch.get(batch, {}).values())} - {None}
        return products.pop() if len(products) == 1 else None

    def stays(self, place: Place) -> list[Stay]:
        """The time line of a place as it follows from all that was said when it was settled last."""
        return stays([*self._recorded(place), *self._tagged(place)])

    def batch_in(self, place: Place, moment: int) -> str | None:
        """The batch that is there by what was told; several with a comma between; None where none is known."""
        told = (one for many in self._told.get(place, {}).values() for one in many.values())
        here = {one.batch for one in told if one.began <= moment < (EVER if one.ended is None else one.ended)}
        return ", ".join(sorted(here)) or None

    def batch_in_room(self, room: str, moment: int) -> str | None:
        """As `batch_in`."""
        return self.batch_in(Place(PlaceKind.ROOM, room), moment)

    def _claim(self, batch: str) -> set[Place]:
        """Find anew what the records of a batch claim; gives the places of which that speaks, or did before."""
        before = {one.place for one in self._claims.get(batch, ())}
        self._claims[batch] = found = claims(batch, self._of_batch.get(batch, {}).values())
        after = {one.place for one in found}
        for place in before - after:
            self._at[place].discard(batch)
        for place in after:
            self._at.setdefault(place, set()).add(batch)
        return before | after

    def _recorded(self, place: Place) -> Iterator[Claim]:
        return (one for batch in self._at.get(place, ()) for one in self._claims[batch] if one.place == place)

    def _tagged(self, place: Place) -> Iterator[Claim]:
        for batch, began, ended in spans_of(self._words.get(place, ())):
            product = product_of(self._of_batch.get(batch, {}).values())
            yield Claim(place, batch, product, began, ended, Origin.DIRECT)

    def _named_by_tags(self, batch: str) -> Iterator[Place]:
        """Places whose tag named the batch: its product may be known now."""
        return (place for place, words in self._words.items() if any(one.batch == batch for one in words))

    def _differences(self, place: Place, batch: str | None, because: Exported | None, now: int) -> list[Assignment]:
        """Of one batch in a place, or of all where that is None: a tag's word may stand for any time."""
        told = self._told.get(place, {})
        known = told.values() if batch is None else [told.get(batch, {})]
        so = self.stays(place) if batch is None else stays(one for one in self._claims[batch] if one.place == place)
        teller = Teller(self._agent, self._line, because, now)
        found = list(teller.differences((one for many in known for one in many.values()), so))
        for one in found:
            self._keep(one)
        return found

    def _keep(self, one: Assignment) -> None:
        told = self._told.setdefault(Place(one.place_kind, one.place), {}).setdefault(one.batch, {})
        if one.withdrawn:
            told.pop(one.key, None)
        else:
            told[one.key] = one


def _rank(record: Exported) -> tuple[int, int, str]:
    """Which of two records of a key is in force, whatever came first; a repeat of what is known changes nothing."""
    return record.version, record.time or 0, str(replace(record, id=_NOBODY))


_NOBODY = uuid4()
