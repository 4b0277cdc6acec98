"""`cmo-gateway why`: asked of the manufacturer's archive, with agreements that both signed."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from gateway.agreement.signing import ENDING
from gateway.archive.archive import Archive
from gateway.intake.inspection import Inspected, Received
from gateway.intake.message import Batch
from gateway.proof.keys import public_keys
from gateway.proof.merkle import leaf_hash
from schemas.agreements import AgreementInForce
from schemas.codec import Record
from schemas.context import Assignment, PlaceKind
from schemas.exported import BatchStep, StepEvent
from schemas.frame import Frame, TagTable
from tests.gateway.agreement.making import CMO, HOLDER, agreed, signed
from tests.gateway.messages import frame, sent
from tests.gateway.running_commands import call, configured

DAY = int(datetime(2027, 3, 1, tzinfo=UTC).timestamp()) * 1_000_000
HOUR = 3_600_000_000
STEP = BatchStep(
    system="mes", key="1", batch="B-700", product="LYO-50", step="s", event=StepEvent.STARTED, time=DAY, line="line-3"
)


def a_frame(hour: int) -> Frame:
    one = frame({"F1.T": 1.0, "M9.T": 2.0}, received=DAY + hour * HOUR)
    return replace(one, tags=TagTable(one.tags.names, one.tags.units, rooms=("F1", "M9"), line="line-3"))


def stored(folder: Path, *records: Record) -> list[str]:
    """A folder with an archive of these records and one signed agreement; gives the options."""
    configured(folder)
    (folder / "agreements").mkdir()
    made = signed(agreed(effective="2027-01-01"))
    file = folder / "agreements" / "holder-b.yaml"
    file.write_bytes(made.octets)
    file.with_name(file.name + ENDING).write_bytes(made.note or b"")
    options = ["--agreements", "agreements"]
    for key in (HOLDER, CMO):
        trust = folder / f"{public_keys(key)[0].name.replace('/', '-')}.vkey"
        trust.write_text(f"{public_keys(key)[0]}\n")
        options += ["--trust", trust.name]
    messages = [sent("cmo-a.line-3.cmo-a.batches.v1", at + 1, one, at) for at, one in enumerate(records)]
    received = [Received(one.stream, one.number or 0, leaf_hash(one.entry), one) for one in messages]
    with closing(Archive(folder / "a.duckdb")) as archive:
        archive.store(messages)
        archive.store_inspected(Inspected(Batch(()), received=received))
    return options


def test_a_decision_is_explained_by_its_clause(tmp_path: Path) -> None:
    """Batch of the holder in F1 from 10:00; line clearance before it; a room that no clause names; another holder."""
    stay = Assignment(
        system="line-3", key="a", batch="B-700", product="LYO-50", place_kind=PlaceKind.ROOM, place="F1", line="line-3",
        began=DAY + 10 * HOUR, ended=DAY + 12 * HOUR, time=DAY + 10 * HOUR,
    )  # fmt: skip
    frames = [a_frame(11), a_frame(9), a_frame(2)]
    options = stored(tmp_path, stay, STEP, *frames)
    told = [call(tmp_path, "why", "holder.yaml", str(one.id), "holder-b", "--json", *options) for one in frames]
    assert [one.stderr for one in told] == [""] * 3
    reasons = [{tag: (part["reason"], part["clause"]) for part in json.loads(one.stdout) for tag in part["tags"]}
               for one in told]  # fmt: skip
    clause = "holder-b v1 E-1"
    assert [one["F1.T"] for one in reasons] == [("BATCH", clause), ("BEFORE", clause), ("NO_BATCH", clause)]
    assert {one["M9.T"][0] for one in reasons} == {"PLACE"}
    text = call(tmp_path, "why", "holder.yaml", "F1.Temperature@2027-03-01T11:00+00:00", "holder-b", "--zh", *options)
    assert text.returncode == 0
    named = call(tmp_path, "why", "holder.yaml", str(STEP.id), "holder-x", *options)
    assert named.stdout == "holder-x  withheld: no agreement with this holder was in force then\n"


def test_what_is_no_record_is_refused_in_a_line(tmp_path: Path) -> None:
    """A name that is no id; an id that the archive has not; a record that is not routed by clauses."""
    told = AgreementInForce(system="line-3", key="qa/1", agreement="qa", agreement_version=1, sha256="0" * 64,
                            effective=20_000, time=DAY)  # fmt: skip
    options = stored(tmp_path, STEP, told)
    for name, said in (("x", "is no record id, nor TAG@TIME"), (str(STEP.id)[:-4] + "0000", "no such record"),
                       (str(told.id), "is of kind AgreementInForce, which no clause is about")):  # fmt: skip
        done = call(tmp_path, "why", "holder.yaml", name, "holder-b", *options)
        assert (done.returncode, said in done.stderr, done.stderr.count("\n")) == (2, True, 1)
