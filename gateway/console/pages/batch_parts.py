"""The parts of a batch that are tables."""

from gateway.batches.archived import Whole
from gateway.batches.batch import Correction, Records, Told
from gateway.batches.exceptions import is_over
from gateway.batches.missing import Answer, Part, Verdict
from gateway.batches.results import Result
from gateway.console.pages import over_batches
from gateway.console.pages.batch_tables import cell, listed, nothing, persons, record_cell, table, when
from gateway.console.pages.weighings import WeighingLine, weighing_table
from gateway.console.parts import Line, Tag, link
from gateway.console.visit import Visit
from gateway.review.limits import Where
from gateway.views.batches import (
    TONES,
    UNUSUAL,
    changed_text,
    coded,
    limits_text,
    outcome_tone,
    record_fields,
)
from schemas.exported import KINDS, Document, Exported, QualityEvent, Rework, TestResult, Use


def pieces(visit: Visit, whole: Whole) -> None:
    """What must be there, and whether it is: what is missing first."""
    with Tag("section", "block", aria_label=visit.say("batches.tabs.pieces")):
        names = ("part", "name", "verdict", "why")
        shown = table(visit, "batches.tabs.pieces", *(f"batches.answers.{name}" for name in names))
        order, over = ("action", "data", "good"), is_over(whole)
        with shown.body:
            for one in sorted(whole.answers, key=lambda one: order.index(TONES[one.verdict])):
                line, say = shown.line(), visit.say
                cell(line, say(f"batches.parts.{one.part}"))
                cell(line, one.name or say("batches.no_product"), _of(visit, one))
                if over or one.verdict is Verdict.PRESENT:
                    cell(line, say(f"batches.verdicts.{one.verdict}"), tone=TONES[one.verdict])
                else:
                    cell(line, say("batches.not_yet"), tone="none")
                cell(line, say(f"batches.whys.{one.why}") if one.why else "", one.detail)


def _of(visit: Visit, one: Answer) -> str:
    if one.part is Part.EQUIPMENT:
        return coded(Use(one.of), visit.say)
    return visit.say(f"batches.kinds.{one.of}") if one.part is Part.SIGNATURE and one.of in KINDS else one.of


def steps(visit: Visit, whole: Whole) -> None:
    """Each step once through, with its events."""
    with Tag("section", "block", aria_label=visit.say("batches.tabs.steps")):
        every = [one for run in whole.runs for one in run.events]
        many = listed(visit, every)
        if not many:
            nothing(visit)
            return
        columns = ("when", "step", "what_happened", "where", "persons", "in_record")
        shown = table(visit, "batches.tabs.steps", *(f"batches.{name}" for name in columns))
        with shown.body:
            for one in many:
                line, record = shown.line(), one.record
                cell(line, visit.clock.stamp(record.time))
                cell(line, record.name or record.step, record.step if record.name else "", record.within or "")
                tone = "alert" if record.event in UNUSUAL else "good"
                cell(line, coded(record.event, visit.say), record.comment or "", tone=tone)
                cell(line, record.room or visit.say("batches.not_told"), record.equipment or "")
                cell(line, *persons(visit, record.person, record.checked_by))
                record_cell(line, visit, one.stream, one.number)


def weighings(visit: Visit, whole: Whole) -> None:
    """Weighings of record of the batch, refused ones too."""
    with Tag("section", "block", aria_label=visit.say("batches.tabs.weighings")):
        if not whole.batch.weighings:
            nothing(visit)
            return
        shown = weighing_table(visit)
        with shown.body:
            for one in whole.batch.weighings:
                WeighingLine(visit, shown, one)


def tests(visit: Visit, whole: Whole) -> None:
    """Results of the batch, of its lots and of its rooms."""
    with Tag("section", "block", aria_label=visit.say("batches.tabs.tests")):
        if not whole.results:
            nothing(visit)
            return
        names = ("test", "sample", "reported", "limits", "conclusion", "numbers")
        shown = table(
            visit,
            "batches.tabs.tests",
            "batches.when",
            *(f"batches.tests.{name}" for name in names),
            "batches.in_record",
        )
        with shown.body:
            for one in whole.results:
                _result(visit, shown.line(), one)


def _result(visit: Visit, line: Line, one: Result) -> None:
    say, record = visit.say, one.told.record
    cell(line, when(visit, record.time))
    _test(visit, line, record)
    lot = say("batches.tests.lot", lot=record.lot) if record.lot else ""
    cell(line, record.sample, lot, record.point or "")
    cell(line, f"{record.reported} {record.unit or ''}".strip(), record.status)
    cell(line, limits_text(record.low, record.high, record.unit, say), _specification(visit, one))
    text = coded(record.conclusion, say) if record.conclusion else say("batches.tests.no_conclusion")
    tone, oos = outcome_tone(record.conclusion), say("batches.tests.oos") if one.outside else ""
    cell(line, text, oos if tone == "action" else "", ", ".join(one.events), tone=tone)
    tone = {Where.OUTSIDE: "action", Where.UNKNOWN: "data"}.get(one.where, "good")
    contradicted = say("batches.tests.contradicted") if one.contradicted else ""
    cell(line, say(f"batches.tests.{one.where}"), oos if tone == "action" else "", contradicted, tone=tone)
    record_cell(line, visit, one.told.stream, one.told.number)


def _test(visit: Visit, line: Line, record: TestResult) -> None:
    """Its name leads to the same test over the batches of the product."""
    with line.cell(), Tag("span", "lines"):
        if record.batch is None or record.product is None or not visit.may("/tests"):
            Tag("span", "", record.test)
        else:
            stage = None if record.stage is None else record.stage.value
            link(record.test, over_batches.address(visit, record.test, stage, record.product, record.batch))
        Tag("span", "quiet", coded(record.stage, visit.say) if record.stage else "")
        Tag("span", "quiet", record.method or "")


def _specification(visit: Visit, one: Result) -> str:
    record = one.told.record
    if record.specification is None:
        return ""
    version = record.specification_version or visit.say("batches.not_told")
    return visit.say("batches.tests.version", name=record.specification, version=version)


def events(visit: Visit, whole: Whole) -> None:
    """Deviations, changes, OOS and CAPA; rework, reprocessing and recovery."""
    say = visit.say
    with Tag("section", "block", aria_label=say("batches.tabs.events")):
        many = listed(visit, whole.batch.of(QualityEvent))
        if many:
            names = ("reference", "title", "grade", "state", "opened")
            shown = table(
                visit, "batches.tabs.events", *(f"batches.events.{name}" for name in names), "batches.in_record"
            )
            with shown.body:
                for one in many:
                    _event(visit, shown.line(), one)
        else:
            nothing(visit)
    name = Rework.__name__
    if name in whole.batch.records:
        with Tag("section", "block", aria_label=say(f"batches.kinds.{name}")):
            _plain(visit, {name: whole.batch.records[name]})


def _event(visit: Visit, line: Line, one: Told[QualityEvent]) -> None:
    say, record = visit.say, one.record
    cell(line, record.reference, coded(record.what, say))
    cell(line, record.title, record.description or "")
    cell(line, record.grade or "")
    is_open = record.closed is None
    state = say("batches.events.open", status=record.status) if is_open else say(
        "batches.events.closed", time=when(visit, record.closed), status=record.status
    )  # fmt: skip
    cell(line, state, tone="alert" if is_open else "good")
    cell(line, when(visit, record.opened))
    record_cell(line, visit, one.stream, one.number)


def documents(visit: Visit, whole: Whole) -> None:
    """The documents of the batch, each with the hash of its content."""
    with Tag("section", "block", aria_label=visit.say("batches.tabs.documents")):
        many = listed(visit, whole.batch.of(Document))
        if not many:
            nothing(visit)
            return
        names = ("document", "title", "state", "place", "hash")
        shown = table(
            visit, "batches.tabs.documents", *(f"batches.documents.{name}" for name in names), "batches.in_record"
        )
        with shown.body:
            for one in many:
                line, record = shown.line(), one.record
                cell(line, record.document, visit.say("batches.corrections.version", n=record.document_version))
                for text in (record.title or "", record.status, record.place, record.sha256):
                    cell(line, text)
                record_cell(line, visit, one.stream, one.number)


def corrected(visit: Visit, whole: Whole) -> None:
    """What was corrected: old and new, who and why; what was taken away; versions that did not come."""
    say = visit.say
    with Tag("section", "block", aria_label=say("batches.tabs.corrections")):
        if whole.corrections:
            names = ("of", "change", "old", "new", "who")
            shown = table(
                visit,
                "batches.tabs.corrections",
                *(f"batches.corrections.{name}" for name in names),
                "batches.in_record",
            )
            with shown.body:
                for one in whole.corrections:
                    _correction(visit, shown.line(), one)
        else:
            nothing(visit)
        every = [one for many in whole.batch.records.values() for one in many]
        for one_told in every:
            if one_told.not_arrived:
                versions = ", ".join(map(str, one_told.not_arrived))
                text = say("batches.corrections.not_arrived", versions=versions)
                Tag("p", "notice", f"{_name(visit, one_told.record)}: {text}")
    gone = {kind: many for kind, many in whole.batch.gone.items() if many}
    if gone:
        with Tag("section", "block gone", aria_label=say("batches.corrections.gone")):
            Tag("h2", "", say("batches.corrections.gone"))
            _plain(visit, gone)


def _correction(visit: Visit, line: Line, one: Correction) -> None:
    say, kind = visit.say, KINDS[one.kind]
    cell(
        line,
        say(f"batches.kinds.{one.kind}"),
        f"{one.system} {one.key}",
        say("batches.corrections.version", n=one.version),
    )
    changed = say(f"batches.fields.{one.changed}") if one.changed else say("batches.corrections.no_change")
    cell(line, changed)
    cell(line, changed_text(kind, one.changed, one.old, visit.clock, say))
    cell(line, changed_text(kind, one.changed, one.new, visit.clock, say))
    by = one.by or say("batches.corrections.no_who")
    cell(line, by, one.why or say("batches.corrections.no_why"), tone="good" if one.by and one.why else "alert")
    record_cell(line, visit, one.stream, one.number)


def records(visit: Visit, whole: Whole) -> None:
    """Every record of the batch with every field of it, then those beside it."""
    with Tag("section", "block", aria_label=visit.say("batches.tabs.records")):
        if not (whole.batch.records or whole.batch.beside):
            nothing(visit)
        _plain(visit, whole.batch.records)
        _plain(visit, whole.batch.beside)
        _withheld(visit, whole)


def _withheld(visit: Visit, whole: Whole) -> None:
    """What the agreement keeps from this reader, and the commitments to it."""
    if not whole.withheld:
        return
    Tag("h3", "", visit.say("batches.withheld.title"))
    Tag("p", "notice", visit.say("batches.withheld.text"))
    columns = (f"batches.withheld.{name}" for name in ("field", "clause", "words", "commitment"))
    shown = table(visit, "batches.withheld.title", *columns, "batches.in_record")
    with shown.body:
        for one in whole.withheld:
            line = shown.line()
            cell(line, f"{one.kind}.{one.field}")
            cell(line, one.clause)
            cell(line, one.words or "—", wide=True)
            cell(line, one.digest, wide=True)
            record_cell(line, visit, one.stream, one.number)


def undecided(visit: Visit, whole: Whole) -> None:
    """Records of the number that name no product, where several products use it."""
    batch = whole.batch
    if not (batch.unassigned or batch.unassigned_weighings):
        return
    with Tag("section", "block undecided", aria_label=visit.say("batches.undecided")):
        Tag("h2", "", visit.say("batches.undecided"))
        Tag("p", "notice", visit.say("batches.undecided_text"))
        _plain(visit, batch.unassigned)
        if batch.unassigned_weighings:
            shown = weighing_table(visit)
            with shown.body:
                for one in batch.unassigned_weighings:
                    WeighingLine(visit, shown, one)


def _plain(visit: Visit, kinds: Records) -> None:
    """Records kind by kind, each field with its name."""
    for kind, every in kinds.items():
        Tag("h3", "", visit.say(f"batches.kinds.{kind}"))
        many = listed(visit, every)
        shown = table(
            visit,
            f"batches.kinds.{kind}",
            "batches.when",
            "batches.corrections.of",
            "batches.what_happened",
            "batches.in_record",
        )
        with shown.body:
            for one in many:
                line = shown.line()
                cell(line, when(visit, one.record.time))
                cell(line, f"{one.record.system} {one.record.key}")
                cell(line, " · ".join(record_fields(one.record, visit.clock, visit.say)), wide=True)
                record_cell(line, visit, one.stream, one.number)


def _name(visit: Visit, record: Exported) -> str:
    return f"{visit.say(f'batches.kinds.{type(record).__name__}')} {record.system} {record.key}"
