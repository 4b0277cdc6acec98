"""Rules for lots of material: approved supplier, expiry, release."""

from gateway.review.history import Context, date_of, moment
from gateway.review.outcome import Judged, failed, not_evaluable, passed, said
from schemas.exported import MaterialMovement, Movement


def supplier_not_approved(moved: MaterialMovement, context: Context) -> Judged | None:
    """What is received or issued comes from a supplier on the holder's list on the day of receipt (107 T7.1, HB 68)."""
    if moved.movement not in {Movement.RECEIPT, Movement.ISSUE}:
        return None
    suppliers = context.agreed.suppliers
    if suppliers is None:
        return not_evaluable(said("supplier_listed", version="?", material=moved.material), said("no_supplier_list"))
    expected = said("supplier_listed", version=suppliers.version, material=moved.material)
    receipts = _receipts(moved, context)
    known = [one for one in receipts if one.supplier is not None]
    if not known:
        return not_evaluable(expected, said("supplier_unknown", material=moved.material, lot=moved.lot))
    bad = [one for one in known if not any(
        listed.material == one.material and listed.holds(one.supplier or "", context.day(one.time))
        for listed in suppliers.approved
    )]  # fmt: skip
    found = [said("supplied", supplier=one.supplier or "", lot=one.lot, at=moment(one.time)) for one in bad or known]
    return failed(expected, *found, beside=bad) if bad else passed(expected, *found, beside=known)


def _receipts(moved: MaterialMovement, context: Context) -> list[MaterialMovement]:
    """The movement itself where it is a receipt or names a supplier of its own, else the receipts of its lot."""
    if moved.movement is Movement.RECEIPT:
        return [moved]
    receipts = [one for one in of_lot(moved, context) if one.movement is Movement.RECEIPT and one.time <= moved.time]
    told = {one.supplier for one in receipts}
    return receipts if moved.supplier is None or moved.supplier in told else [*receipts, moved]


def material_expired(moved: MaterialMovement, context: Context) -> Judged | None:
    """What is issued is used no later than the last expiry or retest date that was told of its lot until then."""
    if moved.movement is not Movement.ISSUE:
        return None
    told = [one for one in of_lot(moved, context) if one.expires is not None and one.time <= moved.time]
    if not told and moved.expires is None:
        return not_evaluable(said("not_expired", on="?"), said("issued", lot=moved.lot, at=moment(moved.time)))
    last = moved if moved.expires is not None else told[-1]
    until = date_of(last.expires or 0)
    expected, found = said("not_expired", on=until), said("issued", lot=moved.lot, at=moment(moved.time))
    judge = failed if context.day(moved.time) > until else passed
    return judge(expected, found, beside=[last])


def material_not_released(moved: MaterialMovement, context: Context) -> Judged | None:
    """What is issued was released before, and not rejected since."""
    if moved.movement is not Movement.ISSUE:
        return None
    expected, issued = said("released_before"), said("issued", lot=moved.lot, at=moment(moved.time))
    decisions = [one for one in of_lot(moved, context) if one.movement in {Movement.RELEASE, Movement.REJECTION}]
    if not decisions:
        return not_evaluable(expected, issued, said("no_decision"))
    before = [one for one in decisions if one.time <= moved.time]
    last = (before or decisions)[-1]
    found = said(f"decided_{last.movement.lower()}", at=moment(last.time))
    good = bool(before) and last.movement is Movement.RELEASE
    return (passed if good else failed)(expected, issued, found, beside=[last])


def of_lot(moved: MaterialMovement, context: Context) -> list[MaterialMovement]:
    """Movements of the same lot of the same material, in order of time."""
    return context.current(MaterialMovement, material=moved.material, lot=moved.lot)
