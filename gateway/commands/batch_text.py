"""Batches and traces as lines for a terminal, from what JSON has of them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.archive.judged import FAILED
from gateway.batches.genealogy import Link, Node, Way, lines
from gateway.languages import Language
from gateway.review.kept import read
from gateway.review.outcome import Code
from gateway.review.wording import Wording, words_in
from gateway.views.display import Clock

Json = Mapping[str, Any]
_VERDICTS = {"PRESENT": "there", "MISSING": "MISSING", "NOT_EVALUABLE": "cannot be told"}
_KINDS = {"supplier_lot": "supplier's lot", "lot": "lot", "batch": "batch"}


def list_lines(rows: Iterable[Json], clock: Clock) -> Iterator[str]:
    """A line for each batch."""
    for row in rows:
        several = ", number used by several products" if row["shared"] else ""
        status = (row["status"] or "no order").lower()
        yield (
            f"{row['number']}\t{row['product'] or 'product not told'}{several}\t{status}\t"
            f"{_when(row['began'], clock)} to {_when(row['ended'], clock)}\t{row['records']} records, "
            f"{row['corrected']} corrected, {row['open']} open quality events"
        )


def batch_lines(whole: Json, clock: Clock) -> Iterator[str]:
    """One batch, section by section."""
    batch = whole["batch"]
    yield f"Batch {batch['number']}, product {batch['product'] or 'not told'}"
    if len(batch["products"]) > 1:
        yield f"  The number is used by several products: {', '.join(batch['products'])}"
    yield f"  {_when(whole['began'], clock)} to {_when(whole['ended'], clock)}"
    sections = (
        ("Missing pieces", _missing(whole["answers"])),
        ("Findings of the review", _findings(whole["findings"], clock)),
        ("Steps", _steps(whole["runs"], clock)),
        ("Rooms", _rooms(whole["rooms"], clock)),
        ("Weighings", _weighings(batch["weighings"], clock)),
        ("Tests", _tests(whole["results"])),
        ("Materials", _trees(whole["genealogy"], ("up", "down"))),
        ("Deviations, changes, OOS, CAPA", _events(_records(batch, "QualityEvent"))),
        ("Documents", _documents(_records(batch, "Document"))),
        ("Corrections", _corrections(whole["corrections"])),
        ("Records of this number that name no product", _undecided(batch)),
        ("Withheld by agreement", _withheld(whole["withheld"])),
    )
    for title, body in sections:
        yield title
        told = [f"  {line}" for line in body]
        yield from told or ["  none"]


def trace_lines(found: Json) -> Iterator[str]:
    """What the name leads to, both ways, and every batch downstream."""
    for start in found["starts"]:
        one = {**found, "starts": [start]}
        yield f"{_node(_node_of(start))}: went to"
        yield from (f"  {line}" for line in _trees(one, ("down",)))
        yield f"{_node(_node_of(start))}: came from"
        yield from (f"  {line}" for line in _trees(one, ("up",)))
    reached = sorted({_node_of(link["target"]) for link in found["down"] if link["target"]["kind"] == "batch"})
    yield f"{len(reached)} batches downstream: {', '.join(_node(one) for one in reached) or 'none'}"


def _when(time: int | None, clock: Clock) -> str:
    return "time not told" if time is None else clock.stamp(time)


def _withheld(commitments: Iterable[Json]) -> Iterator[str]:
    for one in commitments:
        seen = f"\t{one['words']}" if one["words"] else ""
        by = f"by {one['clause']}, commitment {one['digest']}"
        yield f"{one['kind']}.{one['field']}\t{by}\trecord {one['record']}{seen}"


def _records(batch: Json, kind: str) -> Iterator[Json]:
    return (one["record"] for one in batch["records"].get(kind, ()))


def _missing(answers: Iterable[Json]) -> Iterator[str]:
    every = list(answers)
    there = sum(one["verdict"] == "PRESENT" for one in every)
    yield f"{there} of {len(every)} are there"
    for one in every:
        if one["verdict"] != "PRESENT":
            why = f"{one['why'].lower().replace('_', ' ')} {one['detail']}".rstrip()
            yield f"{_VERDICTS[one['verdict']]}: {one['part'].lower()} {one['name']} {one['of']}".rstrip() + f", {why}"


def _findings(findings: Iterable[Json], clock: Clock) -> Iterator[str]:
    wording = Wording(words_in(Language.EN), clock.zone)
    for one in findings:
        told = next(step for step in reversed(one["steps"]) if step["verdict"] == FAILED)
        last, place = one["steps"][-1], one["place"]
        state = "" if last is told else f"\tno longer since {_when(last['judged'], clock)}"
        expected, found = (wording.sentences(read(told[name])) for name in ("expected", "found"))
        yield (
            f"{told['severity'].lower()}\t{wording.title(Code(place['code']))}\t{place['kind']} {told['about']}\t"
            f"{found} (expected: {expected})\t{', '.join(told['records'])}\t"
            f"raised {_when(one['steps'][0]['judged'], clock)}{state}"
        )


def _steps(runs: Iterable[Json], clock: Clock) -> Iterator[str]:
    for run in runs:
        records = [one["record"] for one in run["events"]]
        events = ", ".join(one["event"].lower() for one in records)
        place = " ".join(dict.fromkeys(filter(None, (one["room"] for one in records))))
        yield f"{_when(run['began'], clock)} to {_when(run['ended'], clock)}\t{run['step']}\t{place}\t{events}"


def _rooms(rooms: Iterable[Json], clock: Clock) -> Iterator[str]:
    for one in rooms:
        stay = one["stay"]
        known = "" if one["known"] else ", not in the site file"
        yield f"{stay['room']}{known}\t{_when(stay['began'], clock)} to {_when(stay['ended'], clock)}"
        for tag in one["measured"]:
            span = "no good reading" if tag["least"] is None else f"{tag['least']:g} to {tag['most']:g} {tag['unit']}"
            limits = "" if tag["limits"] else ", not monitored"
            yield f"  {tag['tag']}\t{span}, {tag['good']} good readings, {tag['other']} others{limits}"
        for life in one["alarms"]:
            last = life["last"]
            yield f"  alarm {last['condition']}\t{_when(life['raised'], clock)}\t{last['state'].lower()}"
        for gap in one["gaps"]:
            yield f"  gap of {gap['source']}\t{_when(gap['began'], clock)} to {_when(gap['ended'], clock)}"


def _weighings(weighings: Iterable[Json], clock: Clock) -> Iterator[str]:
    for one in weighings:
        outcome = "accepted" if one["accepted"] else f"REFUSED {', '.join(one['refusals'])}"
        net = "no weight" if one["net"] is None else f"{one['net']:.12g} {one['unit'] or '?'}"
        yield f"{_when(one['time'], clock)}\t{one['source']}\tlot {one['lot'] or 'not told'}\t{net}\t{outcome}"


def _tests(results: Iterable[Json]) -> Iterator[str]:
    for result in results:
        one = result["told"]["record"]
        limits = f"{_number(one['low'])} to {_number(one['high'])} {one['unit'] or ''}".rstrip()
        said = f"source says {one['conclusion'] or 'nothing'}, by its numbers {result['where']}"
        outside = one["conclusion"] == "FAIL" or result["where"] == "outside"
        of = one["lot"] or one["point"] or one["sample"]
        yield f"{'OOS ' if outside else ''}{one['test']} of {of}\t{one['reported']}\tlimits {limits}\t{said}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.12g}"


def _events(events: Iterable[Json]) -> Iterator[str]:
    for one in events:
        state = "open" if one["closed"] is None else "closed"
        yield f"{one['what']} {one['reference']}\t{one['title']}\t{one['grade'] or ''}\t{one['status']}, {state}"


def _documents(documents: Iterable[Json]) -> Iterator[str]:
    for one in documents:
        yield f"{one['document']} version {one['document_version']}\t{one['status']}\t{one['place']}\t{one['sha256']}"


def _corrections(corrections: Iterable[Json]) -> Iterator[str]:
    for one in corrections:
        what = f"{one['changed']}: {one['old']} → {one['new']}" if one["changed"] else "nothing changed"
        who = f"by {one['by'] or 'nobody named'}: {one['why'] or 'no reason given'}"
        yield f"{one['system']} {one['kind']} {one['key']} version {one['version']}\t{what}\t{who}"


def _undecided(batch: Json) -> Iterator[str]:
    for kind, many in batch["unassigned"].items():
        yield from (f"{kind} {one['record']['system']} {one['record']['key']}" for one in many)
    yield from (f"weighing {one['source']} lot {one['lot'] or 'not told'}" for one in batch["unassigned_weighings"])


def _trees(found: Json, ways: Iterable[Way]) -> Iterator[str]:
    for way in ways:
        links = [_link_of(one) for one in found[way]]
        for start in found["starts"]:
            for line in lines(_node_of(start), links, way):
                sign = "" if line.link is None else ("→ " if way == "down" else "← ")
                again = " (see above)" if line.again else ""
                yield f"{'  ' * line.depth}{sign}{_node(line.node)}{_by(line.link)}{again}"


def _by(link: Link | None) -> str:
    if link is None:
        return ""
    amount = "" if link.quantity is None else f" {link.quantity:.12g} {link.unit or '?'}"
    return f", {link.basis.lower().replace('_', ' ')}{amount}"


def _node(node: Node) -> str:
    return f"{_KINDS[node.kind]} {node.name or 'not told'} ({node.of or 'not told'})"


def _node_of(data: Json) -> Node:
    return Node(data["kind"], data["name"], data["of"])


def _link_of(data: Json) -> Link:
    return Link(_node_of(data["source"]), _node_of(data["target"]), data["basis"], data["quantity"], data["unit"])
