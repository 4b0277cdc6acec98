"""Faults in what rows say and in how tables stand: F61, F62, F64 to F68, F70."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from simulators.batch.batch import DAY, MINUTE, SECOND
from simulators.batch.dialects import Cell, Sheet, sheet_of
from simulators.batch.facts import FIELDS, Fact
from simulators.batch.plan import Draft, Plan
from simulators.batch.words import total

REPORTED: tuple[tuple[str, float | None, str | None], ...] = (
    ("<0.05", 0.05, "<"),
    ("＜10", 10.0, "<"),
    ("N/A", None, None),
    ("符合规定", None, None),
    ("≥ 99.0", 99.0, "≥"),
    ("未检出", None, None),
)
"""What stands where a number is awaited; the number and the sign in it."""
SHARP = ('第一行\nsecond line; "quoted", end', "=cmd|' /C calc'!A0", '+1 "x";', "@SUM(A1:A9)")
"""Cells that break a careless parser or run in a careless spreadsheet."""
AUTUMN = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
"""02:30 of the first of two such hours in Berlin."""


def corrected(plan: Plan) -> None:
    """F61: the newest list of results comes again with a result corrected; the oldest one under another name."""
    newest, older = _lists(plan, "lims", "TestResult")[-1], _lists(plan, "lims", "TestResult")[0]
    told, batch = newest.at + 2 * DAY, plan.batch
    wrong = next(one for one in newest.facts if one.fields["qualifier"] == "=")
    value = round(wrong.fields["value"] + 0.01, 2)
    right = wrong.corrected(
        told,
        batch.who("reviewer"),
        "抄写错误 (transcription)",
        reported=f"{value:.2f}",
        value=value,
        status="corrected",
        time=told,
    )
    plan.facts.append(right)
    facts = [right if one is wrong else one for one in newest.facts]
    again = replace(newest, at=told + MINUTE, facts=facts, sheet=sheet_of(facts, newest.kind, newest.sheet.dialect))
    copy = replace(older, at=older.at + DAY, name=_marked(older.name, "copy"))
    plan.drafts += [again, copy]
    plan.note("F61", "same name, corrected", file=_file(again), expect="correction", key=right.key, version=2)
    plan.note("F61", "same content, new name", file=_file(copy), expect="repeat")


def disordered(plan: Plan) -> None:
    """F62: the largest list of results has its rows backwards, one twice, empty lines, and a totals line."""
    draft = max(_lists(plan, "lims", "TestResult"), key=lambda one: len(one.facts))
    sheet = draft.sheet
    nothing: list[Cell] = [None] * len(sheet.header)
    totals: list[Cell] = [total(sheet.dialect.language), str(len(sheet.rows)), *nothing[2:]]
    turned = sheet.rows[::-1]
    rows = [turned[0], nothing, *turned[1:], list(turned[0]), nothing, totals]
    facts = [*draft.facts[::-1], draft.facts[-1]]
    _replace(plan, draft, replace(draft, facts=facts, sheet=replace(sheet, rows=rows)))
    plan.note("F62", "rows backwards, the first twice, empty lines, a total", file=_file(draft), expect="repeat")


def wounded(plan: Plan) -> None:
    """F64: lists that somebody opened in a spreadsheet and saved: a few cells have become numbers."""
    kept = _lists(plan, "lims", "StoredSample")[0]
    _spoil(plan, kept, "number", _numbers("sample", "due"), fault="F64", expect="rows refused")
    moves = _lists(plan, "wms", "MaterialMovement")[0]
    _spoil(plan, moves, "exponent", _exponent, fault="F64", expect="rows refused")


def _numbers(*names: str) -> Callable[[Draft], Sheet]:
    """Cells of these columns become numbers: an id loses its zeros, a date is days since 1899-12-30."""

    def wound(draft: Draft) -> Sheet:
        sheet, shapes = draft.sheet, FIELDS[draft.kind]
        rows = [list(row) for row in sheet.rows]
        for name in names:
            place = sheet.header.index(sheet.dialect.header(name))
            for row, one in zip(rows, draft.facts, strict=True):
                value = one.fields[name]
                row[place] = float(value + 25_569) if shapes[name] == "date" else float(value)
        return replace(sheet, rows=rows)

    return wound


def _exponent(draft: Draft) -> Sheet:
    """A long lot number is shown, and saved, as a power of ten."""
    sheet = draft.sheet
    place = sheet.header.index(sheet.dialect.header("lot"))
    rows = [[*row[:place], _power(str(row[place])), *row[place + 1 :]] for row in sheet.rows]
    return replace(sheet, rows=rows)


def _power(lot: str) -> str:
    return f"{float(lot):.2E}" if lot.isdecimal() else lot


def unclear_times(plan: Plan) -> None:
    """F65: a site that changes its clocks while the batch dries, and writes times as day/month without an offset."""
    batch = plan.batch
    dryings = [span for operation, span in batch.course.phases if operation == batch.operation_that("freeze-dry")]
    moved = round(AUTUMN.timestamp()) * SECOND - dryings[1].began * SECOND - batch.start
    plan.batch = replace(batch, start=batch.start + moved, numbers={})
    plan.site = replace(plan.site, zone="Europe/Berlin", time="%d/%m/%Y %H:%M:%S")
    plan.facts = [_moved(one, moved) for one in plan.facts]
    twice = [(one.system, one.kind, one.key) for one in plan.facts if _is_twice(one)]
    keys = [key for system, kind, key in twice if (system, kind) == ("mes", "BatchStep")]
    plan.note(
        "F65", "times as day/month without offset", zone="Europe/Berlin", time=plan.site.time, expect="as configured"
    )
    plan.note("F65", "times that the clock shows twice", keys=keys, expect="rows refused, both candidates told")


def _moved(one: Fact, moved: int) -> Fact:
    shapes = FIELDS[one.kind]
    times = {name: one.fields[name] + moved for name, shape in shapes.items() if shape == "time" and one.fields[name]}
    return replace(one, told=one.told + moved, fields={**one.fields, **times})


def _is_twice(one: Fact) -> bool:
    """Whether one of its times is in the hour that the clock shows twice, the first or the second."""
    first, last = AUTUMN - timedelta(minutes=30), AUTUMN + timedelta(minutes=90)
    low, high = (round(moment.timestamp()) * SECOND for moment in (first, last))
    times = (one.fields[name] for name, shape in FIELDS[one.kind].items() if shape == "time")
    return any(low <= time < high for time in times if time is not None)


def moved_columns(plan: Plan) -> None:
    """F66: columns in other order with one more (to be taken); one renamed, one missing, a short row (not to be)."""
    own = _lists(plan, "lims", "TestResult")
    draft = own[0]
    sheet = draft.sheet
    header = [*sheet.header[::-1], "新列 (new)"]
    _replace(
        plan, draft, replace(draft, sheet=replace(sheet, header=header, rows=[[*row[::-1], "x"] for row in sheet.rows]))
    )
    plan.note("F66", "columns backwards, one more", file=_file(draft), expect="taken")
    result = sheet.dialect.header("reported")
    place = sheet.header.index(result)
    _spoil(plan, draft, "renamed", lambda one: _renamed(one.sheet, place), fault="F66", expect="file refused")
    _spoil(plan, draft, "missing", lambda one: _without(one.sheet, place), fault="F66", expect="file refused")
    _spoil(plan, own[-1], "short", lambda one: _short(one.sheet), fault="F66", expect="rows refused")


def _renamed(sheet: Sheet, place: int) -> Sheet:
    header = [*sheet.header[:place], f"{sheet.header[place]}2", *sheet.header[place + 1 :]]
    return replace(sheet, header=header)


def _without(sheet: Sheet, place: int) -> Sheet:
    return replace(
        sheet,
        header=[*sheet.header[:place], *sheet.header[place + 1 :]],
        rows=[[*row[:place], *row[place + 1 :]] for row in sheet.rows],
    )


def _short(sheet: Sheet) -> Sheet:
    return replace(sheet, rows=[row[: len(row) // 2] for row in sheet.rows])


def no_numbers(plan: Plan) -> None:
    """F67: results as they are really reported; the limits that they would have to be compared with are left out."""
    numeric = [one for one in plan.facts if (one.system, one.kind) == ("lims", "TestResult") and one.fields["value"]]
    for one, (reported, value, qualifier) in zip(numeric, REPORTED, strict=False):
        said: dict[str, Any] = {"reported": reported, "value": value, "qualifier": qualifier, "low": None, "high": None}
        _change(plan, one, **said)
        plan.note("F67", "no plain number", key=one.key, reported=reported, expect="kept as text")


def contradicted(plan: Plan) -> None:
    """F68: an assay below its lower limit that the LIMS calls right."""
    one = next(one for one in plan.facts if one.fields.get("stage") == "FINISHED" and one.fields.get("test") == "Assay")
    value = round(one.fields["low"] - 1.9, 2)
    _change(plan, one, reported=f"{value:.2f}", value=value, conclusion="PASS")
    plan.note("F68", "outside its limits, concluded PASS", key=one.key, value=value, expect="OOS raised")


def sharp_cells(plan: Plan) -> None:
    """F70: line breaks, quotes and formulas where somebody types freely."""
    places = [("mes", "BatchStep", "comment"), ("wms", "MaterialMovement", "name"), ("dms", "Document", "title")]
    places.append(("qms", "QualityEvent", "description"))
    for (system, kind, name), text in zip(places, SHARP, strict=True):
        one = next(one for one in plan.facts if (one.system, one.kind) == (system, kind) and one.fields[name])
        _change(plan, one, **{name: text})
        plan.note("F70", "sharp cell", system=system, key=one.key, field=name, text=text, expect="kept as text")


def _change(plan: Plan, one: Fact, **changed: Any) -> None:
    """Another truth in place of a fact."""
    plan.facts[plan.facts.index(one)] = replace(one, fields={**one.fields, **changed})


def _lists(plan: Plan, system: str, kind: str) -> list[Draft]:
    found = [one for one in plan.drafts if (one.system, one.kind) == (system, kind) and one.facts]
    return sorted(found, key=lambda one: one.at)


def _replace(plan: Plan, old: Draft, new: Draft) -> None:
    plan.drafts[plan.drafts.index(old)] = new


def _spoil(plan: Plan, draft: Draft, mark: str, spoil: Callable[[Draft], Sheet], **note: str) -> None:
    """One more file, a minute before the right one."""
    spoilt = replace(draft, name=_marked(draft.name, mark), at=draft.at - MINUTE, sheet=spoil(draft), facts=[])
    plan.drafts.append(spoilt)
    plan.note(what=mark, file=_file(spoilt), **note)


def _marked(name: str, mark: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}-{mark}{dot}{suffix}"


def _file(draft: Draft) -> str:
    return f"{draft.system}/{draft.name}"
