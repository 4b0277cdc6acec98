"""Rules on the exchange: every room and record that the law asks for, and nothing of another holder (A1, E6)."""

import re
from collections.abc import Iterator

from gateway.agreement.agreement import Agreement
from gateway.agreement.exchange import Exchange
from gateway.agreement.products import Product
from gateway.agreement.rules.case import Case, Hit, Rule, Severity, listed
from schemas.catalogue import FAMILIES
from schemas.withheld_fields import withholdable

_RECORDS = {
    "batches": ("batch records", "批生产记录", "134 (12)"),
    "results": ("test records", "批检验记录", "134 (12)"),
    "quality": ("investigations of deviations", "偏差调查记录", "134 (12)"),
    "materials": ("movements and releases of materials", "物料流转与放行记录", "107 G4(2)"),
    "documents": ("documents", "相关文件", "134 (6)"),
}
_BESIDE_MEASUREMENTS = {
    "gaps": ("without gaps nobody sees what was not measured", "缺少中断记录，无法看出未监测的时段"),
    "alarms": ("without alarms nobody sees what was out of limits", "缺少报警记录，无法看出超限情况"),
}
_NEVER_WITHHELD = {
    "": ("id", "system", "key", "version", "replaces", "batch", "product", "time"),
    "TestResult": ("sample", "test", "reported", "value", "unit", "status", "conclusion", "low", "high"),
    "BatchStep": ("step", "event"),
    "LineClearance": ("conclusion", "room", "stage"),
    "Yield": ("taken", "made", "unit", "conclusion"),
    "QualityEvent": ("what", "reference", "title", "status", "grade", "opened", "closed"),
    "Weighing": ("accepted", "net", "unit", "lot", "refusals"),
    "MaterialMovement": ("movement", "material", "lot", "quantity", "unit", "supplier"),
    "Rework": ("what", "reason", "approval"),
}
"""What a holder needs for its own release (134 (12)); the first line is of all kinds."""


def _clauses(case: Case) -> Iterator[tuple[int, Exchange]]:
    yield from enumerate(case.agreement.exchange)


def _about(clause: Exchange, product: Product) -> bool:
    """Whether the clause is about the product."""
    return not clause.products or product.code in clause.products


def _unknown_lines(case: Case) -> Iterator[Hit]:
    for at, one in _clauses(case):
        for name in sorted(set(one.lines) - set(case.line_ids)):
            yield Hit(
                ("exchange", at, "lines"),
                f"{one.clause}: {name} is no line of the manufacturer; it has {listed(case.line_ids)}",
                f"{one.clause}：受托方没有生产线 {name}（现有：{listed(case.line_ids)}）",
            )


def _unknown_products(case: Case) -> Iterator[Hit]:
    known = {one.code for one in case.agreement.products}
    for at, one in _clauses(case):
        for name in sorted(set(one.products) - known):
            yield Hit(
                ("exchange", at, "products"),
                f"{one.clause}: {name} is no product of this agreement; it has {listed(known)}",
                f"{one.clause}：本协议没有产品 {name}（现有：{listed(known)}）",
            )


def _unknown_rooms(case: Case) -> Iterator[Hit]:
    for at, one in _clauses(case):
        rooms = {room for line in case.agreement.cmo.lines if line.id in one.lines for room in line.rooms}
        for name in sorted(set(one.rooms) - rooms):
            yield Hit(
                ("exchange", at, "rooms"),
                f"{one.clause}: room {name} belongs to none of its lines; these have {listed(rooms)}",
                f"{one.clause}：房间 {name} 不属于其生产线（现有：{listed(rooms)}）",
            )


def _room_not_exchanged(case: Case) -> Iterator[Hit]:
    measured = [one for _, one in _clauses(case) if "measurements" in one.families]
    for at, product in enumerate(case.agreement.products):
        told = {room for one in measured if _about(one, product) for room in one.rooms}
        for room in sorted(set(product.rooms) - told):
            yield Hit(
                ("products", at, "rooms"),
                f"{product.code} goes through room {room}, but no clause exchanges what is measured there",
                f"{product.code} 使用房间 {room}，但没有条款交换该房间的监测数据",
            )


def _records_missing(case: Case) -> Iterator[Hit]:
    for at, product in enumerate(case.agreement.products):
        for family, (en, zh, clause) in _RECORDS.items():
            lines = {
                line
                for _, one in _clauses(case)
                if family in one.families and _about(one, product) and not one.of_places
                for line in one.lines
            }
            if missing := sorted(set(product.lines) - lines):
                yield Hit(
                    ("products", at),
                    f"{product.code}: no clause exchanges {en} ({family}) of {listed(missing)}",
                    f"{product.code}：没有条款交换 {listed(missing)} 的{zh}（{family}）",
                    clause,
                )


def _measurements_alone(case: Case) -> Iterator[Hit]:
    for at, one in _clauses(case):
        if "measurements" in one.families:
            others = [
                other
                for _, other in _clauses(case)
                if set(one.rooms) <= set(other.rooms) and set(one.tags) <= set(other.tags)
            ]
            for family, (en, zh) in _BESIDE_MEASUREMENTS.items():
                if not any(family in other.families for other in others):
                    yield Hit(
                        ("exchange", at, "families"),
                        f"{one.clause}: {en} ({family})",
                        f"{one.clause}：{zh}（{family}）",
                    )


def _withheld_needed(case: Case) -> Iterator[Hit]:
    for at, one in _clauses(case):
        for inner, held in enumerate(one.withheld):
            if held.field in (*_NEVER_WITHHELD[""], *_NEVER_WITHHELD.get(held.kind, ())):
                yield Hit(
                    ("exchange", at, "withheld", inner),
                    f"{one.clause} withholds {held.kind}.{held.field}, without which the holder cannot release",
                    f"{one.clause} 隐去 {held.kind}.{held.field}，持有人将无法履行上市放行审核",
                )


def _withheld_idle(case: Case) -> Iterator[Hit]:
    for at, one in _clauses(case):
        for inner, held in enumerate(one.withheld):
            sent = any(held.kind in FAMILIES[name].kinds and one.covers_kind(name, held.kind) for name in one.families)
            if not sent:
                yield Hit(
                    ("exchange", at, "withheld", inner),
                    f"{one.clause} withholds a field of {held.kind}, but sends no records of that kind",
                    f"{one.clause} 隐去 {held.kind} 的字段，但该条款不交换此类记录",
                )


def _withheld_impossible(case: Case) -> Iterator[Hit]:
    for at, one in _clauses(case):
        for inner, held in enumerate(one.withheld):
            if held.field not in withholdable(held.kind):
                yield Hit(
                    ("exchange", at, "withheld", inner),
                    f"{one.clause}: {held.kind}.{held.field} cannot be withheld; withhold the kind, or another field",
                    f"{one.clause}：{held.kind}.{held.field} 无法隐去，请改为不交换该类记录或隐去其他字段",
                )


def _at_home(case: Case) -> Iterator[Hit]:
    for at, one in _clauses(case):
        for name in sorted(name for name in one.families if FAMILIES[name].home):
            yield Hit(
                ("exchange", at, "families"),
                f"{one.clause}: records of {name} never leave the manufacturer",
                f"{one.clause}：{name} 类记录不离开受托方",
            )


def _others_rooms(case: Case) -> Iterator[Hit]:
    """All the time only in rooms through which the holder's own batches go; else it would watch another's."""
    own = {room for product in case.agreement.products for room in product.rooms}
    for at, one in _clauses(case):
        if one.when == "always" and "measurements" in one.families:
            for room in sorted(set(one.rooms) - own):
                yield Hit(
                    ("exchange", at, "rooms"),
                    f"{one.clause}: room {room} is exchanged all the time, but no product of this holder is made there",
                    f"{one.clause}：房间 {room} 被全时交换，但本持有人的产品不在该房间生产",
                )


def _previous_batch(case: Case) -> Iterator[Hit]:
    """A line clearance names the batch before: on a shared line that of another holder."""
    if not case.line_sharers:
        return
    for at, one in _clauses(case):
        held = any((h.kind, h.field) == ("LineClearance", "previous") for h in one.withheld)
        if "batches" in one.families and one.covers_kind("batches", "LineClearance") and not held:
            yield Hit(
                ("exchange", at),
                f"{one.clause}: line clearances tell the batch before (LineClearance.previous), maybe of others",
                f"{one.clause}：清场记录含前一批号（LineClearance.previous），可能属于其他持有人",
            )


def _names_another(case: Case) -> Iterator[Hit]:
    text = case.agreement.model_dump_json()
    for other in case.others:
        for name in sorted(_secrets(other) - _secrets(case.agreement)):
            if name in text and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
                yield Hit(
                    ("agreement",),
                    f"the text names {name}, which belongs to the agreement with {other.holder.id}",
                    f"文本中出现“{name}”，属于与 {other.holder.id} 的协议内容",
                )


def _secrets(agreement: Agreement) -> set[str]:
    """By what another holder would be known."""
    holder = agreement.holder
    names = {holder.name.en, holder.name.zh, holder.licence, holder.credit_code}
    names |= {text for one in agreement.products for text in (one.code, one.approval_number, one.name.en, one.name.zh)}
    return {name for name in names if len(name) > 3}


E, W = Severity.ERROR, Severity.WARNING
RULES = (
    Rule("line-unknown", "107 G4(11)1", E, _unknown_lines),
    Rule("product-unknown", "107 annex 1", E, _unknown_products),
    Rule("room-unknown", "107 G4(11)1", E, _unknown_rooms),
    Rule("room-not-exchanged", "134 (14)", E, _room_not_exchanged),
    Rule("records-not-exchanged", "134 (12)", E, _records_missing),
    Rule("measurements-alone", "134 (14)", W, _measurements_alone),
    Rule("withheld-needed", "134 (12)", E, _withheld_needed),
    Rule("withheld-idle", "134 (8)", W, _withheld_idle),
    Rule("withheld-impossible", "134 (8)", E, _withheld_impossible),
    Rule("family-at-home", "134 (8)", E, _at_home),
    Rule("room-of-others", "134 (10)", E, _others_rooms),
    Rule("previous-batch", "134 (8)", E, _previous_batch),
    Rule("names-another-holder", "134 (10)", E, _names_another),
)
