"""Search: how what was typed is understood, what of the site and the agreements has the name, and groups. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlencode
from uuid import UUID

from gateway.agreement.in_force import Signed
from gateway.cleanroom.levels import Words
from gateway.cleanroom.site import Site
from gateway.views.paths import trend_path
from gateway.views.waiting import Looker

PER_GROUP = 20
"""How many of a kind are shown."""
LONGEST = 200
"""Characters that are looked at."""
WORDS = 8
"""Words that are looked at."""
SHORTEST_HASH = 8
_LARGEST = 2**63 - 1
_DIGITS = r"[0-9][0-9 ,]*"
_NUMBERED = re.compile(
    rf"(?:(?P<stream>[^\s#]+)?\s*#\s*|(?P<named>[^\s#]*[^\s#0-9,][^\s#]*)[\s/])?(?P<number>{_DIGITS})"
)
_HASH = re.compile(rf"[0-9a-f]{{{SHORTEST_HASH},64}}")


class Group(StrEnum):
    """Kinds of things, in the order in which they are shown."""

    RECORD = "RECORD"
    BATCH = "BATCH"
    LOT = "LOT"
    ROOM = "ROOM"
    EQUIPMENT = "EQUIPMENT"
    ALARM = "ALARM"
    DOCUMENT = "DOCUMENT"
    CLAUSE = "CLAUSE"
    PERSON = "PERSON"


class Of(StrEnum):
    """What records a person is named in."""

    BATCHES = "BATCHES"
    WEIGHINGS = "WEIGHINGS"
    ALARMS = "ALARMS"
    LOOKS = "LOOKS"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, folded: without case and width. The rest is what it may mean beside a text."""

    text: str
    words: tuple[str, ...]
    number: int | None = None
    stream: str = ""
    id: UUID | None = None
    hash: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing: its name, a line about it, and the page that shows it, without the language; None where none does.

    `about` is text of records, `words` a name in both languages. `count` says in how many records it is named, `time`
    when last, UTC microseconds; `of` is what these records are, where one name is in several.
    """

    name: str
    about: str
    path: str | None
    words: Words | None = None
    count: int | None = None
    time: int | None = None
    of: Of | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """Those of a kind; `more` says that there are others."""

    group: Group
    hits: tuple[Hit, ...]
    more: bool


def folded(text: str) -> str:
    """As texts are compared: without case and width."""
    return unicodedata.normalize("NFKC", text).casefold()


def asked(text: str) -> Asked | None:
    """What was typed, as far as it is looked at; None where nothing was."""
    plain = " ".join(folded(text[:LONGEST]).replace("\0", " ").split())
    words = tuple(dict.fromkeys(plain.split()))[:WORDS]
    if not words:
        return None
    stream, number = _number(plain)
    found = _HASH.fullmatch(plain)
    return Asked(plain, words, number, stream, _uuid(plain), found.group() if found else None)


def _number(plain: str) -> tuple[str, int | None]:
    """A stream, or a part of its name, and a number of it, with or without `#`."""
    match = _NUMBERED.fullmatch(plain)
    if match is None:
        return "", None
    number = int(re.sub("[ ,]", "", match["number"]))
    return match["stream"] or match["named"] or "", number if 0 < number <= _LARGEST else None


def _uuid(plain: str) -> UUID | None:
    if not re.fullmatch(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", plain):
        return None
    return UUID(plain)


def rooms_in(site: Site, what: Asked) -> Iterator[Hit]:
    """Rooms by their short name, or their name in either language."""
    for room in site.rooms:
        if meets(what, room.id, room.name.en, room.name.zh):
            yield Hit(room.id, room.grade, f"/rooms?{urlencode({'room': room.id})}", room.name)


def equipment_in(site: Site, what: Asked) -> Iterator[Hit]:
    """Equipment of the site file, with the tag that names its batch."""
    for one in site.equipment:
        if meets(what, one.id, one.room or ""):
            yield Hit(one.id, one.room or "", trend_path(one.batch))


def clauses_in(signed: Signed, what: Asked) -> Iterator[Hit]:
    """Agreements by name and title, their products, and what each clause of the exchange says; the newest first."""
    for version in reversed(signed.versions):
        agreed = version.agreement
        head = f"{agreed.agreement} v{agreed.version}"
        if meets(what, head, agreed.title.en, agreed.title.zh):
            yield Hit(head, "", "/agreement", agreed.title)
        for product in agreed.products:
            if meets(what, product.code, *product.also, product.name.en, product.name.zh):
                yield Hit(product.code, head, "/agreement", product.name)
        for clause in agreed.exchange:
            if meets(what, f"§{clause.clause}", clause.clause, clause.text.en, clause.text.zh):
                yield Hit(f"§{clause.clause}", head, "/agreement", clause.text)


def meets(what: Asked, *texts: str) -> bool:
    """Whether all words are in these texts together."""
    text = folded(" ".join(texts))
    return all(word in text for word in what.words)


def ranked(what: Asked, hits: Iterable[Hit]) -> list[Hit]:
    """The same name first, then what begins so; else in their order."""
    return sorted(hits, key=lambda one: (folded(one.name) != what.text, not folded(one.name).startswith(what.text)))


def group_of(group: Group, what: Asked, hits: Iterable[Hit], looker: Looker) -> Hits:
    """At most `PER_GROUP`, and of those only what may be opened."""
    mine = [one for one in hits if one.path is None or looker.may(unquote(one.path.partition("?")[0]))]
    once = list({(one.name, one.about, one.path): one for one in ranked(what, mine)}.values())
    return Hits(group, tuple(once[:PER_GROUP]), len(once) > PER_GROUP)
