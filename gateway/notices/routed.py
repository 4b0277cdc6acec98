"""A step on its way: to those it is for, and home."""

from gateway.envelope import key_of, time_of
from gateway.journal.entries import Draft
from gateway.link.topics import Stream
from schemas.codec import encode
from schemas.notices import NoticeStep


def drafts_of(step: NoticeStep) -> list[Draft]:
    """One for each party in `to`, and one for the own archive; all bear the same record. Raises ValueError."""
    octets = encode(step)
    streams = [Stream(step.party, step.party, one, "notices").name for one in (*step.to, step.party)]
    return [Draft(one, "NoticeStep", key_of(one, step), time_of(step), octets) for one in streams]
