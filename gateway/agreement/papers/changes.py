"""What changed between two versions of an agreement, in words: a line for each difference."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel

from gateway.agreement.agreement import Agreement
from gateway.agreement.differences import Change, Sort, Step, differences
from gateway.agreement.papers.facts import Speaker
from gateway.agreement.terms import Term
from gateway.cleanroom.levels import Words
from gateway.languages import Language
from gateway.proof.keys import fingerprint
from gateway.proof.note import MalformedNoteError, VerifierKey

_GROUPS = {
    "by": "side",
    "chapter": "chapter",
    "classes": "class",
    "duty": "duty",
    "families": "family",
    "kind": "notice",
    "leading": "language",
    "methods": "method",
    "of": "specification",
    "posts": "post",
    "rights": "right",
    "side": "side",
    "stage": "stage",
    "step": "step",
    "type": "type",
    "unit": "unit",
}
"""Field → group of words for its codes."""
_ALL = {"classes", "kinds", "products"}
"""Fields that mean everything where they are empty."""
_EXCHANGED = {"rooms", "equipment", "tags", "families", "products", "lines", "kinds"}


def told(old: Agreement, new: Agreement, language: Language) -> tuple[str, ...]:
    """A line for each difference; none where the two are equal."""
    teller = _Teller(language, new.effective)
    return tuple(teller.say(change) for change in differences(old, new))


class _Teller:
    """Says changes in one language."""

    def __init__(self, language: Language, day: date) -> None:
        self._speak, self._day = Speaker(language), day

    def say(self, change: Change) -> str:
        """The line of a change."""
        *above, last = change.path
        field, where = last.field, [text for step in above if (text := self._place(step))]
        fields: dict[str, Any] = {
            "at": "".join(f"{one}{' · ' if self._speak.language is Language.EN else '·'}" for one in where),
            "what": self._what(change),
            "old": self._value(field, change.old),
            "new": self._value(field, change.new),
            "day": self._day,
        }
        text = self._label(_way(change)).format(**fields)
        return self._with_other_language(change, text)

    def _label(self, key: str) -> str:
        return self._speak.label("change", key)

    def _place(self, step: Step) -> str:
        """A part of the way to the change."""
        return self._speak.label("field", step.field) if step.item is None else self._name(step.field, step.item)

    def _what(self, change: Change) -> str:
        last = change.path[-1]
        label = self._speak.label("field", last.field)
        if last.item is not None:
            name = self._name(last.field, last.item)
            return name if last.field in {"exchange", "notices"} else f"{label} {name}"
        if change.sort in {Sort.ADDED, Sort.REMOVED}:
            given = change.new if change.sort is Sort.ADDED else change.old
            return f"{label} {self._value(last.field, given)}"
        return label

    def _name(self, field: str, item: Any) -> str:
        """What an item of a list is called."""
        speak = self._speak
        named = _NAMES.get(field)
        return named(self, item) if named else speak.words(item.name)

    def deadline(self, one: Any) -> str:
        """A step of a notice: who owes what, of which classes."""
        speak = self._speak
        names = speak.join([speak.label("class", name) for name in one.classes])
        classes = speak.say("of_classes", classes=names) if names else ""
        return f"{speak.label('side', one.by)} {speak.label('step', one.step)}{classes}"

    def key(self, one: Any) -> str:
        """A key with its fingerprint."""
        try:
            return f"{one.name} ({fingerprint(VerifierKey.parse(one.key))})"
        except MalformedNoteError:
            return str(one.key)

    def label(self, group: str, code: str) -> str:
        """The word for a code."""
        return self._speak.label(group, code)

    def words(self, words: Words) -> str:
        """In this language."""
        return self._speak.words(words)

    def _value(self, field: str, value: Any) -> str:
        """A value as it is said."""
        match value:
            case None:
                said = self._label("none")
            case bool():
                said = self._label("yes" if value else "no")
            case Words():
                said = self._speak.words(value)
            case Term():
                said = self._speak.term(value)
            case float():
                said = f"{value:g}"
            case BaseModel():
                parts = [(name, getattr(value, name)) for name in type(value).model_fields]
                labelled = [
                    f"{self._speak.label('field', name)} {self._value(name, one)}" for name, one in parts if one
                ]
                said = self._speak.join(labelled)
            case tuple():
                said = self._speak.join([self._value(field, one) for one in value]) or self._empty(field)
            case _:
                said = self._speak.label(_GROUPS[field], str(value)) if field in _GROUPS else str(value)
        return said

    def _empty(self, field: str) -> str:
        return self._label("all" if field in _ALL else "none")

    def _with_other_language(self, change: Change, text: str) -> str:
        """Of words that are the same in this language, what changed in the other."""
        old, new = change.old, change.new
        if not (isinstance(old, Words) and isinstance(new, Words)) or self.words(old) != self.words(new):
            return text
        other = Language.EN if self._speak.language is Language.ZH else Language.ZH
        speak = Speaker(other)
        return self._label("other").format(text=text, old=speak.words(old), new=speak.words(new))


def _way(change: Change) -> str:
    """Which sentence says it."""
    fields = change.fields
    if fields[0] == "exchange" and change.sort in {Sort.ADDED, Sort.REMOVED}:
        there = change.sort is Sort.ADDED
        if fields[-1] == "withheld":
            return "withheld" if there else "unwithheld"
        if fields[-1] in _EXCHANGED or len(fields) == 1:
            return "exchanged" if there else "unexchanged"
    return change.sort.value


def _person(teller: _Teller, one: Any) -> str:
    return f"{one.id} {teller.words(one.name)}"


def _product(teller: _Teller, one: Any) -> str:
    return f"{one.code} {teller.words(one.name)}"


_NAMES: Mapping[str, Callable[[_Teller, Any], str]] = {
    "approved": lambda _, one: f"{one.material}, {one.supplier}",
    "deadlines": _Teller.deadline,
    "duties": lambda teller, one: teller.label("duty", one.duty),
    "exchange": lambda _, one: str(one.clause),
    "history": lambda _, one: str(one.version),
    "keys": _Teller.key,
    "limits": lambda _, one: f"{one.site}, {one.profile}",
    "lines": lambda teller, one: f"{one.id} {teller.words(one.name)}",
    "notices": lambda teller, one: teller.label("notice", one.kind),
    "persons": _person,
    "products": _product,
    "responsibilities": lambda teller, one: f"{one.chapter} {teller.label('chapter', one.chapter)}",
    "signatories": lambda teller, one: (
        f"{teller.label('side', one.side)} {teller.label('stage', one.stage)} {one.person}"
    ),
    "specifications": lambda _, one: str(one.code),
    "withheld": lambda _, one: f"{one.kind}.{one.field}",
}
"""Field → how an item of it is called."""
