"""One record at its permanent address: what it says, and in numbered steps what proves it."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import RedirectResponse

from gateway.archive.record import last_number
from gateway.console.pages.brief_text import kind_text
from gateway.console.pages.looks import Looks
from gateway.console.pages.proof import TONES, numbers_text, seals_path, stream_link, stream_path
from gateway.console.parts import Mark, Table, Tag, link
from gateway.console.record_chip import record_chip, record_path
from gateway.console.shell import not_found, shell
from gateway.console.views.display import SECOND, number, symbol
from gateway.console.views.record import SAMPLES, RecordView, record_at
from gateway.console.visit import Visit

NUMBERS = 19
"""Most digits of a number."""
BESIDE = 10
"""How many numbers are shown above one that has not come."""
HIDDEN = ("samples",)
"""Fields that stand in a table of their own."""


async def build(visit: Visit) -> Response | None:
    """The page; nothing here where there is no such record. A number amid those that came leads to its place."""
    stream, asked = visit.parts["stream"], visit.parts["number"]
    plain = asked.isascii() and asked.isdigit() and len(asked) < NUMBERS
    view = await visit.desk.ask(record_at(stream, int(asked), visit.desk.proofs)) if plain else None
    if view is None:
        last = await visit.desk.ask(lambda archive: last_number(archive, stream))
        if plain and stream in visit.desk.live.streams and 0 < int(asked) <= (last or 0):
            return RedirectResponse(visit.href(stream_path(stream), to=str(int(asked) + BESIDE)), 303)
        not_found(visit)
        return None
    with shell(visit, "evidence", _data(view)):
        _head(visit, view)
        _steps(visit, view)
        _downloads(visit, view)
        _said(visit, view)
        _around(visit, view)
        Looks(visit, view.stream, view.number)
    return None


def _data(view: RecordView, what: str = "") -> str:
    return f"/api/records/{quote(view.stream, safe='')}/{view.number}{what}"


def _head(visit: Visit, view: RecordView) -> None:
    say = visit.say
    with Tag("h1"):
        Tag("span", "", say("record.title", kind=kind_text(view.kind, visit), n=number(view.number, "{#}")))
    with Tag("p", "lead"):
        stream_link(visit, view.stream, view.number)
        if view.time is not None:
            Tag("span", "", f" · {visit.clock.stamp(view.time)}")
    with Tag("p", "buttons"):
        if view.number > 1:
            link(
                say("record.before"), visit.href(record_path(view.stream, view.number - 1)), "btn", data_step="earlier"
            )
        if view.number < view.last:
            link(say("record.after"), visit.href(record_path(view.stream, view.number + 1)), "btn", data_step="later")
        Tag("span", "aside", say("record.of", n=number(view.number, "{#}"), last=number(view.last, "{#}")))


def _steps(visit: Visit, view: RecordView) -> None:
    """Number, leaf, seal, receipt: each says what it proves."""
    say, stamp = visit.say, visit.clock.stamp
    with Tag("section", "block", aria_label=say("record.proof")):
        Tag("h2", "", say("record.proof"))
        with Tag("ol", "steps"):
            _step(say("record.number"), say("record.number_says", n=number(view.number, "{#}")), "good", "")
            _step(say("record.leaf"), _leaf_text(visit, view), _leaf_tone(view), view.leaf)
            seal = view.seal
            if seal is None:
                _step(say("record.seal"), say("record.no_seal"), "data", "")
            else:
                when = {"time": stamp(seal.time * SECOND), "n": number(seal.size, "{#}")}
                behind = view.number > seal.size
                text = "record.not_sealed_yet" if behind else "record.sealed" if view.proven else "record.not_proven"
                tone = "alert" if behind else "good" if view.proven else "action"
                with _step(say("record.seal"), say(text, **when), tone, f"{seal.root} · {seal.key}"):
                    if view.proven:
                        link(say("record.first_seal"), visit.href(seals_path(view.stream), to=str(view.number)))
            if seal is not None and view.number <= seal.size:
                for one in view.receipts:
                    _step(say("record.receipt"), say("record.confirmed", node=one.node.partition("/")[0],
                          time=stamp(one.time * SECOND), ahead=one.time - seal.time), "good", one.node)  # fmt: skip


def _leaf_text(visit: Visit, view: RecordView) -> str:
    if view.matches is None:
        return visit.say("record.leaf_only")
    if not view.matches:
        return visit.say("record.leaf_differs")
    return visit.say("record.leaf_matches" if view.proven else "record.leaf_same")


def _leaf_tone(view: RecordView) -> str:
    return "data" if view.matches is None else "good" if view.matches else "action"


def _step(name: str, text: str, tone: str, code: str) -> Tag:
    with Tag("li") as step:
        if tone == "good":
            Tag("span", "checked", "✓ ")
        else:
            Mark(tone)
        Tag("b", "", name)
        Tag("span", "", f" {text}")
        if code:
            Tag("code", "hash", code)
    return step


def _downloads(visit: Visit, view: RecordView) -> None:
    say = visit.say
    with Tag("section", "block", aria_label=say("record.take")):
        Tag("h2", "", say("record.take"))
        with Tag("p", "buttons"):
            if view.proven and view.octets is not None:
                link(say("record.download_proof"), _data(view, "/proof"), "btn", download=True)
            if view.proven:
                link(say("record.download_tlog"), _data(view, "/tlog-proof"), "btn", download=True)
            if view.octets is not None:
                link(say("record.download_entry"), _data(view, "/entry"), "btn", download=True)
        with Tag("details"):
            Tag("summary", "", say("record.how"))
            Tag("p", "", say("record.how_text"))
            command = f"cmo-gateway verify {view.stream}-{view.number}.zip --trust sender.vkey --trust node.vkey"
            Tag("pre", "", command)
            Tag("p", "", say("record.how_else"))


def _said(visit: Visit, view: RecordView) -> None:
    say = visit.say
    with Tag("section", "block", aria_label=say("record.says")):
        Tag("h2", "", say("record.says"))
        if view.problem:
            Tag("p", "notice", say("record.unreadable", why=view.problem), role="alert")
        if view.record is None:
            if not view.problem:
                Tag("p", "quiet", say("record.gone"))
            return
        samples = view.record.get("samples")
        if isinstance(samples, list):
            _samples(visit, samples)
        with Tag("dl", "fields"):
            for name, value in _fields(view.record):
                with Tag("div"):
                    Tag("dt", "", name)
                    Tag("dd", "", value_text(name, value, visit))
        with Tag("details"):
            Tag("summary", "", say("record.raw"))
            Tag("pre", "raw", json.dumps(view.record, ensure_ascii=False, indent=1)[:100_000])


def _fields(record: Any) -> Iterator[tuple[str, Any]]:
    """What the record says, without what it leaves open."""
    for name, value in record.items():
        if name not in HIDDEN and value not in (None, [], ""):
            yield name, value


TIMES = frozenset({
    "time", "since", "began", "ended", "received", "requested", "until", "source_time", "sampled", "opened", "tested",
    "completed", "due", "first", "last",
})  # fmt: skip
"""Fields of UTC microseconds, where their number is one."""
EARLIEST = 10**14
"""Smaller numbers are no UTC microseconds of this product's life."""


def value_text(name: str, value: Any, visit: Visit) -> str:
    """A field's value for a reader; a time in the plant's zone."""
    if name in TIMES and isinstance(value, int) and not isinstance(value, bool) and value > EARLIEST:
        return visit.clock.stamp(value)
    if isinstance(value, bool):
        return visit.say("record.yes" if value else "record.no")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)[:2000]
    return str(value)[:2000]


def _samples(visit: Visit, samples: list[dict[str, Any]]) -> None:
    say = visit.say
    columns = [say(f"record.{name}") for name in ("tag", "value", "status", "origin", "source_time")]
    table, asked = Table(say("record.samples"), *columns, classes="samples"), visit.query.get("tag")
    for one in sorted(samples, key=lambda one: one["tag"] != asked)[:SAMPLES]:  # the one that led here stands first
        with table.body:
            line = table.line()
        line.set(aria_current="true" if one["tag"] == asked else None)
        with line.cell("wide"), Tag("span"):
            name = visit.name(one["tag"])
            if visit.may("/trend"):
                link(name, visit.trend(one["tag"]))
            else:
                Tag("span", "", name)
            if name != one["tag"]:
                Tag("span", "aside", f" {one['tag']}")
        with line.cell():
            bad = one["status"] >> 30
            Mark("data" if bad else "good", say("status.UNCERTAIN") if bad else "")
            value = say("no_value") if one["value"] is None else f"{one['value']} {symbol(one['unit'])}"
            Tag("span", "", value)
            if one["raw"] is not None:
                Tag("span", "aside", say("record.raw_value", value=one["raw"]))
        with line.cell():
            Tag("span", "", one["status_name"] + ("" if one["reason"] == "NONE" else f" · {one['reason']}"))
        with line.cell():
            Tag("span", "", one["origin"])
        with line.cell():
            time = one["source_time"]
            Tag("span", "", say("record.no_time") if time is None else visit.clock.stamp(time))
    if len(samples) > SAMPLES:
        Tag("p", "quiet", say("record.more_samples", n=SAMPLES, all=len(samples)))


def _around(visit: Visit, view: RecordView) -> None:
    """What belongs to it: versions, what is withheld, agreements, findings, other contents."""
    say = visit.say
    linked = [("record.replaces", view.replaces), ("record.replaced_by", view.replaced_by)]
    if not (view.replaces or view.replaced_by or view.withheld or view.agreements or view.findings or view.rivals):
        return
    with Tag("section", "block", aria_label=say("record.around")):
        Tag("h2", "", say("record.around"))
        with Tag("ul", "around"):
            for text, versions in linked:
                for one in versions:
                    with Tag("li"):
                        Tag("span", "", say(text, version=one.version) + " ")
                        record_chip(visit, one.stream, one.number)
            for force in view.agreements:
                with Tag("li"):
                    Tag("span", "", say("record.agreement", agreement=force.agreement, version=force.version) + " ")
                    record_chip(visit, force.stream, force.number)
            for held in view.withheld:
                with Tag("li"):
                    Tag("span", "", say("record.withheld", field=held.field, clause=held.clause))
                    Tag("code", "hash", held.digest)
            for found in view.findings:
                with Tag("li"):
                    Mark(TONES.get(found.code, "action"))
                    Tag("b", "", say(f"finding.{found.code}"))
                    about = (
                        f" {numbers_text(found.first, found.last)} · {visit.clock.stamp(found.found)} · {found.text}"
                    )
                    Tag("span", "", about)
            for rival in view.rivals:
                with Tag("li"):
                    Mark("action")
                    Tag("span", "", say("record.rival", n=rival.octets, time=visit.clock.stamp(rival.arrived)))
                    Tag("span", "aside", rival.problem)
