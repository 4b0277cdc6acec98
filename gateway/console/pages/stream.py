"""One stream by its numbers: every number that it has, what is missing, what was found, and what was put aside."""

from gateway.archive.numbers import Aside
from gateway.console.pages.proof import PATH, FindingsTable, ranges_text, seals_path, stream_path
from gateway.console.pages.stream_rows import Numbers
from gateway.console.pages.verify import VerifyPart
from gateway.console.parts import Mark, Table, Tag, link
from gateway.console.shell import not_found, shell
from gateway.console.visit import Visit
from gateway.link.topics import stream_named
from gateway.views.display import age, number
from gateway.views.stream_rows import LISTED, Asked, StreamPage, asked_of, stream_page
from gateway.views.streams import Numbers as KnownNumbers
from gateway.views.streams import StreamRow, Verdict, stream_row

TONES = {Verdict.MISSING: "action", Verdict.UNSEALED: "data", Verdict.LATE: "alert", Verdict.PROVEN: "good"}
FACTS = ("received", "verified", "sealed", "confirmed", "missing", "leaves")
ASIDE = ("arrived", "number", "problem", "size", "octets")


async def build(visit: Visit) -> None:
    """The page."""
    name, desk = visit.parts["stream"], visit.desk
    standing = desk.live.streams.get(name)
    if standing is None:
        not_found(visit)
        return
    try:
        asked, fault = asked_of(visit.query, visit.clock), ""
    except ValueError:
        asked, fault = Asked(), visit.say("stream.bad")
    view = await desk.ask(stream_page(name, standing, asked, desk.now()))
    with shell(visit, "evidence", visit.data(stream_path(name), **visit.query)):
        _head(visit, name)
        if fault:
            Tag("p", "notice", fault, role="alert")
        facts = _Facts(visit, view)
        VerifyPart(visit, name)
        Numbers(visit, name, view)
        _Findings(visit, view)
        _aside(visit, name, view)
    desk.pushed.subscribe(facts.follow)


def _head(visit: Visit, name: str) -> None:
    say, named = visit.say, stream_named(name)
    Tag("h1", "", say("stream.title", name=name if named is None else say(f"agreement.families.{named.family}")))
    with Tag("p", "lead"):
        Tag("span", "stream-name", name)
        if named is not None:
            Tag("span", "aside", say("stream.parties", sender=f"{named.origin}/{named.sender}", to=named.recipient))
    with Tag("p"):
        link(say("stream.all"), visit.href(PATH))
        Tag("span", "", " · ")
        link(say("seals.all"), visit.href(seals_path(name)))


class _Facts:
    """How far the stream is here and proven; follows each push without asking the archive."""

    def __init__(self, visit: Visit, view: StreamPage) -> None:
        self._visit, self._view = visit, view
        say = visit.say
        with Tag("section", "block", aria_label=say("stream.facts")):
            with Tag("p", "verdict", role="status"):
                self._mark, self._verdict = Mark(), Tag("b")
            with Tag("dl", "figures"):
                self._facts = {name: self._fact(name) for name in FACTS}
            with Tag("p") as self._more:
                self._newer = link("", visit.href(stream_path(view.stream.stream)))
        self.show(view.stream)

    def _fact(self, name: str) -> Tag:
        with Tag("div"):
            Tag("dt", "", self._visit.say(f"stream.{name}"))
            return Tag("dd")

    def follow(self) -> None:
        """As the node's verifier has it now; what was missing is as it was when the page was opened."""
        row, live = self._view.stream, self._visit.desk.live
        known = KnownNumbers({row.stream: row.missing}, {}, {row.stream: row.leaves_only})
        standing = live.streams.get(row.stream)
        if standing is not None:
            self.show(stream_row(row.stream, standing, known, self._visit.desk.now()))

    def show(self, row: StreamRow) -> None:
        """As it stands now."""
        say, clock, facts = self._visit.say, self._visit.clock, self._facts
        self._mark.show(TONES[row.verdict], "")
        self._verdict.set_text(say(f"stream.verdicts.{row.verdict}", n=number(row.verified, "{#}")))
        facts["received"].set_text(number(row.received, "{#}"))
        facts["verified"].set_text(number(row.verified, "{#}"))
        ago = None if row.sealed is None else age(self._visit.desk.now() - row.sealed, say)
        sealed = say("proof.unsealed")
        if row.sealed is not None:
            sealed = f"{clock.stamp(row.sealed)} · {say('proof.ago', age=ago)}"
        facts["sealed"].set_text(sealed)
        at = row.confirmed_at
        confirmed = say("proof.no_receipt")
        if at is not None:
            confirmed = f"{number(row.confirmed, '{#}')} · {clock.stamp(at)}"
        facts["confirmed"].set_text(confirmed)
        missing = ranges_text(row.missing, self._visit) if row.missing else say("proof.nothing_missing")
        facts["missing"].set_text(missing)
        facts["leaves"].set_text(number(row.leaves_only, "{#}"))
        came = row.received - self._view.last
        self._newer.set_text(say("stream.came", n=number(came, "{#}")) if came > 0 else "")
        self._more.set(hidden=came <= 0 or None)


class _Findings:
    """What the verifiers found of this stream, ever."""

    def __init__(self, visit: Visit, view: StreamPage) -> None:
        say = visit.say
        with Tag("section", "block", aria_label=say("stream.findings")):
            Tag("h2", "", say("stream.findings"))
            if view.findings:
                FindingsTable(visit).show(view.findings)
            else:
                Tag("p", "quiet", say("stream.no_findings"))
            if len(view.findings) >= LISTED:
                Tag("p", "quiet", say("stream.more_findings", n=LISTED))


def _aside(visit: Visit, name: str, view: StreamPage) -> None:
    """What stands in quarantine under the stream's name, as it came."""
    say = visit.say
    with Tag("section", "block", aria_label=say("stream.aside")):
        Tag("h2", "", say("stream.aside"))
        if not view.aside:
            Tag("p", "quiet", say("stream.no_aside"))
            return
        table = Table(say("stream.aside"), *(say(f"stream.{one}") for one in ASIDE), classes="aside-table")
        with table.body:
            for one in view.aside:
                _aside_line(visit, name, table, one)
        if len(view.aside) >= LISTED:
            Tag("p", "quiet", say("stream.more_aside", n=LISTED))


def _aside_line(visit: Visit, name: str, table: Table, one: Aside) -> None:
    line = table.line()
    told = "–" if one.number is None else number(one.number, "{#}")
    texts = (
        visit.clock.stamp(one.arrived),
        told,
        one.problem,
        visit.say("stream.octets_text", n=number(one.size, "{#}")),
    )
    for text in texts:
        with line.cell():
            Tag("span", "", text)
    with line.cell():
        address = visit.data(f"{stream_path(name)}/quarantine/{one.leaf}")
        link(visit.say("stream.take"), address, download=f"{one.leaf[:16]}.bin")
