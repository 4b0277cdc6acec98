"""A desk that has received something of every kind: what is good, what is wrong, and what is not there.

Pages and questions that are asked for by a rule over all of them find something to say. `examples` and `questions` name
an address for each; one without fails a test.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import yaml

from gateway.agreement.loading import load_agreement
from gateway.agreement.shelf import Shelf
from gateway.agreement.signing import ENDING, sign
from gateway.archive.archive import Archive
from gateway.bundle.archived import Proofs
from gateway.console.desk import Desk
from gateway.deviations.archived import drafts
from gateway.intake.inspection import Inspected, Standing
from gateway.intake.live import Live
from gateway.intake.message import Batch, Message
from gateway.link.topics import Stream
from gateway.proof.checkpoint import Checkpoint, Seal, countersign, write_seal
from gateway.proof.findings import Code, Finding
from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.merkle import Tree, leaf_hash
from gateway.proof.note import SigningKey
from gateway.proof.state import Held, State
from gateway.redaction.redact import Reason, redact
from gateway.review.judging import Judging
from gateway.review.settings import Agreed
from schemas.catalogue import family_of, schema
from schemas.codec import Record, kind_of
from schemas.derived import changed
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent, AlarmKind, AlarmPriority, AlarmState, Gap, GapCause, Refusal, Schema
from schemas.status import Reason as WhyBad
from schemas.status import StatusCode
from schemas.withheld import WhyWithheld, Withdrawn, Withheld
from tests.gateway.agreement.making import CMO, HOLDER, SIGNED, TRUST, listed, sample
from tests.gateway.batches.records import ASSAY, BATCH, CLEARED, MASTERS, ORDER, RECORDS, STEPS, another, at, corrected
from tests.gateway.console.stage import SITE
from tests.gateway.messages import SECOND, frame, sent, weighing
from tests.gateway.published import NODE

NOW = at(400)
"""The desk's clock, some hours after its batch was filled."""
OTHER_BATCH = "240612B"
OPEN, OVER, SHELVED, LATER = (UUID(int=one) for one in range(1, 5))
"""Alarms: one that nobody acknowledged, one that is over, one that is shelved, one that was found afterwards."""
STREAM = Stream("cmo-a", "line-3", "holder-b", "measurements").name
LEAVES = "SELECT leaf FROM entries WHERE stream = ?"
ASIDE = b"what nobody believes"
"""An entry in quarantine under the stream's name."""
LEVELS = {"F1.DP.M1": 14.6, "M1.DP.C1": 14.2, "F1.DP.C1": 28.8, "F1.Temperature": 20.1, "Door.F1-M1": False}


def rich_desk(folder: Path, *, more: Iterable[Record] = ()) -> Desk:
    """The desk; `folder` is for the files of its agreement, `more` is received besides."""
    put_agreement(folder)
    desk = Desk(
        SITE, Archive(None), Live(), now=lambda: NOW, masters=MASTERS, agreements=Shelf(folder, TRUST),
        proofs=Proofs(NODE, []),
    )  # fmt: skip
    desk.certificates = lambda: [
        {"file": name, "subject": f"CN={name}", "expires": "2026-07-01T00:00:00Z", "days": days}
        for name, days in (("ca.pem", -2), ("node.pem", 30), ("console.pem", 300))
    ]
    messages = _numbered([*readings(), *of_the_batch(), *alarms(), *absent(), *more])
    desk.archive.store(messages)
    aside = sent(STREAM, 9, next(iter(readings())), 9)
    desk.archive.store([replace(aside, entry=ASIDE, record=None, problem="not a record")])
    desk.live.apply(messages)
    found = Finding(Code.MISSING, STREAM, 9_001, 9_004, "not in the topic", NOW / SECOND - 60)
    inspected = Inspected(Batch(), findings=[found])
    desk.archive.store_inspected(inspected)
    desk.live.apply_inspected(inspected)
    desk.live.streams[STREAM] = Standing(9_000, 8_980, NOW // SECOND - 2, 8_970, NOW // SECOND - 9)
    seal(desk)
    judging = Judging(desk.archive, Agreed(), ZoneInfo(SITE.zone))
    judging.begin()
    judging.turn(NOW)
    return desk


def seal(desk: Desk) -> None:
    """The readings have their schema, a seal and a receipt, so that the desk can prove them."""
    after = desk.archive.last_numbers()[STREAM] + 1
    for number, used in enumerate((schema("Schema"), schema("Frame")), after):
        desk.archive.store([sent(STREAM, number, Schema(fingerprint=used.fingerprint, text=used.text), number)])
    sender, tree, sealed = generate("cmo-a", Role.SENDER, "line-3"), Tree(), list[Seal]()
    leaves = [bytes(leaf) for (leaf,) in desk.archive.rows(f"{LEAVES} ORDER BY number", [STREAM])]
    for size, leaf in enumerate(leaves, 1):
        tree.append(leaf)
        if size % 100 == 0 or size == len(leaves):
            sealed.append(seal_of(tree, sender, NOW // SECOND - 2 - 5 * ((len(leaves) - size + 99) // 100)))
    tree.append(b"r" * 32)
    receipt = countersign(sealed[-1].note, NODE, NOW // SECOND - 1)
    waiting = State(pending=deque([Held(seal_of(tree, sender, NOW // SECOND), 0.0)]))
    desk.archive.store_inspected(
        Inspected(
            Batch(), NOW / SECOND - 1, standings={STREAM: desk.live.streams[STREAM]}, seals=sealed,
            states={STREAM: waiting.to_bytes()}, receipts={STREAM: receipt},
        )
    )  # fmt: skip
    desk.proofs = Proofs(NODE, public_keys(sender))


def seal_of(tree: Tree, sender: SigningKey, time: int) -> Seal:
    """The sender's seal of what the tree has, signed at `time` (POSIX seconds)."""
    head = Checkpoint(STREAM, tree.size, tree.root())
    return Seal(head, time, write_seal(head, sender, time))


def examples(desk: Desk) -> Mapping[str, Sequence[str]]:
    """Addresses for each page, by its route."""
    (draft, *_) = drafts(desk.archive, desk.site, at(0), NOW, NOW)
    return {
        "": ("",),
        "/rooms": ("/rooms?room=F1",),
        "/trend": ("/trend?tag=F1.DP.M1&range=1h", "/trend?tag=F1.DP.M1&tag=F1.Temperature&range=1h"),
        "/trend/compare": (f"/trend/compare?tag=F1.DP.M1&batch={BATCH}&batch=nobody",),
        "/alarms": ("/alarms?range=1d",),
        "/alarms/performance": ("/alarms/performance?range=1d",),
        "/alarms/{alarm}": (f"/alarms/{OPEN}",),
        "/deviations": ("/deviations?range=1d",),
        "/deviations/{draft}": (f"/deviations/{draft.id}",),
        "/batches": ("/batches",),
        "/batches/{number:path}": tuple(
            f"/batches/{BATCH}?tab={tab}" for tab in ("rules", "pieces", "rooms", "tests", "materials", "records")
        ),
        "/findings": ("/findings",),
        "/lots": ("/lots?lot=RM-1",),
        "/weighings": ("/weighings?range=1d",),
        "/reports": ("/reports?room=F1&range=1d",),
        "/capability": ("/capability?range=1d",),
        "/evidence": ("/evidence?range=1d",),
        "/evidence/{stream}": (f"/evidence/{STREAM}", f"/evidence/{STREAM}?to=40&kind=Frame"),
        "/evidence/{stream}/seals": (f"/evidence/{STREAM}/seals",),
        "/r": (f"/r?gap={UUID(int=70)}",),
        "/r/{stream}/{number}": (f"/r/{STREAM}/9",),
        "/search": (f"/search?q={BATCH}",),
        "/tests": ("/tests?test=Assay&stage=FINISHED&product=P-002", "/tests"),
        "/agreement": ("/agreement",),
        "/people": ("/people",),
    }


def questions(desk: Desk) -> Mapping[str, str]:
    """An address for each question of a program, by its route."""
    (draft, *_) = drafts(desk.archive, desk.site, at(0), NOW, NOW)
    day = "range=1d"
    return {
        "/api/overview": "/api/overview",
        "/api/rooms": "/api/rooms",
        "/api/trend": "/api/trend?tag=F1.DP.M1&range=1h",
        "/api/trend/compare": f"/api/trend/compare?tag=F1.DP.M1&batch={BATCH}",
        "/api/trend/readings.{kind}": "/api/trend/readings.csv?tag=F1.DP.M1&range=1h",
        "/api/trend/proof": "/api/trend/proof?tag=F1.DP.M1&range=1h",
        "/api/alarms": f"/api/alarms?{day}",
        "/api/alarms/held": "/api/alarms/held",
        "/api/alarms/performance": f"/api/alarms/performance?{day}",
        "/api/alarms/{alarm}": f"/api/alarms/{OPEN}",
        "/api/deviations": f"/api/deviations?{day}",
        "/api/deviations/{draft}": f"/api/deviations/{draft.id}",
        "/api/batches": "/api/batches",
        "/api/batches/{number:path}": f"/api/batches/{BATCH}",
        "/api/retention": "/api/retention",
        "/api/findings": "/api/findings",
        "/api/lots/{name:path}": "/api/lots/RM-1",
        "/api/weighings": f"/api/weighings?{day}",
        "/api/agreement": "/api/agreement",
        "/api/agreement/paper.{form}": "/api/agreement/paper.html?agreement=holder-b&version=1",
        "/api/commitments/{record}": f"/api/commitments/{OPEN}",
        "/api/openings/{record}": f"/api/openings/{OPEN}",
        "/api/reports": f"/api/reports?room=F1&{day}",
        "/api/reports/report.{form}": f"/api/reports/report.csv?room=F1&{day}",
        "/api/capability": f"/api/capability?{day}",
        "/api/capability/report.pdf": f"/api/capability/report.pdf?{day}",
        "/api/capability/report.zip": f"/api/capability/report.zip?{day}",
        "/api/evidence": f"/api/evidence?{day}",
        "/api/evidence/{stream}": f"/api/evidence/{STREAM}?to=40",
        "/api/evidence/{stream}/seals": f"/api/evidence/{STREAM}/seals?to=20",
        "/api/evidence/{stream}/quarantine/{leaf}": f"/api/evidence/{STREAM}/quarantine/{leaf_hash(ASIDE).hex()}",
        "/api/records": f"/api/records?gap={UUID(int=70)}",
        "/api/records/{stream}/{number}": f"/api/records/{STREAM}/9",
        **{
            f"/api/records/{{stream}}/{{number}}/{what}": f"/api/records/{STREAM}/9/{what}"
            for what in ("entry", "proof", "tlog-proof")
        },
        "/api/verification": "/api/verification",
        "/api/rules": f"/api/rules?batch={BATCH}",
        "/api/tests": "/api/tests?test=Assay&stage=FINISHED&product=P-002",
        "/api/search": f"/api/search?q={BATCH}",
        "/api/certificates": "/api/certificates",
        "/api/people": f"/api/people?{day}",
        "/api/openapi.json": "/api/openapi.json",
    }


def put_agreement(folder: Path, name: str = "holder-b") -> None:
    """The sample, signed by both, and one that a side did not sign."""
    data: dict[str, Any] = yaml.safe_load(sample())
    data["holder"]["keys"], data["cmo"]["keys"] = listed(HOLDER), listed(CMO)
    for name_, keys in ((name, (HOLDER, CMO)), ("other", (HOLDER,))):
        data["agreement"] = name_
        file = folder / f"{name_}.yaml"
        file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        note: bytes | None = None
        for key in keys:
            note = sign(load_agreement(file), file.read_bytes(), key, SIGNED, note)
        file.with_name(file.name + ENDING).write_bytes(note or b"")


def readings() -> Iterable[Frame]:
    """While the batch was filled and within the last hour, with a dip in each and nothing for five minutes."""
    for minute in range(30, 200, 5):
        yield frame(LEVELS | {"F1.DP.M1": 7.8 if minute == 60 else 12.5}, received=at(minute))
    for ago in range(3600, -1, -10):
        if not 1500 < ago < 1800:
            low = 1150 < ago < 1250 or ago < 40
            yield frame(LEVELS | {"F1.DP.M1": 6.0 if low else 14.0 + ago % 7 / 10}, received=NOW - ago * SECOND)
    bad = {"L1.Moisture": None, "L1.Weight": None}
    yield frame(bad, received=NOW, source="lims", status=StatusCode.BAD, reason=WhyBad.DEVICE)
    yield frame({"S1.DP": 12.0}, received=at(100), source="silent")


def of_the_batch() -> Iterable[Record]:
    """All of a batch but one step, a result corrected to a wrong one, a field that is withheld; another batch."""
    hidden, _ = redact(changed(CLEARED, items="next to C-1"), "s", {"items": Reason("NAMED-TERMS", "next to ███")})
    early = [one for one in RECORDS if one is not STEPS[3] and getattr(one, "time", 0) <= NOW]
    yield from (hidden if one is CLEARED else one for one in early)
    wrong = replace(ASSAY, time=at(390), value=90.0, reported="90.0")
    yield from (replace(ASSAY, time=at(380)), corrected(wrong))
    yield another(ORDER, batch=OTHER_BATCH, key=OTHER_BATCH)
    refused = weighing(NOW - 30 * SECOND, accepted=False, net=None)
    yield replace(refused, refusals=(Refusal.BROKEN, Refusal.SECOND_CHECK), second=None, second_required=True)


def alarms() -> Iterable[Alarm]:
    """One that stands, one that is over, one that is shelved, one that was found afterwards."""
    event, state = AlarmEvent, AlarmState
    yield _alarm(OPEN, event.RAISED, state.UNACKNOWLEDGED, NOW - 30 * SECOND)
    yield _alarm(OVER, event.RAISED, state.UNACKNOWLEDGED, at(60))
    yield _alarm(OVER, event.ACKNOWLEDGED, state.ACKNOWLEDGED, at(61), actor="wang.li", comment="door held open")
    yield _alarm(OVER, event.RETURNED, state.NORMAL, at(62))
    alert: dict[str, Any] = {"condition": "M1.DP.C1.LOW.ALERT", "tag": "M1.DP.C1", "priority": AlarmPriority.ALERT}
    yield _alarm(SHELVED, event.RAISED, state.UNACKNOWLEDGED, at(380), **alert)
    until = NOW + 3600 * SECOND
    yield _alarm(SHELVED, event.SHELVED, state.SHELVED, at(381), until=until, held="wang.li: filter change", **alert)
    yield _alarm(LATER, event.RAISED, state.UNACKNOWLEDGED, at(110), tag="F1.Temperature", retrospective=True)


def absent() -> Iterable[Record]:
    """Gaps that are over and one that is not, and what by agreement was not sent or is not the holder's any more."""
    for begin, end, cause in ((70, 80, GapCause.DEVICE_SILENT), (375, None, GapCause.AGENT_STOPPED)):
        yield Gap(
            gap=UUID(int=begin), source="ems" if end else "silent", tags=("F1.DP.M1",) if end else (), began=at(begin),
            ended=end and at(end), cause=cause, detail="no answer",
        )  # fmt: skip
    clause = yaml.safe_load(sample())["exchange"][0]["clause"]
    told: dict[str, Any] = {
        "system": "line-3", "holder": "holder-b", "room": "F1", "clause": f"holder-b v1 {clause}", "began": at(210),
    }  # fmt: skip
    yield Withheld(key="k", reason=WhyWithheld.OTHER_BATCH, samples=1234, time=at(230), **told)
    yield Withdrawn(key="w", ended=at(230), time=NOW, **told)


def _alarm(alarm: UUID, event: AlarmEvent, state: AlarmState, time: int, **given: Any) -> Alarm:
    facts: dict[str, Any] = {
        "condition": "F1.DP.M1.LOW", "tag": "F1.DP.M1", "since": time - 15 * SECOND, "limit": 10.0, "deadband": 0.5,
        "on_delay": 10.0, "unit": "Pa", "value": 7.8, "extreme": 7.4, "room": "F1", "line": "line-3",
        "kind": AlarmKind.LOW, "priority": AlarmPriority.ACTION, "profile": "cn-gmp-2010 v3", "batch": BATCH,
        "room_state": "in_operation", "group": "ahu-1",
    }  # fmt: skip
    return Alarm(alarm=alarm, event=event, state=state, time=time, **facts | given)


def _numbered(records: Iterable[Record]) -> list[Message]:
    """As the sender numbers them in the stream of their family, and as they arrive."""
    numbers: Counter[str] = Counter()
    made = []
    for record in sorted(records, key=lambda one: int(getattr(one, "time", getattr(one, "received", 0)) or 0)):
        stream = Stream("cmo-a", "line-3", "holder-b", family_of(kind_of(record)).name)
        numbers[stream.name] += 1
        number = numbers[stream.name]
        arrived = min(NOW, int(getattr(record, "time", getattr(record, "received", NOW)) or NOW))
        one = sent(stream.name, number, record, number - 1, topic=stream.topic)
        made.append(replace(one, arrived=arrived, appended=arrived))
    return made
