"""Every rule finds what it is for, at its place and with its clause, and nothing in the samples."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.agreement.agreement import Agreement
from gateway.agreement.lint import RULES, Finding
from gateway.agreement.loading import load_agreements
from gateway.agreement.rules.case import Severity
from gateway.agreement.rules.duties import ROWS
from gateway.configuration import ConfigurationError
from tests.gateway.agreement.samples import ROOT, SAMPLES, Data, agreement, document, judged

Change = Callable[[Data], Any]
README = ROOT / "gateway/agreement/README.md"
KEY = "cmo-a/sender/line-3+f39a16d5+AeEABeSxWi8yeOBj7ZgXUtspAaYXtzDg6SIFku9Ix2Ac"


def _of(data: Data, section: str, key: str, name: str) -> Data:
    found: Data = next(one for one in data[section] if one[key] == name)
    return found


def notice(data: Data, kind: str) -> Data:
    return _of(data, "notices", "kind", kind)


def row(data: Data, chapter: str) -> Data:
    return _of(data, "responsibilities", "chapter", chapter)


def duty(data: Data, name: str) -> Data:
    return _of(data, "duties", "duty", name)


def clause(data: Data, number: str) -> Data:
    return _of(data, "exchange", "clause", number)


def person(data: Data, side: str, name: str) -> Data:
    return next(one for one in data[side]["persons"] if one["id"] == name)


def without(data: Data, section: str, key: str, name: str) -> None:
    data[section] = [one for one in data[section] if one[key] != name]


def nobody(data: Data, side: str, post: str) -> None:
    data[side]["persons"] = [one for one in data[side]["persons"] if post not in one["posts"]]


def implant(data: Data, code: str) -> None:
    data["products"][0] |= {"type": "medical_device", "implantable": True, "device_code": code}


def pacemaker(data: Data) -> None:
    implant(data, "99-01")
    data["products"][0]["name"]["en"] = "Sample Pacemaker 2"


def abroad(data: Data) -> None:
    data["holder"] |= {"country": "SG", "province": None}


def recall_in(days: int) -> Change:
    def change(data: Data) -> None:
        for one in notice(data, "recall")["deadlines"]:
            one["term"] = {"amount": days, "unit": "days"}

    return change


def revised(*versions: tuple[int, date]) -> Change:
    words = {"en": "Revised.", "zh": "修订。"}
    return lambda data: data.update(history=[{"version": v, "day": day, "summary": words} for v, day in versions])


CHANGES: dict[str, list[tuple[str, Change]]] = {
    "key-persons": [("107 G4(11)2", lambda d: nobody(d, "cmo", "production_head"))],
    "holders-qualified-person": [("107 G4(6)2", lambda d: person(d, "holder", "b-qp").update(posts=["other"]))],
    "quality-contact": [("107 G3(1)", lambda d: person(d, "cmo", "a-contact").update(posts=["other"]))],
    "vigilance-contact": [("107 G4(7)", lambda d: person(d, "holder", "b-vigilance").update(posts=["other"]))],
    "production-and-quality": [
        ("GMP 20", lambda d: person(d, "cmo", "a-quality").update(posts=["quality_head", "production_head"])),
        ("GMP 20", lambda d: person(d, "cmo", "a-quality").update(name=person(d, "cmo", "a-production")["name"])),
    ],
    "resident-person": [("MD V", lambda d: implant(d, "13-01-04"))],
    "one-party": [("107 G2", lambda d: d["holder"].update(credit_code=d["cmo"]["credit_code"]))],
    "province": [("134 (23)", lambda d: d["holder"].update(province=None))],
    "person-twice": [("107 G4(11)2", lambda d: d["cmo"]["persons"].append(d["holder"]["persons"][0]))],
    "key-expired": [("ESL 13", lambda d: d["cmo"]["keys"][1].update(until=date(2026, 11, 22)))],
    "key-times": [("ESL 13", lambda d: d["cmo"]["keys"][1].update(until=date(2025, 12, 31)))],
    "key-suite": [
        ("ESL 13", lambda d: d["cmo"]["keys"][1].update(suite="ml-dsa-44")),
        ("ESL 13", lambda d: d["cmo"]["keys"][1].update(key=KEY.replace("f39a16d5", "f39a16d6"))),
    ],
    "key-of-another": [
        ("ESL 13", lambda d: d["holder"]["keys"][1].update(key=KEY)),
        ("ESL 13", lambda d: d["holder"]["keys"][1].update(key=KEY.replace("/sender/", "-"))),
    ],
    "signing-key": [
        ("ESL 13", lambda d: d["signatories"][2].pop("key")),
        ("ESL 13", lambda d: d["signatories"][2].update(key="holder-b/node/holder-b")),
    ],
    "signatory-unknown": [("107 T19", lambda d: d["signatories"][0].update(person="a-contact"))],
    "approver": [("107 G3(1)", lambda d: d["signatories"][2].update(person="b-contact"))],
    "signatures-missing": [("107 T19", lambda d: d["signatories"].pop(0))],
    "prohibited-device": [
        ("MD II", lambda d: implant(d, "12-01-01")),
        ("MD II", pacemaker),
    ],
    "implant-to-check": [("MD II", lambda d: implant(d, "13-01-04"))],
    "device-class": [("MD II", lambda d: d["products"][0].update(type="medical_device"))],
    "product-label": [("107 annex 1", lambda d: d["products"][0].pop("usage"))],
    "product-line-unknown": [("107 G4(11)1", lambda d: d["products"][0]["lines"].append("line-9"))],
    "product-room-unknown": [("107 G4(11)1", lambda d: d["products"][0]["rooms"].append("X9"))],
    "room-not-in-site": [("107 G4(11)1", lambda d: d["cmo"]["lines"][0]["rooms"].append("X9"))],
    "product-overlap": [("134 (10)", lambda d: d["products"][0]["also"].append("10051"))],
    "approval-overlap": [("134 (10)", lambda d: d["products"][0].update(approval_number="国药准字H20990002"))],
    "specification": [("107 G4(4)", lambda d: d["products"][0].pop("specifications"))],
    "limits-unknown": [("107 T6", lambda d: d["products"][0]["limits"][0].update(version="2011"))],
    "limits-of-site": [("107 T6", lambda d: d["products"][0]["limits"][0].update(profile="eu-gmp-annex-1"))],
    "carrier": [
        ("107 G4(9)", lambda d: d["products"][0].pop("carrier")),
        ("107 G4(9)", lambda d: d["products"][0]["carrier"].pop("approved")),
    ],
    "suppliers": [("107 T7.1", lambda d: d.pop("suppliers"))],
    "row-missing": [("107 annex 3", lambda d: without(d, "responsibilities", "chapter", "7.10"))],
    "row-twice": [("107 annex 3", lambda d: d["responsibilities"].append(row(d, "1")))],
    "row-given-away": [
        ("107 G4(2)", lambda d: row(d, "3.1").update(by="cmo")),
        ("107 G3(2)", lambda d: row(d, "6.3").update(by="cmo")),
        ("107 G4(6)2", lambda d: row(d, "7.5").update(by="cmo")),
        ("107 G4(6)4", lambda d: row(d, "7.7").update(by="cmo")),
        ("107 G4(7)", lambda d: row(d, "7.10").update(by="cmo")),
        ("107 G4(9)", lambda d: row(d, "8.3").update(by="cmo")),
        ("107 G3(2)", lambda d: row(d, "9").update(by="cmo")),
        ("107 G4(11)3", lambda d: row(d, "10").update(by="cmo")),
    ],
    "duty-given-away": [
        ("107 G4(6)7", lambda d: duty(d, "supplier_audit").update(by="cmo")),
        ("107 G4(6)2", lambda d: duty(d, "market_release").update(by="both")),
        ("107 G4(7)", lambda d: duty(d, "vigilance").update(by="cmo")),
    ],
    "manufacturers-duty": [("107 G4(6)2", lambda d: duty(d, "factory_release").update(by="holder"))],
    "duty-not-said": [("107 G4(6)3", lambda d: without(d, "duties", "duty", "stability"))],
    "duty-twice": [("107 annex 3", lambda d: d["duties"].append(duty(d, "recall")))],
    "notice-kind": [("134 (7)", lambda d: without(d, "notices", "kind", "credit"))],
    "notice-beside": [("107 T12.3", lambda d: without(d, "notices", "kind", "recall"))],
    "notice-twice": [("134 (7)", lambda d: d["notices"].append(notice(d, "credit")))],
    "notice-step": [("107 T15", lambda d: notice(d, "inspection")["deadlines"].pop(1))],
    "no-term": [("134 (7)", lambda d: notice(d, "retention_stability")["deadlines"][1].pop("term"))],
    "at-once": [
        ("107 G4(6)1", lambda d: notice(d, "refusal")["deadlines"][0].update(term={"at_once": True})),
        ("107 G4(6)1", lambda d: d["audits"].update(plan_within={"at_once": True})),
    ],
    "notice-person-unknown": [("134 (7)", lambda d: notice(d, "credit")["persons"].append("z-nobody"))],
    "notice-to-nobody": [("134 (7)", lambda d: notice(d, "deviation").update(persons=["a-contact"]))],
    "class-unknown": [("134 (7)", lambda d: notice(d, "deviation")["deadlines"][0].update(classes=["grave"]))],
    "class-without-term": [("107 T11.5", lambda d: notice(d, "deviation")["deadlines"].pop(2))],
    "term-too-loose": [
        ("national-cn: 药品召回管理办法 2022", recall_in(8)),
        ("cmo-a-example: SOP-QA-21 (example)", recall_in(3)),
    ],
    "recall-by-manufacturer": [("107 G4(9)", lambda d: notice(d, "recall").update(by="cmo"))],
    "co-line": [("134 (8)", lambda d: without(d, "notices", "kind", "co_line"))],
    "line-unknown": [("107 G4(11)1", lambda d: clause(d, "E-8")["lines"].append("line-9"))],
    "product-unknown": [("107 annex 1", lambda d: clause(d, "E-8")["products"].append("LYO-51"))],
    "room-unknown": [("107 G4(11)1", lambda d: clause(d, "E-1")["rooms"].append("PK1"))],
    "room-not-exchanged": [("134 (14)", lambda d: clause(d, "E-5").update(rooms=["D5"]))],
    "records-not-exchanged": [
        ("134 (12)", lambda d: without(d, "exchange", "clause", "E-11")),
        ("107 G4(2)", lambda d: clause(d, "E-9").update(lines=["line-3"])),
    ],
    "measurements-alone": [("134 (14)", lambda d: clause(d, "E-1").update(families=["measurements", "alarms"]))],
    "withheld-needed": [("134 (12)", lambda d: clause(d, "E-7")["withheld"][1].update(field="step"))],
    "withheld-idle": [("134 (8)", lambda d: clause(d, "E-6")["withheld"][0].update(kind="BatchStep", field="person"))],
    "withheld-impossible": [("134 (8)", lambda d: clause(d, "E-7")["withheld"][1].update(field="origin"))],
    "family-at-home": [("134 (8)", lambda d: clause(d, "E-8")["families"].append("openings"))],
    "room-of-others": [("134 (10)", lambda d: clause(d, "E-4")["rooms"].append("D5"))],
    "previous-batch": [("134 (8)", lambda d: clause(d, "E-7")["withheld"].pop(0))],
    "names-another-holder": [("134 (10)", lambda d: d["terms_withheld"].append("示例丙生物医药有限公司"))],
    "retention": [
        ("HB 112; 107 T9.4", lambda d: d["retention"].update(after_expiry_years=0.99)),
        ("107 T11.1.3", lambda d: d["retention"].update(materials_after_release_years=1)),
    ],
    "ask-before-destruction": [("107 T9.4", lambda d: d["retention"].update(ask_before_months=0))],
    "ask-in-writing": [("107 T9.4", lambda d: notice(d, "destruction").update(methods=["phone"]))],
    "audit-frequency": [
        ("107 T13", lambda d: d["audits"].update(every_months=7)),
        ("107 T13", lambda d: d["products"][0].update(type="vaccine")),
    ],
    "sterile-visit": [("134 (5)", lambda d: d["audits"].pop("visit_every_months"))],
    "audit-for-cause": [("107 T13", lambda d: d["audits"].update(for_cause=False))],
    "audit-rights": [("134 (6)", lambda d: d["audits"]["rights"].remove("facilities"))],
    "remote-audit": [("134 (14)", lambda d: without(d, "exchange", "clause", "E-7"))],
    "stays-unknown": [
        ("74 art. 11", lambda d: d["stays_in_country"].append("Batchstep")),
        ("74 art. 11", lambda d: d["stays_in_country"].append("BatchStep.persons")),
    ],
    "leaves-the-country": [("DSL 36", abroad)],
    "names-abroad": [("PIPL 38", abroad)],
    "history": [
        ("107 T18", lambda d: d.update(version=2)),
        ("107 T18", revised((2, date(2025, 12, 1)), (1, date(2025, 12, 2)))),
    ],
    "version-twice": [("107 T17", lambda d: d.update(agreement="holder-c"))],
    "other-parties": [("107 T17", lambda d: d.update(agreement="holder-c"))],
    "back-dated": [("107 T17", revised((1, date(2026, 2, 1))))],
    "ended": [("107 T17", lambda d: d.update(until=date(2026, 11, 22)))],
    "no-profile": [("107 G2", lambda d: d.update(profiles=["cmo-a-example"]))],
}


def found_in(change: Change) -> list[Finding]:
    """What is found in the sample of holder-b after a change, beside the other two."""
    data = document("holder-b")
    change(data)
    return [
        one
        for one in judged(Agreement.model_validate(data), agreement("holder-c"), agreement("holder-d"))
        if one.of == 0
    ]


def test_every_rule_has_a_case_here() -> None:
    """By their codes, which are unique."""
    assert list(CHANGES) == [one.code for one in RULES]


def test_the_readme_has_every_rule_with_its_clause_and_severity() -> None:
    """In the order of the rules."""
    rows = [line.split(" | ") for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    told = [(cells[0][3:-1], cells[2].removesuffix(" |"), "(warning)" in cells[1]) for cells in rows if len(cells) == 3]
    assert told == [(one.code, one.clause, one.severity is Severity.WARNING) for one in RULES]


@pytest.mark.parametrize(
    ("rule", "at_clause", "change"),
    [pytest.param(rule, *case, id=f"{rule}-{n}") for rule, cases in CHANGES.items() for n, case in enumerate(cases)],
)
def test_the_rule_finds_it_with_its_clause(rule: str, at_clause: str, change: Change) -> None:
    """In both languages, at a place of the document."""
    found = [one for one in found_in(change) if one.rule == rule]
    assert at_clause in {one.clause for one in found}
    assert all(one.words.en and one.words.zh and one.at for one in found)


def test_nothing_is_found_in_the_samples() -> None:
    """Three holders, two lines, one generic name twice, judged together and with the site."""
    assert judged(*load_agreements(SAMPLES)) == []


def test_two_holders_of_the_samples_have_one_generic_name_and_one_a_device() -> None:
    """What the samples are for."""
    b, c, d = (agreement(name).products[0] for name in ("holder-b", "holder-c", "holder-d"))
    assert b.generic_name == c.generic_name
    assert (b.approval_number != c.approval_number, b.code != c.code, d.type) == (True, True, "medical_device")
    assert {line.id for name in ("holder-b", "holder-d") for line in agreement(name).cmo.lines} == {"line-3", "line-5"}


def test_versions_of_one_agreement_are_not_judged_against_each_other() -> None:
    """A folder holds the versions before, too."""
    data = document("holder-b")
    revised((1, date(2025, 12, 15)), (2, date(2026, 6, 1)))(data)
    newer = Agreement.model_validate(data | {"version": 2, "effective": date(2026, 7, 1)})
    assert judged(agreement("holder-b"), newer) == []


def test_an_agreement_alone_has_no_lines_shared() -> None:
    """Then it need not tell of them."""
    data = document("holder-b")
    without(data, "notices", "kind", "co_line")
    assert judged(Agreement.model_validate(data)) == []


def test_what_is_given_to_a_chapter_is_given_with_all_its_rows() -> None:
    """Chapter 7 by the manufacturer gives market release, changes, complaints and vigilance away."""
    data = document("holder-b")
    data["responsibilities"] = [one for one in data["responsibilities"] if not one["chapter"].startswith("7")]
    data["responsibilities"].append({"chapter": "7", "by": "cmo"})
    found = judged(Agreement.model_validate(data))
    assert {one.clause for one in found} == {"107 G4(6)2", "107 G4(6)4", "107 G4(7)"}


def test_the_rows_are_those_of_the_official_list() -> None:
    """107, annex 3: eleven chapters, 31 rows to fill in, typed from the source."""
    count = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 3, 7: 10, 8: 3, 9: 1, 10: 1, 11: 1}
    rows = [f"{n}.{m}" if many > 1 else f"{n}" for n, many in count.items() for m in range(1, many + 1)]
    assert list(ROWS) == rows


def test_the_day_of_judging_decides_on_keys() -> None:
    """The samples' keys hold until the end of 2028."""
    assert judged(agreement("holder-b"), today=date(2028, 12, 31)) == []
    late = judged(agreement("holder-b"), today=date(2029, 1, 1))
    assert {(one.rule, one.severity) for one in late} == {("key-expired", Severity.ERROR)}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 10000) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_a_damaged_agreement_is_refused_or_judged_but_never_an_error(data: st.DataObject) -> None:
    """Any part of it replaced, doubled or left out."""
    damaged: Any = json.loads(agreement("holder-b").model_dump_json())
    at = damaged
    for _ in range(data.draw(st.integers(0, 5))):
        inner = [
            key
            for key in (at if isinstance(at, dict) else range(len(at)))
            if isinstance(at[key], dict | list) and at[key]
        ]
        if not inner:
            break
        at = at[data.draw(st.sampled_from(inner))]
    key = data.draw(st.sampled_from(list(at if isinstance(at, dict) else range(len(at)))))
    match data.draw(st.sampled_from(["other", "left out", "doubled"])):
        case "left out":
            del at[key]
        case "doubled" if isinstance(at, list):
            at.append(at[key])
        case _:
            at[key] = data.draw(JSON)
    try:
        found = judged(Agreement.model_validate(damaged), agreement("holder-c"))
    except (ValidationError, ConfigurationError):
        return
    assert all(one.words.en and one.words.zh for one in found)
