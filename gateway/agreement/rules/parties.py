"""Rules on the two parties: key persons, contacts, keys, signatories (F1, F2, F6)."""

from collections.abc import Iterator

from gateway.agreement.parties import Party, Person, Post, PublicKey
from gateway.agreement.rules.case import Case, Hit, Rule, Severity, listed
from gateway.agreement.terms import Signatory
from gateway.proof.keys import Role, role_of
from gateway.proof.note import SUITES, MalformedNoteError, VerifierKey

_SIDES = {"holder": ("the holder", "持有人"), "cmo": ("the manufacturer", "受托方")}
_POSTS = {
    Post.LEGAL_REPRESENTATIVE: ("legal representative", "法定代表人"),
    Post.HEAD: ("head of the enterprise", "企业负责人"),
    Post.PRODUCTION_HEAD: ("head of production", "生产负责人"),
    Post.QUALITY_HEAD: ("head of quality", "质量负责人"),
    Post.QUALIFIED_PERSON: ("qualified person", "质量受权人"),
    Post.QUALITY_CONTACT: ("quality contact", "质量直接联系人"),
    Post.VIGILANCE_CONTACT: ("head of vigilance", "药物警戒负责人"),
    Post.RESIDENT: ("resident person", "派驻人员"),
}
_KEY_PERSONS = (
    Post.LEGAL_REPRESENTATIVE,
    Post.HEAD,
    Post.PRODUCTION_HEAD,
    Post.QUALITY_HEAD,
    Post.QUALIFIED_PERSON,
)
_MAY_SIGN = {Post.LEGAL_REPRESENTATIVE, Post.HEAD, Post.QUALITY_HEAD}


def sides(case: Case) -> tuple[tuple[str, Party], tuple[str, Party]]:
    """Both parties by the names of their sections."""
    return ("holder", case.agreement.holder), ("cmo", case.agreement.cmo)


def _holds(party: Party, post: Post) -> list[Person]:
    return [one for one in party.persons if post in one.posts]


def _missing(side: str, post: Post) -> Hit:
    (en, zh), (post_en, post_zh) = _SIDES[side], _POSTS[post]
    return Hit((side, "persons"), f"{en} names no {post_en}", f"{zh}未列明{post_zh}")


def _key_persons(case: Case) -> Iterator[Hit]:
    for side, party in sides(case):
        for post in _KEY_PERSONS:
            if not _holds(party, post) and (side, post) != ("holder", Post.QUALIFIED_PERSON):
                yield _missing(side, post)


def _holders_qualified_person(case: Case) -> Iterator[Hit]:
    if not _holds(case.agreement.holder, Post.QUALIFIED_PERSON):
        yield Hit(
            ("holder", "persons"),
            "the holder has no qualified person of its own, who alone can release to the market",
            "持有人未配备质量受权人，无法履行上市放行职责",
        )


def _contacts(case: Case) -> Iterator[Hit]:
    for side, party in sides(case):
        if not _holds(party, Post.QUALITY_CONTACT):
            yield _missing(side, Post.QUALITY_CONTACT)


def _vigilance(case: Case) -> Iterator[Hit]:
    if not _holds(case.agreement.holder, Post.VIGILANCE_CONTACT):
        yield _missing("holder", Post.VIGILANCE_CONTACT)


def _two_hats(case: Case) -> Iterator[Hit]:
    for side, party in sides(case):
        makers = {one.name.zh for one in _holds(party, Post.PRODUCTION_HEAD)}
        for at, one in enumerate(party.persons):
            if Post.QUALITY_HEAD in one.posts and one.name.zh in makers:
                yield Hit(
                    (side, "persons", at),
                    f"{one.name.en} is head of production and of quality; these may not be one person",
                    f"{one.name.zh}同时担任生产负责人和质量负责人，二者不得互相兼任",
                )


def _resident(case: Case) -> Iterator[Hit]:
    for at, product in enumerate(case.agreement.products):
        if product.implantable and not _holds(case.agreement.holder, Post.RESIDENT):
            yield Hit(
                ("products", at, "implantable"),
                f"{product.code} is implanted, and the holder sends nobody to reside at the manufacturer",
                f"{product.code} 为植入性医疗器械，持有人未派驻人员",
            )


def _one_party(case: Case) -> Iterator[Hit]:
    holder, cmo = case.agreement.holder, case.agreement.cmo
    if holder.id == cmo.id or holder.credit_code == cmo.credit_code:
        yield Hit(("cmo",), "holder and manufacturer are one party", "持有人与受托方为同一主体")


def _province(case: Case) -> Iterator[Hit]:
    for side, party in sides(case):
        if party.country == "CN" and party.province is None:
            en, zh = _SIDES[side]
            yield Hit(
                (side,),
                f"{en} names no province: which authority supervises it is not known",
                f"{zh}未写明省份，无法确定监管部门",
            )


def _doubled_persons(case: Case) -> Iterator[Hit]:
    seen: set[str] = set()
    for side, party in sides(case):
        for at, one in enumerate(party.persons):
            if one.id in seen:
                yield Hit((side, "persons", at), f"person {one.id} stands twice", f"人员 {one.id} 重复")
            seen.add(one.id)


def _keys(case: Case) -> Iterator[tuple[str, Party, int, PublicKey]]:
    for side, party in sides(case):
        for at, key in enumerate(party.keys):
            yield side, party, at, key


def _expired(case: Case) -> Iterator[Hit]:
    for side, _, at, key in _keys(case):
        if key.until is not None and key.until < case.today:
            yield Hit(
                (side, "keys", at), f"key {key.name} expired on {key.until}", f"密钥 {key.name} 已于 {key.until} 到期"
            )


def _key_times(case: Case) -> Iterator[Hit]:
    for side, _, at, key in _keys(case):
        if key.until is not None and key.until < key.since:
            yield Hit(
                (side, "keys", at), f"key {key.name} ends before it begins", f"密钥 {key.name} 的终止日早于起始日"
            )


def _foreign_key(case: Case) -> Iterator[Hit]:
    for side, party, at, key in _keys(case):
        owner = key.name.partition("/")[0]
        if role_of(key.name) is None:
            yield Hit(
                (side, "keys", at),
                f"key {key.name} is named for no role; write <party>/<role>/<id>",
                f"密钥名 {key.name} 不符合“主体/角色/编号”",
            )
        elif owner != party.id:
            yield Hit(
                (side, "keys", at),
                f"key {key.name} is of {owner}, not of {party.id}",
                f"密钥 {key.name} 属于 {owner}，不属于 {party.id}",
            )


def _key_suites(case: Case) -> Iterator[Hit]:
    """What the octets of a key are counts when it is used, whatever stands beside it; people read what stands there."""
    for side, _, at, key in _keys(case):
        try:
            suite = SUITES[VerifierKey.parse(key.key).type].algorithm.name
        except MalformedNoteError as error:
            yield Hit(
                (side, "keys", at, "key"),
                f"key {key.name} cannot be used: {error}",
                f"密钥 {key.name} 无法使用：{error}",
            )
            continue
        if suite != key.suite:
            yield Hit(
                (side, "keys", at),
                f"key {key.name} is of {suite}, not of {key.suite}",
                f"密钥 {key.name} 的算法是 {suite}，不是 {key.suite}",
            )


def _signing_keys(case: Case) -> Iterator[Hit]:
    for at, party, one in _signatories(case):
        if one.stage != "approved":
            continue
        names = {key.name for key in party.keys if role_of(key.name) is Role.SIGNATORY}
        if one.key is None:
            yield Hit(("signatories", at), f"{one.person} approves without a key", f"{one.person} 批准但未指定签名密钥")
        elif one.key not in names:
            yield Hit(
                ("signatories", at, "key"),
                f"{one.key} is no signatory's key of {party.id}, which has: {listed(names)}",
                f"{one.key} 不是 {party.id} 的签署密钥（现有：{listed(names)}）",
            )


def _signatories(case: Case) -> Iterator[tuple[int, Party, Signatory]]:
    for at, one in enumerate(case.agreement.signatories):
        yield at, (case.agreement.holder if one.side == "holder" else case.agreement.cmo), one


def _approvers(case: Case) -> Iterator[Hit]:
    for side, party in sides(case):
        approve = [one for _, of, one in _signatories(case) if of is party and one.stage == "approved"]
        able = {person.id for person in party.persons if _MAY_SIGN & set(person.posts)}
        if not any(one.person in able for one in approve):
            en, zh = _SIDES[side]
            yield Hit(
                ("signatories",),
                f"nobody signs for {en} who may: legal representative, head, or the head of quality for it",
                f"{zh}无有权签署人批准：应为法定代表人、企业负责人或其委托的质量负责人",
            )


def _stages(case: Case) -> Iterator[Hit]:
    for side, _ in sides(case):
        for stage, zh in (("drafted", "起草人"), ("reviewed", "审核人")):
            if not any(one.side == side and one.stage == stage for one in case.agreement.signatories):
                yield Hit(
                    ("signatories",), f"nobody {stage} it for {_SIDES[side][0]}", f"{_SIDES[side][1]}缺少{zh}签名"
                )


def _signatory_is_known(case: Case) -> Iterator[Hit]:
    for at, party, one in _signatories(case):
        if one.person not in {person.id for person in party.persons}:
            yield Hit(
                ("signatories", at), f"{one.person} is no person of {party.id}", f"{party.id} 没有人员 {one.person}"
            )


E, W = Severity.ERROR, Severity.WARNING
RULES = (
    Rule("key-persons", "107 G4(11)2", E, _key_persons),
    Rule("holders-qualified-person", "107 G4(6)2", E, _holders_qualified_person),
    Rule("quality-contact", "107 G3(1)", E, _contacts),
    Rule("vigilance-contact", "107 G4(7)", E, _vigilance),
    Rule("production-and-quality", "GMP 20", E, _two_hats),
    Rule("resident-person", "MD V", E, _resident),
    Rule("one-party", "107 G2", E, _one_party),
    Rule("province", "134 (23)", W, _province),
    Rule("person-twice", "107 G4(11)2", E, _doubled_persons),
    Rule("key-expired", "ESL 13", E, _expired),
    Rule("key-times", "ESL 13", E, _key_times),
    Rule("key-suite", "ESL 13", E, _key_suites),
    Rule("key-of-another", "ESL 13", E, _foreign_key),
    Rule("signing-key", "ESL 13", E, _signing_keys),
    Rule("signatory-unknown", "107 T19", E, _signatory_is_known),
    Rule("approver", "107 G3(1)", E, _approvers),
    Rule("signatures-missing", "107 T19", W, _stages),
)
"""ESL: Electronic Signature Law (电子签名法)."""
