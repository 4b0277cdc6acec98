"""Rules on who answers for what: the responsibility list, and duties that cannot be given away (F4, F8, D3)."""

from collections.abc import Iterator

from gateway.agreement.rules.case import Case, Hit, Rule, Severity
from gateway.agreement.terms import DutyName as D

ROWS = (
    *("1", "2", "3.1", "3.2", "4.1", "4.2", "4.3", "4.4", "5.1", "5.2", "5.3", "5.4", "6.1", "6.2", "6.3"),
    *("7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "7.7", "7.8", "7.9", "7.10", "8.1", "8.2", "8.3", "9", "10", "11"),
)
"""The rows of the responsibility list that are filled in (107, annex 3); a chapter's own row speaks for its rows."""

_HOLDERS_ROWS = {
    "3.1": ("choosing and auditing suppliers", "物料供应商的选择、管理和审核", "107 G4(2)"),
    "6.3": ("supervising production", "生产现场监督", "107 G3(2)"),
    "7.5": ("release to the market", "上市放行", "107 G4(6)2"),
    "7.7": ("evaluating changes", "变更评估", "107 G4(6)4"),
    "7.10": ("complaints and vigilance", "投诉与药物警戒", "107 G4(7)"),
    "8.3": ("recall", "召回", "107 G4(9)"),
    "9": ("auditing the manufacturer", "对受托方的审核", "107 G3(2)"),
    "10": ("annual report and traceability", "年度报告与追溯", "107 G4(11)3"),
}
"""Rows of which at least a part is the holder's alone."""

_HOLDERS = {
    D.SUPPLIER_AUDIT: ("auditing suppliers", "供应商审核", "107 G4(6)7"),
    D.MARKET_RELEASE: ("release to the market", "上市放行", "107 G4(6)2"),
    D.CHANGE_EVALUATION: ("evaluating changes", "变更评估", "107 G4(6)4"),
    D.COMPLAINTS: ("complaints", "质量投诉", "107 G4(7)"),
    D.VIGILANCE: ("vigilance", "药物警戒", "107 G4(7)"),
    D.TRANSPORT: ("quality on the way", "发运过程中的产品质量", "107 G4(9)"),
    D.RECALL: ("recall", "召回", "107 G4(9)"),
    D.SUPERVISION: ("supervising production", "生产全过程指导和监督", "107 G3(2)"),
    D.AUDIT: ("auditing the manufacturer", "对受托方的审核", "107 G3(2)"),
    D.ANNUAL_REPORT: ("the annual report", "年度报告", "107 G4(11)3"),
    D.TRACEABILITY: ("traceability", "药品追溯", "107 G4(11)3"),
}
"""Duties that the law leaves to the holder alone; an agreement cannot give them away (107 G3(2), MD III)."""

_MANUFACTURERS = {
    D.FACTORY_RELEASE: ("factory release", "出厂放行", "107 G4(6)2"),
    D.FINISHED_TEST: ("testing finished product in full", "成品全项检验", "107 G4(2)"),
}

_TO_BE_SAID = {
    D.MATERIAL_PURCHASE: ("who buys materials", "物料采购", "107 G4(2)"),
    D.MATERIAL_ACCEPTANCE: ("who accepts materials", "物料验收", "107 G4(2)"),
    D.MATERIAL_SAMPLING: ("who samples materials", "物料取样", "107 G4(6)1"),
    D.MATERIAL_TEST: ("who tests materials", "物料检验", "107 G4(6)1"),
    D.MATERIAL_RELEASE: ("who releases materials", "物料放行", "107 G4(6)2"),
    D.FINISHED_TEST: ("who tests finished product", "成品检验", "107 G4(2)"),
    D.RETENTION_SAMPLES: ("who keeps retention samples", "留样", "107 G4(6)1"),
    D.STABILITY: ("who studies stability", "持续稳定性考察", "107 G4(6)3"),
    D.FACTORY_RELEASE: ("who releases from the factory", "出厂放行", "107 G4(6)2"),
    D.MARKET_RELEASE: ("who releases to the market", "上市放行", "107 G4(6)2"),
    D.PRODUCT_REVIEW: ("who writes the yearly product review", "产品质量回顾分析", "107 G4(6)8"),
}
"""What an agreement has to say clearly (应当明确规定)."""


def _rows_missing(case: Case) -> Iterator[Hit]:
    there = {one.chapter for one in case.agreement.responsibilities}
    for row in ROWS:
        if row not in there and row.partition(".")[0] not in there:
            yield Hit(
                ("responsibilities",), f"row {row} of the responsibility list is missing", f"责任清单缺少第 {row} 项"
            )


def _rows_twice(case: Case) -> Iterator[Hit]:
    seen: set[str] = set()
    for at, one in enumerate(case.agreement.responsibilities):
        if one.chapter in seen:
            yield Hit(("responsibilities", at), f"row {one.chapter} stands twice", f"责任清单第 {one.chapter} 项重复")
        seen.add(one.chapter)


def _rows_given_away(case: Case) -> Iterator[Hit]:
    """A chapter's own row gives away all rows of it."""
    for at, one in enumerate(case.agreement.responsibilities):
        for row, (en, zh, clause) in _HOLDERS_ROWS.items():
            if one.by == "cmo" and one.chapter in (row, row.partition(".")[0]):
                yield Hit(
                    ("responsibilities", at),
                    f"row {one.chapter} gives the manufacturer {en}, which only the holder may do",
                    f"责任清单第 {one.chapter} 项将只能由持有人履行的“{zh}”交给受托方",
                    clause,
                )


def _duties_given_away(case: Case) -> Iterator[Hit]:
    for at, one in enumerate(case.agreement.duties):
        if one.duty in _HOLDERS and one.by != "holder":
            en, zh, clause = _HOLDERS[one.duty]
            yield Hit(
                ("duties", at),
                f"{en} is the holder's alone and is given to {'both' if one.by == 'both' else 'the manufacturer'}",
                f"“{zh}”只能由持有人承担，不得委托给受托方",
                clause,
            )


def _manufacturers_duties(case: Case) -> Iterator[Hit]:
    for at, one in enumerate(case.agreement.duties):
        if one.duty in _MANUFACTURERS and one.by == "holder":
            en, zh, clause = _MANUFACTURERS[one.duty]
            yield Hit(("duties", at), f"{en} is the manufacturer's", f"“{zh}”应由受托方负责", clause)


def _duties_to_be_said(case: Case) -> Iterator[Hit]:
    there = {one.duty for one in case.agreement.duties}
    for duty, (en, zh, clause) in _TO_BE_SAID.items():
        if duty not in there:
            yield Hit(("duties",), f"it does not say {en} ({duty})", f"未明确规定“{zh}”的责任方（{duty}）", clause)


def _duties_twice(case: Case) -> Iterator[Hit]:
    seen: set[D] = set()
    for at, one in enumerate(case.agreement.duties):
        if one.duty in seen:
            yield Hit(("duties", at), f"duty {one.duty} stands twice", f"责任 {one.duty} 重复")
        seen.add(one.duty)


E = Severity.ERROR
RULES = (
    Rule("row-missing", "107 annex 3", E, _rows_missing),
    Rule("row-twice", "107 annex 3", E, _rows_twice),
    Rule("row-given-away", "107 G3(2)", E, _rows_given_away),
    Rule("duty-given-away", "107 G3(2)", E, _duties_given_away),
    Rule("manufacturers-duty", "107 G3(3)", E, _manufacturers_duties),
    Rule("duty-not-said", "107 G4", E, _duties_to_be_said),
    Rule("duty-twice", "107 annex 3", E, _duties_twice),
)
