"""Mass balance of a batch: stage after stage, and its printed packaging material."""

from gateway.batches.archived import Whole
from gateway.batches.balance import Balances, LabelBalance, StageBalance
from gateway.console.pages.batch_tables import cell, nothing, persons, record_cell, table, when
from gateway.console.parts import Line, Tag
from gateway.console.visit import Visit
from gateway.review.limits import Where
from gateway.views.batches import coded, digits, limits_text, outcome_tone
from gateway.views.display import symbol

TONES = {Where.WITHIN: "good", Where.OUTSIDE: "action", Where.UNKNOWN: "data"}


def balance(visit: Visit, whole: Whole) -> None:
    """The section."""
    say, found = visit.say, whole.balances
    with Tag("section", "block", aria_label=say("batches.balance.title")):
        Tag("h2", "", say("batches.balance.title"))
        Tag("p", "lead", say("batches.balance.lead"))
        if found.stages:
            _stages(visit, found)
        else:
            nothing(visit)
    if found.labels:
        with Tag("section", "block", aria_label=say("batches.balance.labels")):
            Tag("h2", "", say("batches.balance.labels"))
            _labels(visit, found)


def _stages(visit: Visit, found: Balances) -> None:
    columns = [f"batches.balance.{name}" for name in ("stage", "taken", "out", "unexplained", "percent", "between")]
    columns += ["batches.tests.conclusion", "batches.persons", "batches.in_record"]
    shown = table(visit, "batches.balance.title", *columns)
    with shown.body:
        for one in found.stages:
            _stage(visit, shown.line(), one)
    if found.overall is not None:
        Tag("p", "quiet", visit.say("batches.balance.overall", n=_number(found.overall)))


def _stage(visit: Visit, line: Line, one: StageBalance) -> None:
    say, record = visit.say, one.told.record
    unit = symbol(record.unit)
    cell(line, record.stage, when(visit, record.time))
    cell(line, f"{digits(record.taken)} {unit}".rstrip())
    parts = {"samples": record.samples, "rejected": record.rejected, "left": record.left}
    told = {name: f"{digits(value)} {unit}".rstrip() for name, value in parts.items() if value}
    quieter = [say(f"batches.balance.{name}", n=text) for name, text in told.items()]
    cell(line, f"{digits(record.made)} {unit}".rstrip(), *quieter)
    _unexplained(visit, line, one.unexplained, one.untold, unit)
    limits = limits_text(record.low, record.high, "%", say)
    text = "?" if one.percent is None else say("batches.materials.percent", n=_number(one.percent))
    cell(line, text, limits, tone=TONES[one.where])
    if one.between is None:
        cell(line, "–")
    else:
        lost = say("batches.balance.lost", n=f"{_number(one.between)} {unit}")
        handed = say("batches.balance.before", n=f"{_number(one.before or 0.0)} {unit}")
        cell(line, say("batches.balance.equal") if one.between == 0 else lost, handed,
             tone="good" if one.between == 0 else "alert")  # fmt: skip
    conclusion = coded(record.conclusion, say) if record.conclusion else say("batches.tests.no_conclusion")
    cell(line, conclusion, tone=outcome_tone(record.conclusion))
    cell(line, *persons(visit, record.person, record.checked_by))
    record_cell(line, visit, one.told.stream, one.told.number)


def _labels(visit: Visit, found: Balances) -> None:
    columns = ["batches.balance.label", "batches.balance.issued", "batches.balance.used", "batches.balance.unexplained"]
    columns += ["batches.tests.conclusion", "batches.persons", "batches.in_record"]
    shown = table(visit, "batches.balance.labels", *columns)
    with shown.body:
        for one in found.labels:
            _label(visit, shown.line(), one)


def _label(visit: Visit, line: Line, one: LabelBalance) -> None:
    say, record = visit.say, one.told.record
    cell(line, record.material, *([say("batches.tests.lot", lot=record.lot)] if record.lot else []))
    cell(line, digits(record.issued))
    parts = {"samples": record.samples, "damaged": record.damaged, "returned": record.returned}
    cell(line, digits(record.used), *(say(f"batches.balance.{name}", n=digits(n)) for name, n in parts.items() if n))
    _unexplained(visit, line, one.unexplained, one.untold, "")
    conclusion = coded(record.conclusion, say) if record.conclusion else say("batches.tests.no_conclusion")
    cell(line, conclusion, tone=outcome_tone(record.conclusion))
    cell(line, *persons(visit, record.person, record.checked_by))
    record_cell(line, visit, one.told.stream, one.told.number)


def _unexplained(visit: Visit, line: Line, value: float | None, untold: tuple[str, ...], unit: str) -> None:
    say = visit.say
    if value is None:
        names = ", ".join(say(f"batches.balance.parts.{name}") for name in untold)
        cell(line, "?", say("batches.balance.untold", parts=names) if names else "", tone="data")
    else:
        cell(line, f"{_number(value)} {unit}".strip(), tone="good" if value == 0 else "alert")


def _number(value: float) -> str:
    return digits(round(value, 4))
