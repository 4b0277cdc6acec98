"""Searches for everything of a name that may be opened by who asks. Calls block.

What may not be opened is not looked for at all, so it cannot be told from what is not there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from gateway.agreement.in_force import Signed
from gateway.archive import searching
from gateway.archive.archive import Archive
from gateway.archive.searching import Found, FoundRecord, Sought
from gateway.cleanroom.levels import Words
from gateway.cleanroom.site import Site
from gateway.console.record_chip import record_path
from gateway.languages import Language, words_in
from gateway.views.paths import batch_path, lot_path, trend_path
from gateway.views.search import (
    PER_GROUP,
    Asked,
    Group,
    Hit,
    Hits,
    Of,
    clauses_in,
    equipment_in,
    group_of,
    meets,
    rooms_in,
)
from gateway.views.texts import tag_names
from gateway.views.waiting import Looker


@dataclass(frozen=True, slots=True)
class Around:
    """What is not in the archive, and who asks. `tags` has what people call each tag."""

    site: Site
    signed: Signed
    tags: Mapping[str, Words]
    looker: Looker


def search(archive: Archive, what: Asked, around: Around) -> list[Hits]:
    """Group by group; those without anything are left out."""
    finder = _Finder(archive, what, around)
    found = (group_of(group, what, hits, around.looker) for group, hits in finder.groups())
    return [one for one in found if one.hits]


class _Finder:
    """One search."""

    def __init__(self, archive: Archive, what: Asked, around: Around) -> None:
        self._archive, self._what, self._around = archive, what, around
        self._sought = Sought(what.text, what.words, PER_GROUP + 1, around.looker.batches)
        self._named = [tag for tag, name in around.tags.items() if meets(what, name.en, name.zh)]

    def groups(self) -> Iterator[tuple[Group, Iterable[Hit]]]:
        """Each kind with what was found."""
        site, what, archive, sought = self._around.site, self._what, self._archive, self._sought
        yield Group.RECORD, self._records()
        yield Group.BATCH, (_about(one, batch_path(one.name)) for one in self._in_batches(searching.batches))
        yield Group.LOT, self._if("/lots", lambda: _each(searching.lots(archive, sought), lot_path))
        yield Group.ROOM, self._if("/rooms", lambda: rooms_in(site, what))
        yield Group.EQUIPMENT, self._equipment()
        yield Group.ALARM, self._if("/alarms", self._alarms)
        yield Group.DOCUMENT, (_document(one, self._around.looker) for one in self._in_batches(searching.documents))
        yield Group.CLAUSE, self._if("/agreement", lambda: clauses_in(self._around.signed, what))
        yield Group.PERSON, self._persons()

    def _if(self, page: str, find: Callable[[], Iterable[Hit]]) -> Iterable[Hit]:
        return find() if self._around.looker.may(page) else ()

    def _in_batches(self, ask: Callable[[Archive, Sought], list[Found]]) -> list[Found]:
        """What records of batches say, to those who may see batches."""
        return ask(self._archive, self._sought) if self._around.looker.may("/batches") else []

    def _records(self) -> Iterator[Hit]:
        what, archive, may = self._what, self._archive, self._around.looker.may
        if what.id is not None and may("/alarms") and searching.alarm_with(archive, what.id):
            yield Hit(str(what.id), "", f"/alarms/{what.id}")
        if not may("/r"):
            return
        found: list[FoundRecord] = []
        if what.number is not None:
            found += searching.numbered(archive, what.number, what.stream, PER_GROUP + 1)
        if what.id is not None:
            found += searching.identified(archive, what.id, PER_GROUP + 1)
        if what.hash is not None:
            found += searching.hashed(archive, what.hash, PER_GROUP + 1)
        yield from (Hit(f"{one.stream} #{one.number}", one.kind, record_path(one.stream, one.number)) for one in found)

    def _equipment(self) -> Iterator[Hit]:
        archive, sought, named = self._archive, self._sought, self._named
        yield from self._if("/rooms", lambda: equipment_in(self._around.site, self._what))
        yield from self._if("/trend", lambda: self._tags(searching.tags(archive, sought, named)))
        yield from self._if("/weighings", lambda: (
            _about(one, f"/weighings?{urlencode({'balance': one.name, 'range': '1y'})}")
            for one in searching.balances(archive, sought)
        ))  # fmt: skip
        yield from _at_batch(self._in_batches(searching.equipment))

    def _tags(self, found: Iterable[Found]) -> Iterator[Hit]:
        for one in found:
            yield Hit(one.name, one.about, trend_path(one.name), self._around.tags.get(one.name))

    def _alarms(self) -> Iterator[Hit]:
        for one in searching.alarms(self._archive, self._sought, self._named):
            about = " ".join([one.about, *([one.batch] if one.batch else [])])
            yield Hit(one.name, about, f"/alarms/{one.id}", self._around.tags.get(one.name), time=one.time)

    def _persons(self) -> Iterator[Hit]:
        archive, sought = self._archive, self._sought
        yield from (replace(one, of=Of.BATCHES) for one in _at_batch(self._in_batches(searching.persons)))
        for page, of, ask, field in (
            ("/weighings", Of.WEIGHINGS, searching.weighers, None),
            ("/alarms", Of.ALARMS, searching.answerers, "text"),
            ("/people", Of.LOOKS, searching.lookers, "person"),
        ):
            if self._around.looker.may(page):
                for one in ask(archive, sought):
                    given = {"range": "1y"} | ({} if field is None else {field: one.name})
                    yield replace(_about(one, f"{page}?{urlencode(given)}"), of=of)


def _each(found: Iterable[Found], path: Callable[[str], str]) -> Iterator[Hit]:
    return (_about(one, path(one.name)) for one in found)


def _about(one: Found, path: str | None) -> Hit:
    return Hit(one.name, one.about, path, count=one.count, time=one.time)


def _at_batch(found: Iterable[Found]) -> Iterator[Hit]:
    """With the newest batch whose records name it."""
    for one in found:
        about = " ".join(part for part in (one.about, one.batch) if part)
        path = None if one.batch is None else batch_path(one.batch)
        yield Hit(one.name, about, path, count=one.count, time=one.time)


def _document(one: Found, looker: Looker) -> Hit:
    """It leads to its batch, or to its record."""
    path = record_path(one.stream, one.number) if one.batch is None else batch_path(one.batch)
    about = " ".join(part for part in (one.about, one.batch) if part)
    return Hit(one.name, about, path if looker.may(path) else None, time=one.time)


def names_of(site: Site) -> dict[str, Words]:
    """What the tags of the clean area are called in both languages."""
    english, chinese = (tag_names(site, words_in(language)) for language in (Language.EN, Language.ZH))
    return {tag: Words(en=name, zh=chinese[tag]) for tag, name in english.items()}
