"""What a version of an assignment gives to its batch and withdraws from it. Pure; times are UTC microseconds."""

from gateway.context.timeline import EVER, Span, without
from schemas.context import Assignment


def held(one: Assignment) -> list[Span]:
    """The time that is the batch's by this version."""
    return [] if one.withdrawn else [(one.began, EVER if one.ended is None else one.ended)]


def held_before(one: Assignment) -> list[Span]:
    """The time that was the batch's by the version before, as this one tells it."""
    if one.was_began is None:
        return []
    return [(one.was_began, EVER if one.was_ended is None else one.was_ended)]


def given(one: Assignment) -> list[Span]:
    """What is the batch's from this version on and was not before: readings of it are to be sent to its holder."""
    return without(held(one), held_before(one))


def taken(one: Assignment) -> list[Span]:
    """What is not the batch's any more: readings of it are to be withdrawn from its holder."""
    return without(held_before(one), held(one))
