"""Rules on products: what may be entrusted, where it is made, and that no two agreements mean one (F3, F9, E6)."""

from collections.abc import Iterable, Iterator

from gateway.agreement.products import Product, ProductType
from gateway.agreement.profile import ProhibitedDevice, prohibited
from gateway.agreement.rules.case import Case, Hit, Rule, Severity, listed
from gateway.cleanroom.profile import profile, profile_names


def _products(case: Case) -> Iterator[tuple[int, Product]]:
    yield from enumerate(case.agreement.products)


def _prohibited(case: Case) -> Iterator[Hit]:
    entries = prohibited(case.profiles, case.today)
    for at, one in _products(case):
        found = next((entry for entry in entries if _is_on(one, entry)), None)
        if found is not None:
            yield Hit(
                ("products", at),
                f"{one.code} may not be entrusted: {found.name.en} are on the prohibited list ({found.source})",
                f"{one.code} 属于禁止委托生产的医疗器械：{found.name.zh}",
            )


def _is_on(product: Product, entry: ProhibitedDevice) -> bool:
    """By the code of its class, or by the words of its names."""
    if product.type is not ProductType.MEDICAL_DEVICE:
        return False
    if product.device_code is not None and product.device_code.startswith(entry.codes):
        return True
    texts = (product.name.en, product.name.zh, product.generic_name.en, product.generic_name.zh)
    return product.implantable and any(word.lower() in text.lower() for word in entry.words for text in texts)


def _implant_to_check(case: Case) -> Iterator[Hit]:
    entries = prohibited(case.profiles, case.today)
    complete = bool(case.profiles) and all(one.prohibited_complete for one in case.profiles)
    for at, one in _products(case):
        if one.implantable and not complete and not any(_is_on(one, entry) for entry in entries):
            yield Hit(
                ("products", at, "implantable"),
                f"{one.code} is implanted; the profiles do not have the whole prohibited list: look it up there",
                f"{one.code} 为植入性医疗器械；配置中的禁止委托目录不完整，请核对官方目录",
            )


def _class_code(case: Case) -> Iterator[Hit]:
    for at, one in _products(case):
        if one.type is ProductType.MEDICAL_DEVICE and one.device_code is None:
            yield Hit(
                ("products", at),
                f"{one.code} is a device without the code of its class: whether it may be entrusted cannot be told",
                f"{one.code} 为医疗器械但未写分类目录编码，无法判断是否禁止委托",
            )


def _label(case: Case) -> Iterator[Hit]:
    for at, one in _products(case):
        if one.type is not ProductType.MEDICAL_DEVICE and (one.indication is None or one.usage is None):
            yield Hit(("products", at), f"{one.code} has no indication or no usage", f"{one.code} 缺少适应症或用法用量")


def _unknown_line(case: Case) -> Iterator[Hit]:
    for at, one in _products(case):
        for name in sorted(set(one.lines) - set(case.line_ids)):
            yield Hit(
                ("products", at, "lines"),
                f"{one.code}: {name} is no line of the manufacturer; it has {listed(case.line_ids)}",
                f"{one.code}：受托方没有生产线 {name}（现有：{listed(case.line_ids)}）",
            )


def _unknown_room(case: Case) -> Iterator[Hit]:
    for at, one in _products(case):
        rooms = {room for line in case.agreement.cmo.lines if line.id in one.lines for room in line.rooms}
        for name in sorted(set(one.rooms) - rooms):
            yield Hit(
                ("products", at, "rooms"),
                f"{one.code}: room {name} belongs to none of its lines; these have {listed(rooms)}",
                f"{one.code}：房间 {name} 不属于其生产线（现有：{listed(rooms)}）",
            )


def _room_not_in_site(case: Case) -> Iterator[Hit]:
    for site in case.sites:
        there = {room.id for room in site.rooms}
        for at, line in enumerate(case.agreement.cmo.lines):
            for name in sorted(set(line.rooms) - there) if line.id == site.line else ():
                yield Hit(
                    ("cmo", "lines", at, "rooms"),
                    f"the site file of {site.site} has no room {name} on {line.id}; it has {listed(there)}",
                    f"{site.site} 的现场文件中 {line.id} 没有房间 {name}（现有：{listed(there)}）",
                )


def _codes(products: Iterable[Product]) -> set[str]:
    return {code for one in products for code in (one.code, *one.also)}


def _same_code(case: Case) -> Iterator[Hit]:
    for other in case.beside:
        for at, one in _products(case):
            for code in sorted({one.code, *one.also} & _codes(other.products)):
                yield Hit(
                    ("products", at, "code"),
                    f"code {code} stands in agreement {other.agreement} too: records could not be told apart",
                    f"内部代码 {code} 同时出现在协议 {other.agreement} 中，记录无法区分",
                )


def _same_approval(case: Case) -> Iterator[Hit]:
    for other in case.others:
        numbers = {one.approval_number for one in other.products}
        for at, one in _products(case):
            if one.approval_number in numbers:
                yield Hit(
                    ("products", at, "approval_number"),
                    f"approval {one.approval_number} has another holder in the agreement with {other.holder.id}",
                    f"批准文号 {one.approval_number} 在与 {other.holder.id} 的协议中属于另一持有人",
                )


def _specifications(case: Case) -> Iterator[Hit]:
    for at, one in _products(case):
        if not any(spec.of == "product" for spec in one.specifications):
            yield Hit(
                ("products", at),
                f"{one.code} has no specification of the product that both approved",
                f"{one.code} 未列明双方批准的成品质量标准",
            )


def _limits_unknown(case: Case) -> Iterator[Hit]:
    editions = {name: profile(name).version for name in profile_names()}
    for at, one in _products(case):
        for limit in one.limits:
            if editions.get(limit.profile) != limit.version:
                there = listed(f"{name}/{version}" for name, version in editions.items())
                yield Hit(
                    ("products", at, "limits"),
                    f"{one.code}: there are no limits {limit.profile}/{limit.version}; known are {there}",
                    f"{one.code}：没有限度 {limit.profile}/{limit.version}（已知：{there}）",
                )


def _limits(case: Case) -> Iterator[Hit]:
    for at, one in _products(case):
        for site in case.sites:
            agreed = [limit.profile for limit in one.limits if limit.site == site.site]
            for name in sorted(set(agreed) - set(site.profiles)) if site.line in one.lines else ():
                yield Hit(
                    ("products", at, "limits"),
                    f"{one.code}: limits by {name} were agreed, but {site.site} goes by {listed(site.profiles)}",
                    f"{one.code}：约定限度为 {name}，但 {site.site} 采用 {listed(site.profiles)}",
                )


def _carrier(case: Case) -> Iterator[Hit]:
    for at, one in _products(case):
        if one.carrier is None:
            yield Hit(("products", at), f"{one.code}: nobody is named who carries it", f"{one.code} 未约定具体承运方")
        elif one.carrier.by == "third_party" and (one.carrier.approved is None or one.carrier.name is None):
            yield Hit(
                ("products", at, "carrier"),
                f"{one.code}: a third party carries it without name or without the holder's approval",
                f"{one.code}：第三方承运未写明名称或未经持有人批准",
            )


def _suppliers(case: Case) -> Iterator[Hit]:
    if case.agreement.suppliers is None:
        yield Hit(("products",), "the holder's list of approved suppliers is missing", "缺少持有人的合格供应商目录")


E, W = Severity.ERROR, Severity.WARNING
RULES = (
    Rule("prohibited-device", "MD II", E, _prohibited),
    Rule("implant-to-check", "MD II", W, _implant_to_check),
    Rule("device-class", "MD II", W, _class_code),
    Rule("product-label", "107 annex 1", W, _label),
    Rule("product-line-unknown", "107 G4(11)1", E, _unknown_line),
    Rule("product-room-unknown", "107 G4(11)1", E, _unknown_room),
    Rule("room-not-in-site", "107 G4(11)1", E, _room_not_in_site),
    Rule("product-overlap", "134 (10)", E, _same_code),
    Rule("approval-overlap", "134 (10)", E, _same_approval),
    Rule("specification", "107 G4(4)", W, _specifications),
    Rule("limits-unknown", "107 T6", E, _limits_unknown),
    Rule("limits-of-site", "107 T6", W, _limits),
    Rule("carrier", "107 G4(9)", E, _carrier),
    Rule("suppliers", "107 T7.1", E, _suppliers),
)
