"""The parts of the evidence page that say how far each stream is proven, and what the verifiers found."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from gateway.archive.evidence import Range
from gateway.console.parts import Line, Mark, Rows, Table, Tag, link
from gateway.console.visit import Visit
from gateway.proof.findings import Code
from gateway.views.display import age, number
from gateway.views.evidence import FINDINGS, Evidence
from gateway.views.streams import FindingRow, StreamRow, Verdict

PATH = "/evidence"
COLUMNS = ("stream", "received", "verified", "confirmed", "sealed", "missing")
RANGES = 3
"""How many ranges of missing numbers are named."""
TONES: Mapping[str, str] = {
    Code.DUPLICATE: "good", Code.REORDERED: "alert", Code.LATE_SEAL: "alert", Code.SILENT_STREAM: "alert",
    Code.STALE_SEAL: "alert",
}  # fmt: skip
"""What is not named here puts records in doubt."""


def stream_path(name: str) -> str:
    """The route of a stream, without its language."""
    return f"{PATH}/{quote(name, safe='')}"


def seals_path(stream: str) -> str:
    """The route of a stream's seals, without its language."""
    return f"{stream_path(stream)}/seals"


class Streams:
    """Every stream: received to, proven to, confirmed to, the newest seal, and what is missing."""

    def __init__(self, visit: Visit) -> None:
        say = visit.say
        with Tag("section", "block", aria_label=say("proof.title")):
            Tag("h2", "", say("proof.title"))
            self._none = Tag("p", "quiet", say("proof.none"))
            self._table = Table(say("proof.title"), *(say(f"proof.{name}") for name in COLUMNS), classes="streams")
            self._rows: Rows[StreamRow, _Stream] = Rows(
                self._table.body,
                lambda row: _Stream(visit, self._table, row),
                lambda shown, row: shown.show(row, self._now),
            )

    def show(self, view: Evidence) -> None:
        """As it stands now."""
        self._now = view.now
        self._none.set(hidden=bool(view.streams) or None)
        self._table.set(hidden=not view.streams or None)
        self._rows.show((row.stream, row) for row in view.streams)


class _Stream:
    """A stream as a row."""

    def __init__(self, visit: Visit, table: Table, row: StreamRow) -> None:
        self._visit = visit
        self.root: Line = table.line()
        with self.root.cell("wide"):
            stream_link(visit, row.stream)
        _, self._received, self._leaves = self._cell()
        _, self._verified, _ = self._cell()
        self._receipt = self._cell()
        self._seal = self._cell(seals_path(row.stream))
        self._missing = self._cell()

    def _cell(self, path: str = "") -> tuple[Mark, Tag, Tag]:
        """A mark and two texts; the first leads to the path where whoever looks may see it."""
        visit = self._visit
        with self.root.cell(), Tag("span"):
            mark, open_ = Mark(), bool(path) and visit.may(path)
            return mark, link("", visit.href(path)) if open_ else Tag("span"), Tag("span", "aside")

    def show(self, row: StreamRow, now: int) -> None:
        """As it stands now."""
        say, clock = self._visit.say, self._visit.clock
        self._received.set_text(number(row.received, "{#}"))
        self._verified.set_text(number(row.verified, "{#}"))
        at = row.confirmed_at
        receipt = say("proof.no_receipt") if at is None else number(row.confirmed, "{#}")
        _fill(self._receipt, "good", receipt, "" if at is None else clock.stamp(at))
        if row.sealed is None:
            _fill(self._seal, "data", say("proof.unsealed"), "")
        else:
            ago = say("proof.ago", age=age(now - row.sealed, say))
            _fill(self._seal, "alert" if row.verdict is Verdict.LATE else "good", clock.stamp(row.sealed), ago)
        self._leaves.set_text(say("proof.leaves_only", n=number(row.leaves_only, "{#}")) if row.leaves_only else "")
        lacking = number(row.lacking, "{#}") if row.missing else say("proof.nothing_missing")
        _fill(self._missing, "action" if row.missing else "good", lacking, ranges_text(row.missing, self._visit))


def stream_link(visit: Visit, stream: str, to: int | None = None) -> None:
    """The way to the numbers of a stream, up to one of them; its name alone for who may not see them."""
    path = stream_path(stream)
    if visit.may(path):
        link(stream, visit.href(path, to=None if to is None else str(to)), "stream-name")
    else:
        Tag("span", "stream-name", stream)


def _fill(cell: tuple[Mark, Tag, Tag], tone: str, text: str, aside: str) -> None:
    mark, first, second = cell
    mark.show(tone, "")
    first.set_text(text)
    second.set_text(aside)


def ranges_text(ranges: Sequence[Range], visit: Visit) -> str:
    """The first ranges of numbers, and how many more there are."""
    named = ", ".join(numbers_text(first, last) for first, last in ranges[:RANGES])
    rest = len(ranges) - RANGES
    return visit.say("proof.more_ranges", ranges=named, n=rest) if rest > 0 else named


def numbers_text(first: int, last: int) -> str:
    """One number or a range; `–` where a message told none."""
    if not last:
        return "–"
    low, high = number(first, "{#}"), number(last, "{#}")
    return low if first == last else f"{low} – {high}"


class Findings:
    """What the verifiers found in the period, newest first, with what it means and what to do next."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        say = visit.say
        with Tag("section", "block", aria_label=say("proof.findings")):
            Tag("h2", "", say("proof.findings"))
            self._none = Tag("p", "quiet")
            self._table = FindingsTable(visit)
            self._more = Tag("p", "quiet")

    def show(self, view: Evidence) -> None:
        """As it stands now."""
        proven = any(row.sealed for row in view.streams)
        self._none.set_text(self._visit.say("proof.no_findings" if proven else "proof.nothing_proven"))
        self._none.set(hidden=bool(view.findings) or None)
        self._table.show(view.findings)
        self._more.set_text(self._visit.say("proof.more", n=FINDINGS) if view.more_findings else "")


class FindingsTable:
    """Findings as rows, in the order in which they are given."""

    def __init__(self, visit: Visit) -> None:
        columns = [visit.say(f"proof.{name}") for name in ("found", "code", "concerns", "means")]
        table = Table(visit.say("proof.findings"), *columns, classes="findings")
        self._table = table
        self._rows: Rows[FindingRow, _Finding] = Rows(
            table.body, lambda row: _Finding(visit, table, row), _Finding.show
        )

    def show(self, findings: Sequence[FindingRow]) -> None:
        """As it stands now; without any there is no table."""
        self._table.set(hidden=not findings or None)
        self._rows.show((_key(row), row) for row in findings)


def _key(row: FindingRow) -> str:
    found = row.finding
    return f"{found.found} {found.stream} {found.code} {found.first} {found.last} {found.text}"


class _Finding:
    """A finding as a row."""

    def __init__(self, visit: Visit, table: Table, row: FindingRow) -> None:
        self._visit, found, say = visit, row.finding, visit.say
        self.root: Line = table.line()
        with self.root.cell():
            Tag("span", "", visit.clock.stamp(found.found))
        with self.root.cell("wide"), Tag("span"):
            self._mark = Mark()
            Tag("b", "", say(f"finding.{found.code}"))
        with self.root.cell(), Tag("span"):
            stream_link(visit, found.stream, found.last or None)
            Tag("span", "aside", numbers_text(found.first, found.last))
        with self.root.cell("long"):
            Tag("span", "", say(f"means.{found.code}"))
            self._came = Tag("b")
            Tag("span", "aside", found.text)
        self.show(row)

    def show(self, row: FindingRow) -> None:
        """What was missing may have come since."""
        tone = "good" if row.came else TONES.get(row.finding.code, "action")
        self._mark.show(tone, "")
        self._came.set_text(self._visit.say("proof.came") if row.came else "")
