"""What a holder may see of a record: the one place where clauses, borders and others' names come together."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from gateway.agreement.agreement import Agreement
from gateway.agreement.exchange import Exchange
from gateway.cleanroom.levels import Words
from gateway.link.topics import Stream
from gateway.redaction.pseudonyms import Pseudonyms
from gateway.redaction.redact import Reason, redact
from gateway.redaction.terms import Terms, compared
from schemas.catalogue import KINDS, family_of, schema
from schemas.codec import Record, kind_of
from schemas.derived import changed
from schemas.frame import Frame
from schemas.opening import Opening
from schemas.withheld_fields import withholdable

PERSONS = frozenset({"by", "second", "person", "checked_by", "analyst", "approver", "signer", "actor", "operator"})
"""Fields that name a person, in every kind."""
NAMED_TERMS, STAYS_IN_COUNTRY = "NAMED-TERMS", "STAYS-IN-COUNTRY"
NOTHING: Mapping[str, Reason] = {}
_LEAST = 2
"""A name of fewer characters is not looked for in text: it would be found everywhere. Agreed words always are."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """What the holder gets, and what opens it, for the CMO's own stream. `record` is None where it gets nothing of it:

    `why` then says whether it may not leave the country, or names another holder where nothing can be withheld.
    """

    record: Record | None
    openings: tuple[Opening, ...] = ()
    why: str | None = None


class Redactor:
    """For one holder, under one version of its agreement. `others` are the agreements of all other holders.

    What was said of batches, to whom they belong, comes with `learn`. Raises ValueError where the agreement asks for
    something that cannot be, or where pseudonyms are agreed and there are none.
    """

    def __init__(
        self, sender: str, agreement: Agreement, others: Iterable[Agreement], pseudonyms: Pseudonyms | None = None
    ) -> None:
        for fault in faults(agreement):
            raise ValueError(fault)
        abroad = agreement.holder.country != agreement.cmo.country
        if abroad and agreement.pseudonyms and pseudonyms is None:
            raise ValueError(f"agreement {agreement.agreement} asks for pseudonyms, and there is no key for them")
        self._parties = (agreement.cmo.id, sender, agreement.holder.id)
        self._pseudonyms = pseudonyms if abroad and agreement.pseudonyms else None
        self._stays = frozenset(agreement.stays_in_country) if abroad else frozenset[str]()
        foreign = [word for other in others for word in words_of(other) if len(compared(word)) >= _LEAST]
        self._terms = Terms([*foreign, *agreement.terms_withheld], own=words_of(agreement))
        self._persons = Terms()

    def learn(self, *, own: Iterable[str] = (), foreign: Iterable[str] = ()) -> None:
        """Batches, lots or products of the holder, and such of others, that it may not read of."""
        self._terms.add(foreign, own=own)

    def names_others(self, text: str) -> bool:
        """Whether the text names what belongs to another holder."""
        return self._terms.stand_in(text)

    def __call__(self, record: Record, clause: Exchange | None, others: Mapping[str, Reason] = NOTHING) -> Redacted:
        """What the holder gets of a record that the clause sends; the same object where nothing is withheld.

        `others` are fields that are another's, besides. What the clause says of a field counts first.
        Frames pass as they are: which of their rows go is decided where they are routed.
        """
        if isinstance(record, Frame):
            return Redacted(record)
        kind = kind_of(record)
        if kind in self._stays:
            return Redacted(None, why=STAYS_IN_COUNTRY)
        told = self._pseudonymous(kind, record)
        withheld = {**others, **self._by_country(kind), **_by_clause(kind, clause)}
        named = self._named(kind, told, withheld)
        if named is None:
            return Redacted(None, why=NAMED_TERMS)
        if not (withheld or named) and told is record:
            return Redacted(record)
        stream = Stream(*self._parties, family_of(kind).name).name
        masked, openings = redact(record, stream, withheld | named)  # to the names that are true
        persons = {name: getattr(told, name) for name in _persons(kind) if name not in withheld | named}
        return Redacted(changed(masked, **persons) if told is not record else masked, openings)

    def _by_country(self, kind: str) -> Mapping[str, Reason]:
        if not self._stays:
            return {}
        return {name: Reason(STAYS_IN_COUNTRY) for name in withholdable(kind) if f"{kind}.{name}" in self._stays}

    def _pseudonymous(self, kind: str, record: Any) -> Any:
        """The record with pseudonyms, where they are agreed; whom they stand for is looked for in text from now on."""
        if self._pseudonyms is None:
            return record
        names = {name: value for name in _persons(kind) if (value := getattr(record, name))}
        self._persons.add(value for value in names.values() if len(compared(value)) >= _LEAST)
        return changed(record, **{name: self._pseudonyms(value) for name, value in names.items()}) if names else record

    def _named(self, kind: str, record: Record, withheld: Mapping[str, Reason]) -> dict[str, Reason] | None:
        """Fields of text that name what the holder may not read, with what is left of them.

        None where it is named in a field that cannot be withheld.
        """
        found: dict[str, Reason] = {}
        for name in _texts(kind):
            value = getattr(record, name)
            if not value or name in withheld:
                continue
            if not isinstance(value, str):
                if any(map(self._forbids, value)):
                    return None
            elif self._forbids(value):
                if name not in withholdable(kind):
                    return None
                found[name] = Reason(NAMED_TERMS, self._persons.blackened(self._terms.blackened(value)))
        return found

    def _forbids(self, text: str) -> bool:
        return self._terms.stand_in(text) or (self._pseudonyms is not None and self._persons.stand_in(text))


def faults(agreement: Agreement) -> Iterator[str]:
    """What the agreement wants withheld and no record can withhold, a line each."""
    for clause in agreement.exchange:
        for one in clause.withheld:
            if one.field not in withholdable(one.kind):
                yield f"{clause.clause}: {one.kind}.{one.field} cannot be withheld; withhold the kind, or another field"
    for name in agreement.stays_in_country:
        kind, _, field = name.partition(".")
        if kind not in KINDS or (field and field not in withholdable(kind)):
            yield f"stays_in_country: {name} is no kind of record, and no field of one that can be withheld"


def words_of(agreement: Agreement) -> Iterator[str]:
    """What names the holder and its products."""
    holder = agreement.holder
    yield from (holder.id, holder.licence, holder.credit_code, *_both(holder.name))
    for one in agreement.products:
        yield from (one.code, *one.also, one.approval_number, *_both(one.name), *_both(one.generic_name))


def _both(words: Words) -> tuple[str, str]:
    return words.en, words.zh


def _by_clause(kind: str, clause: Exchange | None) -> Mapping[str, Reason]:
    if clause is None or not clause.withheld:
        return {}
    return {one.field: Reason(clause.clause) for one in clause.withheld if one.kind == kind}


@cache
def _persons(kind: str) -> tuple[str, ...]:
    shape: Any = KINDS[kind]
    return tuple(one.name for one in fields(shape) if one.name in PERSONS)


@cache
def _texts(kind: str) -> tuple[str, ...]:
    """Fields that hold text, or a list of texts."""
    array = {"type": "array", "items": "string"}
    return tuple(
        one["name"]
        for one in json.loads(schema(kind).text)["fields"]
        if one["type"] in ("string", array) or (isinstance(one["type"], list) and "string" in one["type"])
    )
