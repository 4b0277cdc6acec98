"""Rules on retention, audits, what leaves the country, and versions (F6, F7, F11)."""

from collections.abc import Iterator

from gateway.agreement.parties import Party
from gateway.agreement.products import ProductType
from gateway.agreement.profile import audits, minima
from gateway.agreement.rules.case import Case, Hit, Rule, Severity, listed
from gateway.agreement.terms import NoticeKind
from gateway.configuration import nearest
from schemas.catalogue import FAMILIES, KINDS
from schemas.withheld_fields import withholdable

_KEPT = {
    "records": ("after_expiry_years", "records", "记录"),
    "product_samples": ("samples_after_expiry_years", "retention samples of the product", "成品留样"),
    "material_samples": ("materials_after_release_years", "retention samples of materials", "物料留样"),
}
_RIGHTS = {
    "systems": ("management systems", "管理制度"),
    "procedures": ("operating procedures", "操作规程"),
    "documents": ("documents", "相关文件"),
    "facilities": ("facilities", "相关设施"),
}


def _too_short(case: Case) -> Iterator[Hit]:
    retention = case.agreement.retention
    for of, least in minima(case.profiles, case.today).items():
        field, en, zh = _KEPT[of]
        years = getattr(retention, field)
        if years < least.years:
            yield Hit(
                ("retention", field),
                f"{en} are kept {years:g} years; at least {least.years:g} are asked",
                f"{zh}保存 {years:g} 年，至少应为 {least.years:g} 年",
                least.source,
            )


def _never_asked(case: Case) -> Iterator[Hit]:
    if case.agreement.retention.ask_before_months <= 0:
        yield Hit(
            ("retention", "ask_before_months"),
            "records may be destroyed without asking the holder in writing before",
            "保存期限届满前未书面咨询持有人即可销毁记录",
        )


def _not_in_writing(case: Case) -> Iterator[Hit]:
    for at, one in enumerate(case.agreement.notices):
        if one.kind is NoticeKind.DESTRUCTION and set(one.methods) == {"phone"}:
            yield Hit(
                ("notices", at, "methods"),
                "the ask before destruction is by telephone alone",
                "销毁前的咨询仅为电话，未采用书面形式",
            )


def _audits_too_rare(case: Case) -> Iterator[Hit]:
    products = case.agreement.products
    asked = {
        "all": bool(products),
        "high_risk": any(one.high_risk for one in products),
        "vaccine": any(one.type is ProductType.VACCINE for one in products),
    }
    every = case.agreement.audits.every_months
    found = [one for of, one in audits(case.profiles, case.today).items() if asked.get(of) and every > one.months]
    for one in sorted(found, key=lambda frequency: frequency.months)[:1]:
        yield Hit(
            ("audits", "every_months"),
            f"the holder audits every {every} months; these products ask for every {one.months}",
            f"每 {every} 个月审核一次；该类产品至少每 {one.months} 个月一次",
            one.source,
        )


def _no_visit(case: Case) -> Iterator[Hit]:
    asked = audits(case.profiles, case.today).get("sterile_visit")
    given = case.agreement.audits.visit_every_months
    if asked and any(one.sterile for one in case.agreement.products) and (given is None or given > asked.months):
        yield Hit(
            ("audits",),
            f"a sterile product asks for a visit on site every {asked.months} months, which no remote audit replaces",
            f"无菌产品至少每 {asked.months} 个月现场检查一次，不能以远程审核替代",
            asked.source,
        )


def _no_cause(case: Case) -> Iterator[Hit]:
    if not case.agreement.audits.for_cause:
        yield Hit(("audits", "for_cause"), "there is no audit at once for cause", "未约定有因审核")


def _rights(case: Case) -> Iterator[Hit]:
    for right, (en, zh) in _RIGHTS.items():
        if right not in case.agreement.audits.rights:
            yield Hit(("audits",), f"the holder has no right to see {en} ({right})", f"持有人无权查阅{zh}（{right}）")


def _remote_alone(case: Case) -> Iterator[Hit]:
    families = {family for one in case.agreement.exchange for family in one.families}
    if case.agreement.audits.remote and (missing := sorted({"batches", "results"} - families)):
        yield Hit(
            ("audits", "remote"),
            f"audits may be remote only where all is exchanged; {listed(missing)} are not",
            f"仅在交换全过程数据时可远程审核；缺少 {listed(missing)}",
        )


def _abroad(case: Case) -> list[Party]:
    cmo = case.agreement.cmo
    return [one for one in (case.agreement.holder,) if one.country != cmo.country]


def _stays_unknown(case: Case) -> Iterator[Hit]:
    for at, name in enumerate(case.agreement.stays_in_country):
        kind, _, field = name.partition(".")
        if kind not in KINDS:
            hint = nearest(kind, list(KINDS))
            yield Hit(("stays_in_country", at), f"there is no kind of record {kind}{hint}", f"没有记录类型 {kind}")
        elif field and field not in withholdable(kind):
            hint = nearest(field, [*withholdable(kind)])
            yield Hit(
                ("stays_in_country", at),
                f"a {kind} has no field {field} that can be withheld{hint}",
                f"{kind} 没有可隐去的字段 {field}",
            )


def _leaves(case: Case) -> Iterator[Hit]:
    """A field may be withheld by a commitment; a whole kind can only be left out."""
    for holder in _abroad(case):
        for name in case.agreement.stays_in_country:
            kind, _, field = name.partition(".")
            for at, one in enumerate(case.agreement.exchange):
                covered = any(
                    kind in FAMILIES[family].kinds and one.covers_kind(family, kind) for family in one.families
                )
                held = any((h.kind, h.field) == (kind, field) for h in one.withheld)
                if covered and not held:
                    yield Hit(
                        ("exchange", at),
                        f"{one.clause} sends {name} to {holder.id} in {holder.country}; it must stay in the country",
                        f"{one.clause} 将 {name} 发送给境外（{holder.country}）的 {holder.id}，但约定其不得出境",
                    )


def _names_abroad(case: Case) -> Iterator[Hit]:
    for holder in _abroad(case):
        if not case.agreement.pseudonyms:
            yield Hit(
                ("pseudonyms",),
                f"persons' names go to {holder.id} in {holder.country} without pseudonyms",
                f"人员姓名未经化名即提供给境外（{holder.country}）的 {holder.id}",
            )


def _history(case: Case) -> Iterator[Hit]:
    history, version = case.agreement.history, case.agreement.version
    if history[-1].version != version:
        yield Hit(
            ("history", len(history) - 1),
            f"the history ends with version {history[-1].version}, but this is version {version}",
            f"变更历史止于第 {history[-1].version} 版，与本协议第 {version} 版不符",
        )
    for at in range(1, len(history)):
        before, one = history[at - 1], history[at]
        if one.version != before.version + 1 or one.day < before.day:
            yield Hit(
                ("history", at),
                f"version {one.version} of {one.day} does not follow version {before.version} of {before.day}",
                f"第 {one.version} 版（{one.day}）与第 {before.version} 版（{before.day}）不连续",
            )
    if history[0].version != 1:
        yield Hit(("history", 0), "the history does not begin with version 1", "变更历史未从第 1 版开始")


def _version_twice(case: Case) -> Iterator[Hit]:
    one = case.agreement
    if any(other.version == one.version for other in case.versions):
        yield Hit(
            ("version",),
            f"version {one.version} of {one.agreement} stands in two files; which one holds cannot be told",
            f"{one.agreement} 第 {one.version} 版出现在两个文件中，无法确定哪一份有效",
        )


def _other_parties(case: Case) -> Iterator[Hit]:
    one = case.agreement
    for other in case.versions:
        if (other.holder.id, other.cmo.id) != (one.holder.id, one.cmo.id):
            yield Hit(
                ("agreement",),
                f"version {other.version} of {one.agreement} is between {other.cmo.id} and {other.holder.id}",
                f"{one.agreement} 第 {other.version} 版的双方为 {other.cmo.id} 与 {other.holder.id}，与本版不同",
            )


def _back_dated(case: Case) -> Iterator[Hit]:
    last = case.agreement.history[-1]
    if case.agreement.effective < last.day:
        yield Hit(
            ("effective",),
            f"it holds from {case.agreement.effective}, before its last revision of {last.day}",
            f"生效日 {case.agreement.effective} 早于最近一次修订 {last.day}",
        )


def _ended(case: Case) -> Iterator[Hit]:
    until = case.agreement.until
    if until is not None and until < max(case.today, case.agreement.effective):
        yield Hit(("until",), f"it ended on {until}", f"本协议已于 {until} 终止")


def _no_profile(case: Case) -> Iterator[Hit]:
    if not any(one.of == "country" and one.name in case.agreement.profiles for one in case.profiles):
        yield Hit(
            ("profiles",),
            "no profile of a country is named: what holds where it is silent is not agreed",
            "未引用国家级配置，协议未约定事项无据可依",
        )


E, W = Severity.ERROR, Severity.WARNING
RULES = (
    Rule("retention", "107 T9.4", E, _too_short),
    Rule("ask-before-destruction", "107 T9.4", E, _never_asked),
    Rule("ask-in-writing", "107 T9.4", E, _not_in_writing),
    Rule("audit-frequency", "107 T13", E, _audits_too_rare),
    Rule("sterile-visit", "134 (5)", E, _no_visit),
    Rule("audit-for-cause", "107 T13", E, _no_cause),
    Rule("audit-rights", "134 (6)", E, _rights),
    Rule("remote-audit", "134 (14)", E, _remote_alone),
    Rule("stays-unknown", "74 art. 11", E, _stays_unknown),
    Rule("leaves-the-country", "DSL 36", E, _leaves),
    Rule("names-abroad", "PIPL 38", W, _names_abroad),
    Rule("history", "107 T18", E, _history),
    Rule("version-twice", "107 T17", E, _version_twice),
    Rule("other-parties", "107 T17", E, _other_parties),
    Rule("back-dated", "107 T17", W, _back_dated),
    Rule("ended", "107 T17", W, _ended),
    Rule("no-profile", "107 G2", W, _no_profile),
)
"""DSL: Data Security Law (数据安全法); PIPL: Personal Information Protection Law (个人信息保护法)."""
