"""Answers as the archive keeps them, and its sentences as answers have them. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from gateway.archive.judged import FindingPlace, FindingStep
from gateway.review.outcome import Outcome, Place, Said, Subject, Value, Verdict
from gateway.review.review import Answers
from schemas.exported import Exported
from schemas.records import Weighing

NOTHING = "NOTHING"
"""The verdict of a rule that has nothing to say of a place any more."""
_NAMES = ("step", "test", "sample", "material", "lot", "stage", "equipment", "reference", "document")
"""Fields that tell a person what a record is about, as far as its kind has them."""


def kept_place(place: Place) -> FindingPlace:
    """As the archive names it."""
    return FindingPlace(place.code.value, place.kind, place.system, place.key)


def changes(answers: Answers, before: Mapping[FindingPlace, FindingStep], now: int) -> dict[FindingPlace, FindingStep]:
    """What is to be kept of these answers, told now (UTC microseconds): findings that begin, change or end.

    `before` has the last step of each place of which a finding was ever told.
    """
    found = {}
    for place, outcome in answers.items():
        where = kept_place(place)
        step, last = _step(outcome, now), before.get(where)
        if step.verdict != Verdict.FAILED:
            if last is not None and last.verdict != step.verdict:
                found[where] = _placed(step, last)
        elif last is None or replace(last, judged=now) != step:
            found[where] = step
    return found


def _placed(step: FindingStep, last: FindingStep) -> FindingStep:
    """What ends a finding stays where the finding was, also when its record went elsewhere."""
    return replace(step, batch=last.batch, product=last.product, about=step.about or last.about)


def _step(outcome: Outcome | None, now: int) -> FindingStep:
    if outcome is None:
        return FindingStep(NOTHING, None, None, None, None, None, "", None, "[]", "[]", (), now)
    judged, subject = outcome.judged, outcome.subject
    product = subject.product if isinstance(subject, Exported) else None
    severity = None if judged.severity is None else judged.severity.value
    return FindingStep(
        judged.verdict.value, severity, outcome.id, _version(subject), outcome.batch, product, _about(subject),
        outcome.time, written([judged.expected]), written(judged.found),
        tuple(dict.fromkeys(map(_name, [subject, *sorted(judged.beside, key=_name)]))), now,
    )  # fmt: skip


def _version(subject: Subject) -> int:
    return subject.version if isinstance(subject, Exported) else 1


def _name(record: Subject) -> str:
    """Kind, system, key and version of a record."""
    if isinstance(record, Weighing):
        return f"Weighing {record.source} {record.id}"
    return f"{type(record).__name__} {record.system} {record.key} v{record.version}"


def _about(subject: Subject) -> str:
    names = (getattr(subject, name, None) for name in _NAMES)
    return " ".join(str(name) for name in names if name)


def written(sentences: Iterable[Said]) -> str:
    """Sentences as JSON."""
    return json.dumps([[one.key, {name: _plain(value) for name, value in one.fields}] for one in sentences],
                      ensure_ascii=False)  # fmt: skip


def read(text: str) -> tuple[Said, ...]:
    """Sentences of what `written` made."""
    return tuple(
        Said(key, tuple(sorted((name, _value(value)) for name, value in given.items())))
        for key, given in json.loads(text)
    )


def _plain(value: Value) -> object:
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _value(value: object) -> Value:
    match value:
        case {"time": str(text)}:
            return datetime.fromisoformat(text)
        case {"date": str(text)}:
            return date.fromisoformat(text)
        case str() | int() | float():
            return value
    raise ValueError(f"no value of a sentence: {value!r}")
