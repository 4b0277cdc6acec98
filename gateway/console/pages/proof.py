"""The part of the evidence page that says how far each stream is proven, and what the verifiers found."""

from gateway.archive.archive import FoundBefore
from gateway.console.parts import Line, Rows, Table, Tag
from gateway.console.views.display import number
from gateway.console.views.evidence import Evidence, StreamRow
from gateway.console.visit import Visit


class Proof:
    """Streams with the last number a seal proves, then the findings, newest first."""

    def __init__(self, visit: Visit) -> None:
        say = visit.say
        with Tag("section", "block", aria_label=say("proof.title")):
            Tag("h2", "", say("proof.title"))
            columns = [say(f"proof.{name}") for name in ("stream", "received", "verified", "sealed")]
            table = Table(say("proof.title"), *columns)
            self._streams: Rows[StreamRow, _Stream] = Rows(
                table.body, lambda _: _Stream(visit, table), lambda shown, row: shown.show(row)
            )
            self._nothing = Tag("p", "quiet", say("proof.no_findings"))
            columns = [say(f"proof.{name}") for name in ("found", "code", "stream", "numbers", "text")]
            found = Table(say("proof.findings"), *columns)
            self._table = found
            self._findings: Rows[FoundBefore, _Finding] = Rows(
                found.body, lambda row: _Finding(visit, found, row), _Finding.stay
            )

    def show(self, view: Evidence) -> None:
        """As it stands now."""
        self._streams.show((row.stream, row) for row in view.streams)
        proven = any(row.sealed for row in view.streams)
        self._nothing.set(hidden=bool(view.findings) or not proven or None)
        self._table.set(hidden=not view.findings or None)
        self._findings.show((f"{row.found} {row.stream} {row.code} {row.first}", row) for row in view.findings)


class _Stream:
    """A stream as a row."""

    def __init__(self, visit: Visit, table: Table) -> None:
        self._visit = visit
        self.root: Line = table.line()
        self._cells = []
        for _ in range(4):
            with self.root.cell():
                self._cells.append(Tag("span"))

    def show(self, row: StreamRow) -> None:
        name, received, verified, sealed = self._cells
        name.set_text(row.stream)
        received.set_text(number(row.received, "{#}"))
        verified.set_text(number(row.verified, "{#}"))
        sealed.set_text(
            self._visit.say("proof.unsealed") if row.sealed is None else self._visit.clock.stamp(row.sealed)
        )
        sealed.look("tone-data" if row.sealed is None else "")


class _Finding:
    """A finding as a row."""

    def __init__(self, visit: Visit, table: Table, row: FoundBefore) -> None:
        self.root: Line = table.line()
        numbers = f"{row.first}" if row.first == row.last else f"{row.first} – {row.last}"
        code = visit.say(f"finding.{row.code}")
        for text in (visit.clock.stamp(row.found), code, row.stream, numbers if row.last else "–", row.text):
            with self.root.cell():
                Tag("span", "", text)

    def stay(self, row: FoundBefore) -> None:
        """A finding never changes."""
