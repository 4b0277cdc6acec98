"""Rules on notices: kinds, persons, deadlines (E1, E5, F5)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from gateway.agreement.deadlines import counted
from gateway.agreement.profile import Profile, ProfileTerm, classes, terms, working_days
from gateway.agreement.rules.case import Case, Hit, Rule, Severity, listed
from gateway.agreement.terms import Deadline, Notice, Term
from gateway.agreement.terms import NoticeKind as N
from gateway.configuration import Location

EIGHT = (
    N.DEVIATION,
    N.CHANGE,
    N.OOS_OOT,
    N.QUALIFICATION_VALIDATION,
    N.RETENTION_STABILITY,
    N.PHARMACOVIGILANCE,
    N.INSPECTION,
    N.CREDIT,
)
"""What 134 (7) asks at least."""
_BESIDE = {
    N.COMPLAINT: "107 T11.7",
    N.RECALL: "107 T12.3",
    N.REFUSAL: "107 T11.2",
    N.RISK_AFTER_RELEASE: "107 T11.2",
}
"""What 107 asks besides."""
_STEPS = {
    (N.DEVIATION, "told"): "107 T11.5",
    (N.DEVIATION, "investigated"): "107 T11.5",
    (N.OOS_OOT, "told"): "107 T11.5",
    (N.OOS_OOT, "investigated"): "107 T11.5",
    (N.CHANGE, "proposed"): "107 T11.4",
    (N.COMPLAINT, "told"): "107 T11.7",
    (N.COMPLAINT, "investigated"): "107 T11.7",
    (N.INSPECTION, "told"): "107 T15",
    (N.INSPECTION, "reported"): "107 T15",
    (N.REFUSAL, "told"): "107 T11.2",
    (N.RISK_AFTER_RELEASE, "told"): "107 T11.2",
    (N.RECALL, "told"): "107 T12.3",
}
"""Steps whose "X days" the template leaves to the parties."""
_WORDS = {
    N.DEVIATION: ("deviations", "偏差"),
    N.CHANGE: ("changes", "变更"),
    N.OOS_OOT: ("results out of specification or trend", "检验结果超标、超趋势"),
    N.QUALIFICATION_VALIDATION: ("qualification and validation", "确认与验证"),
    N.RETENTION_STABILITY: ("retention samples and stability", "留样与稳定性考察"),
    N.PHARMACOVIGILANCE: ("pharmacovigilance", "药物警戒"),
    N.INSPECTION: ("inspections by an authority", "监管部门检查"),
    N.CREDIT: ("adverse credit records", "不良信用记录"),
    N.COMPLAINT: ("complaints", "投诉"),
    N.RECALL: ("recalls", "召回"),
    N.REFUSAL: ("refusal of a release", "不予放行"),
    N.RISK_AFTER_RELEASE: ("a risk found after release", "放行后发现的风险"),
}


def _deadlines(case: Case) -> Iterator[tuple[Location, Notice, Deadline]]:
    for at, notice in enumerate(case.agreement.notices):
        for inner, one in enumerate(notice.deadlines):
            yield ("notices", at, "deadlines", inner), notice, one


def _eight(case: Case) -> Iterator[Hit]:
    there = {one.kind for one in case.agreement.notices}
    for kind in EIGHT:
        if kind not in there:
            yield Hit(
                ("notices",), f"no notice of {_WORDS[kind][0]} ({kind})", f"沟通清单缺少“{_WORDS[kind][1]}”（{kind}）"
            )


def _besides(case: Case) -> Iterator[Hit]:
    there = {one.kind for one in case.agreement.notices}
    for kind, clause in _BESIDE.items():
        if kind not in there:
            en, zh = _WORDS[kind]
            yield Hit(("notices",), f"no notice of {en} ({kind})", f"缺少“{zh}”的通知约定（{kind}）", clause)


def _twice(case: Case) -> Iterator[Hit]:
    seen: set[tuple[N, str]] = set()
    for at, one in enumerate(case.agreement.notices):
        if (one.kind, one.by) in seen:
            yield Hit(("notices", at), f"{one.kind} by {one.by} stands twice", f"通知 {one.kind}（{one.by}）重复")
        seen.add((one.kind, one.by))


def _steps_missing(case: Case) -> Iterator[Hit]:
    for at, notice in enumerate(case.agreement.notices):
        given = {one.step for one in notice.deadlines}
        for (kind, step), clause in _STEPS.items():
            if notice.kind is kind and step not in given:
                en, zh = _WORDS[kind]
                yield Hit(("notices", at), f"{en}: no term for {step}", f"{zh}：未约定“{step}”的时限", clause)


def _no_term(case: Case) -> Iterator[Hit]:
    """The profile's term counts where the agreement leaves it out."""
    for at, notice, one in _deadlines(case):
        if one.term is None and not any(_speaks_of(term, notice.kind, one) for _, term in _terms(case)):
            yield Hit(
                at,
                f"{notice.kind}, {one.step}: neither the agreement nor a profile says until when",
                f"{notice.kind}“{one.step}”：协议和配置均未规定时限",
            )


def _at_once(case: Case) -> Iterator[Hit]:
    terms_of = [(at, f"{notice.kind}, {one.step}", one.term) for at, notice, one in _deadlines(case)]
    terms_of += [
        (("audits", name), name, getattr(case.agreement.audits, name)) for name in ("plan_within", "check_within")
    ]
    for at, what, term in terms_of:
        if term is not None and term.at_once and term.amount is None:
            yield Hit(at, f"{what}: at once, but no number says how long that is", f"{what}：仅写“立即”，未量化时限")


def _unknown_persons(case: Case) -> Iterator[Hit]:
    known = {one.id for party in (case.agreement.holder, case.agreement.cmo) for one in party.persons}
    for at, notice in enumerate(case.agreement.notices):
        for name in sorted(set(notice.persons) - known):
            yield Hit(
                ("notices", at, "persons"),
                f"{notice.kind}: {name} is no person of either party; they have {listed(known)}",
                f"{notice.kind}：双方均无人员 {name}",
            )


def _nobody_there(case: Case) -> Iterator[Hit]:
    """What one side raises has to reach a person of the other."""
    of = {"holder": case.agreement.holder, "cmo": case.agreement.cmo}
    for at, notice in enumerate(case.agreement.notices):
        told = [("cmo", "holder")] if notice.by == "cmo" else [("holder", "cmo")]
        told = [("cmo", "holder"), ("holder", "cmo")] if notice.by == "both" else told
        for by, to in told:
            if not {one.id for one in of[to].persons} & set(notice.persons):
                yield Hit(
                    ("notices", at, "persons"),
                    f"{notice.kind} by {by}: nobody of {of[to].id} is told",
                    f"{notice.kind}（{by} 发起）：未指定 {of[to].id} 的接收人",
                )


def _unknown_class(case: Case) -> Iterator[Hit]:
    known = classes(case.profiles, case.today)
    for at, notice, one in _deadlines(case):
        there = {cls.id for cls in known if cls.of == notice.kind}
        for name in sorted(set(one.classes) - there) if there else ():
            yield Hit(
                (*at, "classes"),
                f"{notice.kind}: no class {name}; known are {listed(there)}",
                f"{notice.kind}：没有级别 {name}（已知：{listed(there)}）",
            )


def _class_without_term(case: Case) -> Iterator[Hit]:
    for at, notice in enumerate(case.agreement.notices):
        there = [cls for cls in classes(case.profiles, case.today) if cls.of == notice.kind]
        for step in dict.fromkeys(one.step for one in notice.deadlines):
            given = [one for one in notice.deadlines if one.step == step]
            if step == "told" and all(one.classes for one in given):
                covered = {name for one in given for name in one.classes}
                for cls in there:
                    if cls.id not in covered:
                        yield Hit(
                            ("notices", at),
                            f"{notice.kind}: until when {cls.id} is told is not said",
                            f"{notice.kind}：未约定“{cls.name.zh}”的告知时限",
                        )


def _looser(case: Case) -> Iterator[Hit]:
    """Terms that bind can only be made stricter. Both are counted from the noon of today."""
    for at, notice, one in _deadlines(case):
        for profile, bound in _terms(case):
            if bound.binding and _speaks_of(bound, notice.kind, one) and _is_looser(case, one.term, bound):
                yield Hit(
                    at,
                    f"{notice.kind}, {one.step}: looser than {bound.term.amount} {bound.term.unit} of {bound.source}",
                    f"{notice.kind}“{one.step}”：比 {bound.source} 的规定宽松",
                    f"{profile.name}: {bound.source}",
                )


def _is_looser(case: Case, term: Term | None, bound: ProfileTerm) -> bool:
    if term is None or term.amount is None:
        return False
    zone = ZoneInfo(case.agreement.zone)
    noon = int(datetime(case.today.year, case.today.month, case.today.day, 12, tzinfo=zone).astimezone(UTC).timestamp())
    ends = [counted(of, noon * 1_000_000, zone, working_days(case.profiles)).moment for of in (term, bound.term)]
    return ends[0] > ends[1]


def _terms(case: Case) -> Iterator[tuple[Profile, ProfileTerm]]:
    for profile in case.profiles:
        yield from ((profile, one) for one in terms(profile, case.today))


def _speaks_of(term: ProfileTerm, kind: N, one: Deadline) -> bool:
    shared = not term.classes or not one.classes or bool(set(term.classes) & set(one.classes))
    return (term.kind, term.step) == (kind, one.step) and shared


def _recall_is_the_holders(case: Case) -> Iterator[Hit]:
    for at, notice in enumerate(case.agreement.notices):
        if notice.kind is N.RECALL and notice.by == "cmo":
            yield Hit(("notices", at), "the manufacturer decides on recalls", "由受托方决定召回")


def _co_line(case: Case) -> Iterator[Hit]:
    if any(one.kind is N.CO_LINE for one in case.agreement.notices):
        return
    for line, others in case.line_sharers.items():
        yield Hit(
            ("notices",),
            f"{line} is shared with {len(others)} other agreements, but changes on it are not told (co_line)",
            f"{line} 与另外 {len(others)} 份协议的产品共线，但未约定共线变化的通知（co_line）",
        )


E, W = Severity.ERROR, Severity.WARNING
RULES = (
    Rule("notice-kind", "134 (7)", E, _eight),
    Rule("notice-beside", "107 T11", E, _besides),
    Rule("notice-twice", "134 (7)", E, _twice),
    Rule("notice-step", "107 T11", E, _steps_missing),
    Rule("no-term", "134 (7)", E, _no_term),
    Rule("at-once", "107 G4(6)1", E, _at_once),
    Rule("notice-person-unknown", "134 (7)", E, _unknown_persons),
    Rule("notice-to-nobody", "134 (7)", E, _nobody_there),
    Rule("class-unknown", "134 (7)", E, _unknown_class),
    Rule("class-without-term", "107 T11.5", E, _class_without_term),
    Rule("term-too-loose", "107 T12.3", E, _looser),
    Rule("recall-by-manufacturer", "107 G4(9)", E, _recall_is_the_holders),
    Rule("co-line", "134 (8)", E, _co_line),
)
