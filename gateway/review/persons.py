"""Rules for persons: signatures, the second check, two persons that are two."""

from collections.abc import Iterator

from gateway.review.history import Context
from gateway.review.outcome import Judged, failed, not_evaluable, passed, said
from gateway.review.settings import Signed
from schemas.exported import KINDS, Exported, Origin, Signature
from schemas.records import Weighing

_DOERS = ("analyst", "person", "by")
_PAIRS = (("analyst", "approver"), ("person", "checked_by"), *((doer, "second") for doer in _DOERS))
"""Who does and who checks."""


def signature_missing(record: Exported, context: Context) -> Judged | None:
    """The fields and signatures that were agreed for its kind are there."""
    needed = [one for one in context.agreed.settings.signatures if _asks(one, record)]
    if not needed:
        return None
    names = [name for one in needed for name in one.fields]
    meanings = [meaning for one in needed for meaning in one.meanings]
    signatures = [one for one in _signatures(record, context) if one.meaning in meanings] if meanings else []
    given = {one.meaning for one in signatures}
    missing = [name for name in names if not getattr(record, name)] + [one for one in meanings if one not in given]
    expected = said("signed_by", names=", ".join([*names, *meanings]))
    if missing:
        return failed(expected, said("unsigned", names=", ".join(missing)), beside=signatures)
    return passed(expected, said("all_signed"), beside=signatures)


def same_person(record: Exported, _: Context) -> Judged | None:
    """Who did a thing is not who checked it."""
    pairs = [(doer, checker) for doer, checker in _PAIRS if hasattr(record, doer) and hasattr(record, checker)]
    known = [(a, b) for a, b in ((getattr(record, d), getattr(record, c)) for d, c in pairs) if a and b]
    if not known:
        return None
    return _two(known)


def same_person_weighing(weighing: Weighing, _: Context) -> Judged | None:
    """Operator and second person of a weighing."""
    if not weighing.operator or not weighing.second:
        return None
    return _two([(weighing.operator, weighing.second)])


def _two(known: list[tuple[str, str]]) -> Judged:
    same = [a for a, b in known if a == b]
    judge = failed if same else passed
    return judge(said("two_persons"), *(said("persons", one=a, other=b) for a, b in known))


def keyed_unchecked(record: Exported, _: Context) -> Judged | None:
    """A value that was keyed by hand has its second check (CS 15)."""
    if record.origin is Origin.OTHER:
        return not_evaluable(said("second_check"), said("origin_unknown"))
    if record.origin is not Origin.KEYED:
        return None
    return _second(record.second)


def weighing_unchecked(weighing: Weighing, _: Context) -> Judged | None:
    """A weighing that counts and needs a second person has one."""
    return _second(weighing.second) if weighing.accepted and weighing.second_required else None


def _second(person: str | None) -> Judged:
    expected = said("second_check")
    return passed(expected, said("checked_by", person=person)) if person else failed(expected, said("nobody_checked"))


def signed(signature: Signature, context: Context) -> Iterator[Exported]:
    """What a signature signs."""
    for kind in KINDS.values():
        if _same_kind(signature.signed_kind, kind):
            yield from context.current(kind, system=signature.system, key=signature.signed_key)


def _signatures(record: Exported, context: Context) -> list[Signature]:
    found = context.current(Signature, system=record.system, signed_key=record.key)
    return [one for one in found if _same_kind(one.signed_kind, type(record))]


def _same_kind(told: str, kind: type[Exported]) -> bool:
    """`TestResult`, `test-result`, `test result` are one."""
    return "".join(filter(str.isalnum, told)).lower() == kind.__name__.lower()


def _asks(needed: Signed, record: Exported) -> bool:
    return KINDS[needed.kind] is type(record) and (not needed.events or getattr(record, "event", None) in needed.events)
