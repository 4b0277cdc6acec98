"""`cmo-gateway agreement due`: until when the steps of a notice are due, and which clause says so."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from gateway.agreement.agreement import Agreement
from gateway.agreement.deadlines import Due, deadline
from gateway.agreement.loading import load_agreement
from gateway.agreement.profile import ClassOfMatter, Profile, class_named, classes, profiles_for, terms
from gateway.agreement.rules.case import listed
from gateway.agreement.terms import NoticeKind
from gateway.commands.arguments import moment_from, refuse
from gateway.configuration import ConfigurationError
from gateway.running import Exit, complain

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Question:
    agreement: Agreement
    profiles: tuple[Profile, ...]
    kind: NoticeKind
    grade: ClassOfMatter | None
    moment: int

    @property
    def day(self) -> datetime:
        return _local(self.moment, self.agreement.zone)


def due(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The agreement (YAML).")],
    kind: Annotated[NoticeKind, typer.Argument(help="Kind of notice.")],
    *,
    grade: Annotated[
        str | None, typer.Option("--class", metavar="CLASS", help="Its class, as critical or 关键; else the strictest.")
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When it happened (ISO 8601); else now.")] = None,
    profiles: Annotated[Path | None, typer.Option(help="Folder with profiles of terms of your own.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
    zh: Annotated[bool, typer.Option("--zh", help="Words in Chinese.")] = False,
) -> None:
    """Say until when each step of a notice is due: step, time, clause.

    What is `estimated` was counted through a year whose holidays nobody told yet; what is `unverified` rests on a
    source that has to be checked first. Exit code 1 where no term is agreed.
    """
    try:
        agreement = load_agreement(file)
        named = profiles_for(agreement.profiles, agreement.cmo.country, profiles)
    except ConfigurationError as error:
        complain(error)
        raise typer.Exit(Exit.CONFIGURATION) from error
    moment = time.time_ns() // 1000 if at is None else moment_from("--at", at, agreement.zone)
    question = _Question(agreement, named, kind, None, moment)
    if grade is not None:
        question = _Question(agreement, named, kind, _class(question, grade), moment)
    found = dict(_answers(question))
    if as_json:
        typer.echo(json.dumps(_report(question, found), ensure_ascii=False))
    else:
        for line in _lines(question, found, zh=zh):
            typer.echo(line)
    if not found:
        complain(f"cmo-gateway: {file}: no term of {kind} is agreed, and no profile has one")
        raise typer.Exit(Exit.FAILED)


def _class(question: _Question, word: str) -> ClassOfMatter:
    day = question.day.date()
    found = class_named(question.profiles, question.kind, word, day)
    if found is None:
        there = listed(one.id for one in classes(question.profiles, day) if one.of == question.kind)
        refuse(f"--class {word}: {question.kind} has no such class; known are {there}")
    return found


def _answers(question: _Question) -> Iterator[tuple[str, Due]]:
    """Each step that agreement or profiles know, in their order."""
    own = [
        one.step for notice in question.agreement.notices if notice.kind is question.kind for one in notice.deadlines
    ]
    day = question.day.date()
    others = [one.step for named in question.profiles for one in terms(named, day) if one.kind is question.kind]
    grade = None if question.grade is None else question.grade.id
    for step in dict.fromkeys([*own, *others]):
        found = deadline(
            question.agreement, question.profiles, question.kind, step, grade=grade, moment=question.moment
        )
        if found is not None:
            yield step, found


_MARKS = {"estimated": "估算：含未公布放假安排的年份", "unverified": "来源待核实"}


def _marks(found: Due) -> list[str]:
    return [name for name in _MARKS if getattr(found, name)]


def _lines(question: _Question, answers: dict[str, Due], *, zh: bool) -> Iterator[str]:
    if question.grade is not None:
        one = question.grade
        told = [(text.zh if zh else text.en) for text in (one.name, one.means, one.authority) if text is not None]
        yield f"{one.of} {one.id}: {'; '.join(told)} [{one.source}]"
    for step, found in answers.items():
        marks = "".join(f" ({_MARKS[name] if zh else name})" for name in _marks(found))
        yield f"{step}\t{_when(found, question.agreement.zone)}\t[{found.clause}]{marks}"


def _report(question: _Question, answers: dict[str, Due]) -> dict[str, Any]:
    return {
        "agreement": question.agreement.agreement,
        "version": question.agreement.version,
        "kind": question.kind,
        "class": None if question.grade is None else question.grade.id,
        "from": question.day.isoformat(timespec="seconds"),
        "steps": {
            step: {"until": _when(found, question.agreement.zone), "clause": found.clause, "marks": _marks(found)}
            for step, found in answers.items()
        },
    }


def _when(found: Due, zone: str) -> str:
    return _local(found.moment, zone).isoformat(timespec="seconds")


def _local(moment: int, zone: str) -> datetime:
    return (_EPOCH + timedelta(microseconds=moment)).astimezone(ZoneInfo(zone))
