"""Until when a step is due by the agreements that both signed: which of them speaks, and what it says.

Reads the profiles that they name.
"""

from collections.abc import Collection
from dataclasses import dataclass

from gateway.agreement.deadlines import Due, deadline
from gateway.agreement.in_force import Signed
from gateway.agreement.profile import profiles_for
from gateway.agreement.terms import NoticeKind


@dataclass(frozen=True, slots=True)
class AgreedDue:
    """When something is due, by which version of which agreement; `began` is from when it counts, UTC microseconds."""

    agreement: str
    version: int
    began: int
    due: Due


def agreed_due(
    signed: Signed, kind: NoticeKind, step: str, *, codes: Collection[str], grade: str | None, moment: int
) -> AgreedDue | None:
    """By the agreements in force at `moment` (UTC microseconds) about a product that has one of these codes.

    Where no agreement names one of them, or none is known, the earliest of all counts: nobody is late by what nobody
    knows. None where no agreement is in force, or none says anything. Raises ConfigurationError.
    """
    every = signed.at(moment)
    named = [one for one in every if {code for _, code in one.codes} & set(codes)]
    found = []
    for one in named or every:
        agreement = one.agreement
        profiles = profiles_for(agreement.profiles, agreement.cmo.country)
        due = deadline(agreement, profiles, kind, step, grade=grade, moment=moment)
        if due is not None:
            found.append(AgreedDue(agreement.agreement, agreement.version, moment, due))
    return min(found, key=lambda one: one.due.moment, default=None)
